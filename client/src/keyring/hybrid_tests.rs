//! REQUIREMENTS 25: data keys on their way from classical to post-quantum.

use std::sync::Arc;

use super::hybrid::{Layer, Migration};
use super::rewrap::Job;
use super::*;
use crate::hsm::MekKind;
use crate::hsm::fake::FakeHsm;
use crate::store::{MemoryStore, SqliteStore};

fn keyring() -> Keyring {
    let keyring = Keyring::new(Arc::new(FakeHsm::default()), Arc::new(MemoryStore::default()));
    mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256).unwrap();
    keyring
}

/// A pair in the token, and one in a file: the same in all else.
fn pairs(mut keyring: Keyring) -> (Keyring, [ObjectId; 2]) {
    let (inside, file) = (keyring.hsm().create_kem("pq").unwrap(), FileKem::generate().unwrap());
    let outside = file.id().clone();
    keyring = keyring.with_kem(file);
    (keyring, [inside, outside])
}

#[test]
fn requirement_25_wrapped_twice_and_opened_by_both() {
    let (keyring, pairs) = pairs(keyring());
    for (at, kem) in pairs.iter().enumerate() {
        let name = format!("data-{at}");
        let (lineage, record) = keyring.create(&name, &Recipe { kem: Some(kem.clone()), ..Recipe::default() }).unwrap();
        let layer = record.wrapped.clone().unwrap().kem.unwrap();
        assert_eq!((&layer.kem_id, layer.secret.len()), (kem, crate::kem::ENCAPSULATED_LEN));
        let key = keyring.open(&record).unwrap().key;
        // Neither an altered row, nor another secret, nor a layer taken off or put elsewhere opens.
        let refused = |change: &dyn Fn(&mut KeyRecord)| {
            let mut copy = record.clone();
            change(&mut copy);
            assert_eq!(keyring.open(&copy).err().unwrap().kind(), Kind::Authentication);
        };
        refused(&|copy| copy.version += 1);
        refused(&|copy| copy.wrapped.as_mut().unwrap().kem.as_mut().unwrap().secret[9] ^= 1);
        refused(&|copy| copy.wrapped.as_mut().unwrap().kem = None);
        refused(&|copy| copy.wrapped.as_mut().unwrap().wrapped.ciphertext[0] ^= 1);
        // Rewrapped, rotated: it stays, comes off, goes on.
        let newer = mek::rotate(keyring.hsm(), keyring.store(), "main").unwrap();
        let mut moved = record.clone();
        for (layer, there) in [(Layer::Keep, true), (Layer::Off, false), (Layer::Keep, false), (Layer::By(kem.clone()), true)] {
            moved = keyring.rewrap(&lineage, &record.key_id, &newer, &layer).unwrap();
            assert_eq!(moved.wrapped.as_ref().unwrap().kem.is_some(), there, "{layer:?}");
            assert!(keyring.open(&moved).unwrap().key == key);
        }
        let outcome = keyring.rewrap_all(&Job { layer: Layer::By(kem.clone()), names: &[name], ..Job::new(&newer) }).unwrap();
        assert_eq!((outcome.kept, outcome.moved.len()), (1, 0), "{:?}", moved.wrapped.unwrap().kem.map(|layer| layer.kem_id));
    }
}

#[test]
fn which_pair_is_meant() {
    let keyring = keyring();
    assert_eq!(keyring.choose_kem(None).unwrap_err().kind(), Kind::NotFound);
    let (keyring, [inside, outside]) = pairs(keyring);
    assert_eq!(keyring.choose_kem(None).unwrap_err().kind(), Kind::Usage);
    assert_eq!(keyring.choose_kem(Some("pq")).unwrap(), inside);
    assert_eq!(keyring.choose_kem(Some("file")).unwrap(), outside);
    assert_eq!(keyring.choose_kem(Some(&outside.to_string())).unwrap(), outside);
    assert_eq!(keyring.choose_kem(Some("other")).unwrap_err().kind(), Kind::NotFound);
}

/// The pair is in a file that was not brought along: the error says what is missing.
#[test]
fn without_its_pair_a_key_does_not_open() {
    let (keyring, [_, outside]) = pairs(keyring());
    let (_, record) = keyring.create("data", &Recipe { kem: Some(outside), ..Recipe::default() }).unwrap();
    let without = Keyring { kems: Vec::new(), ..keyring };
    let refused = without.open(&record).err().unwrap();
    assert_eq!(refused.kind(), Kind::NotFound);
    assert!(refused.next_step().contains("--kem-file"), "{refused}");
}

#[test]
fn the_way_from_classical_to_post_quantum() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("keyring.db")).unwrap());
    let (keyring, [kem, _]) = pairs(Keyring::new(Arc::new(FakeHsm::default()), store));
    mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256).unwrap();
    let (_, record) = keyring.create("data", &Recipe { kem: Some(kem), ..Recipe::default() }).unwrap();
    assert_eq!(keyring.store().key(&record.key_id).unwrap().unwrap(), record);
    let with = |mechanism, layered: bool| {
        let mut copy = record.clone();
        let dek = copy.wrapped.as_mut().unwrap();
        dek.wrapped.mechanism = mechanism;
        dek.kem = dek.kem.take().filter(|_| layered);
        Migration::of(&copy)
    };
    assert_eq!(with(WrapMechanism::RsaOaepSha256, false), Some(Migration::Classical));
    assert_eq!(with(WrapMechanism::RsaOaepSha1, true), Some(Migration::Hybrid));
    assert_eq!(with(WrapMechanism::AesKw, false), Some(Migration::PostQuantum));
    assert_eq!(Migration::of(&KeyRecord { wrapped: None, ..record }), None);
}

/// A lineage that is wrapped twice stays so: the next version has both wrappings, whoever makes it.
#[test]
fn the_next_version_is_wrapped_twice_too() {
    let (keyring, [inside, outside]) = pairs(keyring());
    keyring.create("data", &Recipe { kem: Some(inside.clone()), ..Recipe::default() }).unwrap();
    let layer = |key: &KeyRecord| key.wrapped.clone().unwrap().kem.map(|layer| layer.kem_id);
    let (_, second) = keyring.rotate("data", &Recipe::default()).unwrap();
    assert_eq!(layer(&second), Some(inside));
    let (_, third) = keyring.prepare("data", &Recipe { kem: Some(outside.clone()), ..Recipe::default() }).unwrap();
    assert_eq!(layer(&third), Some(outside));
}
