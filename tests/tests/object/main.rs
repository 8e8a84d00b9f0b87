//! Objects: what the attributes of the standard allow and forbid. PKCS#11 v3.2 sections 4 and 5.7; one row per rule.

mod access;
mod allowed_mechanisms;
mod always_authenticate;
mod built_in;
mod classes;
mod copy;
mod create;
mod dates;
mod find;
mod history;
mod hotp;
mod key_types;
mod modify;
mod montgomery;
mod one_way;
mod persistence;
mod public_half;
mod public_key_info;
mod read;
mod read_only;
mod trust;
mod trust_objects;
mod usage;
mod uses_left;
mod wrap;
mod wrap_authenticated;
mod wrap_template;

use hsm_tests::*;

/// A secret AES key of known value, a session object.
fn aes_template() -> Template {
    Template::key(CKO_SECRET_KEY, CKK_AES)
        .bool(CKA_TOKEN, false)
        .bool(CKA_SENSITIVE, false)
        .bool(CKA_EXTRACTABLE, true)
        .bytes(CKA_VALUE, &[0x42; 32])
}

fn cbc() -> Mechanism {
    Mechanism::bytes(CKM_AES_CBC, &[0; 16])
}

fn key_wrap() -> Mechanism {
    Mechanism::bare(CKM_AES_KEY_WRAP)
}
