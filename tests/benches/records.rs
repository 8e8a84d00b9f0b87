//! What a record costs in the client, with a call to the token for each and with open data keys kept, on each module:
//!
//!     cargo bench -p hsm-tests --bench records
//!
//! One thread, envelopes with key commitment; bare AES-256-GCM of the same crate and machine beside the stream.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hsm_client::context::EncryptionContext;
use hsm_client::envelope::{self, field};
use hsm_client::hsm::{MekKind, module::Module, pkcs11, selector::Selector};
use hsm_client::keyring::cache::{Cache, Limits};
use hsm_client::keyring::{Dek, Keyring, Recipe, mek};
use hsm_client::secret::Secret;
use hsm_client::store::MemoryStore;
use hsm_tests::*;
use std::os::unix::process::parent_id;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TIME: Duration = Duration::from_secs(1);
const RECORD: usize = 1024;
const STREAM: usize = 256 << 20;

fn main() {
    // `cargo test --benches` runs this too: it shall compile and do nothing.
    if !std::env::args().any(|argument| argument == "--bench" || argument == "--exact") {
        return;
    }
    on_each(measure);
    for file in figures(std::process::id()) {
        print!("{}", std::fs::read_to_string(&file).unwrap_or_default());
        _ = std::fs::remove_file(file);
    }
}

/// Where the child processes of `parent` leave their figures: ours, then SoftHSMv2's.
fn figures(parent: u32) -> [PathBuf; 2] {
    ["ours", "softhsm"].map(|name| std::env::temp_dir().join(format!("hsm-records-{parent}-{name}")))
}

fn measure(home: &Home) {
    drop(home.token());
    let module = Module::load(home.subject().path()).expect("the module");
    let selector = Selector::parse(LABEL).expect("a label");
    let token = pkcs11::Token::open(&module, &selector, Some(&Secret::copy(USER_PIN.as_bytes()))).expect("the token");
    let keyring = Keyring::new(Arc::new(token), Arc::new(MemoryStore::default()));
    mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256).expect("a master key");
    keyring.create("data", &Recipe::default()).expect("a data key");
    let cache = Cache::new(keyring.clone(), Limits { messages: u64::MAX, bytes: u64::MAX, ..Limits::default() });
    let record = vec![0x5a; RECORD];
    let kept = || cache.for_encryption("data", RECORD as u64).expect("a data key");
    let sealed = seal(&kept(), &record);
    let place = EncryptionContext::parse(["table=users", "column=email", "id=42"]).expect("a context");
    let sealed_field = field::seal(&kept(), &place, &record).expect("sealed");
    let each = || keyring.open(&keyring.active("data").expect("active")).expect("open");
    let lines = [
        home.subject().path().display().to_string(),
        rate("sealed, a call each", || drop(seal(&each(), &record))),
        rate("sealed, keys kept", || drop(seal(&kept(), &record))),
        rate("opened, keys kept", || open(&kept(), &sealed)),
        rate("fields, keys kept", || drop(field::seal(&kept(), &place, &record).expect("sealed"))),
        rate("fields opened", || drop(field::open(&sealed_field, &place, |_| Ok(kept())).expect("opened"))),
        stream(&kept()),
    ];
    let file = &figures(parent_id())[usize::from(home.subject().is_softhsm())];
    std::fs::write(file, lines.join("\n") + "\n").expect("a file for the figures");
}

fn seal(dek: &Dek, data: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(data.len() + 256);
    envelope::seal(dek, &EncryptionContext::empty(), data, &mut sealed, |_| {}).expect("sealed");
    sealed
}

fn open(dek: &Dek, mut sealed: &[u8]) {
    let header = envelope::read_header(&mut sealed).expect("a header");
    envelope::open(dek, &EncryptionContext::empty(), &header, sealed, std::io::sink(), |_| {}).expect("opened");
}

fn rate(what: &str, operation: impl Fn()) -> String {
    let (begun, mut done) = (Instant::now(), 0_u32);
    while begun.elapsed() < TIME {
        operation();
        done += 1;
    }
    format!("  {what:<22} {:>10.0} records of {RECORD} bytes per second", f64::from(done) / begun.elapsed().as_secs_f64())
}

fn stream(dek: &Dek) -> String {
    let data = vec![0x5a; STREAM];
    let rate = |begun: Instant| STREAM as f64 / 1e6 / begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    envelope::seal(dek, &EncryptionContext::empty(), &data[..], std::io::sink(), |_| {}).expect("sealed");
    let ours = rate(begun);
    let cipher = Aes256Gcm::new_from_slice(&[7; 32]).expect("32 bytes");
    let begun = Instant::now();
    for piece in data.chunks(1 << 20) {
        drop(cipher.encrypt(&Nonce::from([1; 12]), piece).expect("encrypted"));
    }
    let bare = rate(begun);
    format!("  a stream               {ours:>10.0} MB/s, bare AES-256-GCM {bare:.0} MB/s: {:.0} %", 100.0 * ours / bare)
}
