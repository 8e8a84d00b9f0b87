//! PKCS#7 padding (RFC 5652, 6.3).

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};

use super::{Error, Result};

/// How many bytes of the last decrypted block, of at most 255 bytes, are data.
///
/// The block is read in constant time; only whether the padding was sound shows, as [`Error::Rejected`]. That alone is an
/// oracle for whoever may submit ciphertexts: CBC with padding is for data that is authenticated otherwise.
pub fn unpad(block: &[u8]) -> Result<usize> {
    let len = u8::try_from(block.len()).map_err(|_| Error::InvalidLength)?;
    let pad = *block.last().ok_or(Error::InvalidLength)?;
    let mut sound = !pad.ct_eq(&0) & !pad.ct_gt(&len);
    for (index, byte) in (1u8..).zip(block.iter().rev()) {
        let padding = !index.ct_gt(&pad);
        sound &= !padding | byte.ct_eq(&pad);
    }
    let data = u8::conditional_select(&0, &len.wrapping_sub(pad), sound);
    if bool::from(sound & Choice::from(1)) { Ok(usize::from(data)) } else { Err(Error::Rejected) }
}
