//! The lists that say which revision of each object is the newest: without them an old row could be put back unseen.

use crate::{database, prepare, working};
use hsm_tests::*;

const COUNT: u8 = 3;

#[test]
fn lists_deleted() {
    isolated(|home| nothing_opens_after(home, "DELETE FROM record WHERE name LIKE 'revisions%'"));
}

#[test]
fn lists_edited() {
    isolated(|home| nothing_opens_after(home, "UPDATE record SET bytes = x'00' WHERE name LIKE 'revisions%'"));
}

/// No object opens, and a search says that something is wrong instead of finding nothing.
fn nothing_opens_after(home: &Home, edit: &str) {
    prepare(home, COUNT);
    assert_ne!(database(home).execute(edit, ()), Ok(0), "{edit}");
    let token = home.shared_token();
    let session = token.open(true);
    if session.login(CKU_USER, USER_PIN).is_ok() {
        assert_eq!(working(session, COUNT), Vec::<u8>::new(), "{edit}");
        assert_ne!(session.find(&Template::of(CKO_SECRET_KEY)), Ok(vec![]), "{edit}: silence");
    }
}

/// Object numbers come from SQLite's own table: set to its end, creation is refused, and what is there works.
#[test]
fn numbers_used_up() {
    isolated(|home| {
        prepare(home, COUNT);
        let changed = database(home).execute("UPDATE sqlite_sequence SET seq = 9223372036854775806 WHERE name = 'object'", ());
        assert_eq!(changed, Ok(1));
        let token = home.shared_token();
        let session = token.user();
        let made: Vec<Answer<Object>> = (0..3).map(|_| session.create(&Template::of(CKO_DATA).bool(CKA_TOKEN, true))).collect();
        assert!(made.iter().any(|m| m.is_err()), "{made:?}");
        assert_eq!(working(session, COUNT), [0, 1, 2]);
    });
}

/// What tells other processes of changes lies beside the database: emptied, it harms nobody.
#[test]
fn files_beside_the_database_emptied() {
    isolated(|home| {
        prepare(home, COUNT);
        for entry in std::fs::read_dir(home.token_dir()).expect("the token directory") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|e| e != "db") {
                std::fs::write(path, b"").expect("an emptied file");
            }
        }
        let token = home.shared_token();
        assert_eq!(working(token.user(), COUNT), [0, 1, 2]);
    });
}

/// A public key object of class "secret" may be seen by all who log in, but its value is not in the file.
#[test]
fn public_secret_keys_are_sealed() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let value = b"a value that one would find again";
        let key = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).bool(CKA_TOKEN, true).bool(CKA_PRIVATE, false);
        session.create(&key.bytes(CKA_VALUE, value).bytes(CKA_LABEL, b"public")).expect("a key");
        token.module.finalize().expect("C_Finalize");
        for entry in std::fs::read_dir(home.token_dir()).expect("the token directory") {
            let Ok(bytes) = std::fs::read(entry.expect("an entry").path()) else { continue };
            assert!(!bytes.windows(value.len()).any(|w| w == value), "the value is in the file");
        }
        let token = home.shared_token();
        let session = token.user();
        let found = session.find(&Template::new().bytes(CKA_LABEL, b"public"));
        assert_eq!(found.map(|f| f.len()), Ok(1), "and the user has it");
    });
}
