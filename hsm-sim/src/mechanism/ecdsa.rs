//! ECDSA (PKCS#11 v3.2 §6.3.12; FIPS 186-5). Signatures are r and s, each as long as the order, side by side.

use std::sync::Arc;

use super::{
    Mechanism, Row, Signer, Verifier, digests,
    message::{Message, MessageSigner, MessageVerifier},
    table::{EC, row},
    wrong_key,
};
use crate::{
    error::{Result, Rv},
    object::key::Key,
};

const ECDSA: Row = Row { sign: Some(sign), verify: Some(verify), ..EC };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_ECDSA, ECDSA),
    row!(CKM_ECDSA_SHA1, ECDSA),
    row!(CKM_ECDSA_SHA224, ECDSA),
    row!(CKM_ECDSA_SHA256, ECDSA),
    row!(CKM_ECDSA_SHA384, ECDSA),
    row!(CKM_ECDSA_SHA512, ECDSA),
    row!(CKM_ECDSA_SHA3_224, ECDSA),
    row!(CKM_ECDSA_SHA3_256, ECDSA),
    row!(CKM_ECDSA_SHA3_384, ECDSA),
    row!(CKM_ECDSA_SHA3_512, ECDSA),
];

/// CKM_ECDSA and CKM_ECDSA_SHAx.
pub fn sign(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Signer>> {
    mechanism.none()?;
    let Key::EcPrivate(key) = key else { return wrong_key() };
    let key = Arc::clone(key);
    Ok(Box::new(MessageSigner {
        message: Message::new(digests::inside(mechanism.kind)),
        len: 2 * key.public().curve().field_len(),
        sign: move |digest: &[u8], output: &mut [u8]| {
            if digest.is_empty() {
                return Rv::DataLenRange.err("ECDSA: no digest to sign");
            }
            Ok(key.sign(digest, output)?)
        },
    }))
}

/// CKM_ECDSA and CKM_ECDSA_SHAx.
pub fn verify(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Verifier>> {
    mechanism.none()?;
    let Key::EcPublic(key) = key else { return wrong_key() };
    let key = Arc::clone(key);
    Ok(Box::new(MessageVerifier {
        message: Message::new(digests::inside(mechanism.kind)),
        len: 2 * key.curve().field_len(),
        verify: move |digest: &[u8], signature: &[u8]| key.verify(digest, signature),
    }))
}
