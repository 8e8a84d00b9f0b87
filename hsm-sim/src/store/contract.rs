//! What every store must do, run against each of them.

use super::{
    BEGIN, Change, End, Guard, HEAD, LASTING, Line, Lines, MakeRow, ObjectId, Outcome, Query, Record, RecordChange, Row,
    RowChange, Tags, Tell, TokenStore, directory::Directory, memory::MemoryStore, no_row, sqlite::SqliteStore,
};
use crate::error::Rv;

fn on_every_store(test: impl Fn(&dyn TokenStore)) {
    test(&MemoryStore::default());
    let place = Scratch::new();
    test(&Directory::new(&place.0).create("0123456789abcdef").unwrap());
}

/// A directory that goes when the test ends.
pub struct Scratch(pub std::path::PathBuf);

impl Scratch {
    pub fn new() -> Self {
        let name: [u8; 8] = crate::rng::public().unwrap();
        Self(std::env::temp_dir().join(format!("hsm-sim-store-{:016x}", u64::from_le_bytes(name))))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn ids_of(store: &dyn TokenStore, query: &Query) -> Vec<ObjectId> {
    store.find(query).unwrap().iter().map(|found| found.id).collect()
}

/// The guard of a record that is there.
fn guard(store: &dyn TokenStore) -> Guard<'static> {
    let _ = store.change_records(None, &[RecordChange { name: "guard", expected: 0, bytes: b"" }], None).unwrap();
    Guard { name: "guard", revision: 1 }
}

fn insert(store: &dyn TokenStore, count: usize, make: MakeRow<'_>) -> crate::error::Result<Vec<ObjectId>> {
    store.insert(guard(store), count, make, None)
}

fn replace(
    store: &dyn TokenStore,
    id: ObjectId,
    expected: u64,
    row: &Row,
    records: &[RecordChange<'_>],
) -> crate::error::Result<Outcome> {
    store.replace(guard(store), RowChange { id, expected, row }, records, None)
}

fn row(id_tag: i64, private: bool) -> Row {
    Row { revision: 1, private, tags: Tags { class: 3, id: id_tag, label: 9 }, sealed: vec![1, 2, 3] }
}

#[test]
fn records_change_only_from_the_revision_expected() {
    on_every_store(|store| {
        let change =
            |expected, bytes| store.change_records(None, &[RecordChange { name: "header", expected, bytes }], None).unwrap();
        assert_eq!(change(0, b"one"), Outcome::Done);
        assert_eq!(change(0, b"again"), Outcome::Conflict);
        assert_eq!(change(1, b"two"), Outcome::Done);
        assert_eq!(change(1, b"late"), Outcome::Conflict);
        assert_eq!(store.record("header").unwrap(), Some(Record { revision: 2, bytes: b"two".to_vec() }));
    });
}

#[test]
fn of_several_records_all_change_or_none() {
    on_every_store(|store| {
        let changes =
            [RecordChange { name: "a", expected: 0, bytes: b"x" }, RecordChange { name: "b", expected: 7, bytes: b"y" }];
        assert_eq!(store.change_records(None, &changes, None).unwrap(), Outcome::Conflict);
        assert_eq!(store.record("a").unwrap(), None);
    });
}

#[test]
fn names_by_their_beginning() {
    on_every_store(|store| {
        for name in ["user", "users", "user-2", "user-1", "other", "user%"] {
            let _ = store.change_records(None, &[RecordChange { name, expected: 0, bytes: b"" }], None).unwrap();
        }
        assert_eq!(store.names("user-").unwrap(), ["user-1", "user-2"]);
        assert_eq!(store.names("user%").unwrap(), ["user%"]);
        assert_eq!(store.names("nobody").unwrap(), Vec::<String>::new());
    });
}

#[test]
fn a_revision_beyond_all_is_a_conflict() {
    on_every_store(|store| {
        let last = [RecordChange { name: "header", expected: u64::MAX, bytes: b"" }];
        assert_eq!(store.change_records(None, &last, None).unwrap(), Outcome::Conflict);
    });
}

#[test]
fn counters_rise_and_clear() {
    on_every_store(|store| {
        assert_eq!((store.raise("user").unwrap(), store.raise("user").unwrap()), (1, 2));
        assert_eq!((store.counter("user").unwrap(), store.counter("so").unwrap()), (2, 0));
        store.clear(None, "user", None).unwrap();
        assert_eq!(store.counter("user").unwrap(), 0);
    });
}

#[test]
fn ids_never_come_back() {
    on_every_store(|store| {
        let first = insert(store, 2, &mut |_, _| Ok(row(1, false))).unwrap();
        assert!(store.remove(guard(store), first[1], None).unwrap());
        assert!(!store.remove(guard(store), first[1], None).unwrap());
        let next = insert(store, 1, &mut |_, _| Ok(row(1, false))).unwrap();
        assert!(next[0] > first[1]);
    });
}

#[test]
fn a_pair_is_inserted_whole_or_not_at_all() {
    on_every_store(|store| {
        let failed = insert(store, 2, &mut |position, _| match position {
            0 => Ok(row(1, false)),
            _ => Rv::FunctionFailed.err("on purpose"),
        });
        assert!(failed.is_err());
        assert!(ids_of(store, &Query::default()).is_empty());
    });
}

#[test]
fn objects_are_replaced_only_from_the_revision_expected_and_with_their_records() {
    on_every_store(|store| {
        let id = insert(store, 1, &mut |_, _| Ok(row(1, false))).unwrap()[0];
        let newer = Row { revision: 2, ..row(5, true) };
        let with = |expected| RecordChange { name: "revisions", expected, bytes: b"r" };
        assert_eq!(replace(store, id, 9, &newer, &[]).unwrap(), Outcome::Conflict);
        assert_eq!(replace(store, id, 1, &newer, &[with(4)]).unwrap(), Outcome::Conflict);
        assert_eq!(store.object(id).unwrap(), Some(row(1, false)));
        assert_eq!(replace(store, id, 1, &newer, &[with(0)]).unwrap(), Outcome::Done);
        assert_eq!(store.object(id).unwrap(), Some(newer));
    });
}

#[test]
fn a_write_of_many_parts_is_done_whole_or_not_at_all() {
    on_every_store(|store| {
        let ids = insert(store, 2, &mut |_, _| Ok(row(1, false))).unwrap();
        let newer = Row { revision: 2, ..row(5, true) };
        let write = |record, revision, removed: &[ObjectId]| {
            let records = &[RecordChange { name: "log", expected: record, bytes: b"r" }];
            let replaced = &[RowChange { id: ids[0], expected: revision, row: &newer }];
            let guard = Some(guard(store));
            let mut make = |_, _| Ok(row(8, false));
            store.write(Change { guard, records, replaced, removed, added: 1, ..Change::nothing(&mut make) }).unwrap()
        };
        for refused in [write(4, 1, &[ids[1]]), write(0, 9, &[ids[1]]), write(0, 1, &[ids[1], 77])] {
            assert_eq!(refused, None);
            assert_eq!(ids_of(store, &Query::default()), ids);
            assert_eq!((store.object(ids[0]).unwrap(), store.record("log").unwrap()), (Some(row(1, false)), None));
        }
        let added = write(0, 1, &[ids[1]]).unwrap();
        assert_eq!(ids_of(store, &Query::default()), [ids[0], added[0]]);
        assert_eq!(store.object(ids[0]).unwrap(), Some(newer.clone()));
    });
}

#[test]
fn a_write_whose_guard_was_replaced_is_refused() {
    on_every_store(|store| {
        let old = guard(store);
        let id = store.insert(old, 1, &mut |_, _| Ok(row(1, false)), None).unwrap()[0];
        store.raise(LASTING).unwrap();
        store.reset(&[("guard", b"anew")], None).unwrap();
        assert_eq!(store.raise(LASTING).unwrap(), 2, "the monotonic counter never goes back");
        let refused = store.insert(old, 1, &mut |_, _| Ok(row(2, false)), None).unwrap_err();
        assert_eq!(refused.rv, Rv::DeviceRemoved);
        assert!(store.replace(old, RowChange { id, expected: 1, row: &row(3, false) }, &[], None).is_err());
        let change = RecordChange { name: "user", expected: 0, bytes: b"stale" };
        assert_eq!(store.change_records(Some(old), &[change], None).unwrap_err().rv, Rv::DeviceRemoved);
        assert!(ids_of(store, &Query::default()).is_empty());
    });
}

/// Says a byte, and numbers and hashes its lines as it should.
struct Says(u8);

impl Tell for Says {
    fn lines(&self, end: &End<'_>) -> crate::error::Result<Lines> {
        let last = end.last;
        assert_eq!((end.hash_of)(last.number).unwrap().unwrap_or_default(), last.hash);
        assert_eq!(end.head.as_ref().map(Vec::len), (last.number > 0).then_some(1), "every line was written with a head");
        let hash = [last.hash[0].wrapping_add(self.0); 32];
        let line = Line { number: last.number + 1, hash, bytes: vec![self.0] };
        Ok(Lines { lines: vec![line], head: Some(vec![self.0]) })
    }
}

/// Cannot say anything.
struct Mute;

impl Tell for Mute {
    fn lines(&self, _: &End<'_>) -> crate::error::Result<Lines> {
        Rv::FunctionFailed.err("on purpose")
    }
}

fn said(store: &dyn TokenStore) -> Vec<(u64, u8, Vec<u8>)> {
    store.lines(0, 100).unwrap().into_iter().map(|line| (line.number, line.hash[0], line.bytes)).collect()
}

#[test]
fn lines_follow_one_another_and_the_write_they_tell_of() {
    on_every_store(|store| {
        assert_eq!(said(store), vec![]);
        store.append(None, &Says(3)).unwrap();
        let change = RecordChange { name: "a", expected: 0, bytes: b"x" };
        assert_eq!(store.change_records(None, &[change], Some(&Says(4))).unwrap(), Outcome::Done);
        let change = RecordChange { name: "a", expected: 9, bytes: b"y" };
        assert_eq!(store.change_records(None, &[change], Some(&Says(5))).unwrap(), Outcome::Conflict);
        store.clear(None, "user", Some(&Says(6))).unwrap();
        assert_eq!(said(store), [(1, 3, vec![3]), (2, 7, vec![4]), (3, 13, vec![6])], "what was not done is not told");
        assert_eq!(store.record(HEAD).unwrap().unwrap().bytes, [6]);
        store.reset(&[("guard", b"anew")], Some(&Says(7))).unwrap();
        assert_eq!((said(store).len(), store.record(HEAD).unwrap().unwrap().bytes), (4, vec![7]), "the log goes on");
        store.reset(&[("guard", b"anew")], None).unwrap();
        assert_eq!((said(store).len(), store.record(HEAD).unwrap().unwrap().bytes), (4, vec![7]));
        assert_eq!(store.lines(2, 1).unwrap()[0].number, 3);
    });
}

#[test]
fn the_beginning_of_the_log_is_taken_out_and_numbers_go_on() {
    on_every_store(|store| {
        (1..=3).for_each(|said| store.append(None, &Says(said)).unwrap());
        let begin = RecordChange { name: BEGIN, expected: 0, bytes: b"after 2" };
        let mut none = no_row;
        let cut = Change { told: Some(&Says(4)), records: &[begin], cut: [0, 2], ..Change::nothing(&mut none) };
        assert!(store.write(cut).unwrap().is_some());
        let numbers = || said(store).iter().map(|(number, ..)| *number).collect::<Vec<_>>();
        assert_eq!(numbers(), [3, 4]);
        let late = RecordChange { name: BEGIN, expected: 0, bytes: b"after 3" };
        assert!(store.write(Change { records: &[late], cut: [0, 3], ..Change::nothing(&mut no_row) }).unwrap().is_none());
        store.reset(&[("guard", b"anew")], None).unwrap();
        assert_eq!(
            (numbers(), store.record(BEGIN).unwrap().unwrap().bytes),
            (vec![3, 4], b"after 2".to_vec()),
            "a reset keeps both"
        );
        store.append(None, &Says(5)).unwrap();
        assert_eq!(numbers(), [3, 4, 5]);
    });
}

#[test]
fn what_cannot_be_told_is_not_done() {
    on_every_store(|store| {
        let change = RecordChange { name: "a", expected: 0, bytes: b"x" };
        assert!(store.change_records(None, &[change], Some(&Mute)).is_err());
        assert!(store.insert(guard(store), 1, &mut |_, _| Ok(row(1, false)), Some(&Mute)).is_err());
        assert!(store.append(None, &Mute).is_err());
        let id = insert(store, 1, &mut |_, _| Ok(row(1, false))).unwrap()[0];
        assert!(store.remove(guard(store), id, Some(&Mute)).is_err());
        store.raise("user").unwrap();
        assert!(store.clear(None, "user", Some(&Mute)).is_err());
        assert!(store.reset(&[], Some(&Mute)).is_err());
        assert_eq!((store.record("a").unwrap(), store.counter("user").unwrap(), said(store)), (None, 1, vec![]));
        assert_eq!(ids_of(store, &Query::default()), [id]);
    });
}

#[test]
fn a_reset_leaves_only_its_records_at_higher_revisions() {
    on_every_store(|store| {
        let _ = guard(store);
        let _ = store.change_records(None, &[RecordChange { name: "other", expected: 0, bytes: b"x" }], None).unwrap();
        store.raise("user").unwrap();
        store.reset(&[("guard", b"anew")], None).unwrap();
        assert_eq!(store.record("guard").unwrap(), Some(Record { revision: 2, bytes: b"anew".to_vec() }));
        assert_eq!((store.record("other").unwrap(), store.counter("user").unwrap()), (None, 0));
    });
}

#[test]
fn search_goes_by_tags_and_privacy() {
    on_every_store(|store| {
        let ids = insert(store, 3, &mut |n, _| Ok(row(n as i64, n == 1))).unwrap();
        let id = |tag| Query { id: Some([tag, tag]), ..Query::default() };
        assert_eq!(ids_of(store, &id(2)), [ids[2]]);
        assert!(ids_of(store, &id(7)).is_empty());
        assert_eq!(ids_of(store, &Query { public_only: true, ..Query::default() }), [ids[0], ids[2]]);
        assert_eq!(ids_of(store, &Query { class: Some([3, 4]), label: Some([9, 9]), ..Query::default() }), ids);
    });
}

#[test]
fn a_change_by_somebody_else_moves_the_generation_and_ones_own_does_not() {
    let place = Scratch::new();
    let ours = Directory::new(&place.0).create("t").unwrap();
    let theirs = SqliteStore::open(&Directory::new(&place.0).path("t"), false).unwrap();
    let before = ours.generation().unwrap();
    let change = |store: &SqliteStore, name| {
        assert_eq!(store.change_records(None, &[RecordChange { name, expected: 0, bytes: b"x" }], None).unwrap(), Outcome::Done);
    };
    change(&ours, "own");
    assert_eq!(ours.generation().unwrap(), before);
    theirs.raise("foreign").unwrap();
    assert_eq!(ours.generation().unwrap(), before, "a counter is nobody's business");
    change(&theirs, "foreign");
    assert_ne!(ours.generation().unwrap(), before);
}
