//! Shares that travel encrypted, in the format of age (<https://age-encryption.org/v1>): to a custodian's own recipient when they are
//! handed out, and to the ceremony's one-time recipient when they come back.

use age::{
    armor::ArmoredReader,
    x25519::{Identity, Recipient},
};
use zeroize::Zeroizing;

use crate::{Error, Result, secret::Secret};

const ARMOR: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
/// Longer than any share under any number of recipients we know of.
const MOST: usize = 64 * 1024;

/// The key pair of one ceremony; forgotten with it.
pub struct OneTime(Identity);

impl OneTime {
    /// A fresh one.
    pub fn new() -> Self {
        Self(Identity::generate())
    }

    /// `age1...`, for `age -r`.
    pub fn recipient(&self) -> String {
        self.0.to_public().to_string()
    }

    /// Opens an armored file.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is damaged or meant for another recipient.
    pub fn open(&self, armored: &str) -> Result<Secret> {
        let unreadable =
            |_| Error::malformed("the encrypted contribution is damaged, or not encrypted to this ceremony's recipient");
        if armored.len() > MOST {
            return Err(Error::malformed("the encrypted contribution is too long"));
        }
        let mut binary = Vec::new();
        std::io::Read::read_to_end(&mut ArmoredReader::new(armored.trim().as_bytes()), &mut binary)
            .map_err(|_| Error::malformed("the encrypted contribution is damaged"))?;
        let mut plain = Zeroizing::new(age::decrypt(&self.0, &binary).map_err(unreadable)?);
        Ok(Secret::take(&mut plain))
    }
}

impl Default for OneTime {
    fn default() -> Self {
        Self::new()
    }
}

/// True for an armored age file.
pub fn is_encrypted(text: &str) -> bool {
    text.trim_start().starts_with(ARMOR)
}

/// Refuses what is not an age recipient.
///
/// # Errors
/// [`Error::Malformed`], quoting it.
pub fn check_recipient(text: &str) -> Result<()> {
    recipient(text).map(drop)
}

/// Encrypts to a recipient, armored.
///
/// # Errors
/// [`Error::Malformed`] when it is no recipient.
pub fn seal(to: &str, plain: &[u8]) -> Result<String> {
    age::encrypt_and_armor(&recipient(to)?, plain).map_err(|_| Error::malformed(format!("encrypting to {to} failed")))
}

fn recipient(text: &str) -> Result<Recipient> {
    text.parse().map_err(|why| Error::malformed(format!("\"{}\" is no age recipient: {why}", text.escape_debug())))
}
