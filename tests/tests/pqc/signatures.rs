//! 6.67.5 to 6.67.7, 6.68.5 to 6.68.7: ML-DSA and SLH-DSA signatures, pure and over hashes.

use crate::pair;
use hsm_tests::*;

/// For either algorithm: key pair generation, parameter set, length of a signature, pure, over a given digest, and over hashes made here.
struct Family {
    generate: CK_MECHANISM_TYPE,
    set: CK_ULONG,
    len: usize,
    pure: CK_MECHANISM_TYPE,
    prehashed: CK_MECHANISM_TYPE,
    hashing: [CK_MECHANISM_TYPE; 10],
}

const FAMILIES: [Family; 2] = [
    Family {
        generate: CKM_ML_DSA_KEY_PAIR_GEN,
        set: CKP_ML_DSA_44,
        len: 2420,
        pure: CKM_ML_DSA,
        prehashed: CKM_HASH_ML_DSA,
        hashing: [
            CKM_HASH_ML_DSA_SHA224,
            CKM_HASH_ML_DSA_SHA256,
            CKM_HASH_ML_DSA_SHA384,
            CKM_HASH_ML_DSA_SHA512,
            CKM_HASH_ML_DSA_SHA3_224,
            CKM_HASH_ML_DSA_SHA3_256,
            CKM_HASH_ML_DSA_SHA3_384,
            CKM_HASH_ML_DSA_SHA3_512,
            CKM_HASH_ML_DSA_SHAKE128,
            CKM_HASH_ML_DSA_SHAKE256,
        ],
    },
    Family {
        generate: CKM_SLH_DSA_KEY_PAIR_GEN,
        set: CKP_SLH_DSA_SHA2_128F,
        len: 17_088,
        pure: CKM_SLH_DSA,
        prehashed: CKM_HASH_SLH_DSA,
        hashing: [
            CKM_HASH_SLH_DSA_SHA224,
            CKM_HASH_SLH_DSA_SHA256,
            CKM_HASH_SLH_DSA_SHA384,
            CKM_HASH_SLH_DSA_SHA512,
            CKM_HASH_SLH_DSA_SHA3_224,
            CKM_HASH_SLH_DSA_SHA3_256,
            CKM_HASH_SLH_DSA_SHA3_384,
            CKM_HASH_SLH_DSA_SHA3_512,
            CKM_HASH_SLH_DSA_SHAKE128,
            CKM_HASH_SLH_DSA_SHAKE256,
        ],
    },
];

const DATA: &[u8] = b"a message of some length";

/// What is signed in one part verifies in several, and the other way round; each mechanism signs something else.
#[test]
fn every_mechanism_signs() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.67, 6.68 mechanisms");
        for family in FAMILIES {
            let key = pair(session, family.generate, family.set);
            let all: Vec<_> = family.hashing.into_iter().chain([family.pure]).map(Mechanism::bare).collect();
            for (at, mechanism) in all.iter().enumerate() {
                let signature = session.sign(mechanism, key.private, DATA).expect("C_Sign");
                tally.equal(mechanism.name(), signature.len(), family.len);
                tally.row(mechanism.name(), in_parts(session, mechanism, key.public, &signature), &[CKR_OK]);
                let other = &all[(at + 1) % all.len()];
                let got = session.verify(other, key.public, DATA, &signature);
                tally.row("another mechanism", got, &[CKR_SIGNATURE_INVALID]);
            }
            session.begin(Begin::Sign, &all[0], key.private).expect("C_SignInit");
            DATA.chunks(5).for_each(|part| session.update(Begin::Sign, part).expect("C_SignUpdate"));
            let signature = session.run(Step::SignFinal, &[]).expect("C_SignFinal");
            tally.row("signed in parts", session.verify(&all[0], key.public, DATA, &signature), &[CKR_OK]);
        }
    });
}

fn in_parts(session: Session<'_>, mechanism: &Mechanism, key: Object, signature: &[u8]) -> Answer {
    session.begin(Begin::Verify, mechanism, key)?;
    for part in DATA.chunks(7) {
        session.update(Begin::Verify, part)?;
    }
    session.check_final(signature)
}

/// 6.67.6: over a digest that the caller made, which is the same signature that is made by hashing here.
#[test]
fn digests_made_by_the_caller() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.67.6, 6.68.6");
        for family in FAMILIES {
            let key = pair(session, family.generate, family.set);
            let digest = session.digest(&Mechanism::bare(CKM_SHA512), DATA).expect("C_Digest");
            let given = |hash| Mechanism::prehashed(family.prehashed, CKH_DETERMINISTIC_REQUIRED, b"context", hash);
            let signature = session.sign(&given(CKM_SHA512), key.private, &digest).expect("C_Sign");
            let here = Mechanism::hedged(family.hashing[3], CKH_DETERMINISTIC_REQUIRED, b"context");
            tally.check("the same", session.sign(&here, key.private, DATA).as_ref() == Ok(&signature), "another signature");
            tally.row("its check", session.verify(&given(CKM_SHA512), key.public, &digest, &signature), &[CKR_OK]);
            let got = session.sign(&given(CKM_SHA512), key.private, &digest[1..]);
            tally.row("a short digest", got, &[CKR_DATA_LEN_RANGE]);
            let got = session.verify(&given(CKM_SHA3_512), key.public, &digest, &signature);
            tally.row("another hash", got, &[CKR_SIGNATURE_INVALID]);
            let bad = &[CKR_MECHANISM_PARAM_INVALID];
            tally.row("no hash", session.begin(Begin::Sign, &given(CKM_AES_CBC), key.private), bad);
            tally.row("no parameter", session.begin(Begin::Sign, &Mechanism::bare(family.prehashed), key.private), bad);
        }
    });
}

#[test]
fn hedging_and_contexts() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.67.1 CK_SIGN_ADDITIONAL_CONTEXT");
        for family in FAMILIES {
            let key = pair(session, family.generate, family.set);
            let with = |hedge, context: &[u8]| Mechanism::hedged(family.pure, hedge, context);
            let sign = |mechanism: &Mechanism| session.sign(mechanism, key.private, DATA);
            let verify = |mechanism: &Mechanism, signature: &[u8]| session.verify(mechanism, key.public, DATA, signature);
            let fixed = with(CKH_DETERMINISTIC_REQUIRED, b"context");
            let signature = sign(&fixed).expect("C_Sign");
            tally.check("deterministic", sign(&fixed).as_ref() == Ok(&signature), "two signatures");
            let hedged = with(CKH_HEDGE_REQUIRED, b"context");
            tally.check("hedged", sign(&hedged) != sign(&hedged), "the same signature twice");
            tally.row("the variant is ignored", verify(&hedged, &signature), &[CKR_OK]);
            tally.row("even one that is none", verify(&with(99, b"context"), &signature), &[CKR_OK]);
            let no = &[CKR_SIGNATURE_INVALID];
            tally.row("another context", verify(&with(0, b"contexu"), &signature), no);
            tally.row("no context", verify(&Mechanism::bare(family.pure), &signature), no);
            let longest = with(0, &[7; 255]);
            let signature = sign(&longest).expect("C_Sign with the longest context");
            tally.row("255 bytes", verify(&longest, &signature), &[CKR_OK]);
            let bad = &[CKR_MECHANISM_PARAM_INVALID];
            let init = |mechanism: &Mechanism| session.begin(Begin::Sign, mechanism, key.private);
            tally.row("256 bytes", init(&with(0, &[7; 256])), bad);
            tally.row("no such variant", init(&with(3, b"")), bad);
            tally.row("rubbish", init(&Mechanism::bytes(family.pure, &[1; 7])), bad);
            tally.row("NULL with a length", init(&Mechanism::words(family.pure, &[0, 0, 5])), bad);
        }
    });
}

#[test]
fn what_does_not_verify() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("5.15 C_Verify");
        let keys = FAMILIES.map(|family| pair(session, family.generate, family.set));
        for (at, family) in FAMILIES.iter().enumerate() {
            let mechanism = Mechanism::bare(family.pure);
            let signature = session.sign(&mechanism, keys[at].private, DATA).expect("C_Sign");
            let verify = |data: &[u8], signature: &[u8]| session.verify(&mechanism, keys[at].public, data, signature);
            for place in [0, 100, signature.len() - 1] {
                let mut torn = signature.clone();
                torn[place] ^= 0x80;
                tally.row(format!("byte {place}"), verify(DATA, &torn), &[CKR_SIGNATURE_INVALID]);
            }
            tally.row("other data", verify(&DATA[1..], &signature), &[CKR_SIGNATURE_INVALID]);
            tally.row("short", verify(DATA, &signature[1..]), &[CKR_SIGNATURE_LEN_RANGE]);
            tally.row("empty", verify(DATA, &[]), &[CKR_SIGNATURE_LEN_RANGE]);
            let wrong = keys[1 - at];
            let no = &[CKR_KEY_TYPE_INCONSISTENT];
            tally.row("another type", session.begin(Begin::Sign, &mechanism, wrong.private), no);
            tally.row("the public key", session.begin(Begin::Sign, &mechanism, keys[at].public), no);
            session.set(keys[at].private, &Template::new().bool(CKA_SIGN, false)).expect("C_SetAttributeValue");
            let got = session.begin(Begin::Sign, &mechanism, keys[at].private);
            tally.row("without CKA_SIGN", got, &[CKR_KEY_FUNCTION_NOT_PERMITTED]);
        }
    });
}
