//! Public keys as tokens describe them (CKA_MODULUS, CKA_EC_POINT), parsed once, and what can be done with them alone.

mod curve;
pub mod ecdsa;
mod scheme;
pub(crate) mod spki;
mod verify;

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Kind, Result};

pub use curve::Curve;
pub use scheme::Scheme;

/// The sort of a signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with a modulus of so many bits.
    Rsa(usize),
    /// ECDSA on a NIST curve.
    Ec(Curve),
    /// Edwards curve 25519.
    Ed25519,
}

/// The smallest RSA modulus we make or accept, bits (NIST SP 800-131A).
pub const RSA_FLOOR: usize = 2048;

/// The largest RSA modulus we make or accept, bits: what verification can do in sensible time.
pub const RSA_CEILING: usize = 8192;

impl KeyKind {
    /// An RSA key of `bits`.
    ///
    /// # Errors
    /// [`Kind::Usage`] outside 2,048 to 8,192 or not a multiple of 8.
    pub fn rsa(bits: usize) -> Result<Self> {
        if !(RSA_FLOOR..=RSA_CEILING).contains(&bits) || !bits.is_multiple_of(8) {
            return Err(Error::new(Kind::Usage, format!("an RSA key of {bits} bits is not accepted"))
                .why(format!("the range is {RSA_FLOOR} to {RSA_CEILING} bits, in steps of 8")));
        }
        Ok(Self::Rsa(bits))
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => f.pad(&format!("RSA-{bits}")),
            Self::Ec(curve) => f.pad(curve.name()),
            Self::Ed25519 => f.pad("Ed25519"),
        }
    }
}

impl FromStr for KeyKind {
    type Err = Error;

    /// `rsa` (4,096 bits), `rsa-2048`, `ed25519`, `ec` or `p256`, `p384`, `p521`.
    fn from_str(text: &str) -> Result<Self> {
        match text.to_ascii_lowercase().as_str() {
            "rsa" => Ok(Self::Rsa(4096)),
            "ed25519" => Ok(Self::Ed25519),
            "ec" | "p256" | "p-256" => Ok(Self::Ec(Curve::P256)),
            "p384" | "p-384" => Ok(Self::Ec(Curve::P384)),
            "p521" | "p-521" => Ok(Self::Ec(Curve::P521)),
            other => match other.strip_prefix("rsa-").and_then(|bits| bits.parse().ok()) {
                Some(bits) => Self::rsa(bits),
                None => Err(Error::new(Kind::Usage, format!("\"{text}\" is no sort of signing key"))
                    .next("choose rsa, rsa-2048, rsa-3072, rsa-4096, ec (P-256), p384, p521 or ed25519")),
            },
        }
    }
}

/// A public key, in the form its algorithm defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// Modulus and exponent, big-endian without leading zeros.
    Rsa {
        /// Modulus.
        n: Vec<u8>,
        /// Public exponent.
        e: Vec<u8>,
    },
    /// Affine coordinates, big-endian, each as long as the curve's field.
    Ec {
        /// The curve.
        curve: Curve,
        /// Abscissa.
        x: Vec<u8>,
        /// Ordinate.
        y: Vec<u8>,
    },
    /// The compressed point (RFC 8032).
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// An RSA key from big-endian integers.
    ///
    /// # Errors
    /// [`Kind::Malformed`] for a modulus outside 2,048 to 8,192 bits, or an even or empty exponent.
    pub fn rsa(n: &[u8], e: &[u8]) -> Result<Self> {
        let (n, e) = (trimmed(n), trimmed(e));
        let bits = bit_len(&n);
        if !(RSA_FLOOR..=RSA_CEILING).contains(&bits) || e.last().is_none_or(|last| last % 2 == 0) || e.len() > 8 {
            return Err(Error::new(Kind::Malformed, format!("an RSA public key of {bits} bits is not usable")));
        }
        Ok(Self::Rsa { n, e })
    }

    /// A key on `curve` from CKA_EC_POINT: `04 x y`, bare or inside a DER OCTET STRING.
    ///
    /// # Errors
    /// [`Kind::Malformed`] for anything else.
    pub fn ec_point(curve: Curve, point: &[u8]) -> Result<Self> {
        let half = curve.field_len();
        match unwrap_der(point, 1 + 2 * half).split_first() {
            Some((0x04, xy)) if xy.len() == 2 * half => {
                let (x, y) = xy.split_at(half);
                Ok(Self::Ec { curve, x: x.to_vec(), y: y.to_vec() })
            }
            _ => Err(malformed_point(curve.name(), point)),
        }
    }

    /// An Ed25519 key from CKA_EC_POINT: 32 bytes, bare, or inside a DER OCTET STRING or BIT STRING.
    ///
    /// # Errors
    /// [`Kind::Malformed`] for anything else.
    pub fn ed25519_point(point: &[u8]) -> Result<Self> {
        let inner = unwrap_der(point, 32);
        inner.try_into().map(Self::Ed25519).map_err(|_| malformed_point("Ed25519", point))
    }

    /// Its sort.
    pub fn kind(&self) -> KeyKind {
        match self {
            Self::Rsa { n, .. } => KeyKind::Rsa(bit_len(n)),
            Self::Ec { curve, .. } => KeyKind::Ec(*curve),
            Self::Ed25519(_) => KeyKind::Ed25519,
        }
    }
}

/// `04 x y`.
fn sec1(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[0x04][..], x, y].concat()
}

/// The content of a DER OCTET STRING or short BIT STRING around `len` bytes, below 256; else the bytes themselves.
fn unwrap_der(bytes: &[u8], len: usize) -> &[u8] {
    match bytes {
        [0x04, size, rest @ ..] if *size < 0x80 && usize::from(*size) == len && rest.len() == len => rest,
        [0x04, 0x81, size, rest @ ..] if usize::from(*size) == len && rest.len() == len => rest,
        [0x03, size, 0, rest @ ..] if usize::from(*size) == len + 1 && rest.len() == len => rest,
        _ => bytes,
    }
}

fn malformed_point(curve: &str, point: &[u8]) -> Error {
    Error::new(Kind::Malformed, format!("the token's CKA_EC_POINT is no {curve} point"))
        .why(format!("it has {} bytes", point.len()))
}

fn trimmed(integer: &[u8]) -> Vec<u8> {
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    integer[zeros..].to_vec()
}

fn bit_len(integer: &[u8]) -> usize {
    integer.first().map_or(0, |first| integer.len() * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_every_wrapping() {
        let raw = [7; 32];
        let octet = [&[0x04, 32][..], &raw].concat();
        let bits = [&[0x03, 33, 0][..], &raw].concat();
        for form in [&raw[..], &octet, &bits] {
            assert_eq!(PublicKey::ed25519_point(form).unwrap(), PublicKey::Ed25519(raw));
        }
        assert!(PublicKey::ed25519_point(&raw[1..]).is_err());

        for (curve, head) in [(Curve::P256, &[0x04, 65][..]), (Curve::P384, &[0x04, 97]), (Curve::P521, &[0x04, 0x81, 133])] {
            let half = curve.field_len();
            let (x, y) = (vec![1; half], vec![2; half]);
            let bare = sec1(&x, &y);
            let octet = [head, &bare].concat();
            for form in [&bare, &octet] {
                assert_eq!(PublicKey::ec_point(curve, form).unwrap(), PublicKey::Ec { curve, x: x.clone(), y: y.clone() });
            }
            assert!(PublicKey::ec_point(curve, &bare[..2 * half]).is_err());
        }
    }

    #[test]
    fn rsa_sizes() {
        let mut n = vec![0; 257];
        n[1] = 0x80;
        assert_eq!(PublicKey::rsa(&n, &[1, 0, 1]).unwrap().kind(), KeyKind::Rsa(2048));
        assert!(PublicKey::rsa(&n, &[2]).is_err());
        assert!(PublicKey::rsa(&n[..100], &[3]).is_err());
        assert!("rsa-1024".parse::<KeyKind>().is_err());
        assert_eq!("rsa".parse::<KeyKind>().unwrap(), KeyKind::Rsa(4096));
    }
}
