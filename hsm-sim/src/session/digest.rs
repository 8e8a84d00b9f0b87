//! Message digesting: PKCS#11 v3.2 §5.12.

use cryptoki_sys::*;

use super::{Session, cipher::begun};
use crate::{
    crypto::Digest,
    error::{Result, Rv},
    mechanism::{Mechanism, usable},
    object::attributes::Lookup,
    reply::{Reply, Room},
    secret::{SHALLOW, scrubbed},
};

impl Session {
    /// C_DigestInit.
    pub fn digest_init(&mut self, mechanism: Option<Mechanism<'_>>) -> Result<()> {
        let Some(mechanism) = begun(&mut self.digest, mechanism)? else { return Ok(()) };
        let hash = usable(self.row(mechanism.kind)?.digest)?;
        mechanism.none()?;
        self.digest.begin(Box::new(Digest::new(hash)), false)
    }

    /// C_Digest.
    pub fn digest(&mut self, data: &[u8], room: Room<'_>) -> Result<Reply> {
        self.digest.single(|digest| {
            room.fill(digest.hash().output_len(), |output| {
                digest.update(data);
                Ok(finish(digest, output))
            })
        })
    }

    /// C_DigestUpdate.
    pub fn digest_update(&mut self, part: &[u8]) -> Result<()> {
        let fed = self.digest.update(|digest| {
            digest.update(part);
            Ok(Reply::Wrote(0))
        });
        fed.map(|_| ())
    }

    /// C_DigestKey: the value of a secret key becomes part of the message.
    pub fn digest_key(&mut self, key: CK_OBJECT_HANDLE) -> Result<()> {
        if !self.digest.active() {
            return Rv::OperationNotInitialized.err("no digest is active in the session");
        }
        let object = self.key(key, Rv::KeyHandleInvalid)?;
        self.may_use(&object)?;
        if object.traits().limited {
            return Rv::KeyIndigestible.err("a key whose uses are counted is not digested: it would be a MAC without count");
        }
        match object.attributes().of(CKA_VALUE) {
            Some(value) if object.traits().class == CKO_SECRET_KEY => self.digest_update(value),
            _ => Rv::KeyIndigestible.err("only secret keys are digested"),
        }
    }

    /// C_DigestFinal.
    pub fn digest_final(&mut self, room: Room<'_>) -> Result<Reply> {
        self.digest.last(|digest| room.fill(digest.hash().output_len(), |output| Ok(finish(digest, output))))
    }
}

/// The operation drops the spent state right after. A key may be among what was digested.
fn finish(digest: &mut Digest, output: &mut [u8]) -> usize {
    let hash = digest.hash();
    scrubbed::<SHALLOW, _>(|| std::mem::replace(digest, Digest::new(hash)).finish(output))
}
