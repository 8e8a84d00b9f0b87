//! REQUIREMENTS 13: rotation under load loses nothing, and never are two versions active.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;
use crate::hsm::MekKind;
use crate::hsm::fake::FakeHsm;
use crate::store::{MemoryStore, SqliteStore};

const WRITERS: usize = 8;
const READERS: usize = 8;
const EACH: usize = 5;

/// `store` gives each thread what a process of its own would have.
fn under_load(store: impl Fn() -> Arc<dyn Store> + Sync) {
    let hsm: Arc<dyn Hsm> = Arc::new(FakeHsm::default());
    let keyring = || Keyring::new(Arc::clone(&hsm), store());
    mek::create(hsm.as_ref(), store().as_ref(), "main", MekKind::Aes256).unwrap();
    let (lineage, _) = keyring().create("data", &Recipe::default()).unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(|| read(&keyring(), &lineage, &over))).collect();
        let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(|| (0..EACH).for_each(|_| rotate(&keyring())))).collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        over.store(true, Ordering::Relaxed);
        assert!(readers.into_iter().all(|reader| reader.join().unwrap() > 0), "a reader that read nothing");
    });
    let keyring = keyring();
    let versions = keyring.store().versions(&lineage.id).unwrap();
    let numbers: Vec<_> = versions.iter().map(|key| key.version as usize).collect();
    assert_eq!(numbers, (1..=1 + WRITERS * EACH).collect::<Vec<_>>());
    versions.iter().for_each(|key| drop(keyring.open(key).unwrap()));
}

/// Rotates, again when somebody else was faster.
fn rotate(keyring: &Keyring) {
    loop {
        match keyring.rotate("data", &Recipe::default()) {
            Ok(_) => return,
            Err(error) => assert_eq!(error.kind(), Kind::Conflict, "{error}"),
        }
    }
}

/// Opens the active version and the oldest until the writers are done; how often.
fn read(keyring: &Keyring, lineage: &Lineage, over: &AtomicBool) -> usize {
    let mut rounds = 0;
    while !over.load(Ordering::Relaxed) || rounds == 0 {
        let versions = keyring.store().versions(&lineage.id).unwrap();
        assert_eq!(versions.iter().filter(|key| key.state == State::Active).count(), 1);
        keyring.open(&keyring.active("data").unwrap()).unwrap();
        keyring.open(&keyring.for_decryption(&versions[0].key_id, 1).unwrap()).unwrap();
        rounds += 1;
    }
    rounds
}

#[test]
fn requirement_13_in_memory() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    under_load(|| Arc::clone(&store));
}

#[test]
fn requirement_13_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.db");
    under_load(|| Arc::new(SqliteStore::open(&path).unwrap()));
}

#[cfg(feature = "postgres")]
#[test]
fn requirement_13_rotation_under_load_on_a_server() {
    let Some(server) = crate::store::postgres_server() else { return };
    let url = server.fresh();
    crate::store::PostgresStore::prepare(&url, None).unwrap();
    under_load(|| Arc::new(crate::store::PostgresStore::open(&url, None).unwrap()));
}
