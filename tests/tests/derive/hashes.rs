//! 6.21.2: keys that are digests of keys.

use crate::{long, value};
use hsm_tests::*;

#[test]
fn values_and_lengths() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let base = session.base_of(b"abc");
        let mut tally = Tally::new("6.21.2 hash-based key derivation");
        for (mechanism, digest) in [
            (CKM_SHA1_KEY_DERIVATION, CKM_SHA_1),
            (CKM_SHA224_KEY_DERIVATION, CKM_SHA224),
            (CKM_SHA256_KEY_DERIVATION, CKM_SHA256),
            (CKM_SHA384_KEY_DERIVATION, CKM_SHA384),
            (CKM_SHA512_KEY_DERIVATION, CKM_SHA512),
            (CKM_SHA512_224_KEY_DERIVATION, CKM_SHA512_224),
            (CKM_SHA512_256_KEY_DERIVATION, CKM_SHA512_256),
            (CKM_SHA3_224_KEY_DERIVATION, CKM_SHA3_224),
            (CKM_SHA3_256_KEY_DERIVATION, CKM_SHA3_256),
            (CKM_SHA3_384_KEY_DERIVATION, CKM_SHA3_384),
            (CKM_SHA3_512_KEY_DERIVATION, CKM_SHA3_512),
            (CKM_BLAKE2B_160_KEY_DERIVE, CKM_BLAKE2B_160),
            (CKM_BLAKE2B_256_KEY_DERIVE, CKM_BLAKE2B_256),
            (CKM_BLAKE2B_384_KEY_DERIVE, CKM_BLAKE2B_384),
            (CKM_BLAKE2B_512_KEY_DERIVE, CKM_BLAKE2B_512),
        ] {
            let whole = session.digest(&Mechanism::bare(digest), b"abc").expect("C_Digest");
            let derive = |template: Template| value(session, session.derive(&Mechanism::bare(mechanism), base, &template));
            tally.equal(format!("{mechanism:#x}"), derive(Template::shown()), Ok(whole.clone()));
            tally.equal(format!("{mechanism:#x}, AES"), derive(long(16).ulong(CKA_KEY_TYPE, CKK_AES)), Ok(whole[..16].to_vec()));
            tally.equal(format!("{mechanism:#x}, too long"), derive(long(whole.len() + 1)), refused(CKR_KEY_SIZE_RANGE));
        }
        let aes = Template::shown().ulong(CKA_KEY_TYPE, CKK_AES);
        let sha256 = Mechanism::bare(CKM_SHA256_KEY_DERIVATION);
        tally.row("AES has no length of its own", session.derive(&sha256, base, &aes), &[CKR_TEMPLATE_INCOMPLETE]);
        let odd = Mechanism::bytes(CKM_SHA256_KEY_DERIVATION, b"odd");
        tally.row("a parameter", session.derive(&odd, base, &Template::new()), &[CKR_MECHANISM_PARAM_INVALID]);
    });
}
