//! A token behind something that every call passes through: what can go wrong on the way, and how long it takes.

use super::{
    Hsm, KeyKind, Leaving, MekInfo, MekKind, Named, PublicKey, Scheme, SigningKeyInfo, TokenIdentity, WrapMechanism, Wrapped,
    Wrapping,
};
use crate::error::Result;
use crate::id::ObjectId;
use crate::kem::{Encapsulated, KemInfo};
use crate::secret::Secret;

/// What stands before a token. Whoever implements this is an [`Hsm`].
pub trait Around: Send + Sync {
    /// Which token is behind.
    fn behind(&self) -> &TokenIdentity;

    /// True while the token can be reached.
    fn stands(&self) -> bool;

    /// A call that may be made again, with the same effect.
    fn again<T>(&self, job: impl Fn(&dyn Hsm) -> Result<T>) -> Result<T>;

    /// A call that makes or destroys something.
    fn once<T>(&self, job: impl FnOnce(&dyn Hsm) -> Result<T>) -> Result<T>;
}

impl<A: Around> Hsm for A {
    fn identity(&self) -> &TokenIdentity {
        self.behind()
    }

    fn is_alive(&self) -> bool {
        self.stands()
    }

    fn wrap_mechanisms(&self, kind: MekKind) -> Result<Vec<WrapMechanism>> {
        self.again(|hsm| hsm.wrap_mechanisms(kind))
    }

    fn meks(&self) -> Result<Vec<MekInfo>> {
        self.again(|hsm| hsm.meks())
    }

    fn create_mek(&self, id: &ObjectId, label: &str, kind: MekKind) -> Result<()> {
        self.once(|hsm| hsm.create_mek(id, label, kind))
    }

    fn destroy_mek(&self, id: &ObjectId) -> Result<()> {
        self.once(|hsm| hsm.destroy_mek(id))
    }

    fn generate_wrapped(&self, mek: &ObjectId, mechanism: WrapMechanism, aad: &[u8]) -> Result<Wrapped> {
        self.again(|hsm| hsm.generate_wrapped(mek, mechanism, aad))
    }

    fn unwrap(&self, mek: &ObjectId, wrapped: &Wrapped, aad: &[u8]) -> Result<Secret> {
        self.again(|hsm| hsm.unwrap(mek, wrapped, aad))
    }

    fn rewrap(&self, from: Wrapping<'_>, wrapped: &Wrapped, to: Wrapping<'_>, mechanism: WrapMechanism) -> Result<Wrapped> {
        self.again(|hsm| hsm.rewrap(from, wrapped, to, mechanism))
    }

    fn kems(&self) -> Result<Vec<KemInfo>> {
        self.again(|hsm| hsm.kems())
    }

    fn create_kem(&self, label: &str) -> Result<ObjectId> {
        self.once(|hsm| hsm.create_kem(label))
    }

    fn kem_seal(&self, kem: &ObjectId, data: &[u8], aad: &[u8]) -> Result<Encapsulated> {
        self.again(|hsm| hsm.kem_seal(kem, data, aad))
    }

    fn kem_open(&self, kem: &ObjectId, sealed: &Encapsulated, aad: &[u8]) -> Result<Vec<u8>> {
        self.again(|hsm| hsm.kem_open(kem, sealed, aad))
    }

    fn signing_keys(&self) -> Result<Vec<SigningKeyInfo>> {
        self.again(|hsm| hsm.signing_keys())
    }

    fn create_pair(&self, named: Named<'_>, kind: KeyKind, leaving: Leaving) -> Result<PublicKey> {
        self.once(|hsm| hsm.create_pair(named, kind, leaving))
    }

    fn destroy_pair(&self, id: &ObjectId) -> Result<()> {
        self.once(|hsm| hsm.destroy_pair(id))
    }

    fn sign(&self, key: &ObjectId, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>> {
        self.again(|hsm| hsm.sign(key, scheme, message))
    }

    fn public_key(&self, key: &ObjectId) -> Result<PublicKey> {
        self.again(|hsm| hsm.public_key(key))
    }
}
