//! 6.39, and v2.40 for TLS 1.0 and 1.1: secrets, keys and MACs of the versions before TLS 1.2. The values are computed with Python's hashlib and
//! hmac after RFC 2246, section 5, and RFC 6101, sections 5.2.3.1 and 6.1; NSS 3.87 gives the same, but for CKM_TLS_PRF, which it has not.

use crate::{long, value};
use hsm_tests::*;

/// Premaster secret with its version, master secret of it, and of "shared secret" and "shared secret!" (of odd and even length).
struct Version {
    name: &'static str,
    minor: u8,
    /// Master key, the same of Diffie and Hellman, keys.
    mechanisms: [CK_MECHANISM_TYPE; 3],
    master: &'static str,
    of_dh: [&'static str; 2],
    /// MAC secrets of 20 bytes, keys of 16, vectors of 8.
    block: &'static str,
}

const VERSIONS: [Version; 2] = [
    Version {
        name: "TLS 1.0",
        minor: 1,
        mechanisms: [CKM_TLS_MASTER_KEY_DERIVE, CKM_TLS_MASTER_KEY_DERIVE_DH, CKM_TLS_KEY_AND_MAC_DERIVE],
        master: "8d7c6030f3c1bded25e964b44f01bcc138b3d0ccfbf3328ee65423fa9ccf7e3a909703a859218a262b9cd5e8b4e05022",
        of_dh: [
            "13e8203e7c70c02b079eb03a261a72c279f119e2715b6ffeecccab82de6bd0adbb96a08713ca627e36636fd436311204",
            "3149e013b5076f403a2452d05e2d69807b37a4c8089903144096d04e197d90ee64012f76e99301d52a696e51e47bba71",
        ],
        block: "1f6dac0c9b42870f9f31c0741d6fd5c59d626509706600aed36edc8ca538b6696c78fe34e6307835\
                d2d08fc5d52e02d5dd2c1fc403833d8d74335a8f62ff271682644cc2aa43c154b5f9984bf0c9ee1a86372f81a23f0cdc",
    },
    Version {
        name: "SSL 3.0",
        minor: 0,
        mechanisms: [CKM_SSL3_MASTER_KEY_DERIVE, CKM_SSL3_MASTER_KEY_DERIVE_DH, CKM_SSL3_KEY_AND_MAC_DERIVE],
        master: "6f7522145ecd3154bad15f603a9ddb3461e30611aafd66bad55693ee4f659b3ad5248071887ec9a58c4a8a114cc6a757",
        of_dh: [
            "1dbaf891d418cc78bd9333c231a6ee9e9ba037ff290e0f331e9613bf2586690487b7aec148f35fd70e5221cbd9e02441",
            "49e4f3bd1ed4e14cee10f9f553bfdd934a744074d62f9953dd167c11757bc73afa326dcf440ca7f4ef04474e5ff8c311",
        ],
        block: "1f3462eef49d1812269e9b25bfcef5d4e7bff326e590ec53f958b456d9a9771c3f73ff9027b1aec4\
                f8327347fc4f8c29862c99c160b70995c7dc460f841264278759057d34528860036b74c0df3b97a01e610ab628824949",
    },
];

fn randoms(layout: Layout) -> Layout {
    layout.bytes(&[0xc1; 32]).bytes(&[0x5e; 32])
}

#[test]
fn master_secrets() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        for version in VERSIONS {
            let mut tally = Tally::new(version.name);
            let base = session.base_of(&[&[3, version.minor], &(0..46).collect::<Vec<u8>>()[..]].concat());
            let shared = [&b"shared secret"[..], b"shared secret!"].map(|secret| session.base_of(secret));
            let mut place = [0u8; 2];
            let [rsa, dh, _] = version.mechanisms;
            let told = Mechanism::structure(rsa, randoms(Layout::new()).word(&mut place));
            let master = session.derive(&told, base, &Template::shown());
            tally.equal("master secret", value(session, master), Ok(hex(version.master)));
            tally.equal("version", place, [3, version.minor]);
            let mute = Mechanism::structure(dh, randoms(Layout::new()).word(0usize));
            for (secret, expected) in shared.into_iter().zip(version.of_dh) {
                let master = session.derive(&mute, secret, &Template::shown());
                tally.equal("of Diffie and Hellman", value(session, master), Ok(hex(expected)));
            }
            let to = |template: Template, mechanism: &Mechanism, base| session.derive(mechanism, base, &template);
            tally.row("47 bytes", to(long(47), &told, base), &[CKR_TEMPLATE_INCONSISTENT]);
            tally.row("a short premaster secret", to(long(48), &told, shared[0]), &[CKR_KEY_SIZE_RANGE]);
            let curious = Mechanism::structure(dh, randoms(Layout::new()).word(&mut place));
            let nowhere = Mechanism::structure(rsa, randoms(Layout::new()).word(0usize));
            let no_random = Mechanism::structure(rsa, Layout::new().bytes(&[]).bytes(&[1; 32]).word(&mut place));
            let null = Mechanism::structure(rsa, Layout::new().word(0usize).word(32usize).bytes(&[1; 32]).word(&mut place));
            for (name, mechanism) in [
                ("DH has no version", curious),
                ("no place for the version", nowhere),
                ("no random", no_random),
                ("a NULL random", null),
                ("no parameter", Mechanism::bare(rsa)),
                ("NULL with a length", Mechanism::null(rsa, 40)),
                ("a short structure", Mechanism::structure(dh, randoms(Layout::new()))),
                ("that of TLS 1.2", Mechanism::structure(dh, randoms(Layout::new()).word(0usize).word(CKM_SHA256))),
            ] {
                tally.row(name, to(long(48), &mechanism, base), &[CKR_MECHANISM_PARAM_INVALID]);
            }
        }
    });
}

/// CK_SSL3_KEY_MAT_PARAMS: sizes in bits.
fn material(kind: CK_MECHANISM_TYPE, bits: [usize; 3], export: bool, out: &mut [usize; 6]) -> Mechanism {
    let layout = bits.iter().fold(Layout::new(), |layout, bits| layout.word(*bits)).word(export);
    Mechanism::structure(kind, randoms(layout).word(out))
}

#[test]
fn keys_macs_and_vectors() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        for version in VERSIONS {
            let mut tally = Tally::new(version.name);
            let base = session.base_of(&hex(version.master));
            let (mut out, mut client_iv, mut server_iv) = ([0usize; 6], [0u8; 8], [0u8; 8]);
            out[4] = client_iv.as_mut_ptr() as usize;
            out[5] = server_iv.as_mut_ptr() as usize;
            let (kind, bits) = (version.mechanisms[2], [160, 128, 64]);
            let template = Template::shown().ulong(CKA_KEY_TYPE, CKK_RC4);
            session.derive_apart(&material(kind, bits, false, &mut out), base, &template).expect("keys");
            let keys =
                out[..4].iter().flat_map(|key| session.attribute(Object(*key as CK_OBJECT_HANDLE), CKA_VALUE).expect("a value"));
            let all: Vec<u8> = keys.chain(client_iv).chain(server_iv).collect();
            tally.equal("all of it", all, hex(version.block));
            let before = session.find(&Template::new());
            for (name, mechanism) in [
                ("for export", material(kind, [160, 40, 64], true, &mut out)),
                ("half a byte", material(kind, [160, 124, 0], false, &mut out)),
                ("no keys", material(kind, [0, 0, 64], false, &mut out)),
                ("too much", material(kind, [1 << 40, 128, 0], false, &mut out)),
                ("no parameter", Mechanism::bare(kind)),
                (
                    "nowhere to return",
                    Mechanism::structure(
                        kind,
                        randoms(Layout::new().word(160usize).word(128usize).word(0usize).word(false)).word(0usize),
                    ),
                ),
            ] {
                tally.row(name, session.derive_apart(&mechanism, base, &template), &[CKR_MECHANISM_PARAM_INVALID]);
            }
            tally.equal("nothing was made", session.find(&Template::new()), before);
        }
    });
}

/// SSL 3.0 has 26 letters and no more key material: RFC 6101, 6.1.
#[test]
fn ssl3_runs_out_of_letters() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let base = session.base_of(&hex(VERSIONS[1].master));
        let template = Template::shown().ulong(CKA_KEY_TYPE, CKK_GENERIC_SECRET);
        let mut out = [0usize; 6];
        for (key, rv) in [(208, CKR_OK), (209, CKR_MECHANISM_PARAM_INVALID)] {
            let mechanism = material(CKM_SSL3_KEY_AND_MAC_DERIVE, [0, 8 * key, 0], false, &mut out);
            assert_eq!(Rv::from(session.derive_apart(&mechanism, base, &template)), Rv(rv), "twice {key} bytes");
        }
    });
}

/// The secret's 19 bytes share one between the two hashes.
#[test]
fn pseudo_random_function() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let open = session.base_of(b"secret key material");
        let hidden = session.create(
            &secret_template(CKK_GENERIC_SECRET)
                .bytes(CKA_VALUE, b"secret key material")
                .bool(CKA_DERIVE, true)
                .bool(CKA_SENSITIVE, true),
        );
        let hidden = hidden.expect("C_CreateObject");
        let (mut output, mut len) = ([0u8; 40], [40usize]);
        let (at, at_len) = (output.as_mut_ptr() as usize, len.as_mut_ptr() as usize);
        let of = |label: &[u8], at: usize, len: usize| {
            Mechanism::structure(CKM_TLS_PRF, Layout::new().bytes(b"seed").bytes(label).word(at).word(len))
        };
        let made = |mechanism: &Mechanism, base| session.derive_apart(mechanism, base, &Template::new());
        let mut tally = Tally::new("CKM_TLS_PRF");
        tally.row("of an open key", made(&of(b"label", at, at_len), open), &[CKR_OK]);
        let expected = "d9d2a89ef7a151715d358aa579e433ad6fbc939159d7ccd8dadb7de9ddd42a5b00723e658d132493";
        tally.equal("of an open key", output.to_vec(), hex(expected));
        tally.row("of a hidden key", made(&of(b"label", at, at_len), hidden), &[CKR_KEY_FUNCTION_NOT_PERMITTED]);
        for label in [&b"client finished"[..], b"server finished"] {
            output = [0; 40];
            tally.row("verify_data of an open key", made(&of(label, at, at_len), open), &[CKR_OK]);
            let expected = std::mem::take(&mut output.to_vec());
            output = [0; 40];
            tally.row("verify_data of a hidden key", made(&of(label, at, at_len), hidden), &[CKR_OK]);
            tally.equal("verify_data of a hidden key", output.to_vec(), expected);
        }
        let bad = [CKR_MECHANISM_PARAM_INVALID];
        tally.row("nowhere", made(&of(b"label", 0, at_len), open), &bad);
        tally.row("no length", made(&of(b"label", at, 0), open), &bad);
        tally.row("no parameter", made(&Mechanism::bare(CKM_TLS_PRF), open), &bad);
        let null =
            Mechanism::structure(CKM_TLS_PRF, Layout::new().word(0usize).word(4usize).bytes(b"label").word(at).word(at_len));
        tally.row("a NULL seed", made(&null, open), &bad);
        for wrong in [0, 1 << 40] {
            len = [wrong];
            tally.row(format!("{wrong} bytes"), made(&of(b"label", at, len.as_mut_ptr() as usize), open), &bad);
        }
    });
}

/// 6.39.7 and 6.39.8, of the key 0, 1, ... 19 and "message".
#[test]
fn macs() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let key = session.secret_of(&(0..20).collect::<Vec<u8>>());
        let mut tally = Tally::new("6.39.7 and 6.39.8");
        for (kind, whole) in [
            (CKM_SSL3_MD5_MAC, "f5d71a38117db8d704ee4727cc7199c2"),
            (CKM_SSL3_SHA1_MAC, "2de75b95c68fbd91d480f67cdc457fe5f9f7490d"),
        ] {
            let whole = hex(whole);
            for len in [4, 8, whole.len()] {
                let mechanism = Mechanism::general(kind, len);
                tally.equal(format!("{kind:#x}"), session.sign(&mechanism, key, b"message"), Ok(whole[..len].to_vec()));
                tally.row(format!("{kind:#x}"), session.verify(&mechanism, key, b"message", &whole[..len]), &[CKR_OK]);
                let other = session.verify(&mechanism, key, b"massage", &whole[..len]);
                tally.row(format!("{kind:#x}"), other, &[CKR_SIGNATURE_INVALID]);
            }
            for bad in [
                Mechanism::bare(kind),
                Mechanism::general(kind, 0),
                Mechanism::general(kind, whole.len() + 1),
                Mechanism::null(kind, 8),
            ] {
                tally.row(format!("{kind:#x}"), session.begin(Begin::Sign, &bad, key), &[CKR_MECHANISM_PARAM_INVALID]);
            }
            let aes = session.aes(16);
            tally.row("AES", session.begin(Begin::Sign, &Mechanism::general(kind, 8), aes), &[CKR_KEY_TYPE_INCONSISTENT]);
        }
    });
}
