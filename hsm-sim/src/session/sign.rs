//! Signing and verifying: PKCS#11 v3.2 §5.13 and §5.15.

use cryptoki_sys::*;

use super::{Session, cipher::begun, state::Start};
use crate::{
    error::{Result, Rv},
    mechanism::{Mechanism, usable},
    object::traits::Usage,
    reply::{Reply, Room},
};

impl Session {
    /// C_SignInit.
    pub fn sign_init(&mut self, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) -> Result<()> {
        let Some(mechanism) = begun(&mut self.sign, mechanism)? else { return Ok(()) };
        let row = self.row(mechanism.kind)?;
        let make = usable(row.sign)?;
        let object = self.key(key, Rv::KeyHandleInvalid)?;
        let (signer, counted) = self.signer(row, make, &mechanism, key, &object)?;
        if !counted {
            self.begin_use(row, key, &object, Usage::SIGN)?;
        }
        self.starts.sign = Start::new(row, &mechanism, key);
        self.sign.begin(signer, object.traits().always_authenticate)
    }

    /// C_Sign.
    pub fn sign(&mut self, data: &[u8], room: Room<'_>) -> Result<Reply> {
        self.sign.single(|signer| {
            room.fill(signer.signature_len(), |output| {
                signer.update(data)?;
                signer.finish(output)
            })
        })
    }

    /// C_SignUpdate.
    pub fn sign_update(&mut self, part: &[u8]) -> Result<()> {
        self.sign.update(|signer| signer.update(part).map(|()| Reply::Wrote(0))).map(|_| ())
    }

    /// C_SignFinal.
    pub fn sign_final(&mut self, room: Room<'_>) -> Result<Reply> {
        self.sign.last(|signer| room.fill(signer.signature_len(), |output| signer.finish(output)))
    }

    /// C_VerifyInit.
    pub fn verify_init(&mut self, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) -> Result<()> {
        let Some(mechanism) = begun(&mut self.verify, mechanism)? else { return Ok(()) };
        let row = self.row(mechanism.kind)?;
        let make = usable(row.verify)?;
        let object = self.key(key, Rv::KeyHandleInvalid)?;
        let verifier = make(&mechanism, object.key()?)?;
        self.begin_use(row, key, &object, Usage::VERIFY)?;
        self.starts.verify = Start::new(row, &mechanism, key);
        self.verify.begin(verifier, false)
    }

    /// C_Verify.
    pub fn verify(&mut self, data: &[u8], signature: &[u8]) -> Result<()> {
        let verified = self.verify.single(|verifier| {
            verifier.update(data)?;
            verifier.finish(signature).map(|()| Reply::Wrote(0))
        });
        verified.map(|_| ())
    }

    /// C_VerifyUpdate.
    pub fn verify_update(&mut self, part: &[u8]) -> Result<()> {
        self.verify.update(|verifier| verifier.update(part).map(|()| Reply::Wrote(0))).map(|_| ())
    }

    /// C_VerifyFinal.
    pub fn verify_final(&mut self, signature: &[u8]) -> Result<()> {
        self.verify.last(|verifier| verifier.finish(signature).map(|()| Reply::Wrote(0))).map(|_| ())
    }
}
