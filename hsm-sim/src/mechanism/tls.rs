//! Premaster and master secrets of TLS and SSL 3.0, and what is exported from them (PKCS#11 v3.2 §6.39.3 to §6.39.5, §6.40.4, §6.40.5 and
//! §6.40.8; RFC 5246, RFC 5705, RFC 7627; RFC 2246, RFC 6101).

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
    crypto::kdf::{Handshake, Prf, tls_prf},
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
/// RFC 8996 and RFC 7568 forbid these versions.
const OLDER: Row = Row { legacy: true, ..TO_MASTER };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_SSL3_PRE_MASTER_KEY_GEN, PREMASTER),
    row!(CKM_TLS_PRE_MASTER_KEY_GEN, PREMASTER),
    row!(CKM_SSL3_MASTER_KEY_DERIVE, OLDER, derive_set: Some(|m| Master::of_older(m, Handshake::Ssl3, true))),
    row!(CKM_SSL3_MASTER_KEY_DERIVE_DH, OLDER, derive_set: Some(|m| Master::of_older(m, Handshake::Ssl3, false))),
    row!(CKM_TLS_MASTER_KEY_DERIVE, OLDER, derive_set: Some(|m| Master::of_older(m, Handshake::Tls1, true))),
    row!(CKM_TLS_MASTER_KEY_DERIVE_DH, OLDER, derive_set: Some(|m| Master::of_older(m, Handshake::Tls1, false))),
    row!(CKM_TLS12_MASTER_KEY_DERIVE, TO_MASTER, derive_set: Some(|m| Master::of_randoms(m, true))),
    row!(CKM_TLS12_MASTER_KEY_DERIVE_DH, TO_MASTER, derive_set: Some(|m| Master::of_randoms(m, false))),
    row!(CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE, TO_MASTER, derive_set: Some(|m| Master::of_session(m, true))),
    row!(CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE_DH, TO_MASTER, derive_set: Some(|m| Master::of_session(m, false))),
    row!(CKM_TLS_KDF, GENERIC, derive: Some(export)),
    row!(CKM_TLS12_KDF, GENERIC, derive: Some(export)),
];

/// §6.40.4: all that a master secret of TLS 1.2 may be used with.
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
    label: &'static [u8],
    seed: Vec<&'m [u8]>,
    handshake: Handshake,
    /// Where the version inside the premaster secret goes; a premaster secret of Diffie and Hellman has none.
    version: Option<Put<CK_VERSION>>,
    told: CK_VERSION,
    /// CKA_ALLOWED_MECHANISMS; nothing where all are.
    allowed: Vec<u8>,
}

impl<'m> Master<'m> {
    fn of_randoms(mechanism: &Mechanism<'m>, has_version: bool) -> Result<Box<dyn KeySet + 'm>> {
        let p = mechanism.tls_master_key()?;
        let Randoms { client, server } = p.randoms;
        let handshake = Handshake::Tls12(digests::hash(p.hash)?);
        Self::boxed(b"master secret", vec![client, server], handshake, p.version, has_version)
    }

    fn of_older(mechanism: &Mechanism<'m>, handshake: Handshake, has_version: bool) -> Result<Box<dyn KeySet + 'm>> {
        let p = mechanism.ssl3_master_key()?;
        Self::boxed(b"master secret", vec![p.randoms.client, p.randoms.server], handshake, p.version, has_version)
    }

    /// RFC 7627, §4.
    fn of_session(mechanism: &Mechanism<'m>, has_version: bool) -> Result<Box<dyn KeySet + 'm>> {
        let p = mechanism.tls_extended_master_key()?;
        let handshake = Handshake::Tls12(digests::hash(p.hash)?);
        Self::boxed(b"extended master secret", vec![p.session_hash], handshake, p.version, has_version)
    }

    fn boxed(
        label: &'static [u8],
        seed: Vec<&'m [u8]>,
        handshake: Handshake,
        version: Option<Put<CK_VERSION>>,
        has_version: bool,
    ) -> Result<Box<dyn KeySet + 'm>> {
        if version.is_some() != has_version {
            return Rv::MechanismParamInvalid.err("TLS: pVersion is for premaster secrets with a version, and only for these");
        }
        let allowed = match handshake {
            Handshake::Tls12(_) => OF_MASTERS.iter().flat_map(|kind| kind.to_ne_bytes()).collect(),
            Handshake::Ssl3 | Handshake::Tls1 => vec![],
        };
        let told = CK_VERSION { major: 0, minor: 0 };
        Ok(Box::new(Self { label, seed, handshake, version, told, allowed }))
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
            _ if self.allowed.is_empty() => {}
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
        let expand = |len: &usize| Ok(self.handshake.expand(premaster, self.label, &self.seed, *len)?);
        let values = lens.iter().map(expand).collect::<Result<_>>()?;
        Ok((values, vec![]))
    }

    fn tell(self: Box<Self>, _: &[CK_OBJECT_HANDLE]) {
        if let Some(version) = self.version {
            version.put(self.told);
        }
    }
}
