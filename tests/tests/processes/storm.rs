//! SIGKILL at a random moment, with two writers at work, again and again: what each wrote down as done is done, what it was about to do is
//! done whole or not at all, and the file is sound.

use crate::{data, soak_rounds};
use hsm_tests::*;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

#[test]
fn killed_at_any_moment() {
    isolated(|home| storm(home, 20));
}

#[test]
#[ignore = "a soak: HSM_SOAK_ROUNDS rounds of two kills"]
fn killed_at_any_moment_for_long() {
    isolated(|home| storm(home, soak_rounds(500)));
}

fn storm(home: &Home, rounds: usize) {
    let token = home.token();
    token.module.finalize().expect("C_Finalize");
    let mut done = 0;
    for round in 0..rounds {
        let journals = [0, 1].map(|writer| home.file(&format!("journal-{round}-{writer}")));
        let writers = [0, 1].map(|writer| {
            let journal = File::create(&journals[writer]).expect("a journal");
            Forked::start(|| write_for_ever(&token, &format!("{round}-{writer}"), journal))
        });
        while journals.iter().any(|journal| std::fs::metadata(journal).expect("a journal").len() == 0) {
            std::thread::yield_now();
        }
        for writer in writers {
            std::thread::sleep(Duration::from_micros(random() % 40_000));
            assert_eq!(writer.kill(), Err("crashed: signal 9".into()), "round {round}");
        }
        sound(home);
        done += journals.iter().map(|journal| compare(&token, journal)).sum::<usize>();
        empty(&token);
    }
    assert!(done >= 2 * rounds, "{done} changes in {rounds} rounds");
}

fn random() -> u64 {
    RandomState::new().hash_one(0)
}

/// Makes, changes and destroys; before each step a line says what is to come, after it one that it is done.
fn write_for_ever(token: &Token, name: &str, mut journal: File) {
    let session = initialised(token);
    let mut step = |state: &str, label: &str, change: &dyn Fn()| {
        writeln!(journal, "{label} {state} begun").expect("the journal");
        change();
        writeln!(journal, "{label} {state} done").expect("the journal");
    };
    for number in 0.. {
        let label = format!("{name}-{number}");
        let value = |byte| Template::new().bytes(CKA_VALUE, &[byte; 3000]);
        let find = || session.find(&data(&label)).expect("C_FindObjects")[0];
        step("made", &label, &|| _ = session.create(&data(&label).with(&value(1))).expect("C_CreateObject"));
        step("changed", &label, &|| session.set(find(), &value(2)).expect("C_SetAttributeValue"));
        if number % 3 != 0 {
            step("destroyed", &label, &|| session.destroy(find()).expect("C_DestroyObject"));
        }
    }
}

fn initialised(token: &Token) -> Session<'_> {
    token.module.initialize().expect("C_Initialize");
    token.module.slots(true).expect("C_GetSlotList");
    token.user()
}

/// Everything in the journal against the token. Returns how many changes were done.
fn compare(token: &Token, journal: &PathBuf) -> usize {
    let text = std::fs::read_to_string(journal).expect("a journal");
    // What the writer was killed in the middle of writing down was done.
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(' ').collect()).collect();
    let mut states: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for line in &lines {
        let [label, state, how] = line[..] else { continue };
        let before = states.get(label).map_or("none", |(_, now)| now);
        states.insert(label, if how == "done" { (state, state) } else { (before, state) });
    }
    let session = initialised(token);
    for (label, possible) in &states {
        let found = session.find(&data(label)).expect("C_FindObjects");
        let state = match found[..] {
            [] => ["none", "destroyed"],
            [object] => match session.attribute(object, CKA_VALUE).expect("CKA_VALUE") {
                value if value == [1; 3000] => ["made"; 2],
                value if value == [2; 3000] => ["changed"; 2],
                _ => panic!("half an object: {label}"),
            },
            _ => panic!("twice: {label}"),
        };
        let fits = state.iter().any(|state| *state == possible.0 || *state == possible.1);
        assert!(fits, "{label} is {state:?}, and was {possible:?}");
    }
    token.module.finalize().expect("C_Finalize");
    lines.iter().filter(|line| line.last() == Some(&"done")).count()
}

/// Destroys all objects, so that a long storm has no longer a token.
fn empty(token: &Token) {
    let session = initialised(token);
    for object in session.find(&Template::of(CKO_DATA)).expect("C_FindObjects") {
        session.destroy(object).expect("C_DestroyObject");
    }
    token.module.finalize().expect("C_Finalize");
}

/// SQLite's own check, on a copy: the files as the killed left them.
fn sound(home: &Home) {
    let copy = home.file("copy.db");
    for entry in std::fs::read_dir(home.token_dir()).expect("the token directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        let Some((_, ending)) = name.split_once(".db") else { continue };
        if ending != "-shm" {
            std::fs::copy(&path, home.file(&format!("copy.db{ending}"))).expect("a copy");
        }
    }
    let database = rusqlite::Connection::open(&copy).expect("the copy");
    let answer: String = database.query_row("PRAGMA integrity_check", (), |row| row.get(0)).expect("SQLite");
    assert_eq!(answer, "ok");
    drop(database);
    let _ = OpenOptions::new().write(true).truncate(true).open(home.file("copy.db-wal"));
}
