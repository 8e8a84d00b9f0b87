//! Diffie-Hellman on elliptic curves (PKCS#11 v3.2 §6.3.18 and §6.3.19; SEC 1, 6.1; RFC 7748, 6).

use cryptoki_sys::*;

use super::{
    Derived, Deriving, Mechanism, Row,
    key_generation::GENERIC_MOST,
    table::{EC, row},
    wrong_key,
};
use crate::{
    crypto::{self, AgreedKdf, Hash},
    error::{Error, Result, Rv},
    object::{curve, key::Key},
    secret::Secret,
};

/// The mechanisms. The curves here have cofactor 1, so that both agree on the same secret; but Montgomery keys are for the first alone.
pub const ROWS: &[Row] =
    &[row!(CKM_ECDH1_DERIVE, EC, derive: Some(derive)), row!(CKM_ECDH1_COFACTOR_DERIVE, EC, derive: Some(derive_cofactor))];

fn derive(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    derived(deriving.base.key()?, mechanism, deriving)
}

fn derive_cofactor(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    match deriving.base.key()? {
        key @ Key::EcPrivate(_) => derived(key, mechanism, deriving),
        _ => wrong_key(),
    }
}

fn derived(key: &Key, mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let parameter = mechanism.ecdh()?;
    let kdf = Kdf::of(parameter.kdf, parameter.shared_info)?;
    let shared = agree(key, parameter.public)?;
    Ok(Derived { value: kdf.key(&shared, deriving.len)?, bound_by_base: false, binding: vec![] })
}

/// The secret that a private key shares with a point, given as a DER OCTET STRING or as its bytes alone.
pub fn agree(key: &Key, point: &[u8]) -> Result<Secret> {
    match key {
        Key::EcPrivate(key) => {
            let point = curve::weierstrass_point(point, key.public().curve()).map_err(|_| bad_point())?;
            key.agree(point).map_err(refused)
        }
        Key::XPrivate(key) => {
            let point = curve::montgomery_point(point).map_err(|_| bad_point())?;
            key.agree(point).map_err(refused)
        }
        _ => wrong_key(),
    }
}

/// How a key is made of the shared secret: CK_EC_KDF_TYPE with its shared info.
pub enum Kdf<'i> {
    Null,
    Hashed(AgreedKdf, Hash, &'i [u8]),
}

/// The functions with a hash.
const FUNCTIONS: &[(CK_EC_KDF_TYPE, AgreedKdf, Hash)] = &[
    (CKD_SHA1_KDF, AgreedKdf::X963, Hash::Sha1),
    (CKD_SHA224_KDF, AgreedKdf::X963, Hash::Sha224),
    (CKD_SHA256_KDF, AgreedKdf::X963, Hash::Sha256),
    (CKD_SHA384_KDF, AgreedKdf::X963, Hash::Sha384),
    (CKD_SHA512_KDF, AgreedKdf::X963, Hash::Sha512),
    (CKD_SHA1_KDF_SP800, AgreedKdf::Sp800, Hash::Sha1),
    (CKD_SHA224_KDF_SP800, AgreedKdf::Sp800, Hash::Sha224),
    (CKD_SHA256_KDF_SP800, AgreedKdf::Sp800, Hash::Sha256),
    (CKD_SHA384_KDF_SP800, AgreedKdf::Sp800, Hash::Sha384),
    (CKD_SHA512_KDF_SP800, AgreedKdf::Sp800, Hash::Sha512),
    (CKD_SHA3_224_KDF, AgreedKdf::X963, Hash::Sha3_224),
    (CKD_SHA3_256_KDF, AgreedKdf::X963, Hash::Sha3_256),
    (CKD_SHA3_384_KDF, AgreedKdf::X963, Hash::Sha3_384),
    (CKD_SHA3_512_KDF, AgreedKdf::X963, Hash::Sha3_512),
    (CKD_SHA3_224_KDF_SP800, AgreedKdf::Sp800, Hash::Sha3_224),
    (CKD_SHA3_256_KDF_SP800, AgreedKdf::Sp800, Hash::Sha3_256),
    (CKD_SHA3_384_KDF_SP800, AgreedKdf::Sp800, Hash::Sha3_384),
    (CKD_SHA3_512_KDF_SP800, AgreedKdf::Sp800, Hash::Sha3_512),
    (CKD_BLAKE2B_160_KDF, AgreedKdf::X963, Hash::Blake2b160),
    (CKD_BLAKE2B_256_KDF, AgreedKdf::X963, Hash::Blake2b256),
    (CKD_BLAKE2B_384_KDF, AgreedKdf::X963, Hash::Blake2b384),
    (CKD_BLAKE2B_512_KDF, AgreedKdf::X963, Hash::Blake2b512),
];

impl<'i> Kdf<'i> {
    /// CKR_MECHANISM_PARAM_INVALID for a function that is not here, and for shared info that nothing would be bound to.
    pub fn of(kind: CK_EC_KDF_TYPE, info: &'i [u8]) -> Result<Self> {
        if kind == CKD_NULL {
            return if info.is_empty() { Ok(Self::Null) } else { Rv::MechanismParamInvalid.err("CKD_NULL takes no shared info") };
        }
        match FUNCTIONS.iter().find(|(name, ..)| *name == kind) {
            Some((_, form, hash)) => Ok(Self::Hashed(*form, *hash, info)),
            None => Rv::MechanismParamInvalid.err(format!("key derivation function {kind:#x} is not offered")),
        }
    }

    /// A key of `len` bytes. Without a function it is the end of the secret ("truncation removes bytes from the leading end"), or all
    /// of it; a function must be told.
    pub fn key(&self, shared: &Secret, len: Option<usize>) -> Result<Secret> {
        match (self, len) {
            (Self::Null, len) => {
                let surplus = shared.len().checked_sub(len.unwrap_or(shared.len()));
                let surplus = surplus.ok_or(Rv::KeySizeRange.because("the shared secret is shorter than that"))?;
                Ok(Secret::copy(&shared.expose()[surplus..]))
            }
            (Self::Hashed(..), None) => Rv::TemplateIncomplete.err("how long a key: CKA_VALUE_LEN is missing"),
            (Self::Hashed(form, hash, info), Some(len)) => match len as CK_ULONG {
                1..=GENERIC_MOST => Ok(form.derive(*hash, shared, info, len)?),
                _ => Rv::KeySizeRange.err(format!("a derived key has 1 to {GENERIC_MOST} bytes")),
            },
        }
    }
}

/// §5.1.6: what C_DeriveKey prefers to CKR_MECHANISM_PARAM_INVALID.
fn bad_point() -> Error {
    Rv::PublicKeyInvalid.because("the other party's point is not on the curve, or of small order")
}

fn refused(error: crypto::Error) -> Error {
    if error == crypto::Error::InvalidKey { bad_point() } else { error.into() }
}
