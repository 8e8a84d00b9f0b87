//! DSA (PKCS#11 v3.2 §6.2; FIPS 186-4). Signatures are r and s, each as long as the subprime, side by side.

use std::sync::Arc;

use cryptoki_sys::*;

use super::{
    Mechanism, Row, Signer, Verifier, digests,
    message::{Message, MessageSigner, MessageVerifier},
    table::{NOTHING, row},
    wrong_key,
};
use crate::{
    crypto::{self, DsaPrivateKey, DsaPublicKey, GroupKind},
    error::{Result, Rv},
    object::{attributes::Draft, key::Key},
};

use super::domain_parameters::group_of;

/// Bits of the prime.
pub const BITS: Row = Row { keys: (1024, 3072), legacy: true, ..NOTHING };
const DSA: Row = Row { sign: Some(sign), verify: Some(verify), ..BITS };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_DSA_KEY_PAIR_GEN, BITS, generate_pair: Some((CKK_DSA, generate))),
    row!(CKM_DSA, DSA),
    row!(CKM_DSA_SHA1, DSA),
    row!(CKM_DSA_SHA224, DSA),
    row!(CKM_DSA_SHA256, DSA),
    row!(CKM_DSA_SHA384, DSA),
    row!(CKM_DSA_SHA512, DSA),
    row!(CKM_DSA_SHA3_224, DSA),
    row!(CKM_DSA_SHA3_256, DSA),
    row!(CKM_DSA_SHA3_384, DSA),
    row!(CKM_DSA_SHA3_512, DSA),
];

/// CKM_DSA_KEY_PAIR_GEN, in the group of the public template.
fn generate(public: &Draft, _: &Draft) -> Result<(Key, Key)> {
    let group = group_of(GroupKind::Dsa, public)?;
    let private = DsaPrivateKey::generate(Arc::clone(&group))?;
    let public = DsaPublicKey::new(group, private.public().value())?;
    Ok((Key::DsaPublic(Arc::new(public)), Key::DsaPrivate(Arc::new(private))))
}

/// CKM_DSA and CKM_DSA_SHAx.
fn sign(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Signer>> {
    mechanism.none()?;
    let Key::DsaPrivate(key) = key else { return wrong_key() };
    let key = Arc::clone(key);
    Ok(Box::new(MessageSigner {
        message: Message::new(digests::inside(mechanism.kind)),
        len: key.public().signature_len(),
        sign: move |digest: &[u8], output: &mut [u8]| {
            if !is_digest(digest) {
                return Rv::DataLenRange.err("DSA: not as long as a digest");
            }
            Ok(key.sign(digest, output)?)
        },
    }))
}

/// CKM_DSA and CKM_DSA_SHAx.
fn verify(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Verifier>> {
    mechanism.none()?;
    let Key::DsaPublic(key) = key else { return wrong_key() };
    let key = Arc::clone(key);
    Ok(Box::new(MessageVerifier {
        message: Message::new(digests::inside(mechanism.kind)),
        len: key.signature_len(),
        verify: move |digest: &[u8], signature: &[u8]| match is_digest(digest) {
            true => key.verify(digest, signature),
            false => Err(crypto::Error::InvalidLength),
        },
    }))
}

/// §6.2.11: what CKM_DSA takes.
fn is_digest(data: &[u8]) -> bool {
    matches!(data.len(), 20 | 28 | 32 | 48 | 64)
}
