//! Test vectors through the C interface: project Wycheproof, and the examples of the standards themselves.

mod aead;
mod aes;
mod agreement;
mod ecc;
mod ecdsa_sha3;
mod kdf;
mod known;
mod known_symmetric;
mod mac;
mod ml_dsa;
mod ml_kem;
mod rsa_decrypt;
mod rsa_verify;

use hsm_tests::*;
use wycheproof::{HashFunction, TestResult};

/// Mechanisms of a hash: itself, MGF1, RSASSA-PKCS1, RSASSA-PSS, ECDSA.
struct Hash {
    digest: CK_MECHANISM_TYPE,
    mgf: CK_RSA_PKCS_MGF_TYPE,
    pkcs1: CK_MECHANISM_TYPE,
    pss: CK_MECHANISM_TYPE,
    ecdsa: CK_MECHANISM_TYPE,
}

/// None for hashes that the module does not have.
fn hash(function: HashFunction) -> Option<Hash> {
    let (digest, mgf, pkcs1, pss, ecdsa) = match function {
        HashFunction::Sha1 => (CKM_SHA_1, CKG_MGF1_SHA1, CKM_SHA1_RSA_PKCS, CKM_SHA1_RSA_PKCS_PSS, CKM_ECDSA_SHA1),
        HashFunction::Sha2_224 => (CKM_SHA224, CKG_MGF1_SHA224, CKM_SHA224_RSA_PKCS, CKM_SHA224_RSA_PKCS_PSS, CKM_ECDSA_SHA224),
        HashFunction::Sha2_256 => (CKM_SHA256, CKG_MGF1_SHA256, CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS, CKM_ECDSA_SHA256),
        HashFunction::Sha2_384 => (CKM_SHA384, CKG_MGF1_SHA384, CKM_SHA384_RSA_PKCS, CKM_SHA384_RSA_PKCS_PSS, CKM_ECDSA_SHA384),
        HashFunction::Sha2_512 => (CKM_SHA512, CKG_MGF1_SHA512, CKM_SHA512_RSA_PKCS, CKM_SHA512_RSA_PKCS_PSS, CKM_ECDSA_SHA512),
        HashFunction::Sha3_224 => {
            (CKM_SHA3_224, CKG_MGF1_SHA3_224, CKM_SHA3_224_RSA_PKCS, CKM_SHA3_224_RSA_PKCS_PSS, CKM_ECDSA_SHA3_224)
        }
        HashFunction::Sha3_256 => {
            (CKM_SHA3_256, CKG_MGF1_SHA3_256, CKM_SHA3_256_RSA_PKCS, CKM_SHA3_256_RSA_PKCS_PSS, CKM_ECDSA_SHA3_256)
        }
        HashFunction::Sha3_384 => {
            (CKM_SHA3_384, CKG_MGF1_SHA3_384, CKM_SHA3_384_RSA_PKCS, CKM_SHA3_384_RSA_PKCS_PSS, CKM_ECDSA_SHA3_384)
        }
        HashFunction::Sha3_512 => {
            (CKM_SHA3_512, CKG_MGF1_SHA3_512, CKM_SHA3_512_RSA_PKCS, CKM_SHA3_512_RSA_PKCS_PSS, CKM_ECDSA_SHA3_512)
        }
        _ => return None,
    };
    Some(Hash { digest, mgf, pkcs1, pss, ecdsa })
}

/// A verification's row: valid signatures verify, invalid ones are called invalid, acceptable ones either.
fn verdict(tally: &mut Tally, what: String, expected: TestResult, got: Answer) {
    let invalid = [CKR_SIGNATURE_INVALID, CKR_SIGNATURE_LEN_RANGE];
    match expected {
        TestResult::Valid => tally.row(what, got, &[CKR_OK]),
        TestResult::Invalid => tally.row(what, got, &invalid),
        TestResult::Acceptable => tally.row(what, got, &[CKR_OK, invalid[0], invalid[1]]),
    }
}
