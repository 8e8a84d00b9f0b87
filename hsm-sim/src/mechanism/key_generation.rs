//! Key generation (PKCS#11 v3.2 §6.1.4, §6.3.11 to §6.3.13, §6.8.2, §6.13.3).

use std::sync::Arc;

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::{
    Row,
    table::{AES, EC, EDWARDS, GENERIC, MONTGOMERY, RSA, row},
};
use crate::{
    crypto::{EcPrivateKey, EcPublicKey, EdPrivateKey, EdPublicKey, RsaPrivateKey, RsaPublicKey, XPrivateKey, XPublicKey},
    error::{Result, Rv},
    object::{
        attributes::{Draft, Lookup},
        curve,
        key::Key,
    },
    rng,
};

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_RSA_PKCS_KEY_PAIR_GEN, RSA, generate_pair: Some((CKK_RSA, rsa))),
    row!(CKM_EC_KEY_PAIR_GEN, EC, generate_pair: Some((CKK_EC, ec))),
    row!(CKM_EC_EDWARDS_KEY_PAIR_GEN, EDWARDS, generate_pair: Some((CKK_EC_EDWARDS, edwards))),
    row!(CKM_EC_MONTGOMERY_KEY_PAIR_GEN, MONTGOMERY, generate_pair: Some((CKK_EC_MONTGOMERY, montgomery))),
    row!(CKM_AES_KEY_GEN, AES, generate: Some((CKK_AES, aes))),
    row!(CKM_GENERIC_SECRET_KEY_GEN, GENERIC, generate: Some((CKK_GENERIC_SECRET, generic))),
];

/// Smallest and largest modulus, in bits.
pub const RSA_BITS: (CK_ULONG, CK_ULONG) = (1024, 8192);
/// Largest generic secret, in bytes.
pub const GENERIC_MOST: CK_ULONG = 1024;
const F4: &[u8] = &[1, 0, 1];

/// CKM_AES_KEY_GEN and CKM_CAMELLIA_KEY_GEN: 16, 24 or 32 bytes.
pub fn aes(draft: &Draft) -> Result<Zeroizing<Vec<u8>>> {
    match draft.ulong(CKA_VALUE_LEN) {
        Some(len @ (16 | 24 | 32)) => random(len),
        len => Rv::AttributeValueInvalid.err(format!("CKA_VALUE_LEN {len:?}: an AES key has 16, 24 or 32 bytes")),
    }
}

/// CKM_GENERIC_SECRET_KEY_GEN.
pub fn generic(draft: &Draft) -> Result<Zeroizing<Vec<u8>>> {
    match draft.ulong(CKA_VALUE_LEN) {
        Some(len @ 1..=GENERIC_MOST) => random(len),
        len => Rv::AttributeValueInvalid.err(format!("CKA_VALUE_LEN {len:?}: 1 to {GENERIC_MOST} bytes")),
    }
}

/// As many random bytes.
pub fn random(len: CK_ULONG) -> Result<Zeroizing<Vec<u8>>> {
    let mut value = Zeroizing::new(vec![0; len as usize]);
    rng::fill(&mut value)?;
    Ok(value)
}

/// CKM_RSA_PKCS_KEY_PAIR_GEN. The public exponent is 65537 unless the template says otherwise: any odd number from 3 to 2^256 - 1,
/// as other tokens take. FIPS 186-5, A.1.1 wants more than 2^16; but whoever asks for 3 has a verifier that wants it.
pub fn rsa(draft: &Draft, _: &Draft) -> Result<(Key, Key)> {
    let bits = draft.ulong(CKA_MODULUS_BITS).ok_or(Rv::TemplateIncomplete.because("CKA_MODULUS_BITS"))?;
    if !(RSA_BITS.0..=RSA_BITS.1).contains(&bits) {
        return Rv::KeySizeRange.err(format!("an RSA modulus has {} to {} bits here", RSA_BITS.0, RSA_BITS.1));
    }
    let private = RsaPrivateKey::generate(bits as usize, draft.of(CKA_PUBLIC_EXPONENT).unwrap_or(F4)).map_err(|e| match e {
        crate::crypto::Error::InvalidParameter => Rv::TemplateInconsistent.because("CKA_PUBLIC_EXPONENT cannot be used"),
        e => e.into(),
    })?;
    let public = RsaPublicKey::new(private.public().modulus(), private.public().exponent())?;
    Ok((Key::RsaPublic(Arc::new(public)), Key::RsaPrivate(Arc::new(private))))
}

/// CKM_EC_KEY_PAIR_GEN.
pub fn ec(draft: &Draft, _: &Draft) -> Result<(Key, Key)> {
    let curve = curve::weierstrass(draft.of(CKA_EC_PARAMS).unwrap_or_default())?;
    let private = EcPrivateKey::generate(curve)?;
    let public = EcPublicKey::new(curve, private.public().point())?;
    Ok((Key::EcPublic(Arc::new(public)), Key::EcPrivate(Arc::new(private))))
}

/// CKM_EC_EDWARDS_KEY_PAIR_GEN.
pub fn edwards(draft: &Draft, _: &Draft) -> Result<(Key, Key)> {
    curve::edwards(draft.of(CKA_EC_PARAMS).unwrap_or_default())?;
    let private = EdPrivateKey::generate()?;
    let public = EdPublicKey::new(private.public().bytes())?;
    Ok((Key::EdPublic(Arc::new(public)), Key::EdPrivate(Arc::new(private))))
}

/// CKM_EC_MONTGOMERY_KEY_PAIR_GEN.
pub fn montgomery(draft: &Draft, _: &Draft) -> Result<(Key, Key)> {
    curve::montgomery(draft.of(CKA_EC_PARAMS).unwrap_or_default())?;
    let private = XPrivateKey::generate()?;
    let public = XPublicKey::new(private.public().bytes())?;
    Ok((Key::XPublic(Arc::new(public)), Key::XPrivate(Arc::new(private))))
}
