//! What ties a wrapped data key to its row, so that no two rows can be swapped (`client/FORMAT.md`, section 6).
//!
//! Every column that never changes is written out. AES-GCM authenticates those bytes as additional data. AES-KWP and
//! AES-KW carry none: there a tag under a key derived from the data key does it. RSA-OAEP proves nothing about who
//! wrapped, since anyone has the public key: there the master pair signs.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::context::EncryptionContext;
use crate::error::{Error, Result};
use crate::hsm::{Hsm, Scheme, WrapMechanism, Wrapped};
use crate::id::{KeyId, LineageId, ObjectId};
use crate::secret::Secret;
use crate::time::Timestamp;

/// The columns of a row that never change while it is wrapped by the same master key.
#[derive(Clone, Copy)]
pub struct Columns<'a> {
    /// The key's id.
    pub key_id: KeyId,
    /// Its lineage.
    pub lineage_id: LineageId,
    /// Its version.
    pub version: u32,
    /// When it was made.
    pub created: Timestamp,
    /// What it encrypts with.
    pub algorithm: &'a str,
    /// The master key.
    pub mek_id: &'a ObjectId,
    /// The master key's version.
    pub mek_version: u32,
    /// The master key's token.
    pub token_serial: &'a str,
    /// How the key is wrapped.
    pub mechanism: WrapMechanism,
    /// The context it was made for.
    pub context: &'a EncryptionContext,
}

impl Columns<'_> {
    /// The bytes that are authenticated.
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = b"hsm dek binding v1\0".to_vec();
        bytes.extend(self.key_id.as_bytes());
        bytes.extend(self.lineage_id.as_bytes());
        bytes.extend(self.version.to_be_bytes());
        bytes.extend(self.created.0.to_be_bytes());
        bytes.extend(self.mek_version.to_be_bytes());
        let context = self.context.canonical();
        for field in [
            self.algorithm.as_bytes(),
            self.mek_id.as_bytes(),
            self.token_serial.as_bytes(),
            self.mechanism.name().as_bytes(),
            &context,
        ] {
            bytes.extend((field.len() as u64).to_be_bytes());
            bytes.extend(field);
        }
        bytes
    }

    /// What is stored beside the wrapped key: nothing, a tag, or a signature.
    ///
    /// # Errors
    /// Those of the token, where it signs.
    pub fn bind(&self, hsm: &dyn Hsm, wrapped: &Wrapped, key: &Secret) -> Result<Vec<u8>> {
        if self.mechanism.carries_aad() {
            return Ok(Vec::new());
        }
        if self.mechanism.is_rsa() {
            return hsm.sign(self.mek_id, Scheme::Rs256, &self.signed(wrapped));
        }
        Ok(self.tag(key)?.finalize().into_bytes().to_vec())
    }

    /// Checks what is stored beside the wrapped key.
    ///
    /// # Errors
    /// [`crate::Kind::Authentication`] when the row was altered or swapped.
    pub fn check(&self, hsm: &dyn Hsm, wrapped: &Wrapped, key: &Secret, binding: &[u8]) -> Result<()> {
        let good = if self.mechanism.carries_aad() {
            binding.is_empty()
        } else if self.mechanism.is_rsa() {
            hsm.public_key(self.mek_id)?.verify(Scheme::Rs256, &self.signed(wrapped), binding).is_ok()
        } else {
            self.tag(key)?.verify_slice(binding).is_ok()
        };
        if good { Ok(()) } else { Err(self.altered()) }
    }

    /// The error for a row that does not belong to its wrapped key.
    pub fn altered(&self) -> Error {
        Error::authentication(format!("the data key {} does not open with its own row", self.key_id))
            .why("a column or the wrapped key was altered or swapped, or the context is another")
            .next("restore the key store from a backup")
    }

    fn tag(&self, key: &Secret) -> Result<Hmac<Sha256>> {
        let binding_key =
            Secret::filled(32, |bytes| Hkdf::<Sha256>::new(None, key.expose()).expand(b"hsm dek binding key v1", bytes))
                .map_err(|_| self.altered())?;
        let mut tag = Hmac::<Sha256>::new_from_slice(binding_key.expose()).map_err(|_| self.altered())?;
        tag.update(&self.canonical());
        Ok(tag)
    }

    fn signed(&self, wrapped: &Wrapped) -> Vec<u8> {
        [self.canonical().as_slice(), &wrapped.ciphertext].concat()
    }
}
