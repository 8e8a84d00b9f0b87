//! C_DeriveKey, PKCS#11 v3.2 section 5.18.5, and the mechanisms that derive: values, lengths and types, what keys inherit, several keys at
//! once, and parameters that no honest caller passes.

mod hashes;
mod hkdf;
mod hostile;
mod ike;
mod inheritance;
mod passwords;
mod passwords_of_old;
mod sets;
mod simple;
mod templates;
mod tls;
mod tls_older;

use hsm_tests::*;

/// CK_KEY_DERIVATION_STRING_DATA.
fn with_data(mechanism: CK_MECHANISM_TYPE, data: &[u8]) -> Mechanism {
    Mechanism::structure(mechanism, Layout::new().bytes(data))
}

/// CK_HKDF_PARAMS with a salt of data. The two CK_BBOOLs share a word.
fn hkdf(mechanism: CK_MECHANISM_TYPE, extract: bool, expand: bool, salt: &[u8], info: &[u8]) -> Mechanism {
    let steps = usize::from(extract) | usize::from(expand) << 8;
    let kind = if salt.is_empty() { CKF_HKDF_SALT_NULL } else { CKF_HKDF_SALT_DATA };
    let layout = Layout::new().word(steps).word(CKM_SHA256).word(kind).bytes(salt).word(0usize).bytes(info);
    Mechanism::structure(mechanism, layout)
}

/// The value of what was derived.
fn value(session: Session<'_>, derived: Answer<Object>) -> Answer<Vec<u8>> {
    session.attribute(derived?, CKA_VALUE)
}

fn long(len: usize) -> Template {
    Template::shown().ulong(CKA_VALUE_LEN, len as CK_ULONG)
}
