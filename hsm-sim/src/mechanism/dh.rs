//! Diffie-Hellman modulo a prime (PKCS#11 v3.2 §6.4; PKCS #3, ANSI X9.42).
//!
//! CKM_X9_42_DH_HYBRID_DERIVE and CKM_X9_42_MQV_DERIVE are left out: the standard names no test values for them, and nothing at hand
//! could be asked whether it gets the same.

use std::sync::Arc;

use cryptoki_sys::*;

use super::{
    Derived, Deriving, Mechanism, Row,
    domain_parameters::group_of,
    ecdh::Kdf,
    table::{NOTHING, row},
    wrong_key,
};
use crate::{
    crypto::{self, AgreedKdf, DhPrivateKey, DhPublicKey, GroupKind, Hash, derive_x9_42},
    error::{Error, Result, Rv},
    object::{
        attributes::{Draft, Lookup},
        key::Key,
    },
    secret::Secret,
};

/// Bits of the prime.
pub const PKCS_3: Row = Row { keys: (512, 8192), legacy: true, ..NOTHING };
const X9_42: Row = Row { keys: (1024, 8192), legacy: true, ..NOTHING };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_DH_PKCS_KEY_PAIR_GEN, PKCS_3, generate_pair: Some((CKK_DH, generate))),
    row!(CKM_DH_PKCS_DERIVE, PKCS_3, derive: Some(derive)),
    row!(CKM_X9_42_DH_KEY_PAIR_GEN, X9_42, generate_pair: Some((CKK_X9_42_DH, generate_x9_42))),
    row!(CKM_X9_42_DH_DERIVE, X9_42, derive: Some(derive_with_function)),
];

/// CKM_DH_PKCS_KEY_PAIR_GEN. CKA_VALUE_BITS of the private template is the length of x.
fn generate(public: &Draft, private: &Draft) -> Result<(Key, Key)> {
    pair(GroupKind::Dh, public, private.ulong(CKA_VALUE_BITS))
}

/// CKM_X9_42_DH_KEY_PAIR_GEN.
fn generate_x9_42(public: &Draft, _: &Draft) -> Result<(Key, Key)> {
    pair(GroupKind::X942, public, None)
}

fn pair(kind: GroupKind, public: &Draft, bits: Option<CK_ULONG>) -> Result<(Key, Key)> {
    let group = group_of(kind, public)?;
    let private = DhPrivateKey::generate(Arc::clone(&group), bits).map_err(|error| match error {
        crypto::Error::InvalidParameter => {
            Rv::AttributeValueInvalid.because("CKA_VALUE_BITS: 160 bits to one less than the prime's")
        }
        error => error.into(),
    })?;
    let public = DhPublicKey::new(group, private.public().value())?;
    Ok((Key::DhPublic(Arc::new(public)), Key::DhPrivate(Arc::new(private))))
}

/// CKM_DH_PKCS_DERIVE: the end of the secret, or all of it.
fn derive(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let shared = agree(GroupKind::Dh, deriving, mechanism.bytes())?;
    Kdf::Null.key(&shared, deriving.len).map(Derived::free)
}

/// CKM_X9_42_DH_DERIVE.
fn derive_with_function(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let parameter = mechanism.x9_42()?;
    let info = parameter.other_info;
    let key = match parameter.kdf {
        // CKR_MECHANISM_PARAM_INVALID for info that nothing would be bound to.
        CKD_NULL => Kdf::of(CKD_NULL, info)?.key(&agree(GroupKind::X942, deriving, parameter.public)?, deriving.len),
        CKD_SHA1_KDF_CONCATENATE => {
            Kdf::Hashed(AgreedKdf::X963, Hash::Sha1, info).key(&agree(GroupKind::X942, deriving, parameter.public)?, deriving.len)
        }
        CKD_SHA1_KDF_ASN1 => {
            let (before, after) = around_counter(info)?;
            let shared = agree(GroupKind::X942, deriving, parameter.public)?;
            Ok(derive_x9_42(Hash::Sha1, &shared, before, after, deriving.told_len()?)?)
        }
        kdf => Rv::MechanismParamInvalid.err(format!("key derivation function {kdf:#x} is not offered")),
    };
    key.map(Derived::free)
}

/// The secret that the base key shares with the owner of a public value.
fn agree(kind: GroupKind, deriving: &Deriving<'_>, public: &[u8]) -> Result<Secret> {
    match deriving.base.key()? {
        Key::DhPrivate(key) if key.public().group().kind() == kind => key.agree(public).map_err(refused),
        _ => wrong_key(),
    }
}

/// §5.1.6: what C_DeriveKey prefers to CKR_MECHANISM_PARAM_INVALID.
fn refused(error: crypto::Error) -> Error {
    match error {
        crypto::Error::InvalidKey => Rv::PublicKeyInvalid.because("the other party's value is not in the group"),
        error => error.into(),
    }
}

/// What stands before and after the counter in OtherInfo (RFC 2631, 2.1.2): a SEQUENCE that begins with a SEQUENCE of the algorithm's
/// identifier and an OCTET STRING of four bytes, which count the blocks.
fn around_counter(info: &[u8]) -> Result<(&[u8], &[u8])> {
    let counter = || {
        let (at, end) = content(info, 0, SEQUENCE).filter(|(_, end)| *end == info.len())?;
        let (at, inner) = content(info, at, SEQUENCE).filter(|(_, inner)| *inner <= end)?;
        let (_, at) = content(info, at, OBJECT_IDENTIFIER)?;
        content(info, at, OCTET_STRING).filter(|(at, end)| end - at == 4 && *end == inner)
    };
    let (at, end) = counter().ok_or(Rv::MechanismParamInvalid.because("pOtherInfo is not the OtherInfo of X9.42"))?;
    Ok((&info[..at], &info[end..]))
}

/// Where the content of a DER element begins and ends.
fn content(der: &[u8], at: usize, tag: u8) -> Option<(usize, usize)> {
    let rest = der.get(at..)?;
    let (head, len) = match rest {
        [found, len @ 0..=0x7f, ..] if *found == tag => (2, usize::from(*len)),
        [found, 0x81, len, ..] if *found == tag => (3, usize::from(*len)),
        [found, 0x82, high, low, ..] if *found == tag => (4, usize::from(u16::from_be_bytes([*high, *low]))),
        _ => return None,
    };
    rest.get(head..head + len).map(|_| (at + head, at + head + len))
}

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
