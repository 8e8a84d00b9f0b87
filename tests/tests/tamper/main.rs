//! DESIGN 4.4: every object is sealed whole. Whoever edits the token's SQLite file makes that object refuse, and no
//! other (issue 2, done when 4). The suite knows of the schema only that there is a table `object` with a blob column.

mod files;
mod header;
mod revisions;
mod rows;
mod table;
mod users;

use hsm_tests::*;
use rusqlite::Connection;
use std::path::PathBuf;

/// Makes `count` AES token keys labelled key-0.., and closes the module.
fn prepare(home: &Home, count: u8) -> Token {
    let token = home.token();
    let session = token.user();
    for number in 0..count {
        session.create(&key(number)).expect("a token key");
    }
    session.close().expect("C_CloseSession");
    token.module.finalize().expect("C_Finalize");
    token
}

/// A sensitive key, not extractable, of known value.
fn key(number: u8) -> Template {
    Template::key(CKO_SECRET_KEY, CKK_AES)
        .bool(CKA_TOKEN, true)
        .bool(CKA_SENSITIVE, true)
        .bool(CKA_EXTRACTABLE, false)
        .bool(CKA_ENCRYPT, true)
        .bytes(CKA_LABEL, label(number).as_bytes())
        .bytes(CKA_VALUE, &[number; 32])
}

fn label(number: u8) -> String {
    format!("key-{number}")
}

/// The token's database.
fn database(home: &Home) -> Connection {
    let files = std::fs::read_dir(home.token_dir()).expect("the token directory");
    let paths = files.map(|f| f.expect("an entry").path());
    let is_database = |p: &PathBuf| std::fs::read(p).is_ok_and(|b| b.starts_with(b"SQLite format 3\0"));
    let found = paths.into_iter().find(is_database).expect("an SQLite file");
    Connection::open(found).expect("the database")
}

/// The keys that work, by number: found by label, and encrypting as their value says.
fn working(session: Session<'_>, count: u8) -> Vec<u8> {
    let works = |number: &u8| {
        let Ok(found) = session.find(&Template::new().bytes(CKA_LABEL, label(*number).as_bytes())) else {
            return false;
        };
        let Some(object) = found.first() else { return false };
        let expected = session.encrypt(&ecb(), session.aes_of(&[*number; 32]), &[0; 16]);
        let honest = session.flag(*object, CKA_EXTRACTABLE) == Ok(false) && session.flag(*object, CKA_SENSITIVE) == Ok(true);
        honest && session.encrypt(&ecb(), *object, &[0; 16]) == expected
    };
    (0..count).filter(works).collect()
}

fn ecb() -> Mechanism {
    Mechanism::bare(CKM_AES_ECB)
}

/// Opens the module again on the edited file; it must start, and the user can log in.
fn reopened(home: &Home) -> Token {
    let token = home.shared_token();
    let session = token.open(true);
    session.login(CKU_USER, USER_PIN).expect("C_Login on an edited token");
    token
}
