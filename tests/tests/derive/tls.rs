//! 6.39.3, 6.40: the keys of TLS 1.2. The values are computed with Python's hmac after RFC 5246, section 5.

use crate::{long, value};
use hsm_tests::*;

const MASTER: &str = "15cdeee113ad922474d21f77ce6f686335a930c052fc106613ff2d390910c16ad30f22101881c9bcd0ed289edb9f7f55";
const EXTENDED: &str = "8b191f04ee35ec70b7046104b6526615fed39c4f4abae5b8d5ce78698ef3b68ef60c5f4950d53a607d320bb63cdb32c7";
const OF_DH: &str = "b6f8644d9bcc3e854fa0a1cbe186a3feeced17de5a4842ec970348443f75465a1ec8c8e83ef0e73a7f81a98419abd78e";
const BLOCK: &str = "14485b5f14b0f7224068825c43a0c56d7c0a7951b51b858c9cfaf4c06a99e91de9834707deae254d5ce50530991c7672\
                     30f64156bbdda75ff31aae32e3e71b844286c6b5fdca795471730ea0dd28c54bcbfadde23db9e4e2faf69e1206e30d18";

fn randoms(layout: Layout) -> Layout {
    layout.bytes(&[0xc1; 32]).bytes(&[0x5e; 32])
}

fn premaster() -> Vec<u8> {
    [3, 3].into_iter().chain(0..46).collect()
}

#[test]
fn master_secrets() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (base, shared) = (session.base_of(&premaster()), session.base_of(b"shared secret"));
        let mut version = [0u8; 2];
        let of = |kind, hash, place: Option<&mut [u8; 2]>| {
            let layout = randoms(Layout::new());
            let layout = if let Some(place) = place { layout.word(place) } else { layout.word(0usize) };
            Mechanism::structure(kind, layout.word(hash))
        };
        let extended =
            |kind, place: &mut [u8; 2]| Mechanism::structure(kind, Layout::new().word(CKM_SHA256).bytes(&[0xab; 32]).word(place));
        let mechanism = of(CKM_TLS12_MASTER_KEY_DERIVE, CKM_SHA256, Some(&mut version));
        let derived = session.derive(&mechanism, base, &Template::shown()).expect("a master secret");
        assert_eq!((session.attribute(derived, CKA_VALUE), version), (Ok(hex(MASTER)), [3, 3]));
        let dh = of(CKM_TLS12_MASTER_KEY_DERIVE_DH, CKM_SHA384, None);
        assert_eq!(value(session, session.derive(&dh, shared, &Template::shown())), Ok(hex(OF_DH)));
        version = [0; 2];
        let mechanism = extended(CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE, &mut version);
        assert_eq!(value(session, session.derive(&mechanism, base, &Template::shown())), Ok(hex(EXTENDED)));
        assert_eq!(version, [3, 3]);
        let mut tally = Tally::new("6.40.4 and 6.40.5");
        let mut place = [0; 2];
        let to = |template: Template, base, mechanism: &Mechanism| session.derive(mechanism, base, &template);
        let rsa = of(CKM_TLS12_MASTER_KEY_DERIVE, CKM_SHA256, Some(&mut place));
        tally.row("47 bytes", to(long(47), base, &rsa), &[CKR_TEMPLATE_INCONSISTENT]);
        tally.row("AES", to(long(48).ulong(CKA_KEY_TYPE, CKK_AES), base, &rsa), &[CKR_TEMPLATE_INCONSISTENT]);
        tally.row("a short premaster secret", to(long(48), shared, &rsa), &[CKR_KEY_SIZE_RANGE]);
        let mute = of(CKM_TLS12_MASTER_KEY_DERIVE, CKM_SHA256, None);
        tally.row("no place for the version", to(long(48), base, &mute), &[CKR_MECHANISM_PARAM_INVALID]);
        let curious = of(CKM_TLS12_MASTER_KEY_DERIVE_DH, CKM_SHA256, Some(&mut place));
        tally.row("DH has no version", to(long(48), shared, &curious), &[CKR_MECHANISM_PARAM_INVALID]);
        let master = to(long(48).bool(CKA_DERIVE, true), base, &rsa).expect("a master secret");
        let other = Mechanism::bare(CKM_SHA256_KEY_DERIVATION);
        tally.row("for nothing but TLS", session.derive(&other, master, &Template::new()), &[CKR_MECHANISM_INVALID]);
    });
}

#[test]
fn premaster_secrets() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.39.3");
        for kind in [CKM_SSL3_PRE_MASTER_KEY_GEN, CKM_TLS_PRE_MASTER_KEY_GEN] {
            let made = |template: &Template| session.generate(&Mechanism::bytes(kind, &[3, 3]), template);
            let secret = value(session, made(&Template::shown())).expect("a premaster secret");
            tally.equal("version and length", (&secret[..2], secret.len()), (&[3, 3][..], 48));
            tally.check("random", secret[2..] != value(session, made(&long(48))).expect("another")[2..], "twice the same");
            tally.row("47 bytes", made(&long(47)), &[CKR_TEMPLATE_INCONSISTENT]);
            tally.row("no version", session.generate(&Mechanism::bare(kind), &Template::shown()), &[CKR_MECHANISM_PARAM_INVALID]);
        }
    });
}

/// CK_TLS12_KEY_MAT_PARAMS: 20, 16 and 12 bytes.
fn material(kind: CK_MECHANISM_TYPE, bits: [usize; 3], out: Layout) -> Mechanism {
    let layout = bits.iter().fold(Layout::new(), |layout, bits| layout.word(*bits)).word(false);
    Mechanism::structure(kind, randoms(layout).pointer(out).word(CKM_SHA256))
}

#[test]
fn keys_macs_and_vectors() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let base = session.base_of(&hex(MASTER));
        let (mut out, mut client_iv, mut server_iv) = ([77usize; 6], [0u8; 12], [0u8; 12]);
        out[4] = client_iv.as_mut_ptr() as usize;
        out[5] = server_iv.as_mut_ptr() as usize;
        let bits = [160, 128, 96];
        let to = |kind, bits: [usize; 3], out: &mut [usize; 6]| {
            let layout = bits.iter().fold(Layout::new(), |layout, bits| layout.word(*bits)).word(false);
            Mechanism::structure(kind, randoms(layout).word(out).word(CKM_SHA256))
        };
        let template = Template::shown().ulong(CKA_KEY_TYPE, CKK_AES);
        let mechanism = to(CKM_TLS12_KEY_AND_MAC_DERIVE, bits, &mut out);
        session.derive_apart(&mechanism, base, &template).expect("keys");
        let block = hex(BLOCK);
        let mut at = 0;
        for (i, len) in [20, 20, 16, 16].into_iter().enumerate() {
            let key = Object(out[i] as CK_OBJECT_HANDLE);
            assert_eq!(session.attribute(key, CKA_VALUE), Ok(block[at..at + len].to_vec()), "key {i}");
            let signs = session.flag(key, CKA_SIGN);
            assert_eq!((signs, session.flag(key, CKA_ENCRYPT)), (Ok(i < 2), Ok(i >= 2)), "key {i}");
            at += len;
        }
        assert_eq!([client_iv, server_iv].concat(), block[at..]);
        let (mut safe, mut tally) = ([0usize; 6], Tally::new("6.40.6 and 6.40.7"));
        let mechanism = to(CKM_TLS12_KEY_SAFE_DERIVE, bits, &mut safe);
        tally.row("no vectors", session.derive_apart(&mechanism, base, &template), &[CKR_OK]);
        tally.check("keys", safe[..4].iter().all(|key| *key != 0), "no handle");
        let mechanism = to(CKM_TLS12_KEY_SAFE_DERIVE, [0, 128, 0], &mut safe);
        tally.row("no MACs", session.derive_apart(&mechanism, base, &template), &[CKR_OK]);
        tally.equal("no MACs", (safe[0], safe[1]), (0, 0));
        let before = session.find(&Template::new());
        let hidden = template.clone().bool(CKA_SENSITIVE, true);
        let mechanism = to(CKM_TLS12_KEY_SAFE_DERIVE, bits, &mut safe);
        tally.row("not as the base key", session.derive_apart(&mechanism, base, &hidden), &[CKR_TEMPLATE_INCONSISTENT]);
        let mechanism = to(CKM_TLS12_KEY_SAFE_DERIVE, [160, 136, 0], &mut safe);
        tally.row("17 bytes of AES", session.derive_apart(&mechanism, base, &template), &[CKR_KEY_SIZE_RANGE]);
        for (name, bits) in [("half a byte", [160, 124, 0]), ("too much", [1 << 40, 128, 0]), ("no keys", [0, 0, 96])] {
            let mechanism = to(CKM_TLS12_KEY_AND_MAC_DERIVE, bits, &mut out);
            tally.row(name, session.derive_apart(&mechanism, base, &template), &[CKR_MECHANISM_PARAM_INVALID]);
        }
        let nowhere = material(CKM_TLS12_KEY_AND_MAC_DERIVE, bits, Layout::new());
        tally.row("nowhere to return", session.derive_apart(&nowhere, base, &template), &[CKR_MECHANISM_PARAM_INVALID]);
        let no_iv = material(CKM_TLS12_KEY_AND_MAC_DERIVE, bits, [0usize; 6].iter().fold(Layout::new(), |l, w| l.word(*w)));
        tally.row("nowhere for vectors", session.derive_apart(&no_iv, base, &template), &[CKR_MECHANISM_PARAM_INVALID]);
        tally.equal("nothing was made", session.find(&Template::new()), before);
        let single = crate::with_data(CKM_XOR_BASE_AND_DATA, b"data");
        tally.row("others want a handle", session.derive_apart(&single, base, &Template::new()), &[CKR_ARGUMENTS_BAD]);
    });
}

#[test]
fn exported_keys() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let base = session.base_of(&hex(MASTER));
        let empty = [0u8; 1];
        let none = Layout::new().word(0usize).word(0usize);
        let mut tally = Tally::new("6.40.8, RFC 5705");
        for (name, context, expected) in [
            ("none", none, "0d5007d151fcb2b09d2cc11248a3bd6c0af7b532ac5b21e8cd190a24e0adbb6adbf86c622cfa5a59"),
            (
                "empty",
                Layout::new().word(empty.as_ptr() as usize).word(0usize),
                "4112f42397c563d8666cdc94e689a1254062f9f1541662d222b2a49223809186469e648360ba8e89",
            ),
            (
                "some",
                Layout::new().bytes(b"ctx"),
                "e82e0756f9d33c48eb652b9bef7a975382b5b50093df8da09924ca3e4b6e264b4ccfd25b3388c0d2",
            ),
        ] {
            for kind in [CKM_TLS_KDF, CKM_TLS12_KDF] {
                let layout = randoms(Layout::new().word(CKM_SHA256).bytes(b"EXPORTER test")).then(context.clone());
                let derived = session.derive(&Mechanism::structure(kind, layout), base, &long(40));
                tally.equal(name, value(session, derived), Ok(hex(expected)));
            }
        }
    });
}

#[test]
fn finished_messages() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.secret_of(&hex(MASTER));
        let of = |words: [usize; 3]| Mechanism::words(CKM_TLS_MAC, &words);
        let sha256 = CKM_SHA256 as usize;
        let mut tally = Tally::new("6.40.3");
        for (name, who, code) in [("server", 1, "a70241b760344a8affb9d152"), ("client", 2, "e4fb17b66e7e2d0342cb6221")] {
            let mechanism = of([sha256, 12, who]);
            tally.equal(name, session.sign(&mechanism, key, &[0; 32]), Ok(hex(code)));
            tally.row(name, session.verify(&mechanism, key, &[0; 32], &hex(code)), &[CKR_OK]);
            tally.row(name, session.verify(&mechanism, key, &[1; 32], &hex(code)), &[CKR_SIGNATURE_INVALID]);
            tally.row(name, session.verify(&mechanism, key, &[0; 32], &hex(code)[..11]), &[CKR_SIGNATURE_LEN_RANGE]);
        }
        for words in [[sha256, 11, 1], [sha256, 33, 1], [sha256, 12, 0], [sha256, 12, 3], [7, 12, 1]] {
            tally.row(format!("{words:?}"), session.begin(Begin::Sign, &of(words), key), &[CKR_MECHANISM_PARAM_INVALID]);
        }
    });
}
