//! The pseudo random function of TLS 1.0 and 1.1 by itself (PKCS#11 v2.40, CKM_TLS_PRF; RFC 2246, §5). What it makes becomes no key, but
//! goes to the caller.

use std::sync::Arc;

use cryptoki_sys::*;

use super::{
    Deriving, Mechanism, Row,
    derivation::{Attribute, Inheritance, KeySet, generic},
    table::{GENERIC, row},
};
use crate::{
    abi::params::tls::TlsPrf,
    crypto::kdf::Handshake,
    error::{Result, Rv},
    object::{Object, attributes::Lookup},
    secret::Secret,
};

/// The mechanism.
pub const ROWS: &[Row] = &[row!(CKM_TLS_PRF, GENERIC, legacy: true, derive_set: Some(boxed))];

/// What a key that is kept from callers gives all the same: verify_data, which is sent in the open. With other labels they could have
/// the keys of the connection.
const OPEN: [&[u8]; 2] = [b"client finished", b"server finished"];

fn boxed<'m>(mechanism: &Mechanism<'m>) -> Result<Box<dyn KeySet + 'm>> {
    Ok(Box::new(Output { params: mechanism.tls_prf()?, output: None }))
}

struct Output<'m> {
    params: TlsPrf<'m>,
    output: Option<Secret>,
}

impl KeySet for Output<'_> {
    fn inheritance(&self) -> Inheritance {
        Inheritance::Free
    }

    fn gives_handle(&self) -> bool {
        false
    }

    fn templates<'t>(&'t self, _: &[Attribute<'t>]) -> Result<Vec<Vec<Attribute<'t>>>> {
        Ok(vec![])
    }

    fn derive(&mut self, deriving: &Deriving<'_>, _: &[usize]) -> Result<(Vec<Secret>, Vec<Arc<Object>>)> {
        let attributes = deriving.base.attributes();
        let kept = attributes.flag(CKA_SENSITIVE) || !attributes.flag(CKA_EXTRACTABLE);
        if kept && !OPEN.contains(&self.params.label) {
            return Rv::KeyFunctionNotPermitted.err("TLS: a key that is kept in the token makes no output with this label");
        }
        let secret = generic(deriving.base)?;
        let output = Handshake::Tls1.expand(secret, self.params.label, &[self.params.seed], self.params.out.len)?;
        self.output = Some(output);
        Ok((vec![], vec![]))
    }

    fn tell(self: Box<Self>, _: &[CK_OBJECT_HANDLE]) {
        if let Some(output) = self.output {
            self.params.out.put(output.expose());
        }
    }
}
