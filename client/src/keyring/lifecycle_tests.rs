//! REQUIREMENTS 10 to 15, on a fake token and a store in memory.

use std::sync::Arc;

use super::deletion::{self, LEAST_WAITING, WAITING};
use super::lifecycle;
use super::rewrap::Job;
use super::*;
use crate::hsm::MekKind;
use crate::hsm::fake::FakeHsm;
use crate::store::MemoryStore;

fn keyring() -> Keyring {
    let keyring = Keyring::new(Arc::new(FakeHsm::default()), Arc::new(MemoryStore::default()));
    mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256).unwrap();
    let recipe = Recipe { metadata: BTreeMap::from([("team".to_owned(), "mail".to_owned())]), ..Recipe::default() };
    keyring.create("data", &recipe).unwrap();
    keyring
}

fn states(keyring: &Keyring) -> Vec<(u32, State)> {
    let lineage = keyring.store().lineage("data").unwrap().unwrap();
    keyring.store().versions(&lineage.id).unwrap().iter().map(|key| (key.version, key.state)).collect()
}

fn kind<T>(result: Result<T>) -> Kind {
    result.err().expect("a refusal").kind()
}

#[test]
fn requirement_13_rotation_keeps_old_versions_for_decryption() {
    let keyring = keyring();
    let first = keyring.active("data").unwrap();
    let (lineage, second) = keyring.rotate("data", &Recipe::default()).unwrap();
    assert_eq!((lineage.epoch, second.version, second.lineage_id), (2, 2, first.lineage_id));
    assert_eq!(states(&keyring), [(1, State::DecryptOnly), (2, State::Active)]);
    assert_eq!(keyring.active("data").unwrap().key_id, second.key_id);
    let old = keyring.for_decryption(&first.key_id, 1).unwrap();
    assert!(old.rotated.is_some());
    assert!(keyring.open(&old).unwrap().key != keyring.open(&second).unwrap().key);
}

/// Requirement 11: the next version inherits the metadata; what is said anew replaces.
#[test]
fn requirement_11_metadata_is_inherited() {
    let keyring = keyring();
    let more = BTreeMap::from([("since".to_owned(), "now".to_owned())]);
    keyring.rotate("data", &Recipe { metadata: more, ..Recipe::default() }).unwrap();
    let (_, third) = keyring.rotate("data", &Recipe::default()).unwrap();
    assert_eq!(third.metadata.keys().collect::<Vec<_>>(), ["since", "team"]);
}

#[test]
fn a_version_made_ahead_is_promoted() {
    let keyring = keyring();
    let (_, ahead) = keyring.prepare("data", &Recipe::default()).unwrap();
    assert_eq!(states(&keyring), [(1, State::Active), (2, State::Pending)]);
    assert_eq!(kind(keyring.for_decryption(&ahead.key_id, 2)), Kind::KeyInactive);
    lifecycle::promote(keyring.store(), "data", 2).unwrap();
    assert_eq!(states(&keyring), [(1, State::DecryptOnly), (2, State::Active)]);
    assert_eq!(kind(lifecycle::promote(keyring.store(), "data", 2)), Kind::KeyInactive);
    // And back, should the new one turn out to be a mistake.
    lifecycle::promote(keyring.store(), "data", 1).unwrap();
    assert_eq!(states(&keyring), [(1, State::Active), (2, State::DecryptOnly)]);
    assert!(keyring.active("data").unwrap().rotated.is_none());
}

#[test]
fn a_disabled_key_encrypts_nothing_and_decrypts_all() {
    let keyring = keyring();
    let first = keyring.active("data").unwrap();
    lifecycle::disable(keyring.store(), "data").unwrap();
    assert_eq!(kind(keyring.active("data")), Kind::NoActiveVersion);
    assert_eq!(kind(lifecycle::disable(keyring.store(), "data")), Kind::NoActiveVersion);
    keyring.open(&keyring.for_decryption(&first.key_id, 1).unwrap()).unwrap();
    keyring.rotate("data", &Recipe::default()).unwrap();
    assert_eq!(states(&keyring), [(1, State::DecryptOnly), (2, State::Active)]);
}

#[test]
fn requirement_15_deletion_waits_and_can_be_taken_back() {
    let keyring = keyring();
    let store = keyring.store();
    let first = keyring.active("data").unwrap();
    let delete = |waiting| deletion::schedule(store, "data", 1, waiting, |_| Ok(0));
    assert_eq!(kind(delete(WAITING)), Kind::KeyInactive, "the active version stays");
    keyring.rotate("data", &Recipe::default()).unwrap();
    assert_eq!(kind(delete(LEAST_WAITING - 1)), Kind::Usage);
    let before = Timestamp::now();
    let (_, waits) = delete(WAITING).unwrap();
    let due = waits.deletes.unwrap();
    assert!(due >= before.plus(WAITING) && due <= Timestamp::now().plus(WAITING));
    assert_eq!(kind(keyring.for_decryption(&first.key_id, 1)), Kind::KeyInactive);
    assert_eq!(kind(deletion::destroy(store, "data", 1, |_| Ok(0))), Kind::KeyInactive, "its time has not come");
    let (_, kept) = deletion::cancel(store, "data", 1).unwrap();
    assert_eq!((kept.state, kept.deletes), (State::DecryptOnly, None));
    keyring.open(&keyring.for_decryption(&first.key_id, 1).unwrap()).unwrap();
    assert_eq!(kind(deletion::cancel(store, "data", 1)), Kind::KeyInactive);
    assert_eq!(kind(deletion::destroy(store, "data", 1, |_| Ok(0))), Kind::KeyInactive, "it must be scheduled first");
}

#[test]
fn what_is_due_is_destroyed_for_good() {
    let keyring = keyring();
    let store = keyring.store();
    keyring.rotate("data", &Recipe::default()).unwrap();
    let (lineage, waits) = deletion::schedule(store, "data", 1, WAITING, |_| Ok(0)).unwrap();
    let due = KeyRecord { deletes: Some(Timestamp(1)), ..waits.clone() };
    store.commit(&lineage.id, lineage.epoch, &[due]).unwrap();
    let (_, gone) = deletion::destroy(store, "data", 1, |_| Ok(0)).unwrap();
    assert_eq!((gone.state, &gone.wrapped), (State::Destroyed, &None));
    assert_eq!(kind(keyring.for_decryption(&waits.key_id, 1)), Kind::VersionDestroyed);
    assert_eq!(kind(deletion::destroy(store, "data", 1, |_| Ok(0))), Kind::VersionDestroyed);
    assert_eq!(kind(lifecycle::promote(store, "data", 1)), Kind::KeyInactive);
    // One that never encrypted goes at once.
    keyring.prepare("data", &Recipe::default()).unwrap();
    deletion::destroy(store, "data", 3, |_| Ok(0)).unwrap();
    assert_eq!(kind(deletion::destroy(store, "data", 7, |_| Ok(0))), Kind::VersionNotFound);
    // Its number is not given again.
    assert_eq!(keyring.rotate("data", &Recipe::default()).unwrap().1.version, 4);
}

/// Two rotations at once: one wins, the other changes nothing.
#[test]
fn the_slower_of_two_rotations_is_told() {
    let keyring = keyring();
    let lineage = keyring.store().lineage("data").unwrap().unwrap();
    let versions = keyring.store().versions(&lineage.id).unwrap();
    keyring.rotate("data", &Recipe::default()).unwrap();
    assert_eq!(kind(keyring.store().commit(&lineage.id, lineage.epoch, &versions)), Kind::Conflict);
    let keyrings: Vec<_> = (0..8).map(|_| keyring.clone()).collect();
    let results = std::thread::scope(|scope| {
        let threads: Vec<_> =
            keyrings.iter().map(|keyring| scope.spawn(|| keyring.rotate("data", &Recipe::default()).map(drop))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let done = results.iter().filter(|result| result.is_ok()).count();
    assert!(results.into_iter().filter_map(Result::err).all(|error| error.kind() == Kind::Conflict));
    let now = states(&keyring);
    assert_eq!(now.len(), 2 + done);
    assert_eq!(now.iter().filter(|(_, state)| *state == State::Active).count(), 1);
}

/// With several master keys, the next version goes under the one of before.
#[test]
fn the_master_key_stays_the_same() {
    let keyring = keyring();
    mek::create(keyring.hsm(), keyring.store(), "other", MekKind::Aes256).unwrap();
    let first = keyring.active("data").unwrap();
    let (_, second) = keyring.rotate("data", &Recipe::default()).unwrap();
    assert_eq!(second.wrapped.unwrap().mek_id, first.wrapped.unwrap().mek_id);
}

/// Purging by count, or one by one, refuses while something still needs a version; and then nothing goes.
#[test]
fn requirement_14_a_needed_version_is_not_deleted() {
    let keyring = keyring();
    let store = keyring.store();
    (0..4).for_each(|_| drop(keyring.rotate("data", &Recipe::default()).unwrap()));
    let needed = |wanted: u32| move |key: &KeyRecord| Ok(u64::from(key.version == wanted));
    assert_eq!(kind(deletion::schedule(store, "data", 1, WAITING, needed(1))), Kind::InUse);
    assert_eq!(kind(deletion::purge(store, "data", 2, WAITING, needed(3))), Kind::InUse);
    assert!(states(&keyring)[..4].iter().all(|(_, state)| *state == State::DecryptOnly));
    let (_, gone) = deletion::purge(store, "data", 2, WAITING, needed(4)).unwrap();
    assert_eq!(gone.iter().map(|key| key.version).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(deletion::purge(store, "data", 2, WAITING, needed(4)).unwrap().1.is_empty());
    assert_eq!(kind(deletion::purge(store, "data", 0, WAITING, needed(9))), Kind::Usage);
    let failing = |_: &KeyRecord| Err(Error::new(Kind::Io, "unreadable"));
    assert_eq!(kind(deletion::purge(store, "data", 1, WAITING, failing)), Kind::Io);
}

/// Requirement 15 for master keys: a day at least to think it over, and none goes that wraps a data key, unless by force.
#[test]
fn requirement_15_a_master_key_ends_when_nothing_needs_it() {
    use super::mek::life::{self, Version};
    let keyring = keyring();
    let (hsm, store) = (keyring.hsm(), keyring.store());
    let serial = hsm.identity().serial.clone();
    let first = Version { token_serial: &serial, label: "main", version: 1 };
    assert_eq!(kind(life::schedule_deletion(store, first, WAITING, false)), Kind::InUse);
    let second = mek::rotate(hsm, store, "main").unwrap();
    keyring.rewrap_all(&Job::new(&second)).unwrap();
    assert_eq!(kind(life::schedule_deletion(store, first, 3600, false)), Kind::Usage);
    let waits = life::schedule_deletion(store, first, WAITING, false).unwrap();
    assert!(waits.deletes.unwrap() > Timestamp::now().plus(29 * 86_400));
    assert_eq!(kind(life::destroy(hsm, store, first, false)), Kind::KeyInactive);
    life::cancel_deletion(store, first).unwrap();
    assert_eq!(kind(life::cancel_deletion(store, first)), Kind::KeyInactive);

    // By force, the one that wraps: nothing new is wrapped by it, what it wraps opens until it is gone.
    let second = Version { version: 2, ..first };
    life::schedule_deletion(store, second, WAITING, true).unwrap();
    assert_eq!(keyring.rotate("data", &Recipe::default()).unwrap().1.wrapped.unwrap().mek_version, 1, "the one that is left");
    let old = keyring.for_decryption(&keyring.store().versions(&lineage_id(&keyring)).unwrap()[0].key_id, 1).unwrap();
    keyring.open(&old).unwrap();
    let waits = store.meks().unwrap().into_iter().find(|mek| mek.version == 2).unwrap();
    store.change_mek(&waits, &crate::store::MekRecord { deletes: Some(Timestamp::now()), ..waits.clone() }).unwrap();
    assert_eq!(kind(life::destroy(hsm, store, second, false)), Kind::InUse);
    life::destroy(hsm, store, second, true).unwrap();
    assert_eq!(kind(keyring.open(&old)), Kind::NotFound);
    assert_eq!(kind(life::destroy(hsm, store, second, true)), Kind::KeyInactive);
    life::schedule_deletion(store, first, WAITING, true).unwrap();
    assert_eq!(kind(keyring.rotate("data", &Recipe::default())), Kind::KeyInactive);
}

fn lineage_id(keyring: &Keyring) -> LineageId {
    keyring.store().lineage("data").unwrap().unwrap().id
}

/// Restored into another token a master key has another serial number beside it, and may be the only copy.
#[test]
fn the_only_copy_of_a_master_key_is_not_deleted() {
    use super::mek::life::{self, Version};
    let keyring = keyring();
    let old = keyring.store().meks().unwrap().remove(0);
    keyring.store().add_mek(&crate::store::MekRecord { token_serial: "beef".into(), ..old }).unwrap();
    let restored = Version { token_serial: "beef", label: "main", version: 1 };
    assert_eq!(kind(life::schedule_deletion(keyring.store(), restored, WAITING, false)), Kind::InUse);
}

/// Somebody takes the deletion back while it is being done, and wraps a data key: one of the two is refused.
#[test]
fn a_deletion_that_is_taken_back_in_time_is_not_done() {
    use super::mek::life::{self, Version};
    let keyring = keyring();
    let (hsm, store) = (keyring.hsm(), keyring.store());
    let serial = hsm.identity().serial.clone();
    let first = Version { token_serial: &serial, label: "main", version: 1 };
    life::schedule_deletion(store, first, WAITING, true).unwrap();
    let waits = store.meks().unwrap().remove(0);
    let due = crate::store::MekRecord { deletes: Some(Timestamp::now()), ..waits.clone() };
    store.change_mek(&waits, &due).unwrap();
    struct Watching<'a>(&'a dyn Hsm, &'a dyn Store, Version<'a>);
    impl crate::hsm::around::Around for Watching<'_> {
        fn behind(&self) -> &crate::hsm::TokenIdentity {
            self.0.identity()
        }
        fn stands(&self) -> bool {
            true
        }
        fn again<T>(&self, job: impl Fn(&dyn Hsm) -> Result<T>) -> Result<T> {
            job(self.0)
        }
        fn once<T>(&self, _: impl FnOnce(&dyn Hsm) -> Result<T>) -> Result<T> {
            assert_eq!(kind(life::cancel_deletion(self.1, self.2)), Kind::KeyInactive, "too late: it is written down");
            Err(Error::new(Kind::HsmUnavailable, "the token is gone"))
        }
    }
    assert_eq!(kind(life::destroy(&Watching(hsm, store, first), store, first, true)), Kind::HsmUnavailable);
    // The token did not do it: it can be taken back, and done again.
    assert_eq!(store.meks().unwrap(), [due]);
    assert_eq!(hsm.meks().unwrap().len(), 1);
    life::destroy(hsm, store, first, true).unwrap();
    assert!(hsm.meks().unwrap().is_empty());
}

/// Another master key is not taken silently for the one that is going.
#[test]
fn a_master_key_that_goes_is_missed() {
    let keyring = keyring();
    mek::create(keyring.hsm(), keyring.store(), "other", MekKind::Aes256).unwrap();
    let serial = keyring.hsm().identity().serial.clone();
    let first = super::mek::life::Version { token_serial: &serial, label: "main", version: 1 };
    super::mek::life::schedule_deletion(keyring.store(), first, WAITING, true).unwrap();
    assert_eq!(kind(keyring.create("new", &Recipe::default())), Kind::Usage);
    keyring.create("new", &Recipe { mek: Some("other".into()), ..Recipe::default() }).unwrap();
}

#[test]
fn the_one_that_encrypts_is_not_purged() {
    let keyring = keyring();
    (0..3).for_each(|_| drop(keyring.rotate("data", &Recipe::default()).unwrap()));
    lifecycle::promote(keyring.store(), "data", 1).unwrap();
    let (_, gone) = deletion::purge(keyring.store(), "data", 2, WAITING, |_| Ok(0)).unwrap();
    assert_eq!(gone.iter().map(|key| key.version).collect::<Vec<_>>(), [2, 3]);
    // One that was made ahead is neither purged nor counted.
    keyring.prepare("data", &Recipe::default()).unwrap();
    let (_, gone) = deletion::purge(keyring.store(), "data", 1, WAITING, |_| Ok(0)).unwrap();
    assert_eq!(gone.iter().map(|key| key.version).collect::<Vec<_>>(), [4]);
}
