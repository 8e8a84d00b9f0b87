//! Post-quantum keys and mechanisms: PKCS#11 v3.2 sections 6.66 to 6.68; one row per rule.

mod kem_keys;
mod kem_rules;
mod signature_keys;
mod signatures;

use hsm_tests::*;

/// A pair of a type and parameter set, its private key readable.
fn pair(session: Session<'_>, mechanism: CK_MECHANISM_TYPE, set: CK_ULONG) -> Pair {
    let public = Template::new().ulong(CKA_PARAMETER_SET, set);
    let (public, private) = session.generate_pair(&Mechanism::bare(mechanism), &public, &readable()).expect("a key pair");
    Pair { public, private }
}

/// What makes a key's material readable.
fn readable() -> Template {
    Template::new().bool(CKA_SENSITIVE, false).bool(CKA_EXTRACTABLE, true)
}

/// An imported private key with an attribute for each of `material`.
fn imported(key_type: CK_KEY_TYPE, set: CK_ULONG, material: &[(CK_ATTRIBUTE_TYPE, &[u8])]) -> Template {
    let template = Template::key(CKO_PRIVATE_KEY, key_type).with(&readable()).ulong(CKA_PARAMETER_SET, set);
    material.iter().fold(template, |template, (attribute, value)| template.bytes(*attribute, value))
}
