//! hsm-sim/UPKEEP.md: looking after token files, by the interface "Vendor hsm-sim Upkeep".

mod backup;
mod check;
mod repair;

use hsm_tests::*;
use rusqlite::Connection;
use std::path::PathBuf;

fn key(label: &str) -> Template {
    Template::key(CKO_SECRET_KEY, CKK_AES).bool(CKA_TOKEN, true).bytes(CKA_LABEL, label.as_bytes()).bytes(CKA_VALUE, &[7; 32])
}

/// A token with so many keys labelled key-0 and so on, and its user logged in.
fn with_keys(home: &Home, count: usize) -> Token {
    let token = home.token();
    let session = token.user();
    for number in 0..count {
        session.create(&key(&format!("key-{number}"))).expect("a key");
    }
    token
}

/// The token file.
fn file(home: &Home) -> PathBuf {
    let files = std::fs::read_dir(home.token_dir()).expect("the token directory");
    let mut paths = files.map(|file| file.expect("an entry").path());
    paths.find(|path| path.extension().is_some_and(|e| e == "db")).expect("a token file")
}

fn sql(home: &Home, statements: &str) {
    Connection::open(file(home)).expect("the database").execute_batch(statements).expect("an edit");
}

/// How many keys the user finds.
fn keys(session: Session<'_>) -> usize {
    session.find(&Template::of(CKO_SECRET_KEY)).expect("C_FindObjects").len()
}

fn serial(home: &Home) -> String {
    file(home).file_stem().expect("a name").to_str().expect("text").to_owned()
}
