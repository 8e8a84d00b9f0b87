//! Verification of a signature that is known from the start: PKCS#11 v3.2 §5.15.7 to §5.15.10.

use cryptoki_sys::*;

use super::{Session, cipher::begun};
use crate::{
    error::{Result, Rv},
    mechanism::{Mechanism, Verifier, usable},
    object::traits::Usage,
    reply::Reply,
};

/// A verification with its signature.
pub struct Known {
    verifier: Box<dyn Verifier>,
    signature: Vec<u8>,
}

impl Session {
    /// C_VerifySignatureInit.
    pub fn verify_signature_init(
        &mut self,
        mechanism: Option<Mechanism<'_>>,
        key: CK_OBJECT_HANDLE,
        signature: &[u8],
    ) -> Result<()> {
        let Some(mechanism) = begun(&mut self.verify_signature, mechanism)? else { return Ok(()) };
        let row = self.row(mechanism.kind)?;
        let make = usable(row.verify)?;
        let object = self.key(key, Rv::KeyHandleInvalid)?;
        let verifier = make(&mechanism, object.key()?)?;
        self.begin_use(row, key, &object, Usage::VERIFY)?;
        self.verify_signature.begin(Box::new(Known { verifier, signature: signature.to_vec() }), false)
    }

    /// C_VerifySignature.
    pub fn verify_signature(&mut self, data: &[u8]) -> Result<()> {
        let verified = self.verify_signature.single(|known| {
            known.verifier.update(data)?;
            known.verifier.finish(&known.signature).map(|()| Reply::Wrote(0))
        });
        verified.map(|_| ())
    }

    /// C_VerifySignatureUpdate.
    pub fn verify_signature_update(&mut self, part: &[u8]) -> Result<()> {
        self.verify_signature.update(|known| known.verifier.update(part).map(|()| Reply::Wrote(0))).map(|_| ())
    }

    /// C_VerifySignatureFinal.
    pub fn verify_signature_final(&mut self) -> Result<()> {
        let verified = self.verify_signature.last(|known| known.verifier.finish(&known.signature).map(|()| Reply::Wrote(0)));
        verified.map(|_| ())
    }
}
