//! Which wrap mechanism to use: the best one the token lists that works when tried.

use super::binding::Columns;
use crate::error::{Error, Kind, Result};
use crate::hsm::{Hsm, MekInfo, WrapMechanism};
use crate::secret::Secret;
use crate::store::record::WrappedDek;

/// Makes a data key in the token and wraps it under `mek` with the best mechanism that works, or with `forced`.
///
/// A mechanism counts as working when the token wraps with it *and* opens what it wrapped: token lists promise more
/// than tokens do (SoftHSMv2 2.6 lists AES-GCM and cannot wrap with it). `columns` gives the row for a mechanism.
///
/// # Errors
/// [`Kind::MechanismRefused`] when none works, with each one's reason; whatever else the token answers.
pub fn wrap_new<'a>(
    hsm: &dyn Hsm,
    mek: &MekInfo,
    forced: Option<WrapMechanism>,
    columns: impl Fn(WrapMechanism) -> Columns<'a>,
) -> Result<(WrappedDek, Secret)> {
    let candidates = match forced {
        Some(mechanism) => vec![mechanism],
        None => hsm.wrap_mechanisms(mek.kind)?,
    };
    let mut refusals = Vec::new();
    for mechanism in candidates {
        match attempt(hsm, &columns(mechanism)) {
            Ok(done) => return Ok(done),
            // A token that cannot open what it just wrapped does not have the mechanism either.
            Err(error) if matches!(error.kind(), Kind::MechanismRefused | Kind::Authentication) => {
                refusals.push(format!("{mechanism}: {error}"))
            }
            Err(error) => return Err(error),
        }
    }
    if refusals.is_empty() {
        refusals.push("it lists none of AES-GCM, AES key wrap and RSA-OAEP for such a key".to_owned());
    }
    Err(Error::new(Kind::MechanismRefused, format!("the token wraps no data key under \"{}\"", mek.label))
        .why(refusals.join("; "))
        .next("see what the token offers: hsm token mechanisms"))
}

/// Tries each mechanism the token lists for `mek` with a key that is thrown away; what each one answered.
///
/// # Errors
/// Those of listing the mechanisms.
pub fn survey<'a>(
    hsm: &dyn Hsm,
    mek: &MekInfo,
    columns: impl Fn(WrapMechanism) -> Columns<'a>,
) -> Result<Vec<(WrapMechanism, Result<()>)>> {
    let offered = hsm.wrap_mechanisms(mek.kind)?;
    Ok(offered.into_iter().map(|way| (way, attempt(hsm, &columns(way)).map(|_| ()))).collect())
}

fn attempt(hsm: &dyn Hsm, columns: &Columns<'_>) -> Result<(WrappedDek, Secret)> {
    let aad = columns.canonical();
    let wrapped = hsm.generate_wrapped(columns.mek_id, columns.mechanism, &aad)?;
    let key = hsm.unwrap(columns.mek_id, &wrapped, &aad)?;
    if columns.mechanism.carries_aad() && hsm.unwrap(columns.mek_id, &wrapped, b"other").is_ok() {
        return Err(Error::new(Kind::MechanismRefused, format!("the token's {} binds no additional data", columns.mechanism))
            .why("a key wrapped with some opens with other"));
    }
    let binding = columns.bind(hsm, &wrapped, &key)?;
    let dek = WrappedDek {
        mek_id: columns.mek_id.clone(),
        mek_version: columns.mek_version,
        token_serial: columns.token_serial.to_owned(),
        wrapped,
        binding,
        kem: None,
    };
    Ok((dek, key))
}
