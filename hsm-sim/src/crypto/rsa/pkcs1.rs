//! Encodings of PKCS#1 v1.5 (RFC 8017, 7.2 and 9.2).

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};
use zeroize::Zeroize;

use super::implicit::{Alternative, OVERHEAD};
use crate::crypto::{Error, Hash, Result};
use crate::rng;

/// Fills `encoded`, as long as the modulus, for a signature: 0, 1, 0xff..., 0, DigestInfo.
///
/// Without a hash, `payload` takes the place of the whole DigestInfo. [`Error::InvalidLength`] when it does not fit or is
/// not as long as the hash's digest; [`Error::Unsupported`] for BLAKE2b.
pub(super) fn encode_signature(hash: Option<Hash>, payload: &[u8], encoded: &mut [u8]) -> Result<()> {
    if hash.is_some_and(|hash| hash.output_len() != payload.len()) {
        return Err(Error::InvalidLength);
    }
    let prefix = match hash {
        Some(hash) => digest_info(hash).ok_or(Error::Unsupported)?,
        None => &[],
    };
    let start = start(prefix.len() + payload.len(), encoded)?;
    encoded[1] = 1;
    encoded[2..start - 1].fill(0xff);
    encoded[start - 1] = 0;
    let (info, digest) = encoded[start..].split_at_mut(prefix.len());
    info.copy_from_slice(prefix);
    digest.copy_from_slice(payload);
    Ok(())
}

/// Fills `encoded`, as long as the modulus, for encryption: 0, 2, random bytes but no 0, 0, message.
pub(super) fn encode_message(message: &[u8], encoded: &mut [u8]) -> Result<()> {
    let start = start(message.len(), encoded)?;
    encoded[1] = 2;
    fill_nonzero(&mut encoded[2..start - 1])?;
    encoded[start - 1] = 0;
    encoded[start..].copy_from_slice(message);
    Ok(())
}

/// Copies the message out of `encoded`, or the alternative message when the padding is wrong, and returns its length.
///
/// Which of the two it was shows nowhere, neither in time nor in the outcome (draft-irtf-cfrg-rsa-guidance, 7). All bytes
/// are read and selected before the length is used. `output` has room for the longest message, `encoded.len() - 11`.
pub(super) fn decode_message(encoded: &mut [u8], alternative: &Alternative, output: &mut [u8]) -> usize {
    let (sound, start) = message_start(encoded);
    let real = encoded.len() as u32 - start;
    let len = u32::conditional_select(&alternative.len, &real, sound) as usize;
    for (byte, other) in encoded.iter_mut().zip(alternative.message.iter()) {
        byte.conditional_assign(other, !sound);
    }
    let message = &encoded[encoded.len() - len..];
    output[..len].copy_from_slice(message);
    encoded.zeroize();
    len
}

/// Whether the padding is sound, and where the message then begins; in constant time.
fn message_start(encoded: &[u8]) -> (Choice, u32) {
    let (head, rest) = encoded.split_at(2);
    let (mut searching, mut start) = (Choice::from(1), 0u32);
    for (index, byte) in (3u32..).zip(rest) {
        let zero = byte.ct_eq(&0);
        start.conditional_assign(&index, searching & zero);
        searching &= !zero;
    }
    let long_enough = start.ct_gt(&(OVERHEAD as u32 - 1));
    let sound = head.ct_eq(&[0, 2]) & !searching & long_enough;
    (sound, start)
}

/// Where a payload of `len` bytes begins.
fn start(len: usize, encoded: &[u8]) -> Result<usize> {
    encoded.len().checked_sub(len).filter(|start| *start >= OVERHEAD).ok_or(Error::InvalidLength)
}

/// Random bytes without a zero: one in 256 is drawn again.
fn fill_nonzero(bytes: &mut [u8]) -> Result<()> {
    rng::fill(bytes)?;
    for byte in bytes {
        while *byte == 0 {
            rng::fill(std::slice::from_mut(byte))?;
        }
    }
    Ok(())
}

/// The DER of DigestInfo up to the digest (RFC 8017, 9.2, note 1; RFC 8702 for SHA-3). No standard has one for BLAKE2b.
fn digest_info(hash: Hash) -> Option<&'static [u8]> {
    Some(match hash {
        Hash::Md2 => b"\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x02\x05\x00\x04\x10",
        Hash::Md5 => b"\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10",
        Hash::Sha1 => b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
        Hash::Sha224 => b"\x30\x2d\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x04\x05\x00\x04\x1c",
        Hash::Sha256 => b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        Hash::Sha384 => b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
        Hash::Sha512 => b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
        Hash::Sha512_224 => b"\x30\x2d\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x05\x05\x00\x04\x1c",
        Hash::Sha512_256 => b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x06\x05\x00\x04\x20",
        Hash::Sha3_224 => b"\x30\x2d\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x07\x05\x00\x04\x1c",
        Hash::Sha3_256 => b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x08\x05\x00\x04\x20",
        Hash::Sha3_384 => b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x09\x05\x00\x04\x30",
        Hash::Sha3_512 => b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x0a\x05\x00\x04\x40",
        Hash::Blake2b160 | Hash::Blake2b256 | Hash::Blake2b384 | Hash::Blake2b512 => return None,
    })
}
