//! REQUIREMENTS 3 and 7: the master key rotates, data keys move to it, data is not touched.

use std::sync::Arc;

use super::rewrap::Job;
use super::rewrap::census;
use super::*;
use crate::hsm::MekKind;
use crate::hsm::fake::FakeHsm;
use crate::store::MemoryStore;

/// A keyring with data keys "a" (two versions) and "b" under version 1 of the master key, and version 2 of it.
fn keyring(hsm: FakeHsm) -> (Keyring, Mek) {
    let keyring = Keyring::new(Arc::new(hsm), Arc::new(MemoryStore::default()));
    mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256).unwrap();
    for name in ["a", "b"] {
        keyring.create(name, &Recipe::default()).unwrap();
    }
    keyring.rotate("a", &Recipe::default()).unwrap();
    let newer = mek::rotate(keyring.hsm(), keyring.store(), "main").unwrap();
    (keyring, newer)
}

fn counts(keyring: &Keyring) -> Vec<(u32, usize)> {
    census(keyring.store()).unwrap().iter().map(|count| (count.version, count.deks)).collect()
}

fn records(keyring: &Keyring) -> Vec<KeyRecord> {
    let lineages = keyring.store().lineages().unwrap();
    lineages.iter().flat_map(|lineage| keyring.store().versions(&lineage.id).unwrap()).collect()
}

#[test]
fn requirement_3_a_master_key_rotates_without_touching_data() {
    for offered in [WrapMechanism::AesGcmAuth, WrapMechanism::AesGcm, WrapMechanism::AesKwp, WrapMechanism::AesKw] {
        let (keyring, newer) = keyring(FakeHsm::offering(&[offered]));
        assert_eq!(newer.version, 2);
        let before: Vec<_> = records(&keyring).iter().map(|record| keyring.open(record).unwrap().key).collect();
        assert_eq!(counts(&keyring), [(1, 3)]);

        let planned = keyring.rewrap_all(&Job { dry_run: true, ..Job::new(&newer) }).unwrap();
        assert_eq!((planned.moved.len(), planned.kept, counts(&keyring)), (3, 0, vec![(1, 3)]), "a dry run");

        let done = keyring.rewrap_all(&Job::new(&newer)).unwrap();
        assert_eq!((done.moved.len(), done.kept, done.failed.len(), counts(&keyring)), (3, 0, 0, vec![(2, 3)]), "{offered}");
        let after = records(&keyring);
        assert!(after.iter().zip(&before).all(|(record, key)| keyring.open(record).unwrap().key == *key));
        assert!(after.iter().all(|record| record.wrapped.as_ref().unwrap().wrapped.mechanism == offered));

        let again = keyring.rewrap_all(&Job::new(&newer)).unwrap();
        assert_eq!((again.moved.len(), again.kept), (0, 3), "done is done");
    }
}

/// A key that does not open is named and left; the others move. Running it again takes up what is left.
#[test]
fn one_bad_key_holds_up_no_other() {
    let (keyring, newer) = keyring(FakeHsm::default());
    let lineage = keyring.store().lineage("b").unwrap().unwrap();
    let good = keyring.store().versions(&lineage.id).unwrap().remove(0);
    let mut bad = good.clone();
    bad.wrapped.as_mut().unwrap().wrapped.ciphertext[0] ^= 1;
    keyring.store().commit(&lineage.id, 1, std::slice::from_ref(&bad)).unwrap();
    let done = keyring.rewrap_all(&Job::new(&newer)).unwrap();
    assert_eq!((done.moved.len(), done.failed.len()), (2, 1));
    assert_eq!((&done.failed[0].0.name[..], done.failed[0].2.kind()), ("b", Kind::Authentication));
    assert_eq!(keyring.store().key(&bad.key_id).unwrap().unwrap(), bad, "it is as it was");
    assert_eq!(counts(&keyring), [(1, 1), (2, 2)]);
    keyring.store().commit(&lineage.id, 2, &[good]).unwrap();
    let rest = keyring.rewrap_all(&Job { names: &["b".to_owned()], ..Job::new(&newer) }).unwrap();
    assert_eq!((rest.moved.len(), rest.kept, counts(&keyring)), (1, 0, vec![(2, 3)]));
}

/// A token that lists authenticated wrapping and ignores the data: another mechanism is taken.
#[test]
fn requirement_7_a_wrapping_that_binds_nothing_is_not_kept() {
    let mut hsm = FakeHsm::offering(&[WrapMechanism::AesGcm, WrapMechanism::AesKwp]);
    hsm.ignores_aad = true;
    let (keyring, newer) = keyring(hsm);
    keyring.rewrap_all(&Job::new(&newer)).unwrap();
    assert!(records(&keyring).iter().all(|key| key.wrapped.as_ref().unwrap().wrapped.mechanism == WrapMechanism::AesKwp));
}

#[test]
fn the_destroyed_and_the_unknown() {
    let (keyring, newer) = keyring(FakeHsm::default());
    keyring.prepare("b", &Recipe::default()).unwrap();
    deletion::destroy(keyring.store(), "b", 2, |_| Ok(0)).unwrap();
    let done = keyring.rewrap_all(&Job::new(&newer)).unwrap();
    assert_eq!((done.moved.len(), done.failed.len()), (3, 0));
    let unknown = keyring.rewrap_all(&Job { names: &["nobody".to_owned()], ..Job::new(&newer) });
    assert_eq!(unknown.err().unwrap().kind(), Kind::NotFound);
}

/// In batches: what is left is taken up by the next run, and one that fails counts too.
#[test]
fn requirement_7_a_job_in_batches() {
    let (keyring, _) = keyring(FakeHsm::default());
    (0..5).for_each(|at| drop(keyring.create(&format!("more-{at}"), &Recipe::default()).unwrap()));
    let all = records(&keyring).len();
    let newer = mek::rotate(keyring.hsm(), keyring.store(), "main").unwrap();
    let batch = || {
        let outcome = keyring.rewrap_all(&Job { batch: 3, ..Job::new(&newer) }).unwrap();
        (outcome.kept, outcome.moved.len(), outcome.left)
    };
    assert_eq!(batch(), (0, 3, all - 3));
    assert_eq!(batch(), (3, 3.min(all - 3), all.saturating_sub(6)));
    while batch().1 > 0 {}
    assert_eq!(batch(), (all, 0, 0));
}
