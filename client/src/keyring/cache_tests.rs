//! REQUIREMENTS 23 and 28: one call to the token for a key and its time, and what happens when the token is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::cache::{Cache, Limits};
use super::*;
use crate::hsm::MekKind;
use crate::hsm::fake::FakeHsm;
use crate::store::MemoryStore;

const LONG: Limits =
    Limits { ttl: Duration::from_secs(600), refresh: Duration::from_secs(600), messages: 1000, bytes: 1 << 30, keys: 10 };

struct Setting {
    hsm: Arc<FakeHsm>,
    keyring: Keyring,
}

impl Setting {
    fn new() -> Self {
        let hsm = Arc::new(FakeHsm::default());
        let keyring = Keyring::new(Arc::clone(&hsm) as Arc<dyn Hsm>, Arc::new(MemoryStore::default()));
        mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256).unwrap();
        ["data", "other"].iter().for_each(|name| drop(keyring.create(name, &Recipe::default()).unwrap()));
        hsm.calls();
        Self { hsm, keyring }
    }

    fn cache(&self, limits: Limits) -> Cache {
        Cache::new(self.keyring.clone(), limits)
    }
}

#[test]
fn one_call_for_a_cold_stampede() {
    let setting = Setting::new();
    let cache = setting.cache(LONG);
    let keys = thread::scope(|scope| {
        let held = setting.hsm.hold();
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| cache.for_encryption("data", 1).unwrap())).collect();
        setting.hsm.wait_for_a_call();
        drop(held);
        threads.into_iter().map(|thread| thread.join().unwrap().key_id).collect::<Vec<_>>()
    });
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(setting.hsm.calls(), 1);
    let id = keys[0];
    for _ in 0..100 {
        cache.for_decryption(&id, 1, 1).unwrap();
    }
    assert_eq!(setting.hsm.calls(), 1, "once more for the version by its id");
}

#[test]
fn messages_bytes_and_time_are_limits() {
    for (limits, given) in [
        (Limits { messages: 3, ..LONG }, 3),
        (Limits { bytes: 50, ..LONG }, 5),
        (Limits { ttl: Duration::ZERO, ..LONG }, 1),
        (Limits { bytes: 5, ..LONG }, 1),
    ] {
        let setting = Setting::new();
        let cache = setting.cache(limits);
        for _ in 0..2 * given {
            cache.for_encryption("data", 10).unwrap();
        }
        assert_eq!(setting.hsm.calls(), 2, "{limits:?}");
    }
}

#[test]
fn a_rotated_key_comes_with_its_next_opening() {
    let setting = Setting::new();
    let cache = setting.cache(LONG);
    let first = cache.for_encryption("data", 1).unwrap().version;
    setting.keyring.rotate("data", &Recipe::default()).unwrap();
    assert_eq!((first, cache.for_encryption("data", 1).unwrap().version), (1, 1));
    cache.clear();
    assert_eq!(cache.for_encryption("data", 1).unwrap().version, 2);
}

/// A token that cannot be reached: what was opened is good until its time is over.
#[test]
fn requirement_23_an_outage_lasts_as_long_as_the_keys() {
    let setting = Setting::new();
    let cache = setting.cache(Limits { refresh: Duration::ZERO, ..LONG });
    let over = setting.cache(Limits { ttl: Duration::ZERO, ..LONG });
    for cache in [&cache, &over] {
        cache.for_encryption("data", 1).unwrap();
    }
    setting.hsm.go_away();
    assert_eq!(cache.for_encryption("other", 1).err().unwrap().kind(), Kind::HsmUnavailable);
    cache.for_encryption("data", 1).unwrap();
    assert_eq!(over.for_encryption("data", 1).err().unwrap().kind(), Kind::HsmUnavailable);
    setting.hsm.come_back();
    over.for_encryption("data", 1).unwrap();
}

/// While one thread opens a key anew, the others go on with the old one.
#[test]
fn refreshed_ahead_of_time_by_one() {
    let setting = Setting::new();
    let cache = setting.cache(Limits { refresh: Duration::ZERO, ..LONG });
    cache.for_encryption("data", 1).unwrap();
    setting.hsm.calls();
    thread::scope(|scope| {
        let held = setting.hsm.hold();
        scope.spawn(|| cache.for_encryption("data", 1).unwrap());
        setting.hsm.wait_for_a_call();
        // Would they wait, it were for ever.
        (0..100).for_each(|_| drop(cache.for_encryption("data", 1).unwrap()));
        drop(held);
    });
    assert_eq!(setting.hsm.calls(), 1);
}

#[test]
fn the_oldest_makes_room() {
    let setting = Setting::new();
    let cache = setting.cache(Limits { keys: 1, ..LONG });
    for name in ["data", "other", "other", "data"] {
        cache.for_encryption(name, 1).unwrap();
    }
    assert_eq!(setting.hsm.calls(), 3);
}

/// The time of a key is absolute: use does not prolong it, and the last moment is the one before.
#[test]
fn requirement_28_a_day_on_another_clock() {
    let setting = Setting::new();
    let now = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&now);
    let limits = Limits { ttl: Duration::from_secs(300), refresh: Duration::from_secs(300), messages: u64::MAX, ..LONG };
    let cache = Cache::on_clock(setting.keyring.clone(), limits, move || Duration::from_secs(clock.load(Ordering::SeqCst)));
    let calls = |from: u64, to: u64| {
        (from..to).for_each(|second| {
            now.store(second, Ordering::SeqCst);
            cache.for_encryption("data", 1).unwrap();
        });
        setting.hsm.calls()
    };
    assert_eq!(calls(0, 300), 1);
    assert_eq!(calls(300, 301), 1);
    assert_eq!(calls(301, 86_400), 286, "a day has 288 times five minutes");
}
