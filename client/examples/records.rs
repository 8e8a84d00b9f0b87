//! Envelope encryption of many records, as a service does it: the data key is opened once and kept for five minutes.
//!
//!     cargo run -p hsm-client --features examples --example records < lines.txt
//!
//! Seals each line of standard input on its own, opens all of them again and prints them. Needs a master key; if the token has
//! none, it is made here, which a service should leave to its operator.

mod connect;

use std::io::{BufRead, stdin};

use hsm_client::context::EncryptionContext;
use hsm_client::envelope;
use hsm_client::hsm::MekKind;
use hsm_client::id::KeyId;
use hsm_client::keyring::cache::{Cache, Limits};
use hsm_client::keyring::{Keyring, Recipe, mek};
use hsm_client::{Kind, Result};

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let keyring = connect::keyring()?;
    prepare(&keyring)?;
    let cache = Cache::new(keyring, Limits::default());
    // Authenticated, not secret: a record of another table will not open as one of this.
    let context = EncryptionContext::parse(["table=letters"])?;
    let records = stdin().lock().lines().collect::<std::io::Result<Vec<_>>>()?;
    let sealed = records.iter().map(|record| seal(&cache, &context, record.as_bytes())).collect::<Result<Vec<_>>>()?;
    eprintln!("{} records, {} bytes sealed", sealed.len(), sealed.iter().map(Vec::len).sum::<usize>());
    for envelope in &sealed {
        println!("{}", String::from_utf8(open(&cache, &context, envelope)?)?);
    }
    Ok(())
}

fn seal(cache: &Cache, context: &EncryptionContext, record: &[u8]) -> Result<Vec<u8>> {
    let dek = cache.for_encryption("letters", record.len() as u64)?;
    let mut sealed = Vec::new();
    envelope::seal(&dek, context, record, &mut sealed, |_done| {})?;
    Ok(sealed)
}

fn open(cache: &Cache, context: &EncryptionContext, mut sealed: &[u8]) -> Result<Vec<u8>> {
    let header = envelope::read_header(&mut sealed)?;
    let dek = cache.for_decryption(&KeyId::from_bytes(header.key_id), header.key_version, sealed.len() as u64)?;
    let mut record = Vec::new();
    // Nothing of `record` may be used before this answered.
    envelope::open(&dek, context, &header, sealed, &mut record, |_done| {})?;
    Ok(record)
}

/// Makes what is missing.
fn prepare(keyring: &Keyring) -> Result<()> {
    if keyring.hsm().meks()?.is_empty() {
        mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256)?;
    }
    match keyring.active("letters") {
        Err(error) if error.kind() == Kind::NotFound => keyring.create("letters", &Recipe::default()).map(drop),
        found => found.map(drop),
    }
}
