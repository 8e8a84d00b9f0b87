//! EdDSA on Ed25519 (PKCS#11 v3.2 §6.3.13; RFC 8032).

use std::sync::Arc;

use super::{
    Mechanism, Row, Signer, Verifier,
    message::{Message, MessageSigner, MessageVerifier},
    table::{EDWARDS, row},
    wrong_key,
};
use crate::{
    crypto::EdVariant,
    error::{Result, Rv},
    object::key::Key,
};

const SIGNATURE: usize = 64;

/// The mechanisms.
pub const ROWS: &[Row] = &[row!(CKM_EDDSA, EDWARDS, sign: Some(sign), verify: Some(verify))];

/// CKM_EDDSA.
pub fn sign(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Signer>> {
    let variant = Variant::of(mechanism)?;
    let Key::EdPrivate(key) = key else { return wrong_key() };
    let key = Arc::clone(key);
    Ok(Box::new(MessageSigner {
        message: Message::new(None),
        len: SIGNATURE,
        sign: move |message: &[u8], output: &mut [u8]| Ok(key.sign(variant.borrow(), message, output)?),
    }))
}

/// CKM_EDDSA.
pub fn verify(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Verifier>> {
    let variant = Variant::of(mechanism)?;
    let Key::EdPublic(key) = key else { return wrong_key() };
    let key = Arc::clone(key);
    Ok(Box::new(MessageVerifier {
        message: Message::new(None),
        len: SIGNATURE,
        verify: move |message: &[u8], signature: &[u8]| key.verify(variant.borrow(), message, signature),
    }))
}

/// Table 61 of §6.3.13: no parameter is Ed25519; parameters without phFlag and context are Ed25519 too.
enum Variant {
    Pure,
    Context(Vec<u8>),
    Prehashed(Vec<u8>),
}

impl Variant {
    fn of(mechanism: &Mechanism<'_>) -> Result<Self> {
        if mechanism.is_bare() {
            return Ok(Self::Pure);
        }
        let parameter = mechanism.eddsa()?;
        if parameter.context.len() > 255 {
            return Rv::MechanismParamInvalid.err("EdDSA: a context has at most 255 bytes");
        }
        Ok(match (parameter.prehash, parameter.context) {
            (true, context) => Self::Prehashed(context.to_vec()),
            (false, []) => Self::Pure,
            (false, context) => Self::Context(context.to_vec()),
        })
    }

    fn borrow(&self) -> EdVariant<'_> {
        match self {
            Variant::Pure => EdVariant::Pure,
            Variant::Context(context) => EdVariant::Context(context),
            Variant::Prehashed(context) => EdVariant::Prehashed(context),
        }
    }
}
