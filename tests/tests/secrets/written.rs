//! What the module writes: its log, and the token's files with those that SQLite keeps beside them.

use crate::known::Known;
use crate::search::Search;
use hsm_tests::Home;
use std::fs;
use std::path::{Path, PathBuf};

/// No value is in the log or in any file of the token, as it is or written as text.
#[track_caller]
pub fn nothing(home: &Home, known: &[Known]) {
    let search = Search::of(&[known, &texts(known)].concat());
    let mut files = files(&home.token_dir());
    assert!(
        files.iter().any(|file| file.to_string_lossy().ends_with("-wal") || file.to_string_lossy().ends_with(".db")),
        "{files:?}"
    );
    files.push(home.file("log"));
    for file in files {
        let bytes = fs::read(&file).expect("a file of the token");
        let found = search.within(&bytes);
        assert!(found.is_empty(), "{}: {found:?}", file.display());
    }
    let log = fs::read_to_string(home.file("log")).expect("the log");
    assert!(log.contains("C_CreateObject"), "the log tells of what was refused:\n{log}");
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("the token's directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The values in hexadecimal, as Rust prints bytes, and in base64 at each of its three beginnings.
fn texts(known: &[Known]) -> Vec<Known> {
    let mut texts = Vec::new();
    for secret in known {
        let value = secret.value();
        let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        let listed: Vec<String> = value.iter().map(u8::to_string).collect();
        for text in [hex.to_uppercase(), hex, listed.join(", ")] {
            texts.push(Known::of(&secret.name, text.as_bytes()));
        }
        texts.extend((0..3).map(|skipped| Known::of(&secret.name, base64(&value[skipped..]).as_bytes())));
    }
    texts
}

/// Whole groups of three bytes only.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]))
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}
