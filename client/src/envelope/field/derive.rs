//! The keys of one field, from the data key, the header and the context (`client/FORMAT.md`, section 7).

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use subtle::ConstantTimeEq;

use super::format::{HEADER_LEN, Header, TAG_LEN};
use crate::context::EncryptionContext;
use crate::envelope::derive::{Root, same_key};
use crate::error::{Error, Kind, Result};
use crate::keyring::Dek;
use crate::secret::Secret;

/// The cipher of one field. It is good for one value only, since its nonce is fixed.
pub(super) struct Cipher {
    cipher: Aes256Gcm,
    nonce: [u8; 12],
    header: [u8; HEADER_LEN],
}

/// Fills in the header's commitment and check, and derives the cipher to seal with.
pub(super) fn for_sealing(dek: &Dek, context: &EncryptionContext, header: &mut Header) -> Result<Cipher> {
    let root = Root::new(dek, &header.salt);
    let bound = Bound { prefix: &header.prefix(), context: &context.canonical() };
    header.commitment.copy_from_slice(bound.commitment(&root)?.expose());
    header.check.copy_from_slice(bound.check(&root, &header.commitment)?.expose());
    bound.cipher(&root, header)
}

/// Checks that the header was made with this data key and this context, and derives the cipher to open with.
pub(super) fn for_opening(dek: &Dek, context: &EncryptionContext, header: &Header) -> Result<Cipher> {
    same_key(dek, header.key_id.as_bytes(), header.key_version)?;
    let root = Root::new(dek, &header.salt);
    let bound = Bound { prefix: &header.prefix(), context: &context.canonical() };
    if bool::from(bound.commitment(&root)?.expose().ct_eq(&header.commitment)) {
        return bound.cipher(&root, header);
    }
    // Refused, whatever comes now; the check only finds the name for it. It knows no context, so it holds for any.
    if bool::from(bound.check(&root, &header.commitment)?.expose().ct_eq(&header.check)) {
        return Err(Error::new(Kind::ContextMismatch, "the encryption context is not the one the field was sealed with")
            .why("every key=value pair must be given again, exactly; a value moved to another row looks like this too"));
    }
    Err(Error::authentication("the field's header does not belong to its data key")
        .why("the header was altered, or the field was made with another key"))
}

/// What everything derived here depends on, beside the data key and the salt.
struct Bound<'a> {
    prefix: &'a [u8],
    context: &'a [u8],
}

impl Bound<'_> {
    fn commitment(&self, root: &Root) -> Result<Secret> {
        root.expand(32, &[b"hsm field v1 commitment", self.prefix, self.context])
    }

    fn check(&self, root: &Root, commitment: &[u8]) -> Result<Secret> {
        root.expand(4, &[b"hsm field v1 check", self.prefix, commitment])
    }

    fn cipher(&self, root: &Root, header: &Header) -> Result<Cipher> {
        let key = root.expand(32, &[b"hsm field v1 key", self.prefix, self.context])?;
        let mut nonce = [0; 12];
        nonce.copy_from_slice(root.expand(12, &[b"hsm field v1 nonce", self.prefix, self.context])?.expose());
        let cipher =
            Aes256Gcm::new_from_slice(key.expose()).map_err(|_| Error::new(Kind::Malformed, "the field key has not 32 bytes"))?;
        Ok(Cipher { cipher, nonce, header: header.to_bytes() })
    }
}

impl Cipher {
    /// The header, the ciphertext of `value`, and the tag.
    pub(super) fn seal(self, value: &[u8]) -> Result<Vec<u8>> {
        let mut field = Vec::with_capacity(HEADER_LEN + value.len() + TAG_LEN);
        field.extend(self.header);
        field.extend(value);
        let tag = self
            .cipher
            .encrypt_inout_detached(&Nonce::from(self.nonce), &self.header, (&mut field[HEADER_LEN..]).into())
            .map_err(|_| Error::new(Kind::Usage, "the value is too long to seal"))?;
        field.extend(tag);
        Ok(field)
    }

    /// The value of `body`, ciphertext and tag.
    pub(super) fn open(self, body: &[u8]) -> Result<Secret> {
        let altered =
            || Error::authentication("the field is not genuine").why("it was altered, cut off, or put together from several");
        let (ciphertext, tag) = body.split_last_chunk::<TAG_LEN>().ok_or_else(altered)?;
        Secret::filled(ciphertext.len(), |value| {
            value.copy_from_slice(ciphertext);
            self.cipher
                .decrypt_inout_detached(&Nonce::from(self.nonce), &self.header, value.into(), &Tag::from(*tag))
                .map_err(|_| altered())
        })
    }
}

hsm_shares::concealed!(Cipher);
