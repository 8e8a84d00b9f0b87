//! The token's file goes while a session is open. SQLite went on with the deleted file: C_CreateObject answered CKR_OK for
//! objects that were gone with the process.

use crate::data;
use hsm_tests::*;
use std::path::PathBuf;

/// The files of the one token, the database first.
fn files(home: &Home) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(home.token_dir()).expect("the token directory");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// 5.1.2 and 5.1.3: with a session CKR_DEVICE_REMOVED, with a slot CKR_TOKEN_NOT_PRESENT. What needs no token goes on.
fn everything_is_refused(token: &Token, session: Session<'_>, key: Object, object: Object) {
    let mut tally = Tally::new("5.1.2 and 5.1.3, of a token that was removed");
    let cbc = Mechanism::bytes(CKM_AES_CBC, &[0; 16]);
    let slot = token.slot;
    let gone = &[CKR_DEVICE_REMOVED];
    tally.row("C_CreateObject", session.create(&data("late")), gone);
    tally.row("C_FindObjectsInit", session.find(&Template::new()), gone);
    tally.row("C_GetAttributeValue", session.attribute(object, CKA_LABEL), gone);
    tally.row("C_SetAttributeValue", session.set(object, &Template::new().bytes(CKA_LABEL, b"other")), gone);
    tally.row("C_EncryptInit", session.begin(Begin::Encrypt, &cbc, key), gone);
    tally.row("C_DestroyObject", session.destroy(object), gone);
    tally.row("C_SetPIN", session.set_pin(USER_PIN, "another pin"), gone);
    tally.row("C_GetTokenInfo", token.module.token_info(slot), &[CKR_TOKEN_NOT_PRESENT]);
    tally.row("C_OpenSession", token.try_open(true), &[CKR_TOKEN_NOT_PRESENT]);
    tally.row("C_InitToken", token.module.init_token(slot, SO_PIN, LABEL), &[CKR_TOKEN_NOT_PRESENT]);
    tally.row("C_GetMechanismList", token.module.mechanisms(slot), &[CKR_TOKEN_NOT_PRESENT]);
    let there = token.module.slot_info(slot).map(|info| info.flags & CKF_TOKEN_PRESENT);
    tally.equal("CKF_TOKEN_PRESENT", there, Ok(0));
    tally.row("C_Digest", session.digest(&Mechanism::bare(CKM_SHA256), b"abc"), &[CKR_OK]);
    tally.row("C_Logout", session.logout(), &[CKR_OK]);
    tally.row("C_Login", session.login(CKU_USER, USER_PIN), gone);
    tally.row("C_CloseSession", session.close(), &[CKR_OK]);
}

/// A token with a key in use and an object, and what `take` does to its files.
fn taken(home: &Home, take: impl FnOnce(&[PathBuf])) -> Token {
    let token = home.token();
    let session = token.user();
    let key = Template::key(CKO_SECRET_KEY, CKK_AES).bool(CKA_TOKEN, true).bool(CKA_ENCRYPT, true);
    let key = session.create(&key.bytes(CKA_VALUE, &[3; 32])).expect("a key");
    let object = session.create(&data("before")).expect("data");
    let cbc = Mechanism::bytes(CKM_AES_CBC, &[0; 16]);
    session.encrypt(&cbc, key, &[0; 16]).expect("a key that is kept opened");
    take(&files(home));
    everything_is_refused(&token, session, key, object);
    token
}

#[test]
fn deleted_whole() {
    isolated(|home| {
        let token = taken(home, |files| files.iter().for_each(|file| std::fs::remove_file(file).expect("deleted")));
        assert_eq!(files(home), Vec::<PathBuf>::new(), "nothing is made again");
        assert_eq!(token.module.slots(true).map(|slots| slots.len()), Ok(1), "the slot ends with its last session");
        token.module.finalize().expect("C_Finalize");
    });
}

#[test]
fn the_database_deleted() {
    isolated(|home| {
        let token = taken(home, |files| std::fs::remove_file(&files[0]).expect("deleted"));
        assert_eq!(token.module.slots(true).map(|slots| slots.len()), Ok(1));
        token.module.finalize().expect("C_Finalize");
    });
}

/// A backup brought back under an open session: what was opened is refused, and the backup is a token like any other.
#[test]
fn another_file_in_its_place() {
    isolated(|home| {
        let token = taken(home, |files| {
            let database = rusqlite::Connection::open(&files[0]).expect("the database");
            database.execute("VACUUM INTO ?", [home.file("backup").to_str()]).expect("a backup");
            files[1..].iter().for_each(|file| std::fs::remove_file(file).expect("deleted"));
            std::fs::rename(home.file("backup"), &files[0]).expect("replaced");
        });
        assert_eq!(token.module.slots(true).map(|slots| slots.len()), Ok(2), "the token that came back");
        let session = token.user();
        let count = |label: &str| session.find(&data(label)).map(|found| found.len());
        assert_eq!((count("before"), count("late")), (Ok(1), Ok(0)));
        session.create(&data("late")).expect("data");
        token.module.finalize().expect("C_Finalize");
        drop(token);
        assert_eq!(home.shared_token().user().find(&data("late")).map(|found| found.len()), Ok(1));
    });
}

/// The log or the index beside the database: whoever comes next makes another, and two processes would no longer see each other.
/// Refused until the module begins anew; then everything acknowledged is there.
#[test]
fn a_file_beside_it_deleted() {
    isolated(|home| {
        for (round, ending) in ["-wal", "-shm"].into_iter().enumerate() {
            let token = if round == 0 { home.token() } else { home.shared_token() };
            let session = token.user();
            session.create(&data(ending)).expect("data");
            let found = files(home).into_iter().find(|file| file.to_string_lossy().ends_with(ending));
            std::fs::remove_file(found.expect("a file beside the database")).expect("deleted");
            assert_eq!(session.create(&data("late")), refused(CKR_DEVICE_ERROR), "{ending}");
            assert_eq!(session.find(&Template::new()), refused(CKR_DEVICE_ERROR), "{ending}");
            token.module.finalize().expect("C_Finalize");
            drop(token);
            let token = home.shared_token();
            let session = token.user();
            let count = |label: &str| session.find(&data(label)).map(|found| found.len());
            assert_eq!((count(ending), count("late")), (Ok(1), Ok(0)), "{ending}");
            token.module.finalize().expect("C_Finalize");
        }
    });
}

/// SQLite maps the index. Cut to nothing under an open session, the next touch of it killed the process with SIGBUS.
#[test]
fn the_index_cut_in_use() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        session.create(&data("before")).expect("data");
        let index = files(home).into_iter().find(|file| file.to_string_lossy().ends_with("-shm")).expect("the index");
        std::fs::File::options().write(true).open(index).and_then(|file| file.set_len(0)).expect("cut");
        assert_eq!(session.create(&data("late")), refused(CKR_DEVICE_ERROR));
        assert_eq!(session.find(&Template::new()), refused(CKR_DEVICE_ERROR));
        token.module.finalize().expect("C_Finalize");
        drop(token);
        let token = home.shared_token();
        let session = token.user();
        let count = |label: &str| session.find(&data(label)).map(|found| found.len());
        assert_eq!((count("before"), count("late")), (Ok(1), Ok(0)));
        session.create(&data("late")).expect("data");
    });
}

/// What tells of other processes' changes is read and not mapped: cut or deleted, it costs speed alone.
#[test]
fn the_generation_cut_in_use() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let file = files(home).into_iter().find(|file| file.extension().is_some_and(|e| e == "generation")).expect("the file");
        for round in 0..3 {
            match round {
                0 => std::fs::write(&file, b"").expect("cut"),
                1 => std::fs::write(&file, b"abc").expect("cut"),
                _ => std::fs::remove_file(&file).expect("deleted"),
            }
            session.create(&data("another")).expect("data");
            assert_eq!(session.find(&data("another")).map(|found| found.len()), Ok(round + 1));
        }
    });
}

/// The database or the log cut under an open session: no wrong answer, and what is acknowledged after it is there at the next start, or the
/// token is left out.
#[test]
fn cut_in_use() {
    isolated(|home| {
        for (ending, part) in [(".db", 0), (".db", 2), ("-wal", 0), ("-wal", 2)] {
            let mut token = home.token();
            let session = token.user();
            session.create(&data("before")).expect("data");
            let file = files(home).into_iter().find(|file| file.to_string_lossy().ends_with(ending)).expect("the file");
            let len = std::fs::metadata(&file).expect("the file").len();
            let file = std::fs::File::options().write(true).open(file).expect("the file");
            file.set_len(len.checked_div(part).unwrap_or(0)).expect("cut");
            let made = session.create(&data("after"));
            let found = session.find(&data("before"));
            assert!(found.as_ref().is_err() || found.is_ok_and(|found| found.len() == 1), "{ending}");
            token.module.finalize().expect("C_Finalize");
            token.module.initialize().expect("C_Initialize");
            let slots = token.module.slots(true).expect("C_GetSlotList");
            if slots.len() == 2 {
                token.slot = slots[0];
                let session = token.open(true);
                let count = |label: &str| session.find(&data(label)).map(|found| found.len());
                if session.login(CKU_USER, USER_PIN).is_ok() && made.is_ok() {
                    assert!(count("after") != Ok(0), "{ending}: acknowledged, and gone");
                }
            }
            token.module.finalize().expect("C_Finalize");
            files(home).iter().for_each(|file| std::fs::remove_file(file).expect("deleted"));
        }
    });
}
