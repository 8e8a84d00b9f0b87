//! What somebody else put there: into the token, the store's place, a message, a header, an output path.

mod house;

use std::os::unix::fs::FileTypeExt;
use std::process::Command;

use house::in_every_house;

/// A key that its writer knows, named and flagged like a master key, became "version 2" of it, and data keys were wrapped with it.
#[test]
fn a_planted_master_key_wraps_nothing() {
    in_every_house(|house| {
        house.write("zeros", &[0; 32]);
        let file = house.path("zeros").display().to_string();
        let key = ["--login", "--pin", "1234-user", "--write-object", &file, "--type", "secrkey", "--key-type", "AES:32"];
        let flags = ["--label", "main", "--id", "0102", "--usage-wrap", "--extractable", "--private"];
        // The way an attacker with the user's PIN would, who can also log in elsewhere.
        if !house.pkcs11_tool(&[&key[..], &flags].concat()) {
            return;
        }
        let error = house.fails(5, &["dek", "create", "--name", "before"]);
        assert!(error.err.contains("could be known to others"), "{}", error.err);
    });
}

/// A signature over `header.claims` is a token: `hsm sign` made one of any file, with whatever claims it held.
#[test]
fn signing_a_file_makes_no_token() {
    in_every_house(|house| {
        house.ok(&["key", "create", "--label", "k", "--type", "ed25519"]);
        // {"alg":"EdDSA"} . {"sub":"admin"}
        house.write("input", b"eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZG1pbiJ9");
        let error = house.fails(2, &["sign", "--key", "k", "input", "-o", "sig"]);
        assert!(error.err.contains("hsm jwt sign"), "{}", error.err);
        house.write("input", b"a sentence. And another one");
        house.ok(&["sign", "--key", "k", "input", "-o", "sig"]);
    });
}

/// `--force` renamed a plain file over a pipe or a device.
#[test]
fn a_pipe_is_never_replaced() {
    in_every_house(|house| {
        house.ok(&["key", "create", "--label", "k", "--type", "ed25519"]);
        let pipe = house.path("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        house.fails(2, &["jwks", "-o", "pipe", "--force"]);
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    });
}

/// A key id with escape sequences cleared the screen and printed a line of its own.
#[test]
fn a_header_does_not_steer_the_terminal() {
    in_every_house(|house| {
        house.ok(&["key", "create", "--label", "k", "--type", "ed25519"]);
        house.ok(&["jwks", "-o", "jwks.json"]);
        // {"alg":"EdDSA","kid":"x\u001b[2J\ngood"}
        let token = "eyJhbGciOiJFZERTQSIsImtpZCI6InhcdTAwMWJbMkpcbmdvb2QifQ.e30.AAAA";
        house.write("token", token.as_bytes());
        let error = house.run(&["jwt", "verify", "token", "--jwks", "jwks.json"], b"");
        assert!(!error.err.contains('\u{1b}') && !error.err.lines().any(|line| line.starts_with("good")), "{}", error.err);
    });
}

/// A database of another program was refused, but left in another journal mode.
#[test]
fn another_programs_database_stays_as_it_is() {
    in_every_house(|house| {
        let other = rusqlite::Connection::open(house.path("other.db")).unwrap();
        other.execute_batch("CREATE TABLE theirs (x)").unwrap();
        drop(other);
        let before = house.read("other.db");
        house.fails(1, &["dek", "list", "--store", "other.db"]);
        assert_eq!(house.read("other.db"), before);
    });
}

/// A URI that names an object was taken for the token alone, and a misplaced PIN was repeated in the message.
#[test]
fn uris_say_what_they_mean() {
    in_every_house(|house| {
        house.fails(2, &["key", "list", "--token", "pkcs11:token=t;object=nonexistent"]);
        let error = house.fails(2, &["key", "list", "--token", "pkcs11:token=t&pin-value=987654"]);
        assert!(!error.err.contains("987654"), "{}", error.err);
    });
}
