//! Parameters that lie: CKR_MECHANISM_PARAM_INVALID, and never a crash.

use crate::long;
use hsm_tests::*;

/// CK_SP800_108_KDF_PARAMS of these parts, each a type, a structure and its claimed length.
fn counter(parts: Vec<(CK_ULONG, Layout, usize)>) -> Mechanism {
    sp800_108(CKM_SP800_108_COUNTER_KDF, CKM_SHA256_HMAC, parts)
}

fn sp800_108(kind: CK_MECHANISM_TYPE, prf: CK_MECHANISM_TYPE, parts: Vec<(CK_ULONG, Layout, usize)>) -> Mechanism {
    let count = parts.len();
    let input = parts.into_iter().fold(Layout::new(), |all, (kind, part, len)| all.word(kind).pointer(part).word(len));
    Mechanism::structure(kind, Layout::new().word(prf).word(count).pointer(input).word(0usize).word(0usize))
}

fn format(bits: usize) -> (CK_ULONG, Layout, usize) {
    (CK_SP800_108_ITERATION_VARIABLE, Layout::new().word(false).word(bits), 16)
}

fn length(method: CK_ULONG, bits: usize) -> (CK_ULONG, Layout, usize) {
    (CK_SP800_108_DKM_LENGTH, Layout::new().word(method).word(false).word(bits), 24)
}

#[test]
fn of_sp800_108() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let base = session.base_of(b"base key");
        let (kind, sha256) = (CKM_SP800_108_COUNTER_KDF, CKM_SHA256_HMAC as usize);
        let bare = (CK_SP800_108_ITERATION_VARIABLE, Layout::new(), 0);
        let bytes = (CK_SP800_108_BYTE_ARRAY, Layout::new().word(7usize), 8);
        let again = |(_, layout, len): (CK_ULONG, Layout, usize)| (CK_SP800_108_COUNTER, layout, len);
        let mut handle = [0usize];
        let key = Layout::new().word(0usize).word(3usize).word(&mut handle);
        let further = |count: usize, keys: Layout| {
            let input =
                Layout::new().word(CK_SP800_108_ITERATION_VARIABLE).pointer(Layout::new().word(false).word(8usize)).word(16usize);
            Mechanism::structure(kind, Layout::new().word(sha256).word(1usize).pointer(input).word(count).pointer(keys))
        };
        let mut tally = Tally::new("6.42.3: what is wrong");
        for (name, mechanism) in [
            ("nothing", Mechanism::bare(kind)),
            ("a short structure", Mechanism::words(kind, &[sha256])),
            ("no data", Mechanism::words(kind, &[sha256, 0, 0, 0, 0])),
            ("NULL data", Mechanism::words(kind, &[sha256, 3, 0, 0, 0])),
            ("data without end", Mechanism::words(kind, &[sha256, usize::MAX, 8, 0, 0])),
            ("keys without end", further(usize::MAX, key.clone())),
            ("NULL keys", further(1, Layout::new())),
            ("a NULL template with a count", further(1, key)),
            ("a NULL handle", further(1, Layout::new().word(0usize).word(0usize).word(0usize))),
            ("no function", sp800_108(kind, CKM_SHA256, vec![format(8)])),
            ("no iteration variable", counter(vec![bytes.clone()])),
            ("an iteration variable without format", counter(vec![bare])),
            ("two of them", counter(vec![format(8), format(8)])),
            ("a counter besides", counter(vec![format(8), again(format(8))])),
            ("0 bits", counter(vec![format(0)])),
            ("12 bits", counter(vec![format(12)])),
            ("40 bits", counter(vec![format(40)])),
            ("bits without end", counter(vec![format(usize::MAX)])),
            ("a format of another length", counter(vec![(CK_SP800_108_ITERATION_VARIABLE, Layout::new().word(8usize), 8)])),
            ("no bytes", counter(vec![format(8), (CK_SP800_108_BYTE_ARRAY, Layout::new(), 0)])),
            ("NULL bytes", counter(vec![format(8), (CK_SP800_108_BYTE_ARRAY, Layout::new(), 5)])),
            ("no such type", counter(vec![format(8), (99, Layout::new().word(7usize), 8)])),
            ("two lengths", counter(vec![format(8), length(1, 32), length(1, 32)])),
            ("no such length", counter(vec![format(8), length(3, 32)])),
            ("a length too wide", counter(vec![format(8), length(1, 8)])),
            ("72 bits of length", counter(vec![format(8), length(1, 72)])),
            ("half a handle", counter(vec![format(8), (CK_SP800_108_KEY_HANDLE, Layout::new().word(7usize), 4)])),
            ("feedback with a format", {
                let part = Layout::new().word(CK_SP800_108_ITERATION_VARIABLE).pointer(Layout::new().word(false).word(8usize));
                let layout = Layout::new().word(sha256).word(1usize).pointer(part.word(16usize));
                let end = [0usize; 4].iter().fold(layout, |layout, word| layout.word(*word));
                Mechanism::structure(CKM_SP800_108_FEEDBACK_KDF, end)
            }),
            ("a NULL IV", {
                let part = Layout::new().word(CK_SP800_108_ITERATION_VARIABLE).word(0usize).word(0usize);
                let layout = Layout::new().word(sha256).word(1usize).pointer(part).word(9usize);
                Mechanism::structure(CKM_SP800_108_FEEDBACK_KDF, layout.word(0usize).word(0usize).word(0usize))
            }),
            ("a pipeline without A(i)", sp800_108(CKM_SP800_108_DOUBLE_PIPELINE_KDF, CKM_SHA256_HMAC, vec![bytes])),
        ] {
            tally.row(name, session.derive(&mechanism, base, &long(32)), &[CKR_MECHANISM_PARAM_INVALID]);
        }
        tally.row(
            "more than 8 bits can count",
            session.derive(&counter(vec![format(8)]), base, &long(256 * 32)),
            &[CKR_KEY_SIZE_RANGE],
        );
        tally.row("as much as they can", session.derive(&counter(vec![format(8)]), base, &long(255 * 32)), &[CKR_OK]);
        let cmac = sp800_108(kind, CKM_AES_CMAC, vec![format(8)]);
        tally.row("CMAC of no AES key", session.derive(&cmac, base, &long(16)), &[CKR_KEY_TYPE_INCONSISTENT]);
        let nobody = counter(vec![format(8), (CK_SP800_108_KEY_HANDLE, Layout::new().word(7usize), 8)]);
        tally.row("no such key", session.derive(&nobody, base, &long(16)), &[CKR_KEY_HANDLE_INVALID]);
    });
}

#[test]
fn of_the_others() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let base = session.base_of(&[3; 48]);
        let (sha256, hmac) = (CKM_SHA256 as usize, CKM_SHA256_HMAC as usize);
        let zeros = |kind, count: usize| Mechanism::words(kind, &vec![0; count]);
        let mut tally = Tally::new("6.40, 6.43, 6.62, 6.64: what is wrong");
        let mut cases = vec![
            ("string, NULL", Mechanism::words(CKM_XOR_BASE_AND_DATA, &[0, 5])),
            ("string, without end", Mechanism::words(CKM_CONCATENATE_BASE_AND_DATA, &[8, usize::MAX])),
            ("half a handle", Mechanism::bytes(CKM_CONCATENATE_BASE_AND_KEY, &[1; 4])),
            ("HKDF, NULL salt", Mechanism::words(CKM_HKDF_DERIVE, &[0x101, sha256, 2, 0, 5, 0, 0, 0])),
            ("HKDF, NULL info", Mechanism::words(CKM_HKDF_DERIVE, &[0x101, sha256, 1, 0, 0, 0, 0, 5])),
            ("HKDF, info without end", Mechanism::words(CKM_HKDF_DERIVE, &[0x101, sha256, 1, 0, 0, 0, 8, usize::MAX])),
            ("HKDF, no such salt", Mechanism::words(CKM_HKDF_DERIVE, &[0x101, sha256, 3, 0, 0, 0, 0, 0])),
            ("HKDF, no hash", Mechanism::words(CKM_HKDF_DERIVE, &[0x101, hmac, 1, 0, 0, 0, 0, 0])),
            ("prf+, NULL seed", Mechanism::words(CKM_IKE2_PRF_PLUS_DERIVE, &[hmac, 0, 0, 0, 5])),
            ("prf+, no function", Mechanism::words(CKM_IKE2_PRF_PLUS_DERIVE, &[sha256, 0, 0, 0, 0])),
            ("TLS, NULL random", Mechanism::words(CKM_TLS12_MASTER_KEY_DERIVE_DH, &[0, 32, 0, 32, 0, sha256])),
            ("TLS, no random", Mechanism::words(CKM_TLS12_MASTER_KEY_DERIVE_DH, &[0, 0, 0, 0, 0, sha256])),
            ("TLS, no session hash", Mechanism::words(CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE_DH, &[sha256, 0, 0, 0])),
            ("TLS KDF, NULL label", Mechanism::words(CKM_TLS_KDF, &[sha256, 0, 5, 8, 8, 8, 8, 0, 0])),
        ];
        for kind in
            [CKM_HKDF_DERIVE, CKM_HKDF_DATA, CKM_TLS_KDF, CKM_TLS12_KEY_SAFE_DERIVE, CKM_IKE_PRF_DERIVE, CKM_IKE1_PRF_DERIVE]
        {
            cases.push(("nothing", Mechanism::bare(kind)));
            cases.push(("a short structure", zeros(kind, 2)));
            cases.push(("a long structure", zeros(kind, 40)));
            cases.push(("NULL with a length", Mechanism::null(kind, 64)));
        }
        for (name, mechanism) in cases {
            let what = format!("{name}: {:#x}", mechanism.mechanism);
            tally.row(
                what,
                session.derive(&mechanism, base, &Template::new().ulong(CKA_VALUE_LEN, 32)),
                &[CKR_MECHANISM_PARAM_INVALID],
            );
        }
    });
}
