//! One set of tests for every store: what [`Store`] promises.

use std::collections::BTreeMap;

use super::journal::{self, Head};
use super::record::{KemLayer, WrappedDek};
use super::signing::{LATE, Times};
use super::{
    Demand, Ending, KeyRecord, Lineage, MekRecord, MemoryStore, Policy, SigningKeyRecord, SqliteStore, State, Store, Usage,
};
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
    #[cfg(feature = "postgres")]
    if let Some(server) = super::postgres::server::started() {
        promise(&super::PostgresStore::prepare(&server.fresh(), None).unwrap());
    }
}

pub(super) fn line(name: &str) -> (Lineage, KeyRecord) {
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
            kem: Some(KemLayer { kem_id: ObjectId::random().unwrap(), secret: vec![3; 1568] }),
        }),
    };
    (Lineage { id, name: name.into(), epoch: 1, created: Timestamp(1), policy: Policy::default() }, record)
}

fn next(old: &KeyRecord) -> [KeyRecord; 2] {
    let retired = KeyRecord { state: State::DecryptOnly, rotated: Some(Timestamp(5)), ..old.clone() };
    let new = KeyRecord { key_id: KeyId::random().unwrap(), version: old.version + 1, ..old.clone() };
    [retired, new]
}

pub(super) fn mek() -> MekRecord {
    MekRecord {
        mek_id: ObjectId::random().unwrap(),
        label: "main".into(),
        version: 1,
        token_serial: "s".into(),
        algorithm: "AES-256".into(),
        created: Timestamp(1),
        deletes: None,
        destroyed: None,
    }
}

#[test]
fn requirement_8_what_is_written_is_read() {
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
        let mek = mek();
        store.add_mek(&mek).unwrap();
        assert_eq!(store.add_mek(&mek).unwrap_err().kind(), Kind::Conflict);
        let same_name = MekRecord { mek_id: ObjectId::random().unwrap(), ..mek.clone() };
        assert_eq!(store.add_mek(&same_name).unwrap_err().kind(), Kind::Conflict);
        store.add_mek(&MekRecord { version: 2, ..same_name }).unwrap();
        store.add_mek(&MekRecord { token_serial: "spare".into(), ..mek.clone() }).unwrap();
        assert_eq!(store.meks().unwrap().len(), 3);
        assert_eq!(store.meks().unwrap()[0], mek);
        let waiting = MekRecord { deletes: Some(Timestamp(9)), ..mek.clone() };
        let gone = MekRecord { destroyed: Some(Timestamp(9)), ..waiting.clone() };
        let refused =
            |old: &MekRecord, new: &MekRecord| assert_eq!(store.change_mek(old, new).unwrap_err().kind(), Kind::Conflict);
        store.change_mek(&mek, &waiting).unwrap();
        refused(&mek, &gone);
        refused(&waiting, &MekRecord { label: "other".into(), ..gone.clone() });
        store.change_mek(&waiting, &gone).unwrap();
        refused(&mek, &waiting);
        assert_eq!(store.meks().unwrap()[0], gone);
        store.change_mek(&gone, &mek).unwrap();
    });
}

#[test]
fn policies_are_kept_and_compared_and_set() {
    on_every_store(|store| {
        let (lineage, key) = line("mail");
        store.create_lineage(&lineage, &key).unwrap();
        let policy = Policy { rotate_after: 60, rotate_messages: 5, auto_rotate: true, ..Policy::default() };
        assert_eq!(store.set_policy(&lineage.id, 1, &policy).unwrap(), 2);
        assert_eq!(store.set_policy(&lineage.id, 1, &Policy::default()).unwrap_err().kind(), Kind::Conflict);
        assert_eq!(store.lineage("mail").unwrap().unwrap(), Lineage { epoch: 2, policy, ..lineage });
    });
}

#[test]
fn room_is_given_out_once() {
    on_every_store(|store| {
        let (lineage, key) = line("mail");
        store.create_lineage(&lineage, &key).unwrap();
        let limit = Usage { messages: 10, bytes: 100 };
        let ask = |least, messages, bytes| {
            let granted = store.reserve(&key.key_id, Demand { least, most: Usage { messages, bytes } }, limit).unwrap();
            (granted.messages, granted.bytes)
        };
        assert_eq!(ask(500, 1, 500), (1, 500), "a key takes one message, whatever its length");
        assert_eq!(ask(1, 1, 1), (0, 0));
        let (other, key) = line("more");
        store.create_lineage(&other, &key).unwrap();
        let ask = |least, messages, bytes| {
            let granted = store.reserve(&key.key_id, Demand { least, most: Usage { messages, bytes } }, limit).unwrap();
            (granted.messages, granted.bytes)
        };
        assert_eq!(ask(1, 4, 60), (4, 60));
        assert_eq!(ask(50, 1, 50), (0, 0), "no room for so long a message");
        assert_eq!(ask(1, 4, 60), (4, 40));
        assert_eq!(store.usage(&key.key_id).unwrap(), Usage { messages: 8, bytes: 100 });
        // A change of the record counts nothing back.
        store.commit(&other.id, 1, &next(&key)).unwrap();
        assert_eq!(store.usage(&key.key_id).unwrap(), Usage { messages: 8, bytes: 100 });
        assert_eq!(store.usage(&KeyId::random().unwrap()).unwrap_err().kind(), Kind::NotFound);
        assert!(store.reserve(&KeyId::random().unwrap(), Demand { least: 1, most: limit }, limit).is_err());
    });
}

/// A deletion date that alone moves was audited against a note nobody had written: the audit then called the store altered.
#[test]
fn a_date_of_deletion_that_moves_is_noted() {
    on_every_store(|store| {
        let (lineage, key) = line("mail");
        store.create_lineage(&lineage, &key).unwrap();
        let due = |time| KeyRecord { state: State::PendingDeletion, deletes: Some(Timestamp(time)), ..key.clone() };
        store.commit(&lineage.id, 1, &[due(8)]).unwrap();
        store.commit(&lineage.id, 2, &[due(9)]).unwrap();
        journal::audit(store, None).unwrap();
        let actions: Vec<_> = store.journal(3).unwrap().into_iter().map(|entry| entry.note.action).collect();
        assert_eq!(actions, ["dek-state", "dek-changed"]);
    });
}

/// Requirement 22: created, rotated, destroyed are written down, chained, and nothing of a change that was refused.
#[test]
fn requirement_22_every_change_is_in_the_journal() {
    on_every_store(|store| {
        let (lineage, key) = line("mail");
        store.create_lineage(&lineage, &key).unwrap();
        store.commit(&lineage.id, 1, &next(&key)).unwrap();
        store.commit(&lineage.id, 1, &next(&key)).unwrap_err();
        store.set_policy(&lineage.id, 2, &Policy { max_versions: 3, ..Policy::default() }).unwrap();
        let [_, stranger] = next(&key);
        store.commit(&lineage.id, 3, &[stranger]).unwrap_err();
        let entries = store.journal(0).unwrap();
        let told: Vec<_> = entries.iter().map(|entry| entry.note.action.as_str()).collect();
        assert_eq!(told, ["policy", "dek-created", "dek-state", "dek-created", "policy"]);
        assert!(entries[2].note.state.starts_with("decrypt-only"), "{}", entries[2].note.state);
        assert_eq!(journal::audit(store, None).unwrap(), store.journal_head().unwrap());
        let head = journal::verify(&entries, None).unwrap();
        assert_eq!((head.seq, store.journal(5).unwrap().len()), (5, 1));
        assert_eq!(journal::verify(&entries, Some(entries[1].head())).unwrap(), head);
        assert_eq!(head.to_string().parse::<Head>().unwrap(), head);
        let altered = |change: &dyn Fn(&mut Vec<journal::Entry>)| {
            let mut copy = entries.clone();
            change(&mut copy);
            let verdict = journal::verify(&copy, Some(head));
            assert_eq!(verdict.unwrap_err().kind(), Kind::Authentication);
        };
        altered(&|copy| copy[1].note.state.push('x'));
        altered(&|copy| {
            let moved = copy[0].note.name.remove(0);
            copy[1].note.name.insert(0, moved);
        });
        altered(&|copy| copy[0].time = Timestamp(7));
        altered(&|copy| copy.swap(1, 2));
        altered(&|copy| drop(copy.remove(1)));
        altered(&|copy| drop(copy.pop()));
        altered(&|copy| copy.clear());
        altered(&|copy| copy[3].actor = "nobody".into());
    });
}

#[test]
fn one_signing_key_of_a_label_has_no_end() {
    on_every_store(|store| {
        let first = SigningKeyRecord {
            kid: "a".into(),
            object_id: ObjectId::random().unwrap(),
            label: "jwt".into(),
            token_serial: "s".into(),
            scheme: Scheme::Ps256,
            created: Timestamp(1),
            times: Times::from_now(Timestamp(1), Some(60)),
        };
        let second = SigningKeyRecord { kid: "b".into(), created: Timestamp(2), ..first.clone() };
        let ending = first.times.ending(Timestamp(5));
        let kind = |result: crate::Result<()>| result.unwrap_err().kind();
        assert_eq!(kind(store.put_signing_key(&first, &[], &[("none", ending)])), Kind::NotFound);
        store.put_signing_key(&first, &[], &[]).unwrap();
        let seen = std::slice::from_ref(&first);
        assert_eq!(kind(store.put_signing_key(&second, &[], &[("a", ending)])), Kind::Conflict, "decided without having seen it");
        assert_eq!(kind(store.put_signing_key(&second, seen, &[])), Kind::Conflict, "two without an end");
        store.put_signing_key(&second, seen, &[("a", ending)]).unwrap();
        let third = SigningKeyRecord { kid: "c".into(), ..second.clone() };
        assert_eq!(kind(store.put_signing_key(&third, seen, &[("a", ending)])), Kind::Conflict);
        let ends: Vec<_> = store.signing_keys().unwrap().iter().map(|key| (key.times.retire_at, key.times.remove_at)).collect();
        assert_eq!(ends, [(Some(Timestamp(5)), Some(Timestamp(65).plus(LATE))), (None, None)]);
        let sooner = Ending { retire_at: Timestamp(4), remove_at: Some(Timestamp(4)) };
        store.end_signing_key("a", sooner).unwrap();
        assert_eq!(kind(store.end_signing_key("a", ending)), Kind::Conflict, "an end never moves away");
        assert_eq!(kind(store.end_signing_key("x", ending)), Kind::NotFound);
        let actions: Vec<_> = store.journal(1).unwrap().into_iter().map(|entry| entry.note.action).collect();
        let [made, ended] = ["signing-key-created", "signing-key-ended"];
        assert_eq!(actions, [made, ended, made, ended]);
    });
}

/// A file of the first version: what it held is held after, and works as it did.
#[test]
fn an_older_file_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(super::sqlite::FIRST).unwrap();
    old.execute_batch(
        "PRAGMA application_id = 1213418827; PRAGMA user_version = 1;
         INSERT INTO lineage VALUES (randomblob(16), 'mail', 3, 7);
         INSERT INTO key (key_id, lineage_id, version, state, algorithm, created)
             SELECT lineage_id, lineage_id, 1, 'destroyed', 'AES-256-GCM', 7 FROM lineage;
         INSERT INTO mek VALUES ('s', x'01', 'main', 1, 'AES-256', 7);
         INSERT INTO signing_key VALUES ('a', x'01', 'jwt', 's', 'RS256', 10, 0), ('b', x'02', 'jwt', 's', 'RS256', 20, 0),
             ('c', x'03', 'jwt', 's', 'RS256', 30, 1), ('d', x'04', 'gone', 's', 'RS256', 15, 0);",
    )
    .unwrap();
    drop(old);
    let store = SqliteStore::open(&path).unwrap();
    let lineage = store.lineage("mail").unwrap().unwrap();
    assert_eq!((lineage.epoch, &lineage.policy), (3, &Policy::default()));
    assert_eq!(store.versions(&lineage.id).unwrap()[0].state, State::Destroyed);
    assert_eq!(store.meks().unwrap()[0].state(), State::Active);
    let ends: Vec<_> = store.signing_keys().unwrap().into_iter().map(|key| (key.kid, key.times.retire_at)).collect();
    let end = |kid: &str, time: Option<i64>| (kid.to_owned(), time.map(Timestamp));
    assert_eq!(ends, [end("d", Some(15)), end("a", Some(20)), end("b", Some(30)), end("c", None)]);
    assert_eq!(store.set_policy(&lineage.id, 3, &Policy { max_versions: 1, ..Policy::default() }).unwrap(), 4);
    drop(store);
    SqliteStore::open(&path).unwrap();
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

/// Whatever is edited beside the journal is noticed when it is verified: states, times, rules, and the end of the journal itself.
#[test]
fn requirement_22_what_is_edited_beside_the_journal_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.db");
    let store = SqliteStore::open(&path).unwrap();
    let (lineage, key) = line("mail");
    store.create_lineage(&lineage, &key).unwrap();
    store.set_policy(&lineage.id, 1, &Policy { max_versions: 3, ..Policy::default() }).unwrap();
    let mek = MekRecord {
        mek_id: ObjectId::random().unwrap(),
        label: "main".into(),
        version: 1,
        token_serial: "a".into(),
        algorithm: "AES-256".into(),
        created: Timestamp(1),
        deletes: None,
        destroyed: None,
    };
    // The same key in two tokens; in one of them it is deleted.
    let other = MekRecord { token_serial: "b".into(), ..mek.clone() };
    [&mek, &other].into_iter().for_each(|mek| store.add_mek(mek).unwrap());
    store.change_mek(&other, &MekRecord { deletes: Some(Timestamp(7)), ..other.clone() }).unwrap();
    let signing = SigningKeyRecord {
        kid: "a".into(),
        object_id: ObjectId::random().unwrap(),
        label: "jwt".into(),
        token_serial: "a".into(),
        scheme: Scheme::Ps256,
        created: Timestamp(1),
        times: Times::from_now(Timestamp(1), Some(60)),
    };
    store.put_signing_key(&signing, &[], &[]).unwrap();
    store.end_signing_key("a", Ending { retire_at: Timestamp(5), remove_at: Some(Timestamp(5)) }).unwrap();
    journal::audit(&store, None).unwrap();
    let edits = rusqlite::Connection::open(&path).unwrap();
    for (edit, back) in [
        (
            "UPDATE signing_key SET retire_at = 9999999999, remove_at = NULL",
            "UPDATE signing_key SET retire_at = 5, remove_at = 5",
        ),
        ("UPDATE signing_key SET token_life = 1", "UPDATE signing_key SET token_life = 60"),
        ("UPDATE key SET kem_secret = x'00'", &format!("UPDATE key SET kem_secret = x'{}'", "03".repeat(1568))),
        ("UPDATE mek SET deletes = 7 WHERE token_serial = 'a'", "UPDATE mek SET deletes = NULL WHERE token_serial = 'a'"),
        ("UPDATE key SET state = 'decrypt-only'", "UPDATE key SET state = 'active'"),
        ("UPDATE key SET expires = NULL", "UPDATE key SET expires = 9"),
        ("UPDATE lineage SET policy = '{}'", "UPDATE lineage SET policy = '{\"max_versions\":3}'"),
        ("UPDATE journal_head SET seq = seq - 1", "UPDATE journal_head SET seq = seq + 1"),
    ] {
        edits.execute_batch(edit).unwrap();
        assert_eq!(journal::audit(&store, None).unwrap_err().kind(), Kind::Authentication, "{edit}");
        edits.execute_batch(back).unwrap();
        journal::audit(&store, None).unwrap_or_else(|error| panic!("{back}: {error}"));
    }
    edits.execute_batch("DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)").unwrap();
    assert_eq!(journal::audit(&store, None).unwrap_err().kind(), Kind::Authentication);
}
