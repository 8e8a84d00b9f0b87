//! The signature schemes the client speaks, as rows of a table.

use std::fmt;
use std::str::FromStr;

use super::{Curve, KeyKind};
use crate::error::{Error, Kind, Result};

/// A signature scheme, by its JWA name (RFC 7518 section 3.1, RFC 8037 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256, MGF1-SHA-256 and a 32-byte salt.
    Ps256,
    /// RSASSA-PSS with SHA-384, MGF1-SHA-384 and a 48-byte salt.
    Ps384,
    /// RSASSA-PSS with SHA-512, MGF1-SHA-512 and a 64-byte salt.
    Ps512,
    /// ECDSA on P-256 with SHA-256; r and s, 32 bytes each.
    Es256,
    /// ECDSA on P-384 with SHA-384; r and s, 48 bytes each.
    Es384,
    /// ECDSA on P-521 with SHA-512; r and s, 66 bytes each.
    Es512,
    /// Ed25519 (RFC 8032), without context or prehash.
    EdDsa,
}

const SCHEMES: [(Scheme, &str); 10] = [
    (Scheme::Rs256, "RS256"),
    (Scheme::Rs384, "RS384"),
    (Scheme::Rs512, "RS512"),
    (Scheme::Ps256, "PS256"),
    (Scheme::Ps384, "PS384"),
    (Scheme::Ps512, "PS512"),
    (Scheme::Es256, "ES256"),
    (Scheme::Es384, "ES384"),
    (Scheme::Es512, "ES512"),
    (Scheme::EdDsa, "EdDSA"),
];

impl Scheme {
    /// The JWA name.
    pub fn name(self) -> &'static str {
        SCHEMES.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// True when keys of `kind` may make such signatures.
    pub fn fits(self, kind: KeyKind) -> bool {
        match self {
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => {
                matches!(kind, KeyKind::Rsa(_))
            }
            Self::Es256 | Self::Es384 | Self::Es512 => self.curve().is_some_and(|curve| kind == KeyKind::Ec(curve)),
            Self::EdDsa => kind == KeyKind::Ed25519,
        }
    }

    /// The curve of ECDSA schemes.
    pub fn curve(self) -> Option<Curve> {
        match self {
            Self::Es256 => Some(Curve::P256),
            Self::Es384 => Some(Curve::P384),
            Self::Es512 => Some(Curve::P521),
            _ => None,
        }
    }

    /// The scheme a key of `kind` signs with unless told otherwise.
    pub fn usual(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Rsa(_) => Self::Rs256,
            KeyKind::Ec(Curve::P256) => Self::Es256,
            KeyKind::Ec(Curve::P384) => Self::Es384,
            KeyKind::Ec(Curve::P521) => Self::Es512,
            KeyKind::Ed25519 => Self::EdDsa,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Scheme {
    type Err = Error;

    /// Exact case: `alg` values are case-sensitive (RFC 7515 section 4.1.1).
    fn from_str(text: &str) -> Result<Self> {
        SCHEMES.iter().find(|row| row.1 == text).map(|row| row.0).ok_or_else(|| {
            Error::new(Kind::Usage, format!("\"{text}\" is no signature algorithm we know"))
                .next("choose one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA")
        })
    }
}
