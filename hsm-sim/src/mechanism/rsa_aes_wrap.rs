//! CKM_RSA_AES_KEY_WRAP (PKCS#11 v3.2 §6.1.19): a key of any length goes under a fresh AES key, and that under the RSA key.

use zeroize::Zeroizing;

use super::{
    Cipher, Direction, Mechanism, Row,
    aes::{plain, sealed},
    gather::Gather,
    rsa::{private, public},
    rsa_cipher::OwnedOaep,
    table::{RSA, row},
};
use crate::{
    crypto::AesKey,
    error::{Result, Rv},
    object::key::Key,
    rng,
};

/// The mechanism.
pub const ROWS: &[Row] = &[row!(CKM_RSA_AES_KEY_WRAP, RSA, key_wrap: Some(wrap))];

fn wrap(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let parameter = mechanism.rsa_wrap()?;
    let (len, oaep) = (aes_len(parameter.aes_bits)?, OwnedOaep::of(&parameter.oaep)?);
    Ok(match direction {
        Direction::Encrypt => {
            let key = public(key)?;
            let modulus = key.modulus_len();
            Gather::boxed(
                move |n| modulus + wrapped_len(n),
                move |target, output| {
                    let (first, second) = output.split_at_mut(modulus);
                    let temporary = rng::secret(len)?;
                    key.encrypt_oaep(&oaep.borrow(), temporary.expose(), first).map_err(plain)?;
                    let wrapped = AesKey::new(temporary.expose())?.kwp_wrap(None, target, second).map_err(plain)?;
                    Ok(modulus + wrapped)
                },
            )
        }
        Direction::Decrypt => {
            let key = private(key)?;
            let modulus = key.public().modulus_len();
            Gather::boxed(
                move |n| n.saturating_sub(modulus + 8),
                move |wrapped, output| {
                    let (first, second) = wrapped.split_at_checked(modulus).ok_or(too_short())?;
                    let mut temporary = Zeroizing::new(vec![0; modulus]);
                    let found = key.decrypt_oaep(&oaep.borrow(), first, &mut temporary).map_err(sealed)?;
                    // One answer to all that is wrong inside: which of the layers refused is nobody's business.
                    if found != len {
                        return Rv::EncryptedDataInvalid.err("the temporary key has another length");
                    }
                    AesKey::new(&temporary[..len])?.kwp_unwrap(None, second, output).map_err(sealed)
                },
            )
        }
    })
}

/// Bytes of a temporary AES key of `bits` bits.
pub fn aes_len(bits: u64) -> Result<usize> {
    match bits {
        128 | 192 | 256 => Ok(bits as usize / 8),
        _ => Rv::MechanismParamInvalid.err("ulAESKeyBits: an AES key has 128, 192 or 256 bits"),
    }
}

/// Length of `len` bytes wrapped by CKM_AES_KEY_WRAP_KWP.
pub fn wrapped_len(len: usize) -> usize {
    len.div_ceil(8) * 8 + 8
}

/// There is not even the first of the two parts.
pub fn too_short() -> crate::error::Error {
    Rv::EncryptedDataLenRange.because("the wrapped key is too short for this mechanism")
}
