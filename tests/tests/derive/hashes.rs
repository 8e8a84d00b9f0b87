//! 6.21.2: keys that are digests of keys; 6.32.2: what SHAKE makes of them.

use crate::{long, value};
use hsm_tests::*;

#[test]
fn values_and_lengths() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let base = session.base_of(b"abc");
        let mut tally = Tally::new("6.21.2 hash-based key derivation");
        for (mechanism, digest) in [
            (CKM_MD2_KEY_DERIVATION, CKM_MD2),
            (CKM_MD5_KEY_DERIVATION, CKM_MD5),
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

/// The first 200 bytes of SHAKE128 and SHAKE256 of "abc", by Python's hashlib.
const SHAKES: [(CK_MECHANISM_TYPE, &str); 2] = [
    (
        CKM_SHAKE_128_KEY_DERIVATION,
        "5881092dd818bf5cf8a3ddb793fbcba74097d5c526a6d35f97b83351940f2cc844c50af32acd3f2cdd066568706f509bc1bdde58295dae3f891a9a0fca5783789a41f8611214ce612394df286a62d1a2252aa94db9c538956c717dc2bed4f232a0294c857c730aa16067ac1062f1201fb0d377cfb9cde4c63599b27f3462bba4a0ed296c801f9ff7f57302bb3076ee145f97a32ae68e76ab66c48d51675bd49acc29082f5647584e6aa01b3f5af057805f973ff8ecb8b226ac32ada6f01c1fcd4818cb006aa5b4cd",
    ),
    (
        CKM_SHAKE_256_KEY_DERIVATION,
        "483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739d5a15bef186a5386c75744c0527e1faa9f8726e462a12a4feb06bd8801e751e41385141204f329979fd3047a13c5657724ada64d2470157b3cdc288620944d78dbcddbd912993f0913f164fb2ce95131a2d09a3e6d51cbfc622720d7a75c6334e8a2d7ec71a7cc29cf0ea610eeff1a588290a53000faa79932becec0bd3cd0b33a7e5d397fed1ada9442b99903f4dcfd8559ed3950faf40fe6f3b5d710ed3b677513771af6bfe119",
    ),
];

#[test]
fn shake_of_any_length() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let base = session.base_of(b"abc");
        let mut tally = Tally::new("6.32.2 SHAKE key derivation");
        for (kind, expected) in SHAKES {
            let (mechanism, expected) = (Mechanism::bare(kind), hex(expected));
            let derive = |template: Template| value(session, session.derive(&mechanism, base, &template));
            for len in [1, 31, 200] {
                tally.equal(format!("{kind:#x}, {len} bytes"), derive(long(len)), Ok(expected[..len].to_vec()));
            }
            let aes = Template::shown().ulong(CKA_KEY_TYPE, CKK_AES);
            let des = Template::shown().ulong(CKA_KEY_TYPE, CKK_DES3);
            tally.equal("AES", derive(aes.clone().ulong(CKA_VALUE_LEN, 32)), Ok(expected[..32].to_vec()));
            tally.equal("a length that DES3 has", derive(des).map(|value| value.len()), Ok(24));
            for (name, template, rv) in [
                ("neither length nor type", Template::shown(), CKR_TEMPLATE_INCOMPLETE),
                ("a type without a length", aes.clone(), CKR_TEMPLATE_INCOMPLETE),
                ("a length AES has not", aes.ulong(CKA_VALUE_LEN, 17), CKR_KEY_SIZE_RANGE),
                ("nothing", long(0), CKR_KEY_SIZE_RANGE),
                ("too much", long(usize::MAX), CKR_KEY_SIZE_RANGE),
            ] {
                tally.row(name, session.derive(&mechanism, base, &template), &[rv]);
            }
            tally.row(
                "a parameter",
                session.derive(&Mechanism::bytes(kind, b"odd"), base, &long(9)),
                &[CKR_MECHANISM_PARAM_INVALID],
            );
        }
    });
}
