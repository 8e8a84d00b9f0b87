//! What the module reads from its own files, after somebody edited them, and keys as they come out of C_UnwrapKey.

use crate::source::Source;
use cryptoki_sys::*;
use hsm_sim::hostile;

/// The plaintext of an object's row.
pub fn rows(data: &[u8]) {
    hostile::row(data);
}

/// The header of a token file and its list of users.
pub fn records(data: &[u8]) {
    hostile::header(data);
    hostile::users(data);
}

/// hsm-sim.toml.
pub fn configuration(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        hostile::configuration(text);
    }
}

/// PKCS #8 for every type of private key; the first byte chooses.
pub fn wrapped_keys(data: &[u8]) {
    let mut source = Source::new(data);
    let key_type = source.pick(&PRIVATE);
    hostile::private_key(source.rest(), key_type);
}

/// The key types with a private half.
pub const PRIVATE: [CK_KEY_TYPE; 10] =
    [CKK_RSA, CKK_EC, CKK_EC_EDWARDS, CKK_EC_MONTGOMERY, CKK_DSA, CKK_DH, CKK_X9_42_DH, CKK_ML_KEM, CKK_ML_DSA, CKK_SLH_DSA];
