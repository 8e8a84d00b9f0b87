//! Encryption and decryption: PKCS#11 v3.2 §5.8 and §5.9.

use cryptoki_sys::*;

use super::{Session, state::Start};
use crate::{
    error::{Result, Rv},
    mechanism::{Cipher, Direction, Mechanism, usable},
    object::traits::Usage,
    operation::Op,
    reply::{Reply, Room},
};

impl Session {
    /// C_EncryptInit.
    pub fn encrypt_init(&mut self, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) -> Result<()> {
        match begun(&mut self.encrypt, mechanism)? {
            None => Ok(()),
            Some(mechanism) => {
                let (cipher, _, start) = self.cipher(&mechanism, key, Direction::Encrypt, Usage::ENCRYPT)?;
                self.starts.encrypt = start;
                self.encrypt.begin(cipher, false)
            }
        }
    }

    /// C_DecryptInit.
    pub fn decrypt_init(&mut self, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) -> Result<()> {
        match begun(&mut self.decrypt, mechanism)? {
            None => Ok(()),
            Some(mechanism) => {
                let (cipher, awaits_login, start) = self.cipher(&mechanism, key, Direction::Decrypt, Usage::DECRYPT)?;
                self.starts.decrypt = start;
                self.decrypt.begin(cipher, awaits_login)
            }
        }
    }

    fn cipher(
        &self,
        mechanism: &Mechanism<'_>,
        key: CK_OBJECT_HANDLE,
        direction: Direction,
        usage: Usage,
    ) -> Result<(Box<dyn Cipher>, bool, Option<Start>)> {
        let row = self.row(mechanism.kind)?;
        let make = usable(row.cipher)?;
        let object = self.key(key, Rv::KeyHandleInvalid)?;
        // CKR_KEY_TYPE_INCONSISTENT goes before CKR_KEY_FUNCTION_NOT_PERMITTED (§5.1.6), so the key is tried first.
        let cipher = make(mechanism, object.key()?, direction)?;
        self.begin_use(row, key, &object, usage)?;
        Ok((cipher, object.traits().always_authenticate, Start::new(row, mechanism, key)))
    }

    /// C_Encrypt.
    pub fn encrypt(&mut self, data: &[u8], room: Room<'_>) -> Result<Reply> {
        self.encrypt.single(|cipher| cipher.single(data, room))
    }

    /// C_EncryptUpdate.
    pub fn encrypt_update(&mut self, part: &[u8], room: Room<'_>) -> Result<Reply> {
        self.encrypt.update(|cipher| cipher.update(part, room))
    }

    /// C_EncryptFinal.
    pub fn encrypt_final(&mut self, room: Room<'_>) -> Result<Reply> {
        self.encrypt.last(|cipher| cipher.finish(room))
    }

    /// C_Decrypt.
    pub fn decrypt(&mut self, data: &[u8], room: Room<'_>) -> Result<Reply> {
        self.decrypt.single(|cipher| cipher.single(data, room))
    }

    /// C_DecryptUpdate.
    pub fn decrypt_update(&mut self, part: &[u8], room: Room<'_>) -> Result<Reply> {
        self.decrypt.update(|cipher| cipher.update(part, room))
    }

    /// C_DecryptFinal.
    pub fn decrypt_final(&mut self, room: Room<'_>) -> Result<Reply> {
        self.decrypt.last(|cipher| cipher.finish(room))
    }
}

/// What an Init call asks: to begin with this mechanism, or (`None`) to cancel, which is done here.
pub(super) fn begun<'m, T: ?Sized>(op: &mut Op<T>, mechanism: Option<Mechanism<'m>>) -> Result<Option<Mechanism<'m>>> {
    match mechanism {
        Some(mechanism) => op.ready().map(|()| Some(mechanism)),
        None if op.active() => {
            op.cancel();
            Ok(None)
        }
        None => Rv::ArgumentsBad.err("NULL mechanism, and no operation to cancel"),
    }
}
