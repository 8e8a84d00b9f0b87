//! Key derivation from a strong secret (HKDF, RFC 5869).

use sha2::Sha256;

use super::{Error, Result};

/// Extract and expand with SHA-256. `info` is the concatenation of its parts; an empty `salt` is RFC 5869's default salt.
///
/// The caller makes the concatenation unambiguous (fixed widths or length prefixes). `out` may be 255 * 32 bytes at most:
/// [`Error::InvalidLength`].
pub fn hkdf_sha256(secret: &[u8], salt: &[u8], info: &[&[u8]], out: &mut [u8]) -> Result<()> {
    ::hkdf::Hkdf::<Sha256>::new(Some(salt), secret).expand_multi_info(info, out).map_err(|_| Error::InvalidLength)
}
