//! DSA and Diffie-Hellman modulo a prime: PKCS#11 v3.2 sections 4.11, 6.2, 6.4 and 6.7.

mod agreement;
mod domain;
mod openssl;
mod rules;
mod signatures;
mod wrapping;

use hsm_tests::*;

const TYPES: [(&str, CK_KEY_TYPE); 3] = [("DSA", CKK_DSA), ("DH", CKK_DH), ("X9.42 DH", CKK_X9_42_DH)];

/// A public key of known value, in the group that everybody knows.
fn public_of(session: Session<'_>, key_type: CK_KEY_TYPE, value: &str) -> Answer<Object> {
    session.create(&Template::key(CKO_PUBLIC_KEY, key_type).with(&domain(key_type)).bytes(CKA_VALUE, &hex(value)))
}

/// A private key of known value, that may be shown and does what its type can.
fn private_of(session: Session<'_>, key_type: CK_KEY_TYPE, value: &str) -> Answer<Object> {
    let usage = if key_type == CKK_DSA { CKA_SIGN } else { CKA_DERIVE };
    let template = Template::key(CKO_PRIVATE_KEY, key_type).with(&domain(key_type)).with(&Template::shown()).bool(usage, true);
    session.create(&template.bytes(CKA_VALUE, &hex(value)))
}
