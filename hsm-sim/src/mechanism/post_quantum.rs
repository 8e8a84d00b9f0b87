//! ML-DSA and SLH-DSA with their pre-hash forms (PKCS#11 v3.2 §6.67, §6.68; FIPS 204, FIPS 205).
//!
//! Both take a message in parts, pure or hashed here, or a digest made by the caller. ML-DSA hashes a message to mu as it comes in;
//! SLH-DSA reads it twice and has to gather it.

use std::sync::Arc;

use cryptoki_sys::*;

use super::{
    Mechanism, Row, Signer, Verifier,
    message::{Message, MessageSigner, MessageVerifier},
    table::{NOTHING, row},
    wrong_key,
};
use crate::{
    crypto::{self, Hedge, MlDsaPrivateKey, MlDsaPublicKey, PreHash, SlhDsaPrivateKey, SlhDsaPublicKey, message_prefix},
    error::{Result, Rv},
    object::{
        attributes::Draft,
        key::Key,
        parameter_set::{self, ML_DSA, SLH_DSA},
    },
};

/// Sizes are the public key's, in bytes.
const ML: Row = Row { keys: (1312, 2592), ..NOTHING };
const ML_SIGNS: Row = Row { sign: Some(sign_ml), verify: Some(verify_ml), ..ML };
const SLH: Row = Row { keys: (32, 64), ..NOTHING };
const SLH_SIGNS: Row = Row { sign: Some(sign_slh), verify: Some(verify_slh), ..SLH };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_ML_DSA_KEY_PAIR_GEN, ML, generate_pair: Some((CKK_ML_DSA, generate_ml))),
    row!(CKM_ML_DSA, ML_SIGNS),
    row!(CKM_HASH_ML_DSA, ML_SIGNS),
    row!(CKM_HASH_ML_DSA_SHA224, ML_SIGNS),
    row!(CKM_HASH_ML_DSA_SHA256, ML_SIGNS),
    row!(CKM_HASH_ML_DSA_SHA384, ML_SIGNS),
    row!(CKM_HASH_ML_DSA_SHA512, ML_SIGNS),
    row!(CKM_HASH_ML_DSA_SHA3_224, ML_SIGNS),
    row!(CKM_HASH_ML_DSA_SHA3_256, ML_SIGNS),
    row!(CKM_HASH_ML_DSA_SHA3_384, ML_SIGNS),
    row!(CKM_HASH_ML_DSA_SHA3_512, ML_SIGNS),
    row!(CKM_HASH_ML_DSA_SHAKE128, ML_SIGNS),
    row!(CKM_HASH_ML_DSA_SHAKE256, ML_SIGNS),
    row!(CKM_SLH_DSA_KEY_PAIR_GEN, SLH, generate_pair: Some((CKK_SLH_DSA, generate_slh))),
    row!(CKM_SLH_DSA, SLH_SIGNS),
    row!(CKM_HASH_SLH_DSA, SLH_SIGNS),
    row!(CKM_HASH_SLH_DSA_SHA224, SLH_SIGNS),
    row!(CKM_HASH_SLH_DSA_SHA256, SLH_SIGNS),
    row!(CKM_HASH_SLH_DSA_SHA384, SLH_SIGNS),
    row!(CKM_HASH_SLH_DSA_SHA512, SLH_SIGNS),
    row!(CKM_HASH_SLH_DSA_SHA3_224, SLH_SIGNS),
    row!(CKM_HASH_SLH_DSA_SHA3_256, SLH_SIGNS),
    row!(CKM_HASH_SLH_DSA_SHA3_384, SLH_SIGNS),
    row!(CKM_HASH_SLH_DSA_SHA3_512, SLH_SIGNS),
    row!(CKM_HASH_SLH_DSA_SHAKE128, SLH_SIGNS),
    row!(CKM_HASH_SLH_DSA_SHAKE256, SLH_SIGNS),
];

fn generate_ml(draft: &Draft, _: &Draft) -> Result<(Key, Key)> {
    let private = MlDsaPrivateKey::generate(parameter_set::named(ML_DSA, draft)?)?;
    let public = MlDsaPublicKey::new(private.public().set(), private.public().value())?;
    Ok((Key::MlDsaPublic(Arc::new(public)), Key::MlDsaPrivate(Arc::new(private))))
}

fn generate_slh(draft: &Draft, _: &Draft) -> Result<(Key, Key)> {
    let private = SlhDsaPrivateKey::generate(parameter_set::named(SLH_DSA, draft)?)?;
    let public = SlhDsaPublicKey::new(private.public().set(), private.public().value())?;
    Ok((Key::SlhDsaPublic(Arc::new(public)), Key::SlhDsaPrivate(Arc::new(private))))
}

fn sign_ml(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Signer>> {
    let form = Form::of(mechanism)?;
    let hedge = hedge(mechanism)?;
    let Key::MlDsaPrivate(key) = key else { return wrong_key() };
    let key = Arc::clone(key);
    Ok(Box::new(MessageSigner {
        message: form.mu_message(key.public()),
        len: key.public().set().signature_len(),
        sign: move |input: &[u8], output: &mut [u8]| {
            key.sign(&form.mu(key.public(), input)?, hedge, output)?;
            Ok(output.len())
        },
    }))
}

fn verify_ml(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Verifier>> {
    let form = Form::of(mechanism)?;
    let Key::MlDsaPublic(key) = key else { return wrong_key() };
    let key = Arc::clone(key);
    Ok(Box::new(MessageVerifier {
        message: form.mu_message(&key),
        len: key.set().signature_len(),
        verify: move |input: &[u8], signature: &[u8]| key.verify(&form.mu(&key, input)?, signature),
    }))
}

fn sign_slh(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Signer>> {
    let form = Form::of(mechanism)?;
    let hedge = hedge(mechanism)?;
    let Key::SlhDsaPrivate(key) = key else { return wrong_key() };
    let key = Arc::clone(key);
    Ok(Box::new(MessageSigner {
        message: form.message(),
        len: key.public().set().signature_len(),
        sign: move |input: &[u8], output: &mut [u8]| {
            form.check(input)?;
            key.sign(&form.prefix, input, hedge, output)?;
            Ok(output.len())
        },
    }))
}

fn verify_slh(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Verifier>> {
    let form = Form::of(mechanism)?;
    let Key::SlhDsaPublic(key) = key else { return wrong_key() };
    let key = Arc::clone(key);
    Ok(Box::new(MessageVerifier {
        message: form.message(),
        len: key.set().signature_len(),
        verify: move |input: &[u8], signature: &[u8]| {
            form.check(input)?;
            key.verify(&form.prefix, input, signature)
        },
    }))
}

/// What is signed: the beginning of M', and what becomes of the data that follow.
struct Form {
    prefix: Vec<u8>,
    data: Data,
}

#[derive(Clone, Copy)]
enum Data {
    Message,
    /// The message is hashed here.
    Hashed(PreHash),
    /// The caller has hashed it.
    Digest(PreHash),
}

impl Form {
    fn of(mechanism: &Mechanism<'_>) -> Result<Self> {
        let (data, context) = match mechanism.kind {
            CKM_HASH_ML_DSA | CKM_HASH_SLH_DSA => {
                let (parameter, hash) = mechanism.hash_sign_context()?;
                (Data::Digest(prehash(hash)?), parameter.context)
            }
            kind => (inside(kind), mechanism.sign_context()?.context),
        };
        let hash = match data {
            Data::Message => None,
            Data::Hashed(hash) | Data::Digest(hash) => Some(hash),
        };
        Ok(Self { prefix: message_prefix(hash, context)?, data })
    }

    /// A message on its way to be signed as it is, or as its digest.
    fn message(&self) -> Message {
        match self.data {
            Data::Message | Data::Digest(_) => Message::new(None),
            Data::Hashed(hash) => Message::Absorbed(hash.start()),
        }
    }

    /// The same for ML-DSA, which hashes pure messages to mu.
    fn mu_message(&self, key: &MlDsaPublicKey) -> Message {
        match self.data {
            Data::Message => Message::Absorbed(key.start(&self.prefix)),
            _ => self.message(),
        }
    }

    /// mu, of what came of [`Form::mu_message`].
    fn mu(&self, key: &MlDsaPublicKey, input: &[u8]) -> crypto::Result<[u8; 64]> {
        match self.data {
            Data::Message => input.try_into().map_err(|_| crypto::Error::Failed),
            _ => self.check(input).map(|()| key.mu(&self.prefix, input)),
        }
    }

    /// A digest made by the caller must be one of its hash function's.
    fn check(&self, input: &[u8]) -> crypto::Result<()> {
        match self.data {
            Data::Digest(hash) if input.len() != hash.output_len() => Err(crypto::Error::InvalidLength),
            _ => Ok(()),
        }
    }
}

/// On verification the variant is ignored, whatever it is, so only signing asks for it.
fn hedge(mechanism: &Mechanism<'_>) -> Result<Hedge> {
    let variant = match mechanism.kind {
        CKM_HASH_ML_DSA | CKM_HASH_SLH_DSA => mechanism.hash_sign_context()?.0.hedge,
        _ => mechanism.sign_context()?.hedge,
    };
    match variant {
        CKH_HEDGE_PREFERRED | CKH_HEDGE_REQUIRED => Ok(Hedge::Hedged),
        CKH_DETERMINISTIC_REQUIRED => Ok(Hedge::Deterministic),
        _ => Rv::MechanismParamInvalid.err("hedgeVariant is none of the three"),
    }
}

/// The hash that a mechanism computes.
fn inside(kind: CK_MECHANISM_TYPE) -> Data {
    Data::Hashed(match kind {
        CKM_HASH_ML_DSA_SHA224 | CKM_HASH_SLH_DSA_SHA224 => PreHash::Sha224,
        CKM_HASH_ML_DSA_SHA256 | CKM_HASH_SLH_DSA_SHA256 => PreHash::Sha256,
        CKM_HASH_ML_DSA_SHA384 | CKM_HASH_SLH_DSA_SHA384 => PreHash::Sha384,
        CKM_HASH_ML_DSA_SHA512 | CKM_HASH_SLH_DSA_SHA512 => PreHash::Sha512,
        CKM_HASH_ML_DSA_SHA3_224 | CKM_HASH_SLH_DSA_SHA3_224 => PreHash::Sha3_224,
        CKM_HASH_ML_DSA_SHA3_256 | CKM_HASH_SLH_DSA_SHA3_256 => PreHash::Sha3_256,
        CKM_HASH_ML_DSA_SHA3_384 | CKM_HASH_SLH_DSA_SHA3_384 => PreHash::Sha3_384,
        CKM_HASH_ML_DSA_SHA3_512 | CKM_HASH_SLH_DSA_SHA3_512 => PreHash::Sha3_512,
        CKM_HASH_ML_DSA_SHAKE128 | CKM_HASH_SLH_DSA_SHAKE128 => PreHash::Shake128,
        CKM_HASH_ML_DSA_SHAKE256 | CKM_HASH_SLH_DSA_SHAKE256 => PreHash::Shake256,
        _ => return Data::Message,
    })
}

/// The hash that a caller computed. The standard has no digest mechanism for SHAKE.
fn prehash(kind: CK_MECHANISM_TYPE) -> Result<PreHash> {
    Ok(match kind {
        CKM_SHA224 => PreHash::Sha224,
        CKM_SHA256 => PreHash::Sha256,
        CKM_SHA384 => PreHash::Sha384,
        CKM_SHA512 => PreHash::Sha512,
        CKM_SHA3_224 => PreHash::Sha3_224,
        CKM_SHA3_256 => PreHash::Sha3_256,
        CKM_SHA3_384 => PreHash::Sha3_384,
        CKM_SHA3_512 => PreHash::Sha3_512,
        _ => return Rv::MechanismParamInvalid.err(format!("{kind:#x} is no hash for pre-hash signatures")),
    })
}
