//! Signatures from which the data is recovered: PKCS#11 v3.2 §5.13.5, §5.13.6, §5.15.5 and §5.15.6.

use cryptoki_sys::*;

use super::{Session, cipher::begun};
use crate::{
    error::{Result, Rv},
    mechanism::{Mechanism, usable},
    object::traits::Usage,
    reply::{Reply, Room},
};

impl Session {
    /// C_SignRecoverInit.
    pub fn sign_recover_init(&mut self, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) -> Result<()> {
        let Some(mechanism) = begun(&mut self.sign_recover, mechanism)? else { return Ok(()) };
        let row = self.row(mechanism.kind)?;
        let make = usable(row.sign_recover)?;
        let object = self.key(key, Rv::KeyHandleInvalid)?;
        let signer = make(&mechanism, object.key()?)?;
        self.begin_use(row, key, &object, Usage::SIGN_RECOVER)?;
        self.sign_recover.begin(signer, object.traits().always_authenticate)
    }

    /// C_SignRecover.
    pub fn sign_recover(&mut self, data: &[u8], room: Room<'_>) -> Result<Reply> {
        self.sign_recover.single(|signer| {
            room.fill(signer.signature_len(), |output| {
                signer.update(data)?;
                signer.finish(output)
            })
        })
    }

    /// C_VerifyRecoverInit.
    pub fn verify_recover_init(&mut self, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) -> Result<()> {
        let Some(mechanism) = begun(&mut self.verify_recover, mechanism)? else { return Ok(()) };
        let row = self.row(mechanism.kind)?;
        let make = usable(row.verify_recover)?;
        let object = self.key(key, Rv::KeyHandleInvalid)?;
        let recovery = make(&mechanism, object.key()?)?;
        self.begin_use(row, key, &object, Usage::VERIFY_RECOVER)?;
        self.verify_recover.begin(recovery, false)
    }

    /// C_VerifyRecover.
    pub fn verify_recover(&mut self, signature: &[u8], room: Room<'_>) -> Result<Reply> {
        self.verify_recover.single(|recovery| recovery.single(signature, room))
    }
}
