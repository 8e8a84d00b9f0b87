//! 6.37.5: PBKDF2 as key generation, with either structure.

use crate::{long, value};
use hsm_tests::*;

/// CK_PKCS5_PBKD2_PARAMS2, up to the password.
fn before(salt: &[u8], iterations: usize, prf: CK_ULONG) -> Layout {
    let layout = Layout::new().word(CKZ_SALT_SPECIFIED).bytes(salt).word(iterations).word(prf);
    layout.word(0usize).word(0usize)
}

fn of(layout: Layout) -> Mechanism {
    Mechanism::structure(CKM_PKCS5_PBKD2, layout)
}

/// RFC 6070.
const KEY: &str = "ea6c014dc72d6f8ccd1ed92ace1d41f0";

#[test]
fn generates_keys() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut length = [8usize];
        let old = before(b"salt", 2, CKP_PKCS5_PBKD2_HMAC_SHA1).address(b"password").word(&mut length);
        let new = before(b"salt", 2, CKP_PKCS5_PBKD2_HMAC_SHA1).bytes(b"password");
        let known = value(session, session.generate(&of(new.clone()), &long(20).ulong(CKA_KEY_TYPE, CKK_GENERIC_SECRET)));
        let known = known.expect("RFC 6070");
        assert_eq!(known, hex("ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"));
        let aes = long(16).ulong(CKA_KEY_TYPE, CKK_AES);
        let mut tally = Tally::new("6.37.5");
        for (name, mechanism) in [("PARAMS2", of(new.clone())), ("PARAMS", of(old))] {
            let key = session.generate(&mechanism, &aes);
            tally.equal(name, value(session, key), Ok(hex(KEY)));
            let Ok(key) = key else { continue };
            tally.equal(format!("{name}: type"), session.number(key, CKA_KEY_TYPE), Ok(CKK_AES));
            tally.equal(format!("{name}: local"), session.flag(key, CKA_LOCAL), Ok(true));
            tally.equal(format!("{name}: by"), session.number(key, CKA_KEY_GEN_MECHANISM), Ok(CKM_PKCS5_PBKD2));
        }
        let new = of(new);
        tally.row("no type", session.generate(&new, &long(16)), &[CKR_TEMPLATE_INCOMPLETE]);
        let typed = Template::shown().ulong(CKA_KEY_TYPE, CKK_AES);
        tally.row("no length", session.generate(&new, &typed), &[CKR_TEMPLATE_INCOMPLETE]);
        let public = long(16).ulong(CKA_KEY_TYPE, CKK_RSA).ulong(CKA_CLASS, CKO_PUBLIC_KEY);
        tally.row("no secret key", session.generate(&new, &public), &[CKR_TEMPLATE_INCONSISTENT]);
    });
}

#[test]
fn refuses_what_cannot_be() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let sha1 = CKP_PKCS5_PBKD2_HMAC_SHA1;
        let whole = || before(b"salt", 1, sha1).bytes(b"password");
        let words = |source: usize, data: usize| {
            let layout = Layout::new().word(source).bytes(b"salt").word(1usize).word(sha1).word(data).word(data);
            layout.bytes(b"password")
        };
        let mut tally = Tally::new("6.37.3");
        for (name, layout, rv) in [
            ("as it should be", whole(), CKR_OK),
            ("no password", before(b"salt", 1, sha1).bytes(b""), CKR_OK),
            ("no iterations", before(b"salt", 0, sha1).bytes(b"password"), CKR_MECHANISM_PARAM_INVALID),
            ("iterations without end", before(b"salt", usize::MAX, sha1).bytes(b"password"), CKR_MECHANISM_PARAM_INVALID),
            ("no such function", before(b"salt", 1, 99).bytes(b"password"), CKR_MECHANISM_PARAM_INVALID),
            ("no such source", words(2, 0), CKR_MECHANISM_PARAM_INVALID),
            ("data for the function", words(1, 8), CKR_MECHANISM_PARAM_INVALID),
            ("a NULL password", before(b"salt", 1, sha1).word(0usize).word(8usize), CKR_MECHANISM_PARAM_INVALID),
            ("an impossible password", before(b"salt", 1, sha1).address(b"p").word(usize::MAX), CKR_MECHANISM_PARAM_INVALID),
            ("a short structure", before(b"salt", 1, sha1), CKR_MECHANISM_PARAM_INVALID),
        ] {
            let template = long(16).ulong(CKA_KEY_TYPE, CKK_AES);
            tally.row(name, session.generate(&of(layout), &template), &[rv]);
        }
        let huge = long(usize::MAX).ulong(CKA_KEY_TYPE, CKK_GENERIC_SECRET);
        tally.row("a key without end", session.generate(&of(whole()), &huge), &[CKR_KEY_SIZE_RANGE]);
    });
}

/// A length where older callers have an address was taken for one, and followed: a password of 70,000 bytes ended the host.
#[test]
fn a_long_password_is_no_address() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.37.5: ulPasswordLen");
        let password = vec![b'p'; 70_000];
        for length in [4097, 65_535, 65_536, 70_000, 1 << 22, 1 << 40, 1 << 46, 1 << 47, usize::MAX] {
            let layout = before(b"salt", 1, CKP_PKCS5_PBKD2_HMAC_SHA1).address(&password).word(length);
            let got = session.generate(&of(layout), &long(16).ulong(CKA_KEY_TYPE, CKK_AES));
            tally.row(format!("{length} bytes"), got, &[CKR_MECHANISM_PARAM_INVALID]);
        }
        let mut length = [usize::MAX];
        let older = before(b"salt", 1, CKP_PKCS5_PBKD2_HMAC_SHA1).address(&password).word(&mut length);
        let got = session.generate(&of(older), &long(16).ulong(CKA_KEY_TYPE, CKK_AES));
        tally.row("an address, and no length there", got, &[CKR_MECHANISM_PARAM_INVALID]);
    });
}
