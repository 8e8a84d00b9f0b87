//! Templates of keys that come from files: what PKCS#11 v3.1 sections 6.1.3, 6.3.4 and 6.3.5 name their parts.

use cryptoki::object::{Attribute, KeyType, ObjectClass};
use zeroize::Zeroize;

use super::{ED25519_NAME, ED25519_OID, SECRET_USES, Use, named, secrecy, secret_key, usage};
use crate::hsm::{KeyKind, Leaving, Named, PublicKey};
use crate::keyfile::Numbers;

/// An AES key that lives for one import or export: wraps and unwraps.
pub(in crate::hsm) fn passing_key() -> Vec<Attribute> {
    let mut template = secret_key().to_vec();
    template.push(Attribute::Token(false));
    template.extend(secrecy(Leaving::Never));
    template.extend(usage(&[Use::Wrap, Use::Unwrap], &SECRET_USES));
    template
}

/// An AES key that encrypts. It wraps nothing: it is never taken for a master key.
pub(in crate::hsm) fn imported_aes(Named { id, label }: Named<'_>, leaving: Leaving) -> Vec<Attribute> {
    let mut template = named(id, label);
    template.extend(secret_key());
    template.extend(secrecy(leaving));
    template.extend(usage(&[Use::Encrypt, Use::Decrypt], &SECRET_USES));
    template
}

/// The private half of a pair that signs, without its numbers.
pub(in crate::hsm) fn imported_private(Named { id, label }: Named<'_>, kind: KeyKind, leaving: Leaving) -> Vec<Attribute> {
    let mut template = named(id, label);
    template.extend([Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::KeyType(key_type(kind)), Attribute::Sign(true)]);
    if let KeyKind::Rsa(_) = kind {
        template.extend([Attribute::Decrypt(false), Attribute::Unwrap(false)]);
    }
    template.extend(secrecy(leaving));
    template
}

/// The numbers of a private key, for C_CreateObject. To be erased.
pub(in crate::hsm) fn numbers(public: &PublicKey, numbers: &Numbers, curve: &[u8]) -> Vec<Attribute> {
    match (public, numbers) {
        (PublicKey::Rsa { n, e }, Numbers::Rsa(numbers)) => {
            let [d, p, q, dp, dq, inverse] = numbers.each_ref().map(|number| number.expose().to_vec());
            vec![
                Attribute::Modulus(n.clone()),
                Attribute::PublicExponent(e.clone()),
                Attribute::PrivateExponent(d),
                Attribute::Prime1(p),
                Attribute::Prime2(q),
                Attribute::Exponent1(dp),
                Attribute::Exponent2(dq),
                Attribute::Coefficient(inverse),
            ]
        }
        (_, Numbers::Ec(_, value) | Numbers::Ed25519(value)) => {
            vec![Attribute::EcParams(curve.to_vec()), Attribute::Value(value.expose().to_vec())]
        }
        (_, Numbers::Rsa(_)) => Vec::new(),
    }
}

/// Erases what [`numbers`] put into a template.
pub(in crate::hsm) fn erase(template: &mut [Attribute]) {
    for attribute in template {
        match attribute {
            Attribute::PrivateExponent(bytes)
            | Attribute::Prime1(bytes)
            | Attribute::Prime2(bytes)
            | Attribute::Exponent1(bytes)
            | Attribute::Exponent2(bytes)
            | Attribute::Coefficient(bytes)
            | Attribute::Value(bytes) => bytes.zeroize(),
            _ => {}
        }
    }
}

/// A public key that verifies.
pub(in crate::hsm) fn imported_public(
    Named { id, label }: Named<'_>,
    key: &PublicKey,
    curve: &[u8],
    point: &[u8],
) -> Vec<Attribute> {
    let mut template = named(id, label);
    template.extend([Attribute::Class(ObjectClass::PUBLIC_KEY), Attribute::KeyType(key_type(key.kind()))]);
    template.extend([Attribute::Verify(true), Attribute::Private(false)]);
    match key {
        PublicKey::Rsa { n, e } => {
            template.extend([Attribute::Encrypt(false), Attribute::Wrap(false)]);
            template.extend([Attribute::Modulus(n.clone()), Attribute::PublicExponent(e.clone())]);
        }
        PublicKey::Ec { .. } | PublicKey::Ed25519(_) => {
            template.extend([Attribute::EcParams(curve.to_vec()), Attribute::EcPoint(point.to_vec())]);
        }
    }
    template
}

/// CKA_EC_PARAMS in the ways tokens want it, best first; one empty way for keys without a curve.
pub(in crate::hsm) fn curve_names(kind: KeyKind) -> Vec<&'static [u8]> {
    match kind {
        KeyKind::Rsa(_) => vec![&[]],
        KeyKind::Ec(curve) => vec![curve.params()],
        KeyKind::Ed25519 => vec![&ED25519_OID, ED25519_NAME],
    }
}

/// CKA_EC_POINT in the ways tokens want it: inside a DER OCTET STRING, and for Ed25519 bare too.
pub(in crate::hsm) fn points(key: &PublicKey) -> Vec<Vec<u8>> {
    match key {
        PublicKey::Rsa { .. } => vec![Vec::new()],
        PublicKey::Ec { x, y, .. } => vec![octet_string(&[&[0x04][..], x, y].concat())],
        PublicKey::Ed25519(point) => vec![octet_string(point), point.to_vec()],
    }
}

/// DER for up to 255 bytes.
fn octet_string(bytes: &[u8]) -> Vec<u8> {
    let len = bytes.len() as u8;
    let head: &[u8] = if len < 0x80 { &[0x04, len] } else { &[0x04, 0x81, len] };
    [head, bytes].concat()
}

fn key_type(kind: KeyKind) -> KeyType {
    match kind {
        KeyKind::Rsa(_) => KeyType::RSA,
        KeyKind::Ec(_) => KeyType::EC,
        KeyKind::Ed25519 => KeyType::EC_EDWARDS,
    }
}
