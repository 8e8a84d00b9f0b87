//! REQUIREMENTS 14: a lineage rotates by age and by use, on lookup, and old versions end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::cache::{Cache, Limits};
use super::*;
use crate::hsm::MekKind;
use crate::hsm::fake::FakeHsm;
use crate::store::{Demand, MemoryStore, Usage};

const ONE: Demand = Demand { least: 10, most: Usage { messages: 1, bytes: 10 } };

fn with(recipe: &Recipe, policy: &Policy) -> (Arc<FakeHsm>, Keyring) {
    let hsm = Arc::new(FakeHsm::default());
    let keyring = Keyring::new(Arc::clone(&hsm) as Arc<dyn Hsm>, Arc::new(MemoryStore::default()));
    mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256).unwrap();
    keyring.create("data", recipe).unwrap();
    policy::set(keyring.store(), "data", policy).unwrap();
    (hsm, keyring)
}

fn version(keyring: &Keyring) -> Result<u32> {
    keyring.for_encryption("data", ONE).map(|(key, _)| key.version)
}

/// A lineage whose first version was made long ago.
fn old(keyring: &Keyring, expires: Option<Timestamp>, policy: &Policy) {
    let first = keyring.active("data").unwrap();
    let id = KeyId::random().unwrap();
    let lineage_id = LineageId::from_bytes(*id.as_bytes());
    let created = Timestamp(1000);
    let policy = policy.clone();
    let lineage = Lineage { id: lineage_id, name: "old".into(), epoch: 1, created, policy };
    keyring.store().create_lineage(&lineage, &KeyRecord { key_id: id, lineage_id, created, expires, ..first }).unwrap();
}

fn version_of_old(keyring: &Keyring) -> Result<u32> {
    keyring.for_encryption("old", ONE).map(|(key, _)| key.version)
}

#[test]
fn requirement_14_by_age_on_lookup() {
    let (hsm, keyring) = with(&Recipe::default(), &Policy { rotate_after: 1000, auto_rotate: true, ..Policy::default() });
    old(&keyring, None, &Policy { rotate_after: 90 * 86_400, auto_rotate: true, ..Policy::default() });
    hsm.go_away();
    assert_eq!(version_of_old(&keyring).unwrap(), 1, "age alone stops nothing");
    hsm.come_back();
    assert_eq!(version_of_old(&keyring).unwrap(), 1, "and it is not tried at every lookup");
    keyring.postponed.lock().clear();
    assert_eq!(version_of_old(&keyring).unwrap(), 2);
    assert_eq!(version_of_old(&keyring).unwrap(), 2);
    assert_eq!(version(&keyring).unwrap(), 1);
    let (_, keyring) = with(&Recipe::default(), &Policy::default());
    old(&keyring, None, &Policy { rotate_after: 1, ..Policy::default() });
    assert_eq!(version_of_old(&keyring).unwrap(), 1, "without auto-rotate it is for people to see");
}

#[test]
fn requirement_14_an_expired_key_is_replaced_by_one_that_lives_as_long() {
    let (hsm, keyring) = with(&Recipe::default(), &Policy::default());
    old(&keyring, Some(Timestamp(1600)), &Policy::default());
    assert_eq!(version_of_old(&keyring).unwrap_err().kind(), Kind::KeyInactive);
    policy::set(keyring.store(), "old", &Policy { auto_rotate: true, ..Policy::default() }).unwrap();
    hsm.go_away();
    assert_eq!(version_of_old(&keyring).unwrap_err().kind(), Kind::HsmUnavailable, "nothing encrypts after its end");
    hsm.come_back();
    let (next, _) = keyring.for_encryption("old", ONE).unwrap();
    assert_eq!((next.version, next.expires.unwrap().0 - next.created.0), (2, 600));
    // A life of no length makes no key that encrypts: refused, and not tried again and again.
    let (_, keyring) = with(&Recipe::default(), &Policy::default());
    old(&keyring, Some(Timestamp(1000)), &Policy { auto_rotate: true, ..Policy::default() });
    assert_eq!(version_of_old(&keyring).unwrap_err().kind(), Kind::KeyInactive);
}

#[test]
fn requirement_14_by_use() {
    let (_, keyring) = with(&Recipe::default(), &Policy { rotate_messages: 3, ..Policy::default() });
    for _ in 0..3 {
        version(&keyring).unwrap();
    }
    let refused = version(&keyring).unwrap_err();
    assert_eq!(refused.kind(), Kind::KeyInactive);
    assert!(refused.next_step().contains("hsm dek rotate"));
    let auto = Policy { rotate_messages: 3, rotate_bytes: 20, auto_rotate: true, ..Policy::default() };
    policy::set(keyring.store(), "data", &auto).unwrap();
    let versions: Vec<_> = (0..6).map(|_| version(&keyring).unwrap()).collect();
    assert_eq!(versions, [2, 2, 3, 3, 4, 4], "bytes run out before messages");
    let long = Demand { least: 500, most: Usage { messages: 1, bytes: 500 } };
    assert_eq!(keyring.for_encryption("data", long).unwrap().0.version, 5, "a fresh key takes one message, whatever its length");
}

/// Many threads on one lineage that rotates by use: none of its versions encrypts more than it may.
#[test]
fn use_is_counted_across_threads_and_caches() {
    let (_, keyring) = with(&Recipe::default(), &Policy { rotate_messages: 100, auto_rotate: true, ..Policy::default() });
    let given = |_: usize| {
        let cache = Cache::new(keyring.clone(), Limits::default());
        (0..100).map(|_| cache.for_encryption("data", 1).unwrap().version).collect::<Vec<_>>()
    };
    let all: Vec<u32> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|at| scope.spawn(move || given(at))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(all.len(), 800);
    for version in 1..=*all.iter().max().unwrap() {
        let messages = all.iter().filter(|of| **of == version).count();
        assert!(messages <= 100, "version {version} encrypted {messages}");
    }
}

/// Refreshed again and again, a key does not lose the use that was granted and is not needed yet.
#[test]
fn refreshing_costs_no_use() {
    let (hsm, keyring) = with(&Recipe::default(), &Policy { rotate_messages: 1 << 20, ..Policy::default() });
    let cache = Cache::new(keyring.clone(), Limits { refresh: Duration::ZERO, ..Limits::default() });
    for _ in 0..200 {
        cache.for_encryption("data", 1).unwrap();
    }
    assert!(hsm.calls() > 100);
    let key = keyring.active("data").unwrap();
    assert_eq!(keyring.store().usage(&key.key_id).unwrap().messages, (1 << 20) / 64);
}

#[test]
fn requirement_14_old_versions_stop_decrypting() {
    let (_, keyring) = with(&Recipe::default(), &Policy::default());
    let first = keyring.active("data").unwrap();
    let (_, second) = keyring.rotate("data", &Recipe::default()).unwrap();
    let least = |version| policy::set(keyring.store(), "data", &Policy { min_decrypt_version: version, ..Policy::default() });
    assert_eq!(least(3).unwrap_err().kind(), Kind::Usage);
    least(2).unwrap();
    let refused = keyring.for_decryption(&first.key_id, 1).unwrap_err();
    assert_eq!(refused.kind(), Kind::KeyInactive);
    keyring.for_decryption(&second.key_id, 2).unwrap();
    least(0).unwrap();
    keyring.for_decryption(&first.key_id, 1).unwrap();
}

/// A limit that is set while a cache runs holds for it from its next refresh on.
#[test]
fn a_new_limit_reaches_a_running_cache() {
    let (_, keyring) = with(&Recipe::default(), &Policy::default());
    let now = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&now);
    let cache = Cache::on_clock(keyring.clone(), Limits::default(), move || Duration::from_secs(clock.load(Ordering::SeqCst)));
    cache.for_encryption("data", 1).unwrap();
    policy::set(keyring.store(), "data", &Policy { rotate_messages: 10, ..Policy::default() }).unwrap();
    let given = (0..600_u64).filter(|minute| {
        now.store(minute * 60, Ordering::SeqCst);
        cache.for_encryption("data", 1).is_ok()
    });
    let given = given.count();
    // Those of the four minutes before the refresh, and ten.
    assert!((10..=15).contains(&given), "{given}");
}

#[test]
fn what_encrypts_decrypts() {
    let (_, keyring) = with(&Recipe::default(), &Policy::default());
    let store = keyring.store();
    keyring.prepare("data", &Recipe::default()).unwrap();
    let least = |version| policy::set(store, "data", &Policy { min_decrypt_version: version, ..Policy::default() });
    assert_eq!(least(2).unwrap_err().kind(), Kind::Usage, "version 1 encrypts");
    lifecycle::promote(store, "data", 2).unwrap();
    least(2).unwrap();
    assert_eq!(lifecycle::promote(store, "data", 1).unwrap_err().kind(), Kind::KeyInactive);
    // One that would be replaced at once, for its age, is not promoted either.
    let (_, keyring) = with(&Recipe::default(), &Policy::default());
    old(&keyring, None, &Policy::default());
    keyring.rotate("old", &Recipe::default()).unwrap();
    policy::set(keyring.store(), "old", &Policy { rotate_after: 60, auto_rotate: true, ..Policy::default() }).unwrap();
    assert_eq!(lifecycle::promote(keyring.store(), "old", 1).unwrap_err().kind(), Kind::KeyInactive);
}
