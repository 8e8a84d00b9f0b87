//! `[mechanisms]` and `legacy` of the configuration: what is offered, to all tokens and to one, and how small a key may be.

use hsm_tests::*;

/// The token again, with this added to its module's configuration.
fn configured(home: &Home, token: &mut Token, more: &str) {
    let file = format!("token_dir = {:?}\n{more}", home.token_dir());
    home.write("module.conf", file.as_bytes());
    token.restart();
}

fn offers(token: &Token, kind: CK_MECHANISM_TYPE) -> bool {
    let listed = token.module.mechanisms(token.slot).expect("C_GetMechanismList").contains(&kind);
    let described = token.module.mechanism_info(token.slot, kind).is_ok();
    assert_eq!(listed, described, "{kind:#x} is listed and described, or neither");
    listed
}

#[test]
fn are_allowed_and_denied() {
    isolated(|home| {
        let mut token = home.token();
        let serial = String::from_utf8_lossy(&token.info().serialNumber).trim().to_owned();
        let mut tally = Tally::new("[mechanisms]");
        for (name, more, digests, generates) in [
            ("nothing said", String::new(), true, true),
            ("one denied", "[mechanisms]\ndeny = [\"CKM_SHA256\"]\n".to_owned(), false, true),
            ("one allowed", "[mechanisms]\nallow = [\"CKM_SHA256\"]\n".to_owned(), true, false),
            ("allowed and denied", "[mechanisms]\nallow = [\"CKM_SHA256\"]\ndeny = [\"CKM_SHA256\"]\n".to_owned(), false, false),
            ("denied on this token", format!("[mechanisms.token.\"{serial}\"]\ndeny = [\"CKM_SHA256\"]\n"), false, true),
            ("allowed on this token", format!("[mechanisms.token.\"{serial}\"]\nallow = [\"CKM_SHA256\"]\n"), true, false),
            ("denied on another", "[mechanisms.token.\"0123\"]\ndeny = [\"CKM_SHA256\"]\n".to_owned(), true, true),
            ("what is obsolete too", "legacy = true\n".to_owned(), true, true),
        ] {
            configured(home, &mut token, &more);
            let session = token.user();
            let want = |offered: bool| if offered { CKR_OK } else { CKR_MECHANISM_INVALID };
            tally.row(format!("{name}: digest"), session.digest(&Mechanism::bare(CKM_SHA256), b"data"), &[want(digests)]);
            let template = Template::new().ulong(CKA_VALUE_LEN, 16);
            let made = session.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &template);
            tally.row(format!("{name}: generate"), made, &[want(generates)]);
            tally.equal(format!("{name}: offered"), offers(&token, CKM_SHA256), digests);
            tally.equal(format!("{name}: offered"), offers(&token, CKM_AES_KEY_GEN), generates);
        }
    });
}

#[test]
fn want_keys_of_a_size() {
    isolated(|home| {
        let mut token = home.token();
        let more = "[mechanisms.min_key_size]\nCKM_AES_KEY_GEN = 32\nCKM_SHA256_HMAC = 128\nCKM_RSA_PKCS_KEY_PAIR_GEN = 2048\n";
        configured(home, &mut token, more);
        let session = token.user();
        let mut tally = Tally::new("[mechanisms.min_key_size]");
        for (len, rv) in [(16, CKR_KEY_SIZE_RANGE), (24, CKR_KEY_SIZE_RANGE), (32, CKR_OK)] {
            let template = Template::new().ulong(CKA_VALUE_LEN, len);
            tally.row(format!("AES, {len} bytes"), session.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &template), &[rv]);
        }
        for (len, rv) in [(15, CKR_KEY_SIZE_RANGE), (16, CKR_OK)] {
            let key = session.secret_of(&vec![1; len]);
            let got = session.begin(Begin::Sign, &Mechanism::bare(CKM_SHA256_HMAC), key);
            tally.row(format!("HMAC, {len} bytes"), got, &[rv]);
        }
        let public = Template::new().ulong(CKA_MODULUS_BITS, 1024);
        let pair = session.generate_pair(&Mechanism::bare(CKM_RSA_PKCS_KEY_PAIR_GEN), &public, &Template::new());
        tally.row("RSA, 1024 bits", pair, &[CKR_KEY_SIZE_RANGE]);
    });
}

#[test]
fn must_exist() {
    isolated(|home| {
        let dir = format!("token_dir = {:?}\n", home.token_dir());
        let mut tally = Tally::new("[mechanisms]: mistakes");
        for more in [
            "[mechanisms]\ndeny = [\"CKM_SHA257\"]\n",
            "[mechanisms]\nallow = [\"SHA256\"]\n",
            "[mechanisms]\ndenied = []\n",
            "[mechanisms.min_key_size]\nCKM_NONE = 1\n",
            "[mechanisms.token.x]\ndeny = [\"CKM_NONE\"]\n",
            "legacy = 1\n",
        ] {
            home.write("module.conf", format!("{dir}{more}").as_bytes());
            let got = home.module().initialize();
            tally.check(more, got.is_err(), "C_Initialize took it");
        }
    });
}
