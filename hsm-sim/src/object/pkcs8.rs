//! Private keys as PKCS #8 PrivateKeyInfo, the form in which C_WrapKey and C_UnwrapKey carry them (PKCS#11 v3.2 §6.7).
//!
//! RSA is RFC 8017 A.1.2, elliptic curves RFC 5915, Ed25519 and X25519 RFC 8410, ML-KEM RFC 9935, ML-DSA RFC 9881, SLH-DSA RFC 9909, DSA and
//! Diffie-Hellman RFC 3279 and PKCS #3.

use cryptoki_sys::*;
use pkcs1::der::{
    Decode, Encode,
    asn1::{AnyRef, ObjectIdentifier, OctetStringRef, UintRef},
};
use pkcs8::{AlgorithmIdentifierRef, PrivateKeyInfoRef};
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use super::{
    attributes::Draft,
    key::Key,
    parameter_set::{self, ML_DSA, ML_KEM, SLH_DSA},
    pkcs8_finite, pkcs8_seed,
};
use crate::{
    error::{Error, Result, Rv},
    secret::Secret,
};

pub(super) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(super) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(super) const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");
pub(super) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The key as DER. CKR_KEY_NOT_WRAPPABLE for keys that are not private.
pub fn encode(key: &Key) -> Result<Secret> {
    match key {
        Key::RsaPrivate(key) => rsa(key),
        Key::EcPrivate(key) => ec(key),
        Key::EdPrivate(key) => bare(ED25519, &key.seed()),
        Key::XPrivate(key) => bare(X25519, &key.scalar()),
        Key::DsaPrivate(key) => pkcs8_finite::encode(key.public().group(), key.scalar()),
        Key::DhPrivate(key) => pkcs8_finite::encode(key.public().group(), key.scalar()),
        Key::MlKemPrivate(key) => {
            let oid = parameter_set::names(ML_KEM, key.public().set())?.1;
            wrap(oid, None, &pkcs8_seed::encode(key.seed(), key.value())?)
        }
        Key::MlDsaPrivate(key) => {
            let oid = parameter_set::names(ML_DSA, key.public().set())?.1;
            wrap(oid, None, &pkcs8_seed::encode(key.seed(), key.value())?)
        }
        Key::SlhDsaPrivate(key) => wrap(parameter_set::names(SLH_DSA, key.public().set())?.1, None, key.value().expose()),
        _ => Rv::KeyNotWrappable.err("only private keys have a PKCS #8 form"),
    }
}

/// Writes the material of a DER key of `key_type` into `draft`.
pub fn decode(der: &[u8], key_type: CK_KEY_TYPE, draft: &mut Draft) -> Result<()> {
    let (info, rest) = PrivateKeyInfoRef::from_der_partial(der).map_err(malformed)?;
    // Key wraps that work on whole blocks fill them with zeros.
    if rest.len() >= 16 || rest.iter().any(|byte| *byte != 0) {
        return Rv::WrappedKeyInvalid.err("something follows the wrapped private key");
    }
    let inner = info.private_key.as_bytes();
    match (info.algorithm.oid, key_type) {
        (RSA, CKK_RSA) => from_rsa(inner, draft),
        (EC, CKK_EC) => from_ec(inner, &info.algorithm, draft),
        (ED25519, CKK_EC_EDWARDS) => from_bare(inner, super::curve::ED25519, draft),
        (X25519, CKK_EC_MONTGOMERY) => from_bare(inner, super::curve::X25519, draft),
        (oid @ pkcs8_finite::DSA, CKK_DSA) | (oid @ pkcs8_finite::DH, CKK_DH) | (oid @ pkcs8_finite::X9_42, CKK_X9_42_DH) => {
            pkcs8_finite::decode(oid, info.algorithm.parameters, inner, draft)
        }
        (oid, CKK_ML_KEM) => {
            draft.set_ulong(CKA_PARAMETER_SET, of_type(parameter_set::number_of(ML_KEM, oid))?);
            pkcs8_seed::decode(inner, draft)
        }
        (oid, CKK_ML_DSA) => {
            draft.set_ulong(CKA_PARAMETER_SET, of_type(parameter_set::number_of(ML_DSA, oid))?);
            pkcs8_seed::decode(inner, draft)
        }
        (oid, CKK_SLH_DSA) => {
            draft.set_ulong(CKA_PARAMETER_SET, of_type(parameter_set::number_of(SLH_DSA, oid))?);
            draft.set(CKA_VALUE, inner);
            Ok(())
        }
        _ => of_type(None),
    }
}

/// What the algorithm identifier says, if it goes with the key type that the template names.
fn of_type<T>(found: Option<T>) -> Result<T> {
    match found {
        Some(found) => Ok(found),
        None => Rv::TemplateInconsistent.err("the wrapped key is not of CKA_KEY_TYPE"),
    }
}

fn rsa(key: &crate::crypto::RsaPrivateKey) -> Result<Secret> {
    let parts = key.parts();
    let number = |bytes| UintRef::new(bytes).map_err(unencodable);
    let inner = pkcs1::RsaPrivateKeyRef {
        modulus: number(&parts.n)?,
        public_exponent: number(&parts.e)?,
        private_exponent: number(parts.d.expose())?,
        prime1: number(parts.p.expose())?,
        prime2: number(parts.q.expose())?,
        exponent1: number(parts.dp.expose())?,
        exponent2: number(parts.dq.expose())?,
        coefficient: number(parts.qinv.expose())?,
        other_prime_infos: None,
    };
    wrap(RSA, Some(AnyRef::NULL), &der(&inner)?)
}

fn ec(key: &crate::crypto::EcPrivateKey) -> Result<Secret> {
    let scalar = key.scalar();
    let curve: ObjectIdentifier = ObjectIdentifier::from_der(key.public().curve().oid_der()).map_err(unencodable)?;
    let inner = EcPrivateKey { private_key: scalar.expose(), parameters: None, public_key: Some(key.public().point()) };
    wrap(EC, Some(AnyRef::from(&curve)), &der(&inner)?)
}

/// RFC 8410, 7: the algorithm is the curve, and the key its bytes in an OCTET STRING of their own.
fn bare(oid: ObjectIdentifier, value: &Secret) -> Result<Secret> {
    let inner = OctetStringRef::new(value.expose()).map_err(unencodable)?;
    wrap(oid, None, &der(&inner)?)
}

pub(super) fn wrap(oid: ObjectIdentifier, parameters: Option<AnyRef<'_>>, inner: &[u8]) -> Result<Secret> {
    let inner = OctetStringRef::new(inner).map_err(unencodable)?;
    let mut whole = der(&PrivateKeyInfoRef::new(AlgorithmIdentifierRef { oid, parameters }, inner))?;
    Ok(Secret::take(&mut whole))
}

pub(super) fn der(value: &impl Encode) -> Result<Zeroizing<Vec<u8>>> {
    let len = value.encoded_len().and_then(usize::try_from).map_err(unencodable)?;
    // Of the final size from the start: growing would leave copies of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(len));
    value.encode_to_vec(&mut bytes).map_err(unencodable)?;
    Ok(bytes)
}

fn from_rsa(inner: &[u8], draft: &mut Draft) -> Result<()> {
    let key = pkcs1::RsaPrivateKeyRef::from_der(inner).map_err(malformed)?;
    for (kind, value) in [
        (CKA_MODULUS, key.modulus),
        (CKA_PUBLIC_EXPONENT, key.public_exponent),
        (CKA_PRIVATE_EXPONENT, key.private_exponent),
        (CKA_PRIME_1, key.prime1),
        (CKA_PRIME_2, key.prime2),
        (CKA_EXPONENT_1, key.exponent1),
        (CKA_EXPONENT_2, key.exponent2),
        (CKA_COEFFICIENT, key.coefficient),
    ] {
        draft.set(kind, value.as_bytes());
    }
    Ok(())
}

fn from_ec(inner: &[u8], algorithm: &AlgorithmIdentifierRef<'_>, draft: &mut Draft) -> Result<()> {
    let key = EcPrivateKey::from_der(inner).map_err(malformed)?;
    let curve = match (algorithm.parameters, &key.parameters) {
        (Some(params), _) => params.to_der(),
        (None, Some(params)) => params.to_der(),
        (None, None) => return Rv::WrappedKeyInvalid.err("the wrapped key names no curve"),
    };
    draft.set(CKA_EC_PARAMS, &curve.map_err(malformed)?);
    draft.set(CKA_VALUE, key.private_key);
    Ok(())
}

fn from_bare(inner: &[u8], curve: &[u8], draft: &mut Draft) -> Result<()> {
    let value = <&OctetStringRef>::from_der(inner).map_err(malformed)?;
    draft.set(CKA_EC_PARAMS, curve);
    draft.set(CKA_VALUE, value.as_bytes());
    Ok(())
}

pub(super) fn malformed(_: pkcs1::der::Error) -> Error {
    Rv::WrappedKeyInvalid.because("what was unwrapped is not a PKCS #8 private key")
}

pub(super) fn unencodable(_: pkcs1::der::Error) -> Error {
    Rv::FunctionFailed.because("the key has no DER form")
}
