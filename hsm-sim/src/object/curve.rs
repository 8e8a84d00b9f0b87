//! Curves and points as consumers write them: CKA_EC_PARAMS and CKA_EC_POINT (PKCS#11 v3.2 §6.3.3).
//!
//! Consumers differ, so everything that has one meaning is understood: the curve as an OID or as a PrintableString with its name;
//! a point as DER OCTET STRING, as DER BIT STRING, or as its bytes alone. What is kept is always the OID and the OCTET STRING.

use serde::Deserialize;

use crate::{
    crypto::Curve,
    error::{Result, Rv},
};

const OID: u8 = 0x06;
const PRINTABLE_STRING: u8 = 0x13;
const OCTET_STRING: u8 = 0x04;
const BIT_STRING: u8 = 0x03;

/// DER of 1.3.101.112, id-Ed25519 (RFC 8410).
pub const ED25519: &[u8] = &[OID, 3, 0x2b, 0x65, 0x70];
/// DER of 1.3.6.1.4.1.11591.15.1, the older identifier some libraries still write.
const ED25519_OLDER: &[u8] = &[OID, 9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

/// DER of 1.3.101.110, id-X25519 (RFC 8410).
pub const X25519: &[u8] = &[OID, 3, 0x2b, 0x65, 0x6e];
/// DER of 1.3.6.1.4.1.3029.1.5.1, which libraries of before RFC 8410 wrote.
const X25519_OLDER: &[u8] = &[OID, 10, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01];

/// Encodings of CKA_EC_POINT; all are understood when read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointForm {
    /// DER OCTET STRING, which most consumers expect.
    OctetString,
    /// The bytes themselves, as PKCS#11 v3.0 §2.3.5 says for Edwards and Montgomery curves.
    Raw,
}

impl PointForm {
    /// A point in this form.
    pub fn encode(self, point: &[u8]) -> Vec<u8> {
        match self {
            Self::OctetString => octet_string(point),
            Self::Raw => point.to_vec(),
        }
    }
}

/// The Weierstrass curve these parameters name.
pub fn weierstrass(params: &[u8]) -> Result<Curve> {
    let named = |name: &[u8]| std::str::from_utf8(name).ok().and_then(Curve::from_name);
    match element(params) {
        Some((OID, _)) => {
            Curve::from_oid_der(params).ok_or(Rv::CurveNotSupported.because("the curve is not one of this module's"))
        }
        Some((PRINTABLE_STRING, name)) => named(name).ok_or(Rv::CurveNotSupported.because("no curve of that name")),
        // SEQUENCE: explicit parameters; NULL: implicitCA.
        Some((0x30 | 0x05, _)) => Rv::CurveNotSupported.err("explicit curve parameters are not supported"),
        _ => Rv::DomainParamsInvalid.err("CKA_EC_PARAMS is neither an OID nor a PrintableString"),
    }
}

/// Refuses parameters that do not name Ed25519.
pub fn edwards(params: &[u8]) -> Result<()> {
    match element(params) {
        Some((OID, _)) if params == ED25519 || params == ED25519_OLDER => Ok(()),
        Some((PRINTABLE_STRING, name)) if [&b"edwards25519"[..], b"Ed25519", b"ed25519"].contains(&name) => Ok(()),
        Some((OID | PRINTABLE_STRING, _)) => Rv::CurveNotSupported.err("the only Edwards curve is Ed25519"),
        _ => Rv::DomainParamsInvalid.err("CKA_EC_PARAMS is neither an OID nor a PrintableString"),
    }
}

/// Refuses parameters that do not name Curve25519.
pub fn montgomery(params: &[u8]) -> Result<()> {
    match element(params) {
        Some((OID, _)) if params == X25519 || params == X25519_OLDER => Ok(()),
        Some((PRINTABLE_STRING, name)) if [&b"curve25519"[..], b"X25519", b"x25519"].contains(&name) => Ok(()),
        Some((OID | PRINTABLE_STRING, _)) => Rv::CurveNotSupported.err("the only Montgomery curve is Curve25519"),
        _ => Rv::DomainParamsInvalid.err("CKA_EC_PARAMS is neither an OID nor a PrintableString"),
    }
}

/// The bytes of a point that has the form of one on this curve.
pub fn weierstrass_point(value: &[u8], curve: Curve) -> Result<&[u8]> {
    let len = curve.field_len();
    point(value, |bytes| match bytes.first() {
        Some(4) => bytes.len() == 1 + 2 * len,
        Some(2 | 3) => bytes.len() == 1 + len,
        _ => false,
    })
}

/// The bytes of a point on Edwards25519.
pub fn edwards_point(value: &[u8]) -> Result<&[u8]> {
    point(value, |bytes| bytes.len() == 32)
}

/// The bytes of a point on Curve25519.
pub fn montgomery_point(value: &[u8]) -> Result<&[u8]> {
    point(value, |bytes| bytes.len() == 32)
}

/// The point's own bytes. `accept` tells whether bytes have the length and the look of a bare point.
fn point(value: &[u8], accept: impl Fn(&[u8]) -> bool) -> Result<&[u8]> {
    let inner = match element(value) {
        Some((OCTET_STRING, inner)) => Some(inner),
        Some((BIT_STRING, [0, inner @ ..])) => Some(inner),
        _ => None,
    };
    inner
        .filter(|inner| accept(inner))
        .or(accept(value).then_some(value))
        .ok_or(Rv::AttributeValueInvalid.because("CKA_EC_POINT is no point of the curve"))
}

/// Wraps a point in an OCTET STRING. Points have at most 133 bytes.
pub fn octet_string(point: &[u8]) -> Vec<u8> {
    let mut der = vec![OCTET_STRING];
    if point.len() >= 0x80 {
        der.push(0x81);
    }
    der.push(point.len() as u8);
    der.extend_from_slice(point);
    der
}

/// Tag and content of a DER element that fills `der` exactly. Lengths up to 255 suffice here.
fn element(der: &[u8]) -> Option<(u8, &[u8])> {
    let (tag, len, content) = match der {
        [tag, 0x81, len, content @ ..] if *len >= 0x80 => (tag, len, content),
        [tag, len, content @ ..] if *len < 0x80 => (tag, len, content),
        _ => return None,
    };
    (content.len() == usize::from(*len)).then_some((*tag, content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_in_every_form() {
        let bare = [7u8; 32];
        let is_point = |bytes: &[u8]| bytes.len() == 32;
        let bits: Vec<u8> = [&[BIT_STRING, 33, 0][..], &bare].concat();
        for form in [bare.to_vec(), octet_string(&bare), bits] {
            assert_eq!(point(&form, is_point).ok(), Some(&bare[..]));
        }
        for broken in [&bare[..31], &octet_string(&bare)[..33], &[]] {
            assert!(point(broken, is_point).is_err());
        }
    }

    #[test]
    fn a_bare_point_that_looks_like_der_is_a_point() {
        // A bare 32-byte point may begin with 04 1e, an OCTET STRING of 30 bytes.
        let mut bare = [9u8; 32];
        bare[..2].copy_from_slice(&[OCTET_STRING, 30]);
        assert_eq!(point(&bare, |bytes| bytes.len() == 32).ok(), Some(&bare[..]));
    }

    #[test]
    fn long_points_get_a_long_length() {
        assert_eq!(octet_string(&[0; 133])[..3], [OCTET_STRING, 0x81, 133]);
    }

    #[test]
    fn malformed_parameters_are_refused_without_reading_past_them() {
        for params in [&[][..], &[OID], &[OID, 5, 1], &[OID, 0x82, 1, 1], &[PRINTABLE_STRING, 200], &[0x31, 0]] {
            assert!(weierstrass(params).is_err());
            assert!(edwards(params).is_err());
            assert!(montgomery(params).is_err());
        }
    }
}
