//! The files of a token damaged as disks and careless tools do it: cut, zeroed, a bit turned. What was acknowledged is there, or the
//! token or the object refuses and the log says why; a file that is refused keeps every byte, for whoever repairs it; and no process
//! dies of it.

use crate::{ecb, key, label};
use hsm_tests::*;
use std::collections::BTreeMap;
use std::path::Path;

type Files = BTreeMap<String, Vec<u8>>;

const COUNT: u8 = 12;

/// The files as a killed process leaves them: the last changes are in the log alone.
fn left_behind(home: &Home) -> Files {
    let token = home.token();
    token.module.finalize().expect("C_Finalize");
    drop(token);
    let token = home.shared_token();
    let session = token.user();
    (0..COUNT).for_each(|number| _ = session.create(&key(number)).expect("a key"));
    let files = read(&home.token_dir());
    token.module.finalize().expect("C_Finalize");
    files
}

fn read(directory: &Path) -> Files {
    let entries = std::fs::read_dir(directory).expect("the token directory").map(|entry| entry.expect("an entry"));
    entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("a file")))
        .collect()
}

fn write(home: &Home, files: &Files) {
    for name in read(&home.token_dir()).keys() {
        std::fs::remove_file(home.token_dir().join(name)).expect("removed");
    }
    files.iter().for_each(|(name, bytes)| std::fs::write(home.token_dir().join(name), bytes).expect("a file"));
    std::fs::File::options().write(true).open(home.file("output")).and_then(|log| log.set_len(0)).expect("an empty log");
}

/// What can happen to a file, by name.
fn damages(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let len = bytes.len();
    let mut damages = vec![("zeroed".into(), vec![0; len])];
    for cut in [0, 1, 31, len / 3, len / 2, len.saturating_sub(8216), len.saturating_sub(1)] {
        damages.push((format!("cut to {cut} of {len}"), bytes[..cut.min(len)].to_vec()));
    }
    let places = [0, 9, 17, 18, 19, 21, 25, 30, 36, 43, 47, 55, 59, 63, 95, 99, 103, 107];
    let spread = (1..40).map(|part| len * part / 40 + part % 7);
    for at in places.into_iter().chain(spread).filter(|at| *at < len) {
        let mut turned = bytes.to_vec();
        turned[at] ^= 1 << (at % 8);
        damages.push((format!("bit of byte {at} of {len}"), turned));
    }
    damages
}

/// The keys that are there and work, and whether anything refused or was told.
fn seen(home: &Home, module: &Module) -> (Vec<u8>, bool, bool) {
    module.initialize().expect("C_Initialize, whatever the files are");
    let slot = module.slots(true).expect("C_GetSlotList")[0];
    let (mut there, mut refuses) = (vec![], false);
    let session = module.open(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION);
    match session.and_then(|session| session.login(CKU_USER, USER_PIN).map(|()| session)) {
        Ok(session) => {
            for number in 0..COUNT {
                let found = session.find(&Template::new().bytes(CKA_LABEL, label(number).as_bytes()));
                refuses |= found.is_err();
                let Some(object) = found.unwrap_or_default().first().copied() else { continue };
                let expected = session.encrypt(&ecb(), session.aes_of(&[number; 32]), &[0; 16]).expect("C_Encrypt");
                match session.encrypt(&ecb(), object, &[0; 16]) {
                    Ok(cipher) => assert_eq!(cipher, expected, "a wrong key"),
                    Err(_) => refuses = true,
                }
                there.push(number);
            }
            refuses |= session.find(&Template::new()).is_err();
        }
        Err(_) => refuses = true,
    }
    module.finalize().expect("C_Finalize");
    let told = std::fs::read_to_string(home.file("output")).unwrap_or_default();
    (there, refuses || told.contains(", object "), told.contains("is left out"))
}

/// Damages one file in every way. Returns the damages that made keys vanish without a word.
fn damaged(home: &Home, files: &Files, ending: &str) -> Vec<(String, Vec<u8>)> {
    let module = home.module();
    let all: Vec<u8> = (0..COUNT).collect();
    let (name, honest) = files.iter().find(|(name, _)| name.ends_with(ending)).expect("the file");
    let mut silent = Vec::new();
    for (what, bytes) in damages(honest) {
        let mut files = files.clone();
        files.insert(name.clone(), bytes.clone());
        write(home, &files);
        let (there, refuses, left_out) = seen(home, &module);
        if left_out {
            let kept = std::fs::read(home.token_dir().join(name)).expect("the file is still there");
            assert!(kept == bytes, "{ending} {what}: a token that is left out keeps its bytes");
        } else if there != all && !refuses {
            silent.push((what, there));
        }
    }
    write(home, files);
    assert_eq!(seen(home, &module), (all, false, false), "the honest files");
    silent
}

#[test]
fn the_database() {
    isolated(|home| {
        let files = left_behind(home);
        assert_eq!(damaged(home, &files, ".db"), vec![]);
    });
}

/// A log that was cut is one of before: that cannot be noticed, nor can damage to the last change, which might be one that never ended. All
/// other damage made acknowledged objects vanish without a word, and the next write overwrote them.
#[test]
fn the_log() {
    isolated(|home| {
        let files = left_behind(home);
        let all_but_the_last: Vec<u8> = (0..COUNT - 1).collect();
        let mut silent = damaged(home, &files, ".db-wal");
        silent.retain(|(what, there)| !(what.starts_with("cut to") || *there == all_but_the_last));
        assert_eq!(silent, vec![]);
    });
}

#[test]
fn the_index_and_the_generation() {
    isolated(|home| {
        let files = left_behind(home);
        for ending in [".db-shm", ".generation"] {
            assert_eq!(damaged(home, &files, ending), vec![], "{ending}");
        }
    });
}

/// A configuration that is cut, zeroed or changed is another one or none: C_Initialize says so or goes by it, and lives.
#[test]
fn the_configuration() {
    isolated(|home| {
        home.token().module.finalize().expect("C_Finalize");
        let honest = std::fs::read(home.configuration()).expect("the configuration");
        let tokens = read(&home.token_dir());
        let module = home.module();
        let mut refusals = 0;
        for (what, bytes) in damages(&honest) {
            std::fs::write(home.configuration(), bytes).expect("the configuration");
            match module.initialize() {
                Ok(()) => module.finalize().expect("C_Finalize"),
                Err(rv) => {
                    assert!([CKR_GENERAL_ERROR, CKR_DEVICE_ERROR].contains(&rv.0), "{what}: {rv:?}");
                    refusals += 1;
                }
            }
        }
        assert!(refusals > 10, "{refusals} refusals");
        let database = |files: Files| files.into_iter().find(|(name, _)| name.ends_with(".db"));
        assert_eq!(database(read(&home.token_dir())), database(tokens), "no token was touched");
    });
}
