//! Our envelopes beside messages of the AWS Encryption SDK (`aws-esdk`, raw AES keyring): the same records and contexts, in memory, by
//! one thread of one process, in turn; medians of rounds:
//!
//!     cargo run --release --manifest-path tests/compare/Cargo.toml
//!
//! The SDK makes and wraps a data key for each message, as `envelope::embedded` does: that is the fair comparison. Beside it stands one
//! data key of the store, kept open by `Cache`, which the SDK has no equal of for this keyring. Both sides commit to the key; neither
//! signs, as the SDK would by default. No token is asked: the fake one wraps by AES-256-GCM in this process, as the SDK's keyring does,
//! so a real one's time comes on top.
//!
//! Not alike: the SDK writes the context into its message, we a keyed digest of it; its frames have 4 KiB unless told otherwise, our
//! segments 64 KiB, so it is measured with both; it encrypts with AWS-LC, we with the crate aes-gcm.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_esdk::client::Client;
use aws_esdk::material_providers::client::Client as Providers;
use aws_esdk::material_providers::types::EsdkAlgorithmSuiteId::AlgAes256GcmHkdfSha512CommitKey;
use aws_esdk::material_providers::types::material_providers_config::MaterialProvidersConfig;
use aws_esdk::material_providers::types::{AesWrappingAlg::AlgAes256GcmIv12Tag16, keyring::KeyringRef};
use aws_esdk::types::aws_encryption_sdk_config::AwsEncryptionSdkConfig;
use hsm_client::context::EncryptionContext;
use hsm_client::envelope::{self, Keys, embedded};
use hsm_client::hsm::{MekKind, fake::FakeHsm};
use hsm_client::keyring::cache::{Cache, Limits};
use hsm_client::keyring::{Keyring, Recipe, mek};
use hsm_client::store::MemoryStore;
use tokio::runtime::{Builder, Runtime};

/// Bytes of a record.
const SIZES: [usize; 3] = [1 << 10, 64 << 10, 1 << 20];
const CONTEXT: [(&str, &str); 3] = [("table", "users"), ("column", "email"), ("id", "42")];
const ROUNDS: usize = 15;
/// Of one side in one round.
const TIME: Duration = Duration::from_millis(200);
/// Room in our output for what is added, so that it need not grow.
const ADDED: usize = 1 << 10;

fn main() {
    let keyring = Keyring::new(Arc::new(FakeHsm::default()), Arc::new(MemoryStore::default()));
    mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256).expect("a master key");
    keyring.create("data", &Recipe::default()).expect("a data key");
    let kept = Ours { keys: Box::new(Cache::new(keyring.clone(), Limits::default())), each: false };
    let each = Ours { keys: Box::new(keyring), each: true };
    let (theirs, theirs_64) = (Theirs::new(4 << 10), Theirs::new(64 << 10));
    println!("Microseconds a record, beside it how many times as fast as the first column; bytes added to a record");
    println!("{:13}{:>20}{:>20}{:>20}{:>20}", "", "SDK, frames of 4 KiB", "ours, a key each", "SDK, 64 KiB", "ours, a key kept");
    for len in SIZES {
        compare([&theirs, &each, &theirs_64, &kept], &vec![0x5a; len]);
    }
}

/// One way to seal and open a record. The context is built for each, as an application must: each record has its own.
trait Side {
    fn seal(&self, record: Vec<u8>) -> Vec<u8>;
    fn open(&self, sealed: Vec<u8>) -> Vec<u8>;
}

struct Ours {
    keys: Box<dyn Keys>,
    /// Each record has a key of its own, and the store has none of them.
    each: bool,
}

impl Side for Ours {
    fn seal(&self, record: Vec<u8>) -> Vec<u8> {
        let (context, mut sealed) = (our_context(), Vec::with_capacity(record.len() + ADDED));
        let done = match self.each {
            true => embedded::seal(self.keys.keyring(), &Recipe::default(), &context, &record[..], &mut sealed, |_| {}).map(drop),
            false => envelope::encrypt(&*self.keys, "data", &context, &record[..], &mut sealed).map(drop),
        };
        done.expect("sealed");
        sealed
    }

    fn open(&self, sealed: Vec<u8>) -> Vec<u8> {
        let mut record = Vec::with_capacity(sealed.len());
        envelope::decrypt(&*self.keys, &our_context(), &sealed[..], &mut record).expect("opened");
        record
    }
}

fn our_context() -> EncryptionContext {
    CONTEXT.iter().try_fold(EncryptionContext::empty(), |context, (key, value)| context.with(key, value)).expect("a context")
}

struct Theirs {
    client: Client,
    keyring: KeyringRef,
    frame: i64,
    runtime: Runtime,
}

impl Theirs {
    /// With frames of so many bytes. The client's default policy both demands and makes key commitment.
    fn new(frame: i64) -> Self {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let client = Client::from_conf(AwsEncryptionSdkConfig::builder().build().expect("a configuration")).expect("a client");
        let providers = Providers::from_conf(MaterialProvidersConfig::builder().build().expect("a configuration"));
        let keyring = providers.expect("providers").create_raw_aes_keyring().key_namespace("compare").key_name("main");
        let keyring = keyring.wrapping_key(vec![7; 32]).wrapping_alg(AlgAes256GcmIv12Tag16);
        let keyring = runtime.block_on(keyring.send()).expect("a keyring");
        Self { client, keyring, frame, runtime }
    }
}

impl Side for Theirs {
    fn seal(&self, record: Vec<u8>) -> Vec<u8> {
        let job = self.client.encrypt().plaintext(record).keyring(self.keyring.clone()).encryption_context(their_context());
        let job = job.algorithm_suite_id(AlgAes256GcmHkdfSha512CommitKey).frame_length(self.frame);
        self.runtime.block_on(job.send()).expect("encrypted").ciphertext.expect("a message").into_inner()
    }

    fn open(&self, sealed: Vec<u8>) -> Vec<u8> {
        let job = self.client.decrypt().ciphertext(sealed).keyring(self.keyring.clone()).encryption_context(their_context());
        self.runtime.block_on(job.send()).expect("decrypted").plaintext.expect("a record").into_inner()
    }
}

fn their_context() -> [(String, String); 3] {
    CONTEXT.map(|(key, value)| (key.to_owned(), value.to_owned()))
}

/// Rounds of all sides in turn, so that whatever else the machine does meets all of them; the first is not counted.
fn compare(sides: [&dyn Side; 4], record: &[u8]) {
    let rounds: Vec<_> = (0..=ROUNDS).map(|_| sides.map(|side| round(side, record))).skip(1).collect();
    for (at, what) in ["seal", "open"].into_iter().enumerate() {
        let times = [0, 1, 2, 3].map(|side| median(rounds.iter().map(|round| round[side][at]).collect()));
        let cells = times.map(|time| format!("{time:>12.1} {:>7.2}", times[0] / time));
        println!("{:>7} {what:<5}{}", record.len(), cells.concat());
    }
    let added = sides.map(|side| format!("{:>12}{:8}", side.seal(record.to_vec()).len() - record.len(), ""));
    println!("{:>7} {:<5}{}", "", "added", added.concat());
}

/// Microseconds to seal a record and to open it, on average. What is opened must be what was sealed.
fn round(side: &dyn Side, record: &[u8]) -> [f64; 2] {
    let (mut sealing, mut opening, mut done) = (Duration::ZERO, Duration::ZERO, 0);
    while sealing + opening < TIME {
        let given = record.to_vec();
        let begun = Instant::now();
        let sealed = side.seal(given);
        sealing += begun.elapsed();
        let begun = Instant::now();
        let opened = side.open(sealed);
        opening += begun.elapsed();
        assert!(opened == record, "another record came back");
        done += 1;
    }
    [sealing, opening].map(|time| time.as_secs_f64() * 1e6 / f64::from(done))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
