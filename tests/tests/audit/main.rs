//! DESIGN 4.9 and hsm-sim/AUDIT.md: the audit log, by the interface "Vendor hsm-sim Audit" and in the token's file.

mod cutting;
mod events;
mod levels;
mod reading;
mod tampering;

use hsm_tests::*;
use rusqlite::Connection;

/// Who did what, in a word each.
fn told(line: &Value) -> (String, String) {
    let text = |name: &str| line[name].as_str().expect("a text").to_owned();
    (text("by"), text("event"))
}

/// The lines after a number, in words.
fn since(audit: &Audit<'_>, session: Session<'_>, after: u64) -> Vec<(String, String)> {
    audit.read(session, after, 1000).expect("the log").iter().map(told).collect()
}

/// Number of the last line.
fn last(audit: &Audit<'_>, session: Session<'_>) -> u64 {
    audit.verify(session).expect("an unbroken log").0
}

fn key(label: &str) -> Template {
    Template::key(CKO_SECRET_KEY, CKK_AES)
        .bool(CKA_TOKEN, true)
        .bool(CKA_EXTRACTABLE, true)
        .bool(CKA_SENSITIVE, false)
        .bool(CKA_WRAP, true)
        .bytes(CKA_LABEL, label.as_bytes())
        .bytes(CKA_VALUE, &[7; 32])
}

/// The token's database.
fn database(home: &Home) -> Connection {
    let files = std::fs::read_dir(home.token_dir()).expect("the token directory");
    let mut paths = files.map(|file| file.expect("an entry").path());
    let found = paths.find(|path| path.extension().is_some_and(|e| e == "db")).expect("a token file");
    Connection::open(found).expect("the database")
}
