//! RSA signatures: PKCS #1 v1.5, PSS and X.509 (PKCS#11 v3.2 §6.1; RFC 8017).

use std::sync::Arc;

use super::{
    Mechanism, Row, Signer, Verifier, digests,
    message::{Message, MessageSigner, MessageVerifier},
    table::{RSA, row},
    wrong_key,
};
use crate::{
    crypto::{Error, Hash, Pss, RsaPrivateKey, RsaPublicKey},
    error::{Result, Rv},
    object::key::Key,
};

/// Signatures by PKCS #1 v1.5.
pub const PKCS1: Row = Row { sign: Some(sign_pkcs1), verify: Some(verify_pkcs1), ..RSA };
const PSS: Row = Row { flat: true, sign: Some(sign_pss), verify: Some(verify_pss), ..RSA };

/// The mechanisms; those that encrypt too are with the ciphers.
pub const ROWS: &[Row] = &[
    row!(CKM_MD2_RSA_PKCS, PKCS1, legacy: true),
    row!(CKM_MD5_RSA_PKCS, PKCS1, legacy: true),
    row!(CKM_SHA1_RSA_PKCS, PKCS1),
    row!(CKM_SHA224_RSA_PKCS, PKCS1),
    row!(CKM_SHA256_RSA_PKCS, PKCS1),
    row!(CKM_SHA384_RSA_PKCS, PKCS1),
    row!(CKM_SHA512_RSA_PKCS, PKCS1),
    row!(CKM_SHA3_224_RSA_PKCS, PKCS1),
    row!(CKM_SHA3_256_RSA_PKCS, PKCS1),
    row!(CKM_SHA3_384_RSA_PKCS, PKCS1),
    row!(CKM_SHA3_512_RSA_PKCS, PKCS1),
    row!(CKM_RSA_PKCS_PSS, PSS),
    row!(CKM_SHA1_RSA_PKCS_PSS, PSS),
    row!(CKM_SHA224_RSA_PKCS_PSS, PSS),
    row!(CKM_SHA256_RSA_PKCS_PSS, PSS),
    row!(CKM_SHA384_RSA_PKCS_PSS, PSS),
    row!(CKM_SHA512_RSA_PKCS_PSS, PSS),
    row!(CKM_SHA3_224_RSA_PKCS_PSS, PSS),
    row!(CKM_SHA3_256_RSA_PKCS_PSS, PSS),
    row!(CKM_SHA3_384_RSA_PKCS_PSS, PSS),
    row!(CKM_SHA3_512_RSA_PKCS_PSS, PSS),
];

/// CKM_RSA_PKCS and CKM_SHAx_RSA_PKCS.
pub fn sign_pkcs1(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Signer>> {
    mechanism.none()?;
    let (key, hash) = (private(key)?, digests::inside(mechanism.kind));
    Ok(signer(&key.clone(), hash, move |input, output| Ok(key.sign_pkcs1(hash, input, output)?)))
}

/// CKM_RSA_PKCS and CKM_SHAx_RSA_PKCS.
pub fn verify_pkcs1(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Verifier>> {
    mechanism.none()?;
    let (key, hash) = (public(key)?, digests::inside(mechanism.kind));
    Ok(verifier(&key.clone(), hash, move |input, signature| key.verify_pkcs1(hash, input, signature)))
}

/// CKM_RSA_PKCS_PSS and CKM_SHAx_RSA_PKCS_PSS.
pub fn sign_pss(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Signer>> {
    let (key, hash, pss) = (private(key)?, digests::inside(mechanism.kind), pss(mechanism)?);
    Ok(signer(&key.clone(), hash, move |input, output| {
        check_digest(pss.hash, input)?;
        Ok(key.sign_pss(&pss, input, output)?)
    }))
}

/// CKM_RSA_PKCS_PSS and CKM_SHAx_RSA_PKCS_PSS.
pub fn verify_pss(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Verifier>> {
    let (key, hash, pss) = (public(key)?, digests::inside(mechanism.kind), pss(mechanism)?);
    Ok(verifier(&key.clone(), hash, move |input, signature| {
        if input.len() != pss.hash.output_len() {
            return Err(Error::InvalidLength);
        }
        key.verify_pss(&pss, input, signature)
    }))
}

/// CKM_RSA_X_509: the bare operation on a number below the modulus, padded on the left.
pub fn sign_raw(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Signer>> {
    mechanism.none()?;
    let key = private(key)?;
    Ok(signer(&key.clone(), None, move |input, output| key.raw(input, output).map_err(super::rsa_cipher::too_great)))
}

/// CKM_RSA_X_509.
pub fn verify_raw(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Verifier>> {
    mechanism.none()?;
    let key = public(key)?;
    Ok(verifier(&key.clone(), None, move |input, signature| {
        let mut recovered = vec![0; key.modulus_len()];
        key.raw(signature, &mut recovered).map_err(|_| Error::Rejected)?;
        let pad = recovered.len().checked_sub(input.len()).ok_or(Error::InvalidLength)?;
        let same = recovered[..pad].iter().all(|byte| *byte == 0) && recovered[pad..] == *input;
        if same { Ok(()) } else { Err(Error::Rejected) }
    }))
}

/// CK_RSA_PKCS_PSS_PARAMS against the mechanism: one that hashes must be told of the same hash.
fn pss(mechanism: &Mechanism<'_>) -> Result<Pss> {
    let parameter = mechanism.pss()?;
    let hash = digests::hash(parameter.hash)?;
    if digests::inside(mechanism.kind).is_some_and(|inside| inside != hash) {
        return Rv::MechanismParamInvalid.err("PSS: hashAlg is not the hash of the mechanism");
    }
    let salt_len = usize::try_from(parameter.salt_len).unwrap_or(usize::MAX);
    Ok(Pss { hash, mgf: digests::mgf(parameter.mgf)?, salt_len })
}

fn check_digest(hash: Hash, digest: &[u8]) -> Result<()> {
    if digest.len() == hash.output_len() { Ok(()) } else { Rv::DataLenRange.err("PSS: the data must be a digest of hashAlg") }
}

/// Signs what `sign` makes of the message, or of its digest.
pub fn signer<S>(key: &RsaPrivateKey, hash: Option<Hash>, sign: S) -> Box<dyn Signer>
where
    S: FnMut(&[u8], &mut [u8]) -> Result<usize> + Send + 'static,
{
    Box::new(MessageSigner { message: Message::new(hash), len: key.public().modulus_len(), sign })
}

/// Verifies by `verify`, which gets the message or its digest.
pub fn verifier<V>(key: &RsaPublicKey, hash: Option<Hash>, verify: V) -> Box<dyn Verifier>
where
    V: FnMut(&[u8], &[u8]) -> crate::crypto::Result<()> + Send + 'static,
{
    Box::new(MessageVerifier { message: Message::new(hash), len: key.modulus_len(), verify })
}

/// The RSA private key, shared.
pub fn private(key: &Key) -> Result<Arc<RsaPrivateKey>> {
    match key {
        Key::RsaPrivate(key) => Ok(Arc::clone(key)),
        _ => wrong_key(),
    }
}

/// The RSA public key, shared.
pub fn public(key: &Key) -> Result<Arc<RsaPublicKey>> {
    match key {
        Key::RsaPublic(key) => Ok(Arc::clone(key)),
        _ => wrong_key(),
    }
}
