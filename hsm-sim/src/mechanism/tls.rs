//! Premaster and master secrets of TLS 1.2, and what is exported from them (PKCS#11 v3.2 §6.39.3, §6.40.4, §6.40.5 and §6.40.8; RFC 5246,
//! RFC 5705, RFC 7627).

use std::{borrow::Cow, sync::Arc};

use cryptoki_sys::*;

use super::{
    Derived, Deriving, GenerateFrom, Mechanism, Row,
    derivation::{Attribute, Inheritance, KeySet, generic},
    digests,
    table::{GENERIC, row},
    tls_keys::contributed,
};
use crate::{
    abi::{output::Put, params::tls::Randoms},
    crypto::{
        Hash,
        kdf::{Prf, tls_prf},
    },
    error::{Result, Rv},
    object::{Object, attributes::ulong},
    rng,
    secret::Secret,
};

/// Length of premaster secrets that hold a version, and of master secrets, in bytes.
const MASTER: usize = 48;
const PREMASTER: Row = Row {
    keys: (MASTER as CK_ULONG, MASTER as CK_ULONG),
    generate_from: Some(GenerateFrom { key_type: Some(CKK_GENERIC_SECRET), len: Some(MASTER), make: premaster }),
    ..GENERIC
};
const TO_MASTER: Row = Row { keys: (MASTER as CK_ULONG, MASTER as CK_ULONG), ..GENERIC };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_SSL3_PRE_MASTER_KEY_GEN, PREMASTER),
    row!(CKM_TLS_PRE_MASTER_KEY_GEN, PREMASTER),
    row!(CKM_TLS12_MASTER_KEY_DERIVE, TO_MASTER, derive_set: Some(|m| Master::of_randoms(m, true))),
    row!(CKM_TLS12_MASTER_KEY_DERIVE_DH, TO_MASTER, derive_set: Some(|m| Master::of_randoms(m, false))),
    row!(CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE, TO_MASTER, derive_set: Some(|m| Master::of_session(m, true))),
    row!(CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE_DH, TO_MASTER, derive_set: Some(|m| Master::of_session(m, false))),
    row!(CKM_TLS_KDF, GENERIC, derive: Some(export)),
    row!(CKM_TLS12_KDF, GENERIC, derive: Some(export)),
];

/// §6.40.4: all that a master secret may be used with.
const OF_MASTERS: [CK_MECHANISM_TYPE; 6] =
    [CKM_TLS12_KEY_AND_MAC_DERIVE, CKM_TLS12_KEY_SAFE_DERIVE, CKM_TLS_KDF, CKM_TLS_MAC, CKM_TLS12_KDF, CKM_TLS12_MAC];

/// The client's version, and random bytes (RFC 5246, §7.4.7.1).
fn premaster(mechanism: &Mechanism<'_>, len: usize) -> Result<Secret> {
    let version = mechanism.version()?;
    Secret::filled(len, |secret| {
        rng::fill(secret)?;
        secret[..2].copy_from_slice(&version);
        Ok(())
    })
}

/// RFC 5705, §4: keying material for other protocols.
fn export(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let p = mechanism.tls_kdf()?;
    let prf = Prf::hmac(digests::hash(p.hash)?, generic(deriving.base)?);
    let context = p.context.unwrap_or_default();
    let len = u16::try_from(context.len()).map_err(|_| Rv::MechanismParamInvalid.because("TLS: a context of 64 KiB or more"))?;
    let written = if p.context.is_some() { len.to_be_bytes().to_vec() } else { vec![] };
    let seed = [p.label, p.randoms.client, p.randoms.server, &written, context];
    Ok(Derived::bound(tls_prf(&prf, &seed, deriving.told_len()?)?, vec![]))
}

/// A master secret of a premaster secret.
struct Master<'m> {
    /// The label and the seed.
    seed: Vec<&'m [u8]>,
    hash: Hash,
    /// Where the version inside the premaster secret goes; a premaster secret of Diffie and Hellman has none.
    version: Option<Put<CK_VERSION>>,
    told: CK_VERSION,
    allowed: Vec<u8>,
}

impl<'m> Master<'m> {
    fn of_randoms(mechanism: &Mechanism<'m>, has_version: bool) -> Result<Box<dyn KeySet + 'm>> {
        let p = mechanism.tls_master_key()?;
        let Randoms { client, server } = p.randoms;
        Self::boxed(vec![b"master secret", client, server], p.hash, p.version, has_version)
    }

    /// RFC 7627, §4.
    fn of_session(mechanism: &Mechanism<'m>, has_version: bool) -> Result<Box<dyn KeySet + 'm>> {
        let p = mechanism.tls_extended_master_key()?;
        Self::boxed(vec![b"extended master secret", p.session_hash], p.hash, p.version, has_version)
    }

    fn boxed(
        seed: Vec<&'m [u8]>,
        hash: CK_MECHANISM_TYPE,
        version: Option<Put<CK_VERSION>>,
        has_version: bool,
    ) -> Result<Box<dyn KeySet + 'm>> {
        if version.is_some() != has_version {
            return Rv::MechanismParamInvalid.err("TLS: pVersion is for premaster secrets with a version, and only for these");
        }
        let allowed = OF_MASTERS.iter().flat_map(|kind| kind.to_ne_bytes()).collect();
        let told = CK_VERSION { major: 0, minor: 0 };
        Ok(Box::new(Self { seed, hash: digests::hash(hash)?, version, told, allowed }))
    }
}

impl KeySet for Master<'_> {
    fn inheritance(&self) -> Inheritance {
        Inheritance::Free
    }

    fn templates<'t>(&'t self, given: &[Attribute<'t>]) -> Result<Vec<Vec<Attribute<'t>>>> {
        let len = MASTER as CK_ULONG;
        let mut template = contributed(given, CKA_KEY_TYPE, CKK_GENERIC_SECRET)?;
        template = contributed(&template, CKA_VALUE_LEN, len)?;
        match template.iter().find(|(kind, _)| *kind == CKA_ALLOWED_MECHANISMS) {
            None => template.push((CKA_ALLOWED_MECHANISMS, Cow::Borrowed(&self.allowed))),
            Some((_, said)) if said.chunks(size_of::<CK_ULONG>()).all(|kind| OF_MASTERS.map(Some).contains(&ulong(kind))) => {}
            Some(_) => return Rv::TemplateInconsistent.err("TLS: a master secret is not for these mechanisms"),
        }
        Ok(vec![template])
    }

    fn derive(&mut self, deriving: &Deriving<'_>, lens: &[usize]) -> Result<(Vec<Secret>, Vec<Arc<Object>>)> {
        let premaster = generic(deriving.base)?;
        match premaster {
            [major, minor, rest @ ..] if rest.len() == MASTER - 2 => self.told = CK_VERSION { major: *major, minor: *minor },
            _ if self.version.is_some() => return Rv::KeySizeRange.err("TLS: a premaster secret with a version has 48 bytes"),
            _ => {}
        }
        let prf = Prf::hmac(self.hash, premaster);
        let values = lens.iter().map(|len| Ok(tls_prf(&prf, &self.seed, *len)?)).collect::<Result<_>>()?;
        Ok((values, vec![]))
    }

    fn tell(self: Box<Self>, _: &[CK_OBJECT_HANDLE]) {
        if let Some(version) = self.version {
            version.put(self.told);
        }
    }
}
