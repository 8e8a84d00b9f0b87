//! Shares that travel encrypted, in the format of age (<https://age-encryption.org/v1>): to a custodian's own recipient when they are
//! handed out, and to the ceremony's one-time recipient when they come back. And backups of tokens, to whoever may restore them.

use std::io::{Read, Write};

use age::{
    Decryptor, Encryptor,
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

/// Encrypts anything to all of these recipients: an age file, not armored.
///
/// # Errors
/// [`Error::Malformed`] when there is no recipient, or one is none.
pub fn seal_for(to: &[String], plain: &[u8]) -> Result<Vec<u8>> {
    let recipients = to.iter().map(|to| recipient(to)).collect::<Result<Vec<_>>>()?;
    let failed = |why: String| Error::malformed(format!("encrypting failed: {why}"));
    let each = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(each).map_err(|why| failed(why.to_string()))?;
    let mut sealed = Vec::with_capacity(plain.len() + 1024);
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(|why| failed(why.to_string()))?;
    writer.write_all(plain).map_err(|why| failed(why.to_string()))?;
    writer.finish().map_err(|why| failed(why.to_string()))?;
    Ok(sealed)
}

/// Opens an age file, armored or not, with whichever identity fits; `identities` is text as `age-keygen` writes it.
///
/// # Errors
/// [`Error::Malformed`] when there is no identity in the text, none fits, or the file is damaged.
pub fn open_with(identities: &str, sealed: &[u8]) -> Result<Vec<u8>> {
    let lines = identities.lines().map(str::trim).filter(|line| line.starts_with("AGE-SECRET-KEY-1"));
    let keys = lines.map(str::parse::<Identity>).collect::<std::result::Result<Vec<_>, _>>();
    let keys = keys.map_err(|why| Error::malformed(format!("an identity that is none: {why}")))?;
    if keys.is_empty() {
        return Err(Error::malformed("there is no identity (AGE-SECRET-KEY-1...) in it"));
    }
    let unreadable = |why: String| Error::malformed(format!("the file is damaged, or encrypted to somebody else: {why}"));
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(sealed)).map_err(|why| unreadable(why.to_string()))?;
    let each = keys.iter().map(|key| key as &dyn age::Identity);
    let mut reader = decryptor.decrypt(each).map_err(|why| unreadable(why.to_string()))?;
    let mut plain = Vec::new();
    reader.read_to_end(&mut plain).map_err(|why| unreadable(why.to_string()))?;
    Ok(plain)
}

fn recipient(text: &str) -> Result<Recipient> {
    text.parse().map_err(|why| Error::malformed(format!("\"{}\" is no age recipient: {why}", text.escape_debug())))
}
