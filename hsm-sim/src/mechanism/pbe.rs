//! Keys of passwords as PKCS #5 v1.5 and PKCS #12 make them (PKCS#11 v2.40 historical mechanisms; RFC 8018, §6.1; RFC 7292, appendix B),
//! with the initialization vectors that go with them. The password is taken byte by byte: PKCS #12 wants a BMPString that ends in two
//! zeros, and the caller makes it.

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::{
    GenerateFrom, Mechanism, Row,
    table::{NOTHING, row},
};
use crate::{
    crypto::{
        Hash,
        kdf::{Purpose, pbkdf1, pkcs12},
        set_odd_parity,
    },
    error::{Result, Rv},
    secret::Secret,
};

/// DES keys, whose length their type says, in bytes.
const fn des(key_type: CK_KEY_TYPE, len: CK_ULONG, make: fn(&Mechanism<'_>, usize) -> Result<Secret>) -> Row {
    Row {
        keys: (len, len),
        legacy: true,
        generate_from: Some(GenerateFrom { key_type: Some(key_type), len: None, make }),
        ..NOTHING
    }
}

/// Other keys, of so many bytes; their sizes are in bits.
const fn of(key_type: CK_KEY_TYPE, len: usize, make: fn(&Mechanism<'_>, usize) -> Result<Secret>) -> Row {
    let bits = 8 * len as CK_ULONG;
    Row {
        keys: (bits, bits),
        legacy: true,
        generate_from: Some(GenerateFrom { key_type: Some(key_type), len: Some(len), make }),
        ..NOTHING
    }
}

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_PBE_MD2_DES_CBC, des(CKK_DES, 8, |m, _| by_pkcs5(m, Hash::Md2))),
    row!(CKM_PBE_MD5_DES_CBC, des(CKK_DES, 8, |m, _| by_pkcs5(m, Hash::Md5))),
    row!(CKM_PBE_SHA1_RC4_128, of(CKK_RC4, 16, |m, len| by_pkcs12(m, Purpose::Key, len))),
    row!(CKM_PBE_SHA1_RC4_40, of(CKK_RC4, 5, |m, len| by_pkcs12(m, Purpose::Key, len))),
    row!(CKM_PBE_SHA1_DES3_EDE_CBC, des(CKK_DES3, 24, des_by_pkcs12)),
    row!(CKM_PBE_SHA1_DES2_EDE_CBC, des(CKK_DES2, 16, des_by_pkcs12)),
    row!(CKM_PBE_SHA1_RC2_128_CBC, of(CKK_RC2, 16, with_iv)),
    row!(CKM_PBE_SHA1_RC2_40_CBC, of(CKK_RC2, 5, with_iv)),
    row!(CKM_PBA_SHA1_WITH_SHA1_HMAC, of(CKK_GENERIC_SECRET, 20, |m, len| by_pkcs12(m, Purpose::MacKey, len))),
];

/// PBES1: eight bytes of PBKDF1 are the key, eight the vector (RFC 8018, §6.1.1).
fn by_pkcs5(mechanism: &Mechanism<'_>, hash: Hash) -> Result<Secret> {
    let p = mechanism.pbe()?;
    let derived = pbkdf1(hash, p.password, p.salt, iterations(p.iterations)?)?;
    let Some((key, iv)) = derived.expose().split_first_chunk::<8>() else {
        return Rv::FunctionFailed.err("PBKDF1 gave too little");
    };
    if let (Some(place), Ok(iv)) = (p.iv, iv.try_into()) {
        place.put(iv);
    }
    odd(key)
}

fn by_pkcs12(mechanism: &Mechanism<'_>, purpose: Purpose, len: usize) -> Result<Secret> {
    let p = mechanism.pbe()?;
    let iterations = iterations(p.iterations)?;
    Secret::filled(len, |output| {
        pkcs12(purpose, p.password, p.salt, iterations, output);
        Ok(())
    })
}

/// A key of a block cipher, with its vector.
fn with_iv(mechanism: &Mechanism<'_>, len: usize) -> Result<Secret> {
    let key = by_pkcs12(mechanism, Purpose::Key, len)?;
    let iv = by_pkcs12(mechanism, Purpose::Iv, 8)?;
    if let (Some(place), Ok(iv)) = (mechanism.pbe()?.iv, iv.expose().try_into()) {
        place.put(iv);
    }
    Ok(key)
}

fn des_by_pkcs12(mechanism: &Mechanism<'_>, len: usize) -> Result<Secret> {
    odd(with_iv(mechanism, len)?.expose())
}

/// The bytes with the parity that DES keys have.
fn odd(key: &[u8]) -> Result<Secret> {
    let mut key = Zeroizing::new(key.to_vec());
    set_odd_parity(&mut key);
    Ok(Secret::take(&mut key))
}

fn iterations(told: CK_ULONG) -> Result<u32> {
    let iterations = u32::try_from(told).ok().filter(|iterations| (1..=MOST).contains(iterations));
    iterations.ok_or(Rv::MechanismParamInvalid.because(format!("PBE: 1 to {MOST} iterations")))
}

/// As many as PBKDF2 may have.
const MOST: u32 = super::pbkdf2::MOST;
