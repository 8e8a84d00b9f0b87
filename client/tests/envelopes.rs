//! Encrypting, decrypting and attacking envelopes and their store through the command.

mod house;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::process::Stdio;

use house::{House, in_every_house};

fn with_key(house: &House) {
    house.ok(&["mek", "create"]);
    house.ok(&["dek", "create", "--name", "mail", "--metadata", "team=a", "--expires-in", "90d"]);
}

fn store(house: &House) -> rusqlite::Connection {
    rusqlite::Connection::open(house.path(".local/share/hsm/keyring.db")).unwrap()
}

#[test]
fn files_and_streams_of_every_length() {
    in_every_house(|house| {
        with_key(house);
        for len in [0, 1, 65_535, 65_536, 65_537, 300_000] {
            let plain: Vec<u8> = (0..len).map(|at: u32| (at % 253) as u8).collect();
            house.write("plain", &plain);
            house.ok(&["encrypt", "plain", "-o", "sealed", "--force", "--context", "a=1"]);
            let told = house.ok(&["inspect", "sealed", "--json"]).json();
            assert_eq!((&told["plaintext_bytes"], &told["dek"]), (&len.into(), &"mail".into()), "{told}");
            house.ok(&["decrypt", "sealed", "-o", "out", "--force", "-c", "a=1"]);
            assert_eq!(house.read("out"), plain);
            let sealed = house.ok_with(&["encrypt", "--dek", "mail"], &plain).out;
            assert_eq!(house.ok_with(&["decrypt"], &sealed).out, plain);
        }
    });
}

/// AES-GCM-AUTH became the best mechanism: stores whose keys were wrapped by the others before must go on opening beside it.
#[test]
fn older_wrap_mechanisms_open_beside_the_best() {
    in_every_house(|house| {
        house.ok(&["mek", "create"]);
        house.write("plain", b"text");
        let mut works = Vec::new();
        for mechanism in ["AES-GCM-AUTH", "AES-GCM", "AES-KWP", "AES-KW"] {
            let answer = house.run(&["dek", "create", "--name", mechanism, "--mechanism", mechanism], b"");
            match answer.code {
                0 => works.push(mechanism),
                1 => assert!(answer.err.contains("wraps no data key"), "{}", answer.err),
                code => panic!("{code}: {}", answer.err),
            }
        }
        let expected: &[&str] = match house.subject.name {
            "SoftHSMv2" => &["AES-KWP", "AES-KW"],
            _ => &["AES-GCM-AUTH", "AES-GCM", "AES-KWP", "AES-KW"],
        };
        assert_eq!(works, expected);
        house.ok(&["dek", "create", "--name", "best"]);
        let listed = house.ok(&["dek", "list", "--json"]).json();
        let best = listed["deks"].as_array().unwrap().iter().find(|row| row["name"] == "best").unwrap();
        assert_eq!(best["mechanism"], expected[0]);
        for name in works.into_iter().chain(["best"]) {
            house.ok(&["encrypt", "plain", "--dek", name, "-o", name]);
            assert_eq!(house.ok(&["decrypt", name]).out, b"text", "{name}");
        }
        // The name is bound too: no row is taken for one of the other AES-GCM.
        store(house).execute("UPDATE key SET mechanism = 'AES-GCM' WHERE mechanism = 'AES-GCM-AUTH'", []).unwrap();
        if expected[0] == "AES-GCM-AUTH" {
            house.fails(5, &["decrypt", "best"]);
        }
    });
}

#[test]
fn altered_envelopes_release_nothing() {
    in_every_house(|house| {
        with_key(house);
        house.write("plain", &vec![7; 200_000]);
        house.ok(&["encrypt", "plain", "-o", "sealed", "-c", "a=1"]);
        house.fails(5, &["decrypt", "sealed", "-c", "a=2"]);
        house.fails(5, &["decrypt", "sealed"]);
        let sealed = house.read("sealed");
        let flipped = |at: usize| {
            let mut bytes = sealed.clone();
            bytes[at] ^= 1;
            bytes
        };
        // The last segment only: everything before it is genuine, and still must not come out.
        let altered =
            [flipped(40), flipped(70), flipped(100), flipped(130), flipped(sealed.len() - 1), sealed[..100_000].to_vec()];
        for bytes in altered {
            house.write("bad", &bytes);
            house.fails(5, &["decrypt", "bad", "-c", "a=1"]);
            house.fails(5, &["decrypt", "bad", "-c", "a=1", "-o", "out"]);
            assert!(!house.path("out").exists());
        }
        for bytes in [&b""[..], b"hello", &sealed[..127], &flipped(4), &flipped(5)] {
            house.write("bad", bytes);
            house.fails(1, &["decrypt", "bad", "-c", "a=1"]);
        }
        // A key id or version that is another's.
        house.write("bad", &flipped(10));
        house.fails(3, &["decrypt", "bad", "-c", "a=1"]);
        house.write("bad", &flipped(27));
        assert!([1, 3].contains(&house.run(&["decrypt", "bad", "-c", "a=1"], b"").code));
        let left: Vec<_> = std::fs::read_dir(house.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".hsm-")), "{left:?}");
    });
}

/// `hsm decrypt -o FILE` wrote to a file `.hsm-*` beside FILE. A kill in the middle left it there: plaintext whose end nobody
/// had authenticated, under a name nobody looks for.
#[test]
fn a_killed_decryption_leaves_no_trace() {
    in_every_house(|house| {
        if !house.knows_unnamed_files() {
            return eprintln!("\n*** SKIPPED: killing a decryption, because the file system here refuses O_TMPFILE ***\n");
        }
        with_key(house);
        house.write("plain", &vec![7; 2_000_000]);
        house.write("older", b"an older output");
        house.ok(&["encrypt", "plain", "-o", "sealed"]);
        let (sealed, before) = (house.read("sealed"), names(house));
        for args in [&["decrypt", "-o", "out"][..], &["decrypt", "-o", "older", "--force"]] {
            let mut child = house.command(args).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
            // A pipe holds less than this: once all of it is written, most segments were decrypted, and the last is missing.
            child.stdin.as_mut().unwrap().write_all(&sealed[..1_500_000]).unwrap();
            child.kill().unwrap();
            assert!(!child.wait().unwrap().success(), "it was killed in the middle");
            assert_eq!(names(house), before, "{args:?}");
            assert_eq!(house.read("older"), b"an older output");
        }
        house.ok(&["decrypt", "sealed", "-o", "older", "--force"]);
        assert_eq!((house.read("older"), names(house)), (house.read("plain"), before));
    });
}

fn names(house: &House) -> BTreeSet<OsString> {
    std::fs::read_dir(house.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}

/// `hsm jwks -o FILE --json` answered nothing, and so did the others with --quiet.
#[test]
fn what_writes_a_file_answers_in_json() {
    in_every_house(|house| {
        with_key(house);
        house.ok(&["key", "create", "--label", "k", "--type", "ed25519"]);
        house.write("plain", b"text");
        for command in ["encrypt plain -o sealed", "decrypt sealed -o back", "sign --key k plain -o sig", "jwks -o jwks.json"] {
            let words: Vec<_> = command.split(' ').chain(["--json", "--quiet"]).collect();
            let told = house.ok(&words).json();
            assert_eq!(Some(told["output"].as_str().unwrap()), command.split(' ').next_back(), "{told}");
        }
    });
}

#[test]
fn existing_files_are_kept() {
    in_every_house(|house| {
        with_key(house);
        house.write("plain", b"x");
        house.write("there", b"keep me");
        house.fails(2, &["encrypt", "plain", "-o", "there"]);
        house.ok(&["encrypt", "plain", "-o", "sealed"]);
        house.fails(2, &["decrypt", "sealed", "-o", "there"]);
        assert_eq!(house.read("there"), b"keep me");
        house.fails(3, &["encrypt", "nothing", "-o", "new"]);
        house.fails(3, &["encrypt", "plain", "--dek", "other", "-o", "new"]);
        assert!(!house.path("new").exists());
    });
}

#[test]
fn rows_that_were_swapped_or_edited() {
    in_every_house(|house| {
        for mechanism in house.ok(&["mek", "create", "--json"]).json()["id"].as_str().map(|_| working(house)).unwrap() {
            let names = [format!("one-{mechanism}"), format!("two-{mechanism}")];
            for name in &names {
                house.ok(&["dek", "create", "--name", name, "--mechanism", &mechanism]);
            }
            let sealed = house.ok_with(&["encrypt", "--dek", &names[0]], b"secret").out;
            house.write("sealed", &sealed);
            assert_eq!(house.ok(&["decrypt", "sealed"]).out, b"secret");
            let find = "(SELECT lineage_id FROM lineage WHERE name = ?1)";
            for (edit, back) in [
                ("created = created + 1", "created = created - 1"),
                ("algorithm = 'none'", "algorithm = 'AES-256-GCM'"),
                ("mek_version = 2", "mek_version = 1"),
                ("wrapped = zeroblob(40)", ""),
            ] {
                let changed = store(house).execute(&format!("UPDATE key SET {edit} WHERE lineage_id = {find}"), [&names[0]]);
                assert_eq!(changed.unwrap(), 1);
                house.fails(5, &["decrypt", "sealed"]);
                if !back.is_empty() {
                    store(house).execute(&format!("UPDATE key SET {back} WHERE lineage_id = {find}"), [&names[0]]).unwrap();
                    house.ok(&["decrypt", "sealed"]);
                }
            }
            let swap = format!(
                "UPDATE key SET (wrapped, nonce, binding) = (SELECT wrapped, nonce, binding FROM key
                 WHERE lineage_id = (SELECT lineage_id FROM lineage WHERE name = ?2)) WHERE lineage_id = {find}"
            );
            assert_eq!(store(house).execute(&swap, [&names[0], &names[1]]).unwrap(), 1);
            house.fails(5, &["decrypt", "sealed"]);
        }
        assert_eq!(house.run(&["mek", "verify"], b"").code, 5, "it opens every data key and names the bad ones");
    });
}

/// The mechanisms that work with the token's master key.
fn working(house: &House) -> Vec<String> {
    let report = house.ok(&["mek", "verify", "--json"]).json();
    let rows = report["mechanisms"].as_array().unwrap().iter();
    rows.filter(|row| row["works"] == true).map(|row| row["mechanism"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_rsa_master_key_where_aes_cannot_wrap() {
    in_every_house(|house| {
        house.ok(&["mek", "create", "--type", "rsa-2048", "--label", "pair"]);
        let made = house.ok(&["dek", "create", "--name", "mail", "--json"]).json();
        assert!(made["mechanism"].as_str().unwrap().starts_with("RSA-OAEP"), "{made}");
        let sealed = house.ok_with(&["encrypt"], b"secret").out;
        assert_eq!(house.ok_with(&["decrypt"], &sealed).out, b"secret");
        store(house).execute("UPDATE key SET created = created + 1", []).unwrap();
        house.write("sealed", &sealed);
        house.fails(5, &["decrypt", "sealed"]);
        assert_eq!(house.ok(&["key", "list", "--json"]).json()["keys"].as_array().unwrap().len(), 0);
    });
}

#[test]
fn states_and_lost_things() {
    in_every_house(|house| {
        with_key(house);
        let sealed = house.ok_with(&["encrypt"], b"secret").out;
        house.write("sealed", &sealed);
        house.write("plain", b"x");
        house.fails(8, &["dek", "create", "--name", "mail"]);
        store(house).execute("UPDATE key SET expires = 1", []).unwrap();
        house.fails(4, &["encrypt", "plain", "-o", "new"]);
        house.ok(&["decrypt", "sealed"]);
        store(house).execute("UPDATE key SET state = 'decrypt-only'", []).unwrap();
        house.fails(4, &["encrypt", "plain", "-o", "new"]);
        house.ok(&["decrypt", "sealed"]);
        store(house).execute("UPDATE key SET state = 'pending-deletion'", []).unwrap();
        house.fails(4, &["decrypt", "sealed"]);
        store(house).execute("UPDATE key SET state = 'destroyed', wrapped = NULL", []).unwrap();
        house.fails(4, &["decrypt", "sealed"]);
        house.fails(3, &["decrypt", "sealed", "--store", "other.db"]);
        house.write(
            "text.db",
            b"this is no database, but has more than a hundred bytes so that SQLite has a header to look at, twice",
        );
        house.fails(1, &["decrypt", "sealed", "--store", "text.db"]);
    });
}
