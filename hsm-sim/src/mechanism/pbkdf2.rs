//! Keys from passwords: PBKDF2 (PKCS#11 v3.2 §6.37.5, RFC 8018).

use cryptoki_sys::*;

use super::{
    GenerateFrom, Mechanism, Row,
    table::{GENERIC, row},
};
use crate::{
    crypto::{Hash, HmacKey, kdf::pbkdf2},
    error::{Result, Rv},
    secret::Secret,
};

/// The mechanism.
pub const ROWS: &[Row] =
    &[row!(CKM_PKCS5_PBKD2, GENERIC, generate_from: Some(GenerateFrom { key_type: None, len: None, make: derive }))];

fn derive(mechanism: &Mechanism<'_>, len: usize) -> Result<Secret> {
    let p = mechanism.pbkdf2()?;
    let iterations = u32::try_from(p.iterations).ok().filter(|iterations| (1..=MOST).contains(iterations));
    let iterations = iterations.ok_or(Rv::MechanismParamInvalid.because(format!("PBKDF2: 1 to {MOST} iterations")))?;
    let password = HmacKey::new(hash(p.prf)?, p.password);
    Secret::filled(len, |output| {
        pbkdf2(&password, p.salt, iterations, output);
        Ok(())
    })
}

fn hash(prf: CK_PKCS5_PBKD2_PSEUDO_RANDOM_FUNCTION_TYPE) -> Result<Hash> {
    Ok(match prf {
        CKP_PKCS5_PBKD2_HMAC_SHA1 => Hash::Sha1,
        CKP_PKCS5_PBKD2_HMAC_SHA224 => Hash::Sha224,
        CKP_PKCS5_PBKD2_HMAC_SHA256 => Hash::Sha256,
        CKP_PKCS5_PBKD2_HMAC_SHA384 => Hash::Sha384,
        CKP_PKCS5_PBKD2_HMAC_SHA512 => Hash::Sha512,
        _ => return Rv::MechanismParamInvalid.err(format!("PBKDF2: {prf:#x} is not a function of this module")),
    })
}

/// A call holds its session while it lasts: seconds, not hours.
pub const MOST: u32 = 10_000_000;
