//! Public keys as SubjectPublicKeyInfo: CKA_PUBLIC_KEY_INFO (PKCS#11 v3.2 §4.9, §4.10; RFC 5280 §4.1.2.7).
//!
//! RSA is RFC 3279, elliptic curves RFC 5480, Ed25519 and X25519 RFC 8410, ML-KEM RFC 9935, ML-DSA RFC 9881, SLH-DSA RFC 9909, DSA
//! and Diffie-Hellman RFC 3279 and PKCS #3.

use cryptoki_sys::CKA_PUBLIC_KEY_INFO;
use pkcs1::der::{
    Decode, Encode,
    asn1::{AnyRef, BitStringRef, ObjectIdentifier, UintRef},
};
use pkcs8::{AlgorithmIdentifierRef, spki::SubjectPublicKeyInfoRef};

use super::{
    attributes::{Draft, Lookup},
    key::Key,
    parameter_set::{self, ML_DSA, ML_KEM, SLH_DSA},
    pkcs8::{EC, ED25519, RSA, X25519, unencodable},
    pkcs8_finite,
};
use crate::{
    crypto::{EcPublicKey, Group, RsaPublicKey},
    error::{Result, Rv},
};

/// Writes the attribute into `draft`, whose template may have said the same or nothing.
pub fn describe(key: &Key, draft: &mut Draft) -> Result<()> {
    let Some(info) = encode(key)? else { return Ok(()) };
    match draft.of(CKA_PUBLIC_KEY_INFO) {
        Some(said) if !said.is_empty() && said != info => {
            Rv::AttributeValueInvalid.err("CKA_PUBLIC_KEY_INFO is not that of this key")
        }
        _ => {
            draft.set(CKA_PUBLIC_KEY_INFO, &info);
            Ok(())
        }
    }
}

/// The public key of a pair, whichever half this is; `None` for secret keys.
fn encode(key: &Key) -> Result<Option<Vec<u8>>> {
    let set = |oid: Result<(_, ObjectIdentifier)>, value: &[u8]| info(oid?.1, None, value);
    let info = match key {
        Key::RsaPublic(key) => rsa(key),
        Key::RsaPrivate(key) => rsa(key.public()),
        Key::EcPublic(key) => ec(key),
        Key::EcPrivate(key) => ec(key.public()),
        Key::EdPublic(key) => info(ED25519, None, key.bytes()),
        Key::EdPrivate(key) => info(ED25519, None, key.public().bytes()),
        Key::XPublic(key) => info(X25519, None, key.bytes()),
        Key::XPrivate(key) => info(X25519, None, key.public().bytes()),
        Key::MlKemPublic(key) => set(parameter_set::names(ML_KEM, key.set()), key.value()),
        Key::MlKemPrivate(key) => set(parameter_set::names(ML_KEM, key.public().set()), key.public().value()),
        Key::MlDsaPublic(key) => set(parameter_set::names(ML_DSA, key.set()), key.value()),
        Key::MlDsaPrivate(key) => set(parameter_set::names(ML_DSA, key.public().set()), key.public().value()),
        Key::SlhDsaPublic(key) => set(parameter_set::names(SLH_DSA, key.set()), key.value()),
        Key::SlhDsaPrivate(key) => set(parameter_set::names(SLH_DSA, key.public().set()), key.public().value()),
        Key::DsaPublic(key) => finite(key.group(), key.value()),
        Key::DsaPrivate(key) => finite(key.public().group(), key.public().value()),
        Key::DhPublic(key) => finite(key.group(), key.value()),
        Key::DhPrivate(key) => finite(key.public().group(), key.public().value()),
        Key::Aes(_) | Key::Xts(_) | Key::Des3(_) | Key::Camellia(_) | Key::Hotp(_) | Key::Generic(_) | Key::Typed(..) => {
            return Ok(None);
        }
    };
    info.map(Some)
}

fn rsa(key: &RsaPublicKey) -> Result<Vec<u8>> {
    let number = |bytes| UintRef::new(bytes).map_err(unencodable);
    let inner = pkcs1::RsaPublicKey { modulus: number(key.modulus())?, public_exponent: number(key.exponent())? };
    info(RSA, Some(AnyRef::NULL), &inner.to_der().map_err(unencodable)?)
}

fn ec(key: &EcPublicKey) -> Result<Vec<u8>> {
    let curve: ObjectIdentifier = ObjectIdentifier::from_der(key.curve().oid_der()).map_err(unencodable)?;
    info(EC, Some(AnyRef::from(&curve)), key.point())
}

fn finite(group: &Group, value: &[u8]) -> Result<Vec<u8>> {
    let (oid, parameters) = pkcs8_finite::algorithm(group)?;
    let value = UintRef::new(value).and_then(|value| value.to_der()).map_err(unencodable)?;
    info(oid, Some(AnyRef::from_der(&parameters).map_err(unencodable)?), &value)
}

fn info(oid: ObjectIdentifier, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<Vec<u8>> {
    let algorithm = AlgorithmIdentifierRef { oid, parameters };
    let subject_public_key = BitStringRef::from_bytes(key).map_err(unencodable)?;
    SubjectPublicKeyInfoRef { algorithm, subject_public_key }.to_der().map_err(unencodable)
}
