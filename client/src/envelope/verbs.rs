//! Encrypting and decrypting by the name of a data key: which version, and how it is opened, is found here.

use std::io::{Cursor, Read, Write};
use std::sync::Arc;

use super::embedded::{self, Form};
use super::{Header, Reader, field};
use crate::context::EncryptionContext;
use crate::error::{Error, Result};
use crate::id::KeyId;
use crate::keyring::cache::Cache;
use crate::keyring::{Dek, Keyring};
use crate::secret::Secret;
use crate::store::Demand;

/// Where open data keys come from: a [`Keyring`], by a call to the token for each; or a [`Cache`], which keeps them for a while.
pub trait Keys {
    /// The keyring behind it.
    fn keyring(&self) -> &Keyring;

    /// The key that encrypts under `name`, for one message of `bytes`.
    ///
    /// # Errors
    /// Those of [`Keyring::for_encryption`] and [`Keyring::open`].
    fn to_encrypt(&self, name: &str, bytes: u64) -> Result<Arc<Dek>>;

    /// The key an envelope names, for one message of `bytes`.
    ///
    /// # Errors
    /// Those of [`Keyring::for_decryption`] and [`Keyring::open`].
    fn to_decrypt(&self, id: &KeyId, version: u32, bytes: u64) -> Result<Arc<Dek>>;
}

impl Keys for Keyring {
    fn keyring(&self) -> &Keyring {
        self
    }

    fn to_encrypt(&self, name: &str, bytes: u64) -> Result<Arc<Dek>> {
        let (record, _) = self.for_encryption(name, Demand::one(bytes))?;
        Ok(Arc::new(self.open(&record)?))
    }

    fn to_decrypt(&self, id: &KeyId, version: u32, _: u64) -> Result<Arc<Dek>> {
        Ok(Arc::new(self.open(&self.for_decryption(id, version)?)?))
    }
}

impl Keys for Cache {
    fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    fn to_encrypt(&self, name: &str, bytes: u64) -> Result<Arc<Dek>> {
        self.for_encryption(name, bytes)
    }

    fn to_decrypt(&self, id: &KeyId, version: u32, bytes: u64) -> Result<Arc<Dek>> {
        self.for_decryption(id, version, bytes)
    }
}

/// Encrypts all of `input` into an envelope under the active version of the data key `name`. How long a stream is, is not known
/// ahead: it counts against a cache's messages, not against its bytes; against those of a policy afterwards.
///
/// # Errors
/// Those of [`Keys::to_encrypt`] and [`super::seal`].
pub fn encrypt(keys: &dyn Keys, name: &str, context: &EncryptionContext, input: impl Read, output: impl Write) -> Result<Header> {
    let dek = keys.to_encrypt(name, 0)?;
    let mut bytes = 0;
    let sealed = super::seal(&dek, context, input, output, |done| bytes = done);
    // Also what went out before it broke off was encrypted.
    keys.keyring().count(&dek.key_id, bytes)?;
    sealed
}

/// Decrypts the envelope in `input`, with its data key in the store or embedded. Each segment is authenticated before it is written,
/// but a later one may still fail: keep `output` back until this returns, or use [`decrypt_whole`]. Returns the plaintext bytes.
///
/// # Errors
/// [`crate::Kind::Malformed`]; those of [`Keys::to_decrypt`], [`embedded::unwrap`] and [`super::open`].
pub fn decrypt(keys: &dyn Keys, context: &EncryptionContext, mut input: impl Read, output: impl Write) -> Result<u64> {
    let form = Form::read(&mut input)?;
    super::open(&*key_of(keys, context, &form, 0)?, context, form.header(), input, output, |_| {})
}

/// Decrypts an envelope that is in memory. Nothing is given out before all of it was authenticated.
///
/// # Errors
/// As [`decrypt`].
pub fn decrypt_whole(keys: &dyn Keys, context: &EncryptionContext, envelope: &[u8]) -> Result<Secret> {
    let mut input = envelope;
    let form = Form::read(&mut input)?;
    let begin = envelope.len() - input.len() - super::format::HEADER_LEN;
    let key = |_: &Header| key_of(keys, context, &form, input.len() as u64);
    let mut reader = Reader::new(Cursor::new(&envelope[begin..]), context, key)?;
    let len = usize::try_from(reader.len()).unwrap_or(usize::MAX);
    Secret::filled(len, |bytes| {
        reader.read_exact(bytes).map_err(|error| {
            // What the reader refused says more than that reading failed.
            error.downcast::<Error>().unwrap_or_else(|error| Error::io("reading the envelope", &error))
        })
    })
}

fn key_of(keys: &dyn Keys, context: &EncryptionContext, form: &Form, bytes: u64) -> Result<Arc<Dek>> {
    match form {
        Form::Stored(header) => keys.to_decrypt(&KeyId::from_bytes(header.key_id), header.key_version, bytes),
        Form::Embedded(prelude, _) => embedded::unwrap(keys.keyring(), context, prelude).map(Arc::new),
    }
}

/// Seals a field under the active version of the data key `name`.
///
/// # Errors
/// Those of [`Keys::to_encrypt`] and [`field::seal`].
pub fn seal_field(keys: &dyn Keys, name: &str, context: &EncryptionContext, value: &[u8]) -> Result<Vec<u8>> {
    field::seal(&*keys.to_encrypt(name, value.len() as u64)?, context, value)
}

/// Opens a field with the version it names.
///
/// # Errors
/// Those of [`Keys::to_decrypt`] and [`field::open`].
pub fn open_field(keys: &dyn Keys, context: &EncryptionContext, sealed: &[u8]) -> Result<Secret> {
    let bytes = sealed.len().saturating_sub(field::OVERHEAD) as u64;
    field::open(sealed, context, |header| keys.to_decrypt(&header.key_id, header.key_version, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::hsm::MekKind;
    use crate::hsm::fake::FakeHsm;
    use crate::keyring::{Recipe, cache::Limits, mek};
    use crate::store::MemoryStore;

    fn both() -> (Arc<FakeHsm>, Keyring, Cache) {
        let hsm = Arc::new(FakeHsm::default());
        let keyring = Keyring::new(Arc::clone(&hsm) as _, Arc::new(MemoryStore::default()));
        mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256).unwrap();
        keyring.create("data", &Recipe::default()).unwrap();
        let cache = Cache::new(keyring.clone(), Limits::default());
        (hsm, keyring, cache)
    }

    fn place(id: &str) -> EncryptionContext {
        EncryptionContext::empty().with("id", id).unwrap()
    }

    #[test]
    fn by_name_with_a_keyring_and_with_a_cache() {
        let (_, keyring, cache) = both();
        for keys in [&keyring as &dyn Keys, &cache] {
            let (mut sealed, mut plain) = (Vec::new(), Vec::new());
            encrypt(keys, "data", &place("1"), &b"hello"[..], &mut sealed).unwrap();
            keyring.rotate("data", &Recipe::default()).unwrap();
            assert_eq!(decrypt(keys, &place("1"), &sealed[..], &mut plain).unwrap(), 5);
            assert_eq!(plain, b"hello");
            assert_eq!(decrypt_whole(keys, &place("1"), &sealed).unwrap().expose(), b"hello");
            let refused = decrypt_whole(keys, &place("2"), &sealed).err().unwrap();
            assert_eq!(refused.kind(), Kind::ContextMismatch);
            let unknown = encrypt(keys, "nobody", &place("1"), &b""[..], &mut sealed);
            assert_eq!(unknown.unwrap_err().kind(), Kind::NotFound);
        }
    }

    #[test]
    fn embedded_keys_are_found_in_the_envelope() {
        let (_, keyring, cache) = both();
        let (mut sealed, mut plain) = (Vec::new(), Vec::new());
        embedded::seal(&keyring, &Recipe::default(), &place("1"), &b"hello"[..], &mut sealed, |_| {}).unwrap();
        decrypt(&cache, &place("1"), &sealed[..], &mut plain).unwrap();
        assert_eq!(
            (plain.as_slice(), decrypt_whole(&keyring, &place("1"), &sealed).unwrap().expose()),
            (&b"hello"[..], &b"hello"[..])
        );
    }

    /// A segment in the middle is bad: the first, which is good, is not given out either, and the reason is told.
    #[test]
    fn whole_or_not_at_all() {
        let (_, keyring, _) = both();
        let mut sealed = Vec::new();
        encrypt(&keyring, "data", &place("1"), &vec![7; 200_000][..], &mut sealed).unwrap();
        sealed[100_000] ^= 1;
        let refused = decrypt_whole(&keyring, &place("1"), &sealed).err().unwrap();
        assert_eq!(refused.kind(), Kind::Authentication);
    }

    #[test]
    fn a_cached_key_seals_many_fields_by_one_call() {
        let (hsm, _, cache) = both();
        hsm.calls();
        let fields: Vec<_> = (0..100).map(|id| seal_field(&cache, "data", &place(&id.to_string()), b"value").unwrap()).collect();
        for (id, field) in fields.iter().enumerate() {
            assert_eq!(open_field(&cache, &place(&id.to_string()), field).unwrap().expose(), b"value");
        }
        assert_eq!(hsm.calls(), 2, "one to encrypt, one to decrypt");
        assert_eq!(open_field(&cache, &place("7"), &fields[8]).err().unwrap().kind(), Kind::ContextMismatch);
    }
}
