use std::sync::Arc;

use super::*;
use crate::hsm::KeyKind;
use crate::hsm::fake::FakeHsm;
use crate::store::MemoryStore;

fn signer() -> (Signer, SigningKey) {
    let signer = Signer::new(Arc::new(FakeHsm::default()), Arc::new(MemoryStore::default()));
    let key = signer.create("ca", KeyKind::Ed25519, None, false).unwrap();
    (signer, key)
}

fn profile(authority: bool) -> Profile {
    Profile { subject: "CN=Test,O=Example".parse().unwrap(), names: vec![AltName::dns("example.org").unwrap()], authority }
}

#[test]
fn a_certificate_says_what_was_asked() {
    let (signer, key) = signer();
    let made = self_signed(&signer, &key, &profile(true), Timestamp(1_800_000_000), 30).unwrap();
    assert_eq!((made.subject().as_str(), made.issuer()), ("CN=Test,O=Example", made.subject()));
    assert_eq!(made.validity(), [Timestamp(1_800_000_000), Timestamp(1_802_592_000)]);
    assert_eq!(made.public_key().unwrap(), key.public);
    assert_eq!(Certificate::read_all(made.to_pem().unwrap().as_bytes()).unwrap(), std::slice::from_ref(&made));
    assert_eq!(Certificate::read_all(made.der()).unwrap(), std::slice::from_ref(&made));
    let other = self_signed(&signer, &key, &profile(true), Timestamp(1_800_000_000), 30).unwrap();
    assert_ne!(made.serial(), other.serial());
    assert_eq!(made.serial().len(), 32);
    // Past 2049 the other form of time is due.
    let late = self_signed(&signer, &key, &profile(false), Timestamp(2_600_000_000), 1).unwrap();
    assert_eq!(late.validity()[0], Timestamp(2_600_000_000));
    let error = self_signed(&signer, &key, &profile(false), Timestamp(253_402_300_000), 1).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(!request(&signer, &key, &profile(false)).unwrap().is_empty());
}

#[test]
fn what_is_no_certificate() {
    for bytes in [
        &b""[..],
        b"hello",
        b"-----BEGIN X-----\nAAAA\n-----END X-----\n",
        &[0x30, 0],
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        assert_eq!(Certificate::read_all(bytes).unwrap_err().kind(), Kind::Malformed);
    }
}
