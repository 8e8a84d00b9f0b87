//! One set of tests for every store: what [`Store`] promises.

use std::collections::BTreeMap;

use super::record::WrappedDek;
use super::{KeyRecord, Lineage, MekRecord, MemoryStore, SigningKeyRecord, SqliteStore, State, Store};
use crate::error::Kind;
use crate::id::{KeyId, LineageId, ObjectId};
use crate::public::Scheme;
use crate::time::Timestamp;
use crate::wrap::{WrapMechanism, Wrapped};

/// Runs a promise on each kind of store.
fn on_every_store(promise: impl Fn(&dyn Store)) {
    promise(&MemoryStore::default());
    let folder = tempfile::tempdir().unwrap();
    promise(&SqliteStore::open(&folder.path().join("sub/keyring.db")).unwrap());
}

fn line(name: &str) -> (Lineage, KeyRecord) {
    let key_id = KeyId::random().unwrap();
    let id = LineageId::from_bytes(*key_id.as_bytes());
    let record = KeyRecord {
        key_id,
        lineage_id: id,
        version: 1,
        state: State::Active,
        algorithm: "AES-256-GCM".into(),
        created: Timestamp(1),
        rotated: None,
        expires: Some(Timestamp(9)),
        deletes: None,
        metadata: BTreeMap::from([("team".to_owned(), "a".to_owned())]),
        wrapped: Some(WrappedDek {
            mek_id: ObjectId::random().unwrap(),
            mek_version: 3,
            token_serial: "serial".into(),
            wrapped: Wrapped { mechanism: WrapMechanism::AesKw, nonce: vec![], ciphertext: vec![1; 40] },
            binding: vec![2; 32],
        }),
    };
    (Lineage { id, name: name.into(), epoch: 1, created: Timestamp(1) }, record)
}

fn next(old: &KeyRecord) -> [KeyRecord; 2] {
    let retired = KeyRecord { state: State::DecryptOnly, rotated: Some(Timestamp(5)), ..old.clone() };
    let new = KeyRecord { key_id: KeyId::random().unwrap(), version: old.version + 1, ..old.clone() };
    [retired, new]
}

#[test]
fn what_is_written_is_read() {
    on_every_store(|store| {
        let (lineage, key) = line("mail");
        store.create_lineage(&lineage, &key).unwrap();
        assert_eq!(store.lineage("mail").unwrap().unwrap(), lineage);
        assert_eq!(store.lineage(&lineage.id.to_string()).unwrap().unwrap(), lineage);
        assert_eq!(store.lineages().unwrap(), std::slice::from_ref(&lineage));
        assert_eq!(store.key(&key.key_id).unwrap().unwrap(), key);
        assert_eq!(store.versions(&lineage.id).unwrap(), [key]);
        assert!(store.lineage("other").unwrap().is_none());
        assert!(store.key(&KeyId::random().unwrap()).unwrap().is_none());
    });
}

#[test]
fn names_are_unique() {
    on_every_store(|store| {
        let (lineage, key) = line("mail");
        store.create_lineage(&lineage, &key).unwrap();
        let (other, key) = line("mail");
        assert_eq!(store.create_lineage(&other, &key).unwrap_err().kind(), Kind::Conflict);
        assert!(store.key(&key.key_id).unwrap().is_none(), "nothing of a refused change stays");
    });
}

#[test]
fn the_slower_of_two_changes_loses() {
    on_every_store(|store| {
        let (lineage, key) = line("mail");
        store.create_lineage(&lineage, &key).unwrap();
        assert_eq!(store.commit(&lineage.id, 1, &next(&key)).unwrap(), 2);
        assert_eq!(store.commit(&lineage.id, 1, &next(&key)).unwrap_err().kind(), Kind::Conflict);
        let states: Vec<_> = store.versions(&lineage.id).unwrap().iter().map(|key| key.state).collect();
        assert_eq!(states, [State::DecryptOnly, State::Active]);
        assert_eq!(store.lineage("mail").unwrap().unwrap().epoch, 2);
    });
}

#[test]
fn one_active_version_and_all_or_nothing() {
    on_every_store(|store| {
        let (lineage, key) = line("mail");
        store.create_lineage(&lineage, &key).unwrap();
        let [_, second] = next(&key);
        assert_eq!(store.commit(&lineage.id, 1, &[second]).unwrap_err().kind(), Kind::Conflict);
        let [retired, mut second] = next(&key);
        second.version = 1;
        assert_eq!(store.commit(&lineage.id, 1, &[retired, second]).unwrap_err().kind(), Kind::Conflict);
        assert_eq!(store.versions(&lineage.id).unwrap(), [key]);
        assert_eq!(store.lineage("mail").unwrap().unwrap().epoch, 1);
    });
}

#[test]
fn what_is_fixed_stays_and_the_destroyed_stays_dead() {
    on_every_store(|store| {
        let (lineage, key) = line("mail");
        store.create_lineage(&lineage, &key).unwrap();
        let refused = |record: KeyRecord, epoch| {
            assert_eq!(store.commit(&lineage.id, epoch, &[record]).unwrap_err().kind(), Kind::Conflict);
        };
        refused(KeyRecord { version: 7, ..key.clone() }, 1);
        refused(KeyRecord { created: Timestamp(2), ..key.clone() }, 1);
        refused(KeyRecord { lineage_id: LineageId::random().unwrap(), ..key.clone() }, 1);
        refused(KeyRecord { state: State::Destroyed, ..key.clone() }, 1);
        refused(KeyRecord { wrapped: None, ..key.clone() }, 1);
        let waiting = KeyRecord { state: State::PendingDeletion, deletes: Some(Timestamp(8)), ..key.clone() };
        let dead = KeyRecord { state: State::Destroyed, wrapped: None, ..key.clone() };
        store.commit(&lineage.id, 1, &[waiting]).unwrap();
        store.commit(&lineage.id, 2, std::slice::from_ref(&dead)).unwrap();
        assert_eq!(store.key(&key.key_id).unwrap().unwrap(), dead);
        refused(key.clone(), 3);
    });
}

#[test]
fn master_keys() {
    on_every_store(|store| {
        let mek = MekRecord {
            mek_id: ObjectId::random().unwrap(),
            label: "main".into(),
            version: 1,
            token_serial: "s".into(),
            algorithm: "AES-256".into(),
            created: Timestamp(1),
        };
        store.add_mek(&mek).unwrap();
        assert_eq!(store.add_mek(&mek).unwrap_err().kind(), Kind::Conflict);
        let same_name = MekRecord { mek_id: ObjectId::random().unwrap(), ..mek.clone() };
        assert_eq!(store.add_mek(&same_name).unwrap_err().kind(), Kind::Conflict);
        store.add_mek(&MekRecord { version: 2, ..same_name }).unwrap();
        store.add_mek(&MekRecord { token_serial: "spare".into(), ..mek.clone() }).unwrap();
        assert_eq!(store.meks().unwrap().len(), 3);
        assert_eq!(store.meks().unwrap()[0], mek);
    });
}

#[test]
fn one_signing_key_is_active() {
    on_every_store(|store| {
        let first = SigningKeyRecord {
            kid: "a".into(),
            object_id: ObjectId::random().unwrap(),
            label: "jwt".into(),
            token_serial: "s".into(),
            scheme: Scheme::Ps256,
            created: Timestamp(1),
            active: true,
        };
        let second = SigningKeyRecord { kid: "b".into(), created: Timestamp(2), ..first.clone() };
        assert_eq!(store.put_signing_key(&first, Some("none")).unwrap_err().kind(), Kind::Conflict);
        store.put_signing_key(&first, None).unwrap();
        assert_eq!(store.put_signing_key(&second, None).unwrap_err().kind(), Kind::Conflict);
        store.put_signing_key(&second, Some("a")).unwrap();
        let third = SigningKeyRecord { kid: "c".into(), ..second.clone() };
        assert_eq!(store.put_signing_key(&third, Some("a")).unwrap_err().kind(), Kind::Conflict);
        let active: Vec<_> = store.signing_keys().unwrap().iter().map(|key| key.active).collect();
        assert_eq!(active, [false, true]);
    });
}

#[test]
fn the_file_is_private_and_foreign_files_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.db");
    drop(SqliteStore::open(&path).unwrap());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    SqliteStore::open(&path).unwrap();

    let text = folder.path().join("text");
    std::fs::write(&text, "not a database, but long enough to be looked at by SQLite as one").unwrap();
    assert_eq!(SqliteStore::open(&text).err().unwrap().kind(), Kind::Store);
    let other = folder.path().join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    assert_eq!(SqliteStore::open(&other).err().unwrap().kind(), Kind::Store);
}
