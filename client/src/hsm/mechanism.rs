//! The wrap mechanisms and signature schemes the client speaks, as rows of two tables.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Kind, Result};
use crate::hsm::KeyKind;

/// How a data key is wrapped, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrapMechanism {
    /// CKM_AES_GCM: 96-bit nonce, 128-bit tag, additional data.
    AesGcm,
    /// AES key wrap with padding, RFC 5649. See [`super::pkcs11`] for the mechanism number it is reached by.
    AesKwp,
    /// CKM_AES_KEY_WRAP, RFC 3394.
    AesKw,
    /// CKM_RSA_PKCS_OAEP with SHA-256 and MGF1-SHA-256.
    RsaOaepSha256,
    /// CKM_RSA_PKCS_OAEP with SHA-1, for tokens that know no other (SoftHSMv2).
    RsaOaepSha1,
}

/// One row: the mechanism, its name in the store and on screen, and what it yields for a 32-byte key.
struct WrapRow(WrapMechanism, &'static str, WrapTraits);

/// What a wrap mechanism brings.
#[derive(Clone, Copy)]
struct WrapTraits {
    aad: bool,
    rsa: bool,
    wrapped_len: Option<usize>,
}

const WRAPS: [WrapRow; 5] = [
    WrapRow(WrapMechanism::AesGcm, "AES-GCM", WrapTraits { aad: true, rsa: false, wrapped_len: Some(48) }),
    WrapRow(WrapMechanism::AesKwp, "AES-KWP", WrapTraits { aad: false, rsa: false, wrapped_len: Some(40) }),
    WrapRow(WrapMechanism::AesKw, "AES-KW", WrapTraits { aad: false, rsa: false, wrapped_len: Some(40) }),
    WrapRow(WrapMechanism::RsaOaepSha256, "RSA-OAEP-SHA256", WrapTraits { aad: false, rsa: true, wrapped_len: None }),
    WrapRow(WrapMechanism::RsaOaepSha1, "RSA-OAEP-SHA1", WrapTraits { aad: false, rsa: true, wrapped_len: None }),
];

impl WrapMechanism {
    /// All, best first.
    pub fn all() -> impl Iterator<Item = Self> {
        WRAPS.iter().map(|row| row.0)
    }

    /// Its name in the store and on screen.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// True when wrapping authenticates additional data.
    pub fn carries_aad(self) -> bool {
        self.row().2.aad
    }

    /// True when it needs an RSA master key.
    pub fn is_rsa(self) -> bool {
        self.row().2.rsa
    }

    /// Bytes of a wrapped 32-byte key; none where it depends on the master key's size.
    pub fn wrapped_len(self) -> Option<usize> {
        self.row().2.wrapped_len
    }

    fn row(self) -> &'static WrapRow {
        WRAPS.iter().find(|row| row.0 == self).unwrap_or(&WRAPS[0])
    }
}

impl fmt::Display for WrapMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for WrapMechanism {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        WRAPS.iter().find(|row| row.1.eq_ignore_ascii_case(text)).map(|row| row.0).ok_or_else(|| {
            let known: Vec<_> = WRAPS.iter().map(|row| row.1).collect();
            Error::new(Kind::Usage, format!("\"{text}\" is no wrap mechanism we know"))
                .next(format!("choose one of {}", known.join(", ")))
        })
    }
}

/// A signature scheme, by its JWA name (RFC 7518 section 3.1, RFC 8037 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256, MGF1-SHA-256 and a 32-byte salt.
    Ps256,
    /// ECDSA on P-256 with SHA-256; r and s, 32 bytes each.
    Es256,
    /// Ed25519 (RFC 8032), without context or prehash.
    EdDsa,
}

const SCHEMES: [(Scheme, &str); 4] =
    [(Scheme::Rs256, "RS256"), (Scheme::Ps256, "PS256"), (Scheme::Es256, "ES256"), (Scheme::EdDsa, "EdDSA")];

impl Scheme {
    /// The JWA name.
    pub fn name(self) -> &'static str {
        SCHEMES.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// True when keys of `kind` may make such signatures.
    pub fn fits(self, kind: KeyKind) -> bool {
        match self {
            Self::Rs256 | Self::Ps256 => matches!(kind, KeyKind::Rsa(_)),
            Self::Es256 => kind == KeyKind::P256,
            Self::EdDsa => kind == KeyKind::Ed25519,
        }
    }

    /// The scheme a key of `kind` signs with unless told otherwise.
    pub fn usual(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Rsa(_) => Self::Rs256,
            KeyKind::P256 => Self::Es256,
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
                .next("choose one of RS256, PS256, ES256, EdDSA")
        })
    }
}
