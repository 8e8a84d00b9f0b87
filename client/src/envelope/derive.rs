//! The keys of one message, from the data key and the header (`client/FORMAT.md`, section 4).

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::format::{Header, SEGMENT_LOG2};
use super::segment::Segments;
use crate::context::EncryptionContext;
use crate::error::{Error, Kind, Result};
use crate::id::KeyId;
use crate::keyring::Dek;
use crate::secret::Secret;

/// The header of a new message with this segment size and salt, and the keys to seal it with.
pub(super) fn begin(dek: &Dek, context: &EncryptionContext, (segment_log2, salt): (u8, [u8; 32])) -> Result<(Header, Segments)> {
    if !SEGMENT_LOG2.contains(&segment_log2) {
        return Err(Error::new(Kind::Usage, format!("segments of 2^{segment_log2} bytes are not allowed")));
    }
    let mut header = Header {
        segment_log2,
        key_id: *dek.key_id.as_bytes(),
        key_version: dek.version,
        salt,
        context_digest: [0; 32],
        commitment: [0; 32],
    };
    let segments = for_sealing(dek, context, &mut header)?;
    Ok((header, segments))
}

/// Fills in the header's context digest and commitment, and derives the keys to seal with.
fn for_sealing(dek: &Dek, context: &EncryptionContext, header: &mut Header) -> Result<Segments> {
    let root = Root::new(dek, &header.salt);
    header.context_digest = root.context_digest(context)?;
    let message = root.message(header)?;
    header.commitment.copy_from_slice(message.commitment.expose());
    message.segments(header)
}

/// Checks that the header was made with this data key and this context, and derives the keys to open with.
pub(super) fn for_opening(dek: &Dek, context: &EncryptionContext, header: &Header) -> Result<Segments> {
    same_key(dek, &header.key_id, header.key_version)?;
    let root = Root::new(dek, &header.salt);
    let message = root.message(header)?;
    if !bool::from(message.commitment.expose().ct_eq(&header.commitment)) {
        return Err(Error::authentication("the envelope's header does not belong to its data key")
            .why("the header was altered, or the envelope was made with another key"));
    }
    // The header is genuine from here on: a digest that differs is another context, not an altered envelope.
    if !bool::from(root.context_digest(context)?.ct_eq(&header.context_digest)) {
        return Err(Error::new(Kind::ContextMismatch, "the encryption context is not the one it was encrypted with")
            .why("every key=value pair must be given again, exactly")
            .next("give the same --context key=value options as for encryption"));
    }
    message.segments(header)
}

/// Refuses a data key that the header does not name: a cache or store that hands out the wrong one must not get as far as a
/// decryption.
pub(super) fn same_key(dek: &Dek, key_id: &[u8; 16], version: u32) -> Result<()> {
    if key_id == dek.key_id.as_bytes() && version == dek.version {
        return Ok(());
    }
    Err(Error::authentication("the envelope names another data key").why(format!(
        "it names {} version {version}, this is {} version {}",
        KeyId::from_bytes(*key_id),
        dek.key_id,
        dek.version
    )))
}

/// HKDF (RFC 5869) from a data key, once extracted.
pub(super) struct Root(Hkdf<Sha256>);

struct Message {
    key: Secret,
    nonce_prefix: [u8; 7],
    commitment: Secret,
}

impl Root {
    pub(super) fn new(dek: &Dek, salt: &[u8]) -> Self {
        Self(Hkdf::new(Some(salt), dek.key.expose()))
    }

    /// Keyed, so that a context of few possibilities cannot be guessed from the envelope.
    fn context_digest(&self, context: &EncryptionContext) -> Result<[u8; 32]> {
        let key = self.expand(32, &[b"hsm envelope v1 context"])?;
        let mut digest = Hmac::<Sha256>::new_from_slice(key.expose()).map_err(|_| impossible())?;
        digest.update(&context.canonical());
        Ok(digest.finalize().into_bytes().into())
    }

    fn message(&self, header: &Header) -> Result<Message> {
        let prefix = header.prefix();
        let mut nonce_prefix = [0; 7];
        nonce_prefix.copy_from_slice(self.expand(7, &[b"hsm envelope v1 nonce", &prefix])?.expose());
        Ok(Message {
            key: self.expand(32, &[b"hsm envelope v1 key", &prefix])?,
            nonce_prefix,
            commitment: self.expand(32, &[b"hsm envelope v1 commitment", &prefix])?,
        })
    }

    pub(super) fn expand(&self, len: usize, info: &[&[u8]]) -> Result<Secret> {
        Secret::filled(len, |bytes| self.0.expand_multi_info(info, bytes)).map_err(|_| impossible())
    }
}

impl Message {
    fn segments(&self, header: &Header) -> Result<Segments> {
        Segments::new(&self.key, self.nonce_prefix, header.to_bytes())
    }
}

/// HKDF refuses only lengths above 8,160 bytes, HMAC none.
fn impossible() -> Error {
    Error::new(Kind::Malformed, "a key could not be derived")
}

hsm_shares::concealed!(Root, Message);
