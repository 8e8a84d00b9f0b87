//! The life of keys in a service that runs for long: a token that may come back, a policy, a rotation, data keys that move to a new
//! master key, and the next signing key.
//!
//!     cargo run -p hsm-client --features examples --example rotation
//!
//! Prints what happened to each key, from the journal of the store.

mod connect;

use std::sync::Arc;

use hsm_client::Result;
use hsm_client::context::EncryptionContext;
use hsm_client::envelope::{decrypt_whole, encrypt};
use hsm_client::hsm::reconnect::Reconnecting;
use hsm_client::hsm::{Hsm, KeyKind, MekKind};
use hsm_client::jwks::Jwks;
use hsm_client::keyring::rewrap::Job;
use hsm_client::keyring::{Keyring, Recipe, deletion, mek, policy};
use hsm_client::signer::Signer;
use hsm_client::store::{Policy, Store, journal};

fn main() -> Result<()> {
    // Opened anew whenever the connection is lost.
    let hsm: Arc<dyn Hsm> = Arc::new(Reconnecting::new(|| Ok(connect::token()?))?);
    let store = connect::store()?;
    let keyring = Keyring::new(Arc::clone(&hsm), store.clone());
    data_keys(&keyring)?;
    signing_keys(&Signer::new(hsm, store.clone()))?;
    let entries = store.journal(0)?;
    for entry in &entries {
        println!("{} {} {} {}", entry.note.action, entry.note.name, entry.note.state, entry.note.detail);
    }
    // To be noted where whoever writes the store cannot: no entry up to here can go unnoticed then.
    println!("head {}", journal::audit(store.as_ref(), entries.last().map(journal::Entry::head))?);
    Ok(())
}

fn data_keys(keyring: &Keyring) -> Result<()> {
    mek::create(keyring.hsm(), keyring.store(), "service", MekKind::Aes256)?;
    let recipe = Recipe { mek: Some("service".to_owned()), ..Recipe::default() };
    keyring.create("orders", &recipe)?;
    let rules = Policy { rotate_after: 90 * 86_400, max_versions: 2, auto_rotate: true, ..Policy::default() };
    policy::set(keyring.store(), "orders", &rules)?;
    let (context, mut sealed) = (EncryptionContext::parse(["service=orders"])?, Vec::new());
    encrypt(keyring, "orders", &context, &b"an order"[..], &mut sealed)?;
    keyring.rotate("orders", &recipe)?;
    keyring.rotate("orders", &recipe)?;
    let newer = mek::rotate(keyring.hsm(), keyring.store(), "service")?;
    keyring.rewrap_all(&Job { names: &["orders".to_owned()], ..Job::new(&newer) })?;
    // What was encrypted with the first version under the first master key.
    assert_eq!(decrypt_whole(keyring, &context, &sealed)?.expose(), b"an order");
    // The version that this still needs is not deleted: here we know of one envelope.
    let header = hsm_client::envelope::read_header(&sealed[..])?;
    let needed = |key: &hsm_client::store::KeyRecord| Ok(u64::from(*key.key_id.as_bytes() == header.key_id));
    assert!(deletion::purge(keyring.store(), "orders", rules.max_versions, deletion::WAITING, needed).is_err());
    Ok(())
}

fn signing_keys(signer: &Signer) -> Result<()> {
    signer.create("service-jwt", KeyKind::Ed25519, None, false)?;
    // Published now, signing in an hour.
    signer.rotate("service-jwt", 3600)?;
    assert_eq!(Jwks::publish(&signer.keys()?).keys.len(), 2);
    Ok(())
}
