//! CKM_ECDH_AES_KEY_WRAP and its successors CKM_ECDH_COF_AES_KEY_WRAP and CKM_ECDH_X_AES_KEY_WRAP (PKCS#11 v3.2 §6.3.21 to §6.3.23):
//! a key of any length goes under an AES key that a fresh pair and the receiver's key agree on.

use std::sync::Arc;

use super::{
    Cipher, Direction, Mechanism, Row,
    aes::{plain, sealed},
    ecdh::{Kdf, agree},
    gather::Gather,
    rsa_aes_wrap::{aes_len, too_short, wrapped_len},
    table::{EC, MONTGOMERY, row},
    wrong_key,
};
use crate::{
    abi::params::agreement::EcdhWrap,
    crypto::{AesKey, Curve, EcPrivateKey, XPrivateKey},
    error::{Error, Result, Rv},
    object::{curve, key::Key},
    secret::Secret,
};

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_ECDH_AES_KEY_WRAP, EC, key_wrap: Some(either)),
    row!(CKM_ECDH_COF_AES_KEY_WRAP, EC, key_wrap: Some(cofactor)),
    row!(CKM_ECDH_X_AES_KEY_WRAP, MONTGOMERY, key_wrap: Some(montgomery)),
];

fn either(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    match Transport::of(key, false) {
        Some(transport) => wrap(mechanism, key, direction, transport),
        None => wrong_key(),
    }
}

fn cofactor(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    match Transport::of(key, true) {
        Some(transport @ Transport::Ec { .. }) => wrap(mechanism, key, direction, transport),
        _ => wrong_key(),
    }
}

fn montgomery(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    match Transport::of(key, false) {
        Some(Transport::X) => wrap(mechanism, key, direction, Transport::X),
        _ => wrong_key(),
    }
}

/// How the fresh public key, the transport key, stands before the wrapped key.
#[derive(Clone, Copy)]
enum Transport {
    /// A point, uncompressed; bare or as a DER OCTET STRING.
    Ec { curve: Curve, der: bool },
    /// 32 bytes.
    X,
}

impl Transport {
    fn of(key: &Key, der: bool) -> Option<Self> {
        match key {
            Key::EcPublic(key) => Some(Self::Ec { curve: key.curve(), der }),
            Key::EcPrivate(key) => Some(Self::Ec { curve: key.public().curve(), der }),
            Key::XPublic(_) | Key::XPrivate(_) => Some(Self::X),
            _ => None,
        }
    }

    /// A fresh private key and its public part, in this form.
    fn generate(self) -> Result<(Key, Vec<u8>)> {
        match self {
            Self::Ec { curve, der } => {
                let key = EcPrivateKey::generate(curve)?;
                let point = if der { curve::octet_string(key.public().point()) } else { key.public().point().to_vec() };
                Ok((Key::EcPrivate(Arc::new(key)), point))
            }
            Self::X => {
                let key = XPrivateKey::generate()?;
                let point = key.public().bytes().to_vec();
                Ok((Key::XPrivate(Arc::new(key)), point))
            }
        }
    }

    /// Its length in bytes.
    fn len(self) -> usize {
        match self {
            Self::Ec { curve, der: false } => 1 + 2 * curve.field_len(),
            Self::Ec { curve, der: true } => curve::octet_string(&vec![0; 1 + 2 * curve.field_len()]).len(),
            Self::X => 32,
        }
    }
}

fn wrap(mechanism: &Mechanism<'_>, key: &Key, direction: Direction, transport: Transport) -> Result<Box<dyn Cipher>> {
    let temporary = Temporary::of(&mechanism.ecdh_wrap()?)?;
    let (key, first) = (key.clone(), transport.len());
    Ok(match (direction, point(&key)) {
        (Direction::Encrypt, Some(receiver)) => Gather::boxed(
            move |n| first + wrapped_len(n),
            move |target, output| {
                let (ours, public) = transport.generate()?;
                let aes = temporary.key(&agree(&ours, &receiver)?)?;
                output[..first].copy_from_slice(&public);
                Ok(first + aes.kwp_wrap(None, target, &mut output[first..]).map_err(plain)?)
            },
        ),
        (Direction::Decrypt, None) => Gather::boxed(
            move |n| n.saturating_sub(first + 8),
            move |wrapped, output| {
                let (public, wrapped) = wrapped.split_at_checked(first).ok_or(too_short())?;
                let aes = temporary.key(&agree(&key, public).map_err(bad_transport)?)?;
                aes.kwp_unwrap(None, wrapped, output).map_err(sealed)
            },
        ),
        _ => return wrong_key(),
    })
}

/// The point of a public key.
fn point(key: &Key) -> Option<Vec<u8>> {
    match key {
        Key::EcPublic(key) => Some(key.point().to_vec()),
        Key::XPublic(key) => Some(key.bytes().to_vec()),
        _ => None,
    }
}

/// How the temporary AES key is made.
struct Temporary {
    kdf: cryptoki_sys::CK_EC_KDF_TYPE,
    info: Vec<u8>,
    len: usize,
}

impl Temporary {
    fn of(parameter: &EcdhWrap<'_>) -> Result<Self> {
        Kdf::of(parameter.kdf, parameter.shared_info)?;
        Ok(Self { kdf: parameter.kdf, info: parameter.shared_info.to_vec(), len: aes_len(parameter.aes_bits)? })
    }

    /// "The first ulAESKeyBits bits of the derived key", which without a function is the whole secret.
    fn key(&self, shared: &Secret) -> Result<AesKey> {
        let derived = match Kdf::of(self.kdf, &self.info)? {
            Kdf::Null => Secret::copy(shared.expose()),
            kdf => kdf.key(shared, Some(self.len))?,
        };
        let value = derived.expose().get(..self.len);
        Ok(AesKey::new(value.ok_or(Rv::MechanismParamInvalid.because("the shared secret is shorter than the AES key"))?)?)
    }
}

fn bad_transport(error: Error) -> Error {
    match error.rv {
        Rv::PublicKeyInvalid => Rv::EncryptedDataInvalid.because("the transport key is no point of the curve"),
        rv => rv.because(error.why),
    }
}
