//! ML-KEM (PKCS#11 v3.2 §6.66; FIPS 203).

use std::sync::Arc;

use cryptoki_sys::*;

use super::{
    Kem, Mechanism, Row,
    table::{NOTHING, row},
    wrong_key,
};
use crate::{
    crypto::{Error, MlKemPrivateKey, MlKemPublicKey},
    error::{Result, Rv},
    object::{
        attributes::Draft,
        key::Key,
        parameter_set::{self, ML_KEM},
    },
    secret::Secret,
};

/// Public keys have 800 to 1568 bytes.
const SIZES: Row = Row { keys: (800, 1568), ..NOTHING };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_ML_KEM_KEY_PAIR_GEN, SIZES, generate_pair: Some((CKK_ML_KEM, generate))),
    row!(CKM_ML_KEM, SIZES, kem: Some(Kem { ciphertext_len, encapsulate, decapsulate })),
];

fn generate(draft: &Draft, _: &Draft) -> Result<(Key, Key)> {
    let private = MlKemPrivateKey::generate(parameter_set::named(ML_KEM, draft)?)?;
    let public = MlKemPublicKey::new(private.public().set(), private.public().value())?;
    Ok((Key::MlKemPublic(Arc::new(public)), Key::MlKemPrivate(Arc::new(private))))
}

fn ciphertext_len(key: &Key) -> Result<usize> {
    match key {
        Key::MlKemPublic(key) => Ok(key.set().ciphertext_len()),
        _ => wrong_key(),
    }
}

fn encapsulate(mechanism: &Mechanism<'_>, key: &Key, ciphertext: &mut [u8]) -> Result<Secret> {
    mechanism.none()?;
    let Key::MlKemPublic(key) = key else { return wrong_key() };
    Ok(key.encapsulate(ciphertext)?)
}

/// A ciphertext that was tampered with gives another key, not an error: FIPS 203 rejects implicitly.
fn decapsulate(mechanism: &Mechanism<'_>, key: &Key, ciphertext: &[u8]) -> Result<Secret> {
    mechanism.none()?;
    let Key::MlKemPrivate(key) = key else { return wrong_key() };
    key.decapsulate(ciphertext).map_err(|error| match error {
        Error::InvalidLength => Rv::WrappedKeyLenRange.because("the ciphertext has another length than the key's parameter set"),
        error => error.into(),
    })
}
