//! Wrapped data keys, and the mechanisms that wrap them, as rows of a table.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Kind, Result};

/// A wrapped data key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// How it was wrapped.
    pub mechanism: WrapMechanism,
    /// The nonce, empty where the mechanism has none.
    pub nonce: Vec<u8>,
    /// The ciphertext, authentication tag of AES-GCM included.
    pub ciphertext: Vec<u8>,
}

/// How a data key is wrapped, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrapMechanism {
    /// CKM_AES_GCM by C_WrapKeyAuthenticated (PKCS#11 v3.2 section 5.18.6): as AES-GCM, with a nonce that the token makes where it can.
    AesGcmAuth,
    /// CKM_AES_GCM by C_WrapKey: 96-bit nonce, 128-bit tag, additional data.
    AesGcm,
    /// AES key wrap with padding, RFC 5649. Reached by CKM_AES_KEY_WRAP_PAD.
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

const WRAPS: [WrapRow; 6] = [
    WrapRow(WrapMechanism::AesGcmAuth, "AES-GCM-AUTH", WrapTraits { aad: true, rsa: false, wrapped_len: Some(48) }),
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
