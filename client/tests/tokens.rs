//! Tokens, PINs and master keys through the command.

mod house;

use house::{House, in_every_house, subjects};

#[test]
fn made_listed_described() {
    in_every_house(|house| {
        house.ok(&["token", "init", "--label", "second one"]);
        let tokens = house.ok(&["token", "list", "--json"]).json();
        let ready = |label: &str| {
            let rows = tokens["tokens"].as_array().unwrap().iter();
            rows.filter(|row| row["label"] == label && row["initialized"] == true && row["user_pin_set"] == true).count()
        };
        assert_eq!((ready("t"), ready("second one")), (1, 1), "{tokens}");
        house.fails(8, &["token", "init", "--label", "t"]);
        for label in ["", " t", "a label of more than thirty-two bytes"] {
            house.fails(2, &["token", "init", "--label", label]);
        }
        let info = house.ok(&["token", "info", "--token", "second one", "--json"]).json();
        let serial = info["token"]["serial"].as_str().unwrap();
        assert_eq!(house.ok(&["token", "info", "--token", serial, "--json"]).json(), info);
        let uri = format!("pkcs11:serial={serial}?pin-source=file:{}", house.path("pin").display());
        let listed = house.command(&["mek", "list", "--json", "--token", &uri]).env_remove("HSM_PIN_SOURCE").output().unwrap();
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        let offered = house.ok(&["token", "mechanisms", "--token", "t"]).text();
        assert!(offered.contains("CKM_AES_KEY_GEN") && offered.contains("CKM_EDDSA"), "{offered}");
        // Two tokens: one must be named.
        let error = house.fails(2, &["mek", "list"]);
        assert!(error.err.contains(serial), "{}", error.err);
        house.fails(3, &["mek", "list", "--token", "third"]);
    });
}

/// `hsm token init` was killed between C_InitToken and C_InitPIN: the token could not be used, and a second init of that
/// label answered a conflict with nothing to do about it.
#[test]
fn a_token_without_a_user_pin_is_finished() {
    in_every_house(|house| {
        if !house.pkcs11_tool(&["--init-token", "--slot-index", "1", "--label", "half", "--so-pin", "5678-officer"]) {
            return;
        }
        let half = house.ok(&["token", "info", "--token", "half", "--json"]).json()["token"].clone();
        assert_eq!((&half["initialized"], &half["user_pin_set"]), (&true.into(), &false.into()), "{half}");
        let command = format!("hsm token init-pin --token {}", half["serial"].as_str().unwrap());
        let error = house.fails(8, &["token", "init", "--label", "half"]);
        assert!(error.err.contains(&command), "{}", error.err);
        let error = house.fails(6, &["mek", "list", "--token", "half"]);
        assert!(error.err.contains("hsm token init-pin"), "{}", error.err);
        house.write("short-pin", b"123");
        for wrong in [["--so-pin-source", "file:wrong-pin"], ["--pin-source", "file:short-pin"]] {
            house.fails(6, &[&["token", "init-pin", "--token", "half"][..], &wrong].concat());
        }
        let words: Vec<_> = command.split(' ').skip(1).collect();
        house.ok(&words);
        house.ok(&["mek", "create", "--token", "half"]);
        // Set is set: the security officer could make the user's keys unreadable.
        let error = house.fails(8, &words);
        assert!(error.err.contains("set already") && error.err.contains("--change-pin"), "{}", error.err);
        assert_eq!(house.ok(&["mek", "list", "--token", "half", "--json"]).json()["meks"].as_array().unwrap().len(), 1);
        assert!(house.fails(8, &["token", "init", "--label", "half"]).err.contains("choose another label"));
    });
}

/// A user PIN that is refused after C_InitToken would leave half a token.
#[test]
fn an_unusable_pin_makes_no_token() {
    in_every_house(|house| {
        let initialized = || {
            let tokens = house.ok(&["token", "list", "--json"]).json()["tokens"].clone();
            tokens.as_array().unwrap().iter().filter(|row| row["initialized"] == true).count()
        };
        house.write("short-pin", b"123");
        house.write("long-pin", &[b'1'; 256]);
        house.write("binary-pin", &[0xff; 8]);
        for pin in ["file:short-pin", "file:long-pin", "file:binary-pin"] {
            for source in ["--pin-source", "--so-pin-source"] {
                house.fails(6, &["token", "init", "--label", "new", source, pin]);
                assert_eq!(initialized(), 1, "{source} {pin}");
            }
        }
    });
}

#[test]
fn a_wrong_pin_is_tried_once() {
    in_every_house(|house| {
        let error = house.fails(6, &["mek", "list", "--pin-source", "file:wrong-pin"]);
        assert!(!error.err.contains("0000-wrong"));
        // The right one still works: a retry, ten times as any loop would, would have locked the token.
        house.ok(&["mek", "list", "--json"]);
        house.fails(6, &["mek", "list", "--pin-source", "file:nothing"]);
        house.fails(6, &["mek", "list", "--pin-source", "env:NOT_SET"]);
        let error = house.fails(2, &["mek", "list", "--pin-source", "1234-user"]);
        assert!(!error.err.contains("1234-user"));
        let error = house.fails(2, &["mek", "list", "--token", "pkcs11:token=t?pin-value=1234-user"]);
        assert!(!error.err.contains("1234-user"));
        let by_variable =
            house.command(&["mek", "list", "--json"]).envs([("HSM_PIN_SOURCE", "env:P"), ("P", "1234-user")]).output();
        assert!(by_variable.unwrap().status.success());
        let by_descriptor = house.run(&["mek", "list", "--json", "--pin-source", "fd:0"], b"1234-user\n");
        assert_eq!(by_descriptor.code, 0, "{}", by_descriptor.err);
    });
}

#[test]
fn a_master_key_is_made_on_request_only() {
    in_every_house(|house| {
        for command in [&["dek", "create", "--name", "a"][..], &["mek", "verify"]] {
            let error = house.fails(3, command);
            assert!(error.err.contains("hsm mek create"), "{}", error.err);
        }
        assert_eq!(house.ok(&["mek", "list", "--json"]).json()["meks"].as_array().unwrap().len(), 0);
        house.ok(&["mek", "list"]);
        let made = house.ok(&["mek", "create", "--json"]).json();
        for promise in ["local", "never_extractable", "always_sensitive"] {
            assert_eq!(made[promise], true, "{made}");
        }
        house.fails(8, &["mek", "create", "--label", "main"]);
        let report = house.ok(&["mek", "verify", "--json"]).json();
        assert!(report["mechanisms"].as_array().unwrap().iter().any(|row| row["works"] == true), "{report}");
        // A second label: now one must be named.
        house.ok(&["mek", "create", "--label", "other"]);
        house.fails(2, &["dek", "create", "--name", "a"]);
        house.ok(&["dek", "create", "--name", "a", "--mek", "other"]);
        house.fails(3, &["dek", "create", "--name", "b", "--mek", "third"]);
    });
}

#[test]
fn modules_that_are_none() {
    for subject in subjects() {
        let house = House::new(&subject);
        house.fails(7, &["token", "list", "--module", "/nothing/here.so"]);
        house.write("text.so", b"no library");
        house.fails(7, &["token", "list", "--module", "text.so"]);
        assert!(house.ok(&["token", "list"]).text().starts_with("LABEL"));
        house.fails(3, &["mek", "list"]);
        house.fails(2, &["mek", "list", "--token", "pkcs11:slot-id=0"]);
    }
}

/// A program that asked for JSON got clap's prose for arguments that make no sense.
#[test]
fn refused_arguments_are_told_in_json() {
    for subject in subjects() {
        let house = House::new(&subject);
        for line in ["frobnicate", "token", "token init", "mek list --nonsense", "key create --label a --type rsa-1000"] {
            let answer = house.run(&[&["--json"][..], &line.split(' ').collect::<Vec<_>>()].concat(), b"");
            let told: serde_json::Value = serde_json::from_str(&answer.err).unwrap_or_else(|e| panic!("{e}: {}", answer.err));
            let error = &told["error"];
            assert_eq!((answer.code, &error["code"], &error["kind"]), (2, &2.into(), &"Usage".into()), "{told}");
            assert!(["what", "next"].iter().all(|part| error[part].as_str().is_some_and(|text| !text.is_empty())), "{told}");
            assert!(answer.out.is_empty());
            let prose = house.run(&line.split(' ').collect::<Vec<_>>(), b"");
            assert!(prose.code == 2 && prose.err.contains("--help"), "{}", prose.err);
        }
        for line in ["--help", "--version", "token --help"] {
            let answer = house.ok(&[&["--json"][..], &line.split(' ').collect::<Vec<_>>()].concat());
            assert!(answer.text().contains(if line == "--version" { "hsm 0" } else { "Usage: hsm" }) && answer.err.is_empty());
        }
    }
}
