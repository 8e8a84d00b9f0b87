//! Two operations at once: PKCS#11 v3.2 §5.17. The second is fed only when the first gave its output.

use super::Session;
use crate::{
    error::{Result, Rv},
    reply::{Reply, Room},
};

impl Session {
    /// C_DigestEncryptUpdate.
    pub fn digest_encrypt_update(&mut self, part: &[u8], room: Room<'_>) -> Result<Reply> {
        both(self.digest.active() && self.encrypt.active())?;
        let reply = self.encrypt_update(part, room)?;
        if reply.done() {
            self.digest_update(part)?;
        }
        Ok(reply)
    }

    /// C_DecryptDigestUpdate.
    pub fn decrypt_digest_update(&mut self, part: &[u8], room: Room<'_>) -> Result<Reply> {
        both(self.decrypt.active() && self.digest.active())?;
        self.decrypt_into(part, room, Self::digest_update)
    }

    /// C_SignEncryptUpdate.
    pub fn sign_encrypt_update(&mut self, part: &[u8], room: Room<'_>) -> Result<Reply> {
        both(self.sign.active() && self.encrypt.active())?;
        let reply = self.encrypt_update(part, room)?;
        if reply.done() {
            self.sign_update(part)?;
        }
        Ok(reply)
    }

    /// C_DecryptVerifyUpdate.
    pub fn decrypt_verify_update(&mut self, part: &[u8], room: Room<'_>) -> Result<Reply> {
        both(self.decrypt.active() && self.verify.active())?;
        self.decrypt_into(part, room, Self::verify_update)
    }

    fn decrypt_into(&mut self, part: &[u8], room: Room<'_>, feed: fn(&mut Self, &[u8]) -> Result<()>) -> Result<Reply> {
        let Room::Buffer(buffer) = room else { return self.decrypt_update(part, room) };
        let reply = self.decrypt_update(part, Room::Buffer(&mut *buffer))?;
        if let Reply::Wrote(len) = reply {
            feed(self, &buffer[..len])?;
        }
        Ok(reply)
    }
}

fn both(active: bool) -> Result<()> {
    if active { Ok(()) } else { Rv::OperationNotInitialized.err("both operations must have been initialised") }
}
