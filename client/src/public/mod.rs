//! Public keys as tokens describe them (CKA_MODULUS, CKA_EC_POINT), parsed once, and what can be done with them alone.

pub mod es256;
mod pem;
mod scheme;
mod verify;

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Kind, Result};

pub use scheme::Scheme;

/// The sort of a signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with a modulus of so many bits.
    Rsa(usize),
    /// NIST P-256.
    P256,
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
            Self::P256 => f.pad("P-256"),
            Self::Ed25519 => f.pad("Ed25519"),
        }
    }
}

impl FromStr for KeyKind {
    type Err = Error;

    /// `rsa` (4,096 bits), `rsa-2048`, `ed25519`, `ec` or `p256`.
    fn from_str(text: &str) -> Result<Self> {
        match text.to_ascii_lowercase().as_str() {
            "rsa" => Ok(Self::Rsa(4096)),
            "ed25519" => Ok(Self::Ed25519),
            "ec" | "p256" | "p-256" => Ok(Self::P256),
            other => match other.strip_prefix("rsa-").and_then(|bits| bits.parse().ok()) {
                Some(bits) => Self::rsa(bits),
                None => Err(Error::new(Kind::Usage, format!("\"{text}\" is no sort of signing key"))
                    .next("choose rsa, rsa-2048, rsa-3072, rsa-4096, ec or ed25519")),
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
    /// Affine coordinates, 32 bytes each, big-endian.
    P256 {
        /// Abscissa.
        x: [u8; 32],
        /// Ordinate.
        y: [u8; 32],
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

    /// A P-256 key from CKA_EC_POINT: `04 x y`, bare or inside a DER OCTET STRING.
    ///
    /// # Errors
    /// [`Kind::Malformed`] for anything else.
    pub fn p256_point(point: &[u8]) -> Result<Self> {
        let inner = unwrap_der(point, 65);
        match inner.split_first() {
            Some((0x04, xy)) if xy.len() == 64 => {
                let (mut x, mut y) = ([0; 32], [0; 32]);
                x.copy_from_slice(&xy[..32]);
                y.copy_from_slice(&xy[32..]);
                Ok(Self::P256 { x, y })
            }
            _ => Err(malformed_point("P-256", point)),
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
            Self::P256 { .. } => KeyKind::P256,
            Self::Ed25519(_) => KeyKind::Ed25519,
        }
    }
}

/// The content of a short-form DER OCTET STRING or BIT STRING around `len` bytes; else the bytes themselves.
fn unwrap_der(bytes: &[u8], len: usize) -> &[u8] {
    match bytes {
        [0x04, size, rest @ ..] if usize::from(*size) == len && rest.len() == len => rest,
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

        let bare = [&[0x04][..], &[1; 32], &[2; 32]].concat();
        let octet = [&[0x04, 65][..], &bare].concat();
        for form in [&bare, &octet] {
            assert_eq!(PublicKey::p256_point(form).unwrap(), PublicKey::P256 { x: [1; 32], y: [2; 32] });
        }
        assert!(PublicKey::p256_point(&bare[..64]).is_err());
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
