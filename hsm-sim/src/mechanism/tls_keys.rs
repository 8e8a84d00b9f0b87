//! The keys of a connection by TLS or SSL 3.0 (PKCS#11 v3.2 §6.39.6, §6.40.6 and §6.40.7; RFC 5246, §6.3; RFC 2246, §6.3; RFC 6101, §6.2.2).

use std::{borrow::Cow, sync::Arc};

use cryptoki_sys::*;

use super::{
    Deriving, Mechanism, Row,
    derivation::{Attribute, Inheritance, KeySet, generic},
    digests,
    table::{GENERIC, row},
};
use crate::{
    abi::params::tls::{KeyMaterial, Randoms},
    crypto::kdf::Handshake,
    error::{Result, Rv},
    object::Object,
    secret::Secret,
};

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_SSL3_KEY_AND_MAC_DERIVE, GENERIC, legacy: true, derive_set: Some(|m| Keys::older(m, Handshake::Ssl3))),
    row!(CKM_TLS_KEY_AND_MAC_DERIVE, GENERIC, legacy: true, derive_set: Some(|m| Keys::older(m, Handshake::Tls1))),
    row!(CKM_TLS12_KEY_AND_MAC_DERIVE, GENERIC, derive_set: Some(|m| Keys::boxed(m, true))),
    row!(CKM_TLS12_KEY_SAFE_DERIVE, GENERIC, derive_set: Some(|m| Keys::boxed(m, false))),
];

/// MAC secrets, keys and initialization vectors.
struct Keys<'m> {
    params: KeyMaterial<'m>,
    handshake: Handshake,
    client_iv: Vec<u8>,
    server_iv: Vec<u8>,
}

impl<'m> Keys<'m> {
    fn boxed(mechanism: &Mechanism<'m>, with_iv: bool) -> Result<Box<dyn KeySet + 'm>> {
        let (params, hash) = mechanism.tls_key_material(with_iv)?;
        Self::of(params, Handshake::Tls12(digests::hash(hash)?))
    }

    fn older(mechanism: &Mechanism<'m>, handshake: Handshake) -> Result<Box<dyn KeySet + 'm>> {
        Self::of(mechanism.ssl3_key_material()?, handshake)
    }

    fn of(params: KeyMaterial<'m>, handshake: Handshake) -> Result<Box<dyn KeySet + 'm>> {
        if params.mac_len == 0 && params.key_len == 0 {
            // Nothing but vectors: key material in the open (§6.40.6 warns of it).
            return Rv::MechanismParamInvalid.err("TLS: no keys are asked for");
        }
        Ok(Box::new(Self { params, handshake, client_iv: vec![], server_iv: vec![] }))
    }
}

impl KeySet for Keys<'_> {
    fn inheritance(&self) -> Inheritance {
        Inheritance::Exact
    }

    fn gives_handle(&self) -> bool {
        false
    }

    fn templates<'t>(&'t self, given: &[Attribute<'t>]) -> Result<Vec<Vec<Attribute<'t>>>> {
        let mut templates = Vec::with_capacity(4);
        if self.params.mac_len > 0 {
            let place = given.iter().filter(|(kind, _)| matches!(*kind, CKA_TOKEN | CKA_PRIVATE)).cloned().collect::<Vec<_>>();
            let mac = contributed(&place, CKA_KEY_TYPE, CKK_GENERIC_SECRET)?;
            let mac = contributed(&mac, CKA_VALUE_LEN, self.params.mac_len as CK_ULONG)?;
            let mac = flagged(mac, &[CKA_SIGN, CKA_VERIFY]);
            templates.extend([mac.clone(), mac]);
        }
        if self.params.key_len > 0 {
            let key = contributed(given, CKA_VALUE_LEN, self.params.key_len as CK_ULONG)?;
            let key = flagged(key, &[CKA_ENCRYPT, CKA_DECRYPT, CKA_DERIVE]);
            templates.extend([key.clone(), key]);
        }
        Ok(templates)
    }

    fn derive(&mut self, deriving: &Deriving<'_>, lens: &[usize]) -> Result<(Vec<Secret>, Vec<Arc<Object>>)> {
        let Randoms { client, server } = self.params.randoms;
        let iv_len = self.params.iv_len;
        let len = lens.iter().sum::<usize>() + 2 * iv_len;
        let block = self.handshake.expand(generic(deriving.base)?, b"key expansion", &[server, client], len);
        let block = block.map_err(|_| Rv::MechanismParamInvalid.because("TLS: more key material than there can be"))?;
        let mut rest = block.expose();
        let mut next = |len| {
            let (part, after) = rest.split_at(len);
            rest = after;
            part
        };
        let values = lens.iter().map(|len| Secret::copy(next(*len))).collect();
        self.client_iv = next(iv_len).to_vec();
        self.server_iv = next(iv_len).to_vec();
        Ok((values, vec![]))
    }

    fn tell(self: Box<Self>, handles: &[CK_OBJECT_HANDLE]) {
        let mut handles = handles.iter().copied();
        let mut next = |len: usize| if len > 0 { handles.next().unwrap_or(CK_INVALID_HANDLE) } else { CK_INVALID_HANDLE };
        let (mac, key) = (self.params.mac_len, self.params.key_len);
        let handles = [next(mac), next(mac), next(key), next(key)];
        self.params.out.put(handles, &self.client_iv, &self.server_iv);
    }
}

/// The template with a number that the mechanism contributes, which it may repeat but not contradict.
pub fn contributed<'t>(given: &[Attribute<'t>], kind: CK_ATTRIBUTE_TYPE, number: CK_ULONG) -> Result<Vec<Attribute<'t>>> {
    let mut template = given.to_vec();
    match given.iter().find(|(found, _)| *found == kind) {
        None => template.push((kind, Cow::Owned(number.to_ne_bytes().to_vec()))),
        Some((_, said)) if **said == number.to_ne_bytes() => {}
        Some(_) => return Rv::TemplateInconsistent.err(format!("attribute {kind:#x} contradicts the mechanism")),
    }
    Ok(template)
}

/// The template, with uses that it allows unless it says otherwise.
fn flagged<'t>(mut template: Vec<Attribute<'t>>, uses: &[CK_ATTRIBUTE_TYPE]) -> Vec<Attribute<'t>> {
    for kind in uses {
        if template.iter().all(|(found, _)| found != kind) {
            template.push((*kind, Cow::Borrowed(&[CK_TRUE])));
        }
    }
    template
}
