//! The encryption context: key=value pairs that are authenticated with the data but not stored in it.
//!
//! Canonical form (`client/FORMAT.md`, section 4): pairs sorted by the bytes of their key, each length written before
//! its text, so that no two different contexts have one form.

use std::collections::BTreeMap;

use crate::error::{Error, Kind, Result};

/// Pairs such as `purpose=backup`, in canonical order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EncryptionContext(BTreeMap<String, String>);

impl EncryptionContext {
    /// The context without any pair.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads pairs written as `key=value`.
    ///
    /// # Errors
    /// [`Kind::Usage`] for a pair without `=`, an empty key, a key named twice, or too long a text.
    pub fn parse<S: AsRef<str>>(pairs: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut context = Self::empty();
        for pair in pairs {
            let pair = pair.as_ref();
            let (key, value) = pair.split_once('=').ok_or_else(|| {
                Error::new(Kind::Usage, format!("\"{pair}\" is not a context pair")).next("write it as key=value")
            })?;
            context = context.with(key, value)?;
        }
        Ok(context)
    }

    /// Adds a pair.
    ///
    /// # Errors
    /// [`Kind::Usage`] for an empty key, a key named twice, or a text above 65,535 bytes.
    pub fn with(mut self, key: &str, value: &str) -> Result<Self> {
        let longest = usize::from(u16::MAX);
        if key.is_empty() || key.len() > longest || value.len() > longest || self.0.len() >= longest {
            return Err(Error::new(Kind::Usage, format!("the context pair \"{key}\" is empty or too long")));
        }
        if self.0.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(Error::new(Kind::Usage, format!("the context names \"{key}\" twice")));
        }
        Ok(self)
    }

    /// The pairs, sorted by key.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The canonical bytes: number of pairs, then each key and value, every number two bytes big-endian.
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = short(self.0.len());
        for (key, value) in &self.0 {
            for text in [key, value] {
                bytes.extend(short(text.len()));
                bytes.extend(text.as_bytes());
            }
        }
        bytes
    }
}

/// Two bytes, big-endian; `with` keeps every number in range.
fn short(number: usize) -> Vec<u8> {
    u16::try_from(number).unwrap_or(u16::MAX).to_be_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter_and_borders_do() {
        let one = EncryptionContext::parse(["b=2", "a=1"]).unwrap();
        let two = EncryptionContext::parse(["a=1", "b=2"]).unwrap();
        assert_eq!(one.canonical(), two.canonical());
        assert_eq!(one.canonical(), b"\0\x02\0\x01a\0\x011\0\x01b\0\x012");
        let shifted = EncryptionContext::parse(["a=1b", "b=2"]).unwrap();
        assert_ne!(one.canonical(), shifted.canonical());
    }

    #[test]
    fn refused() {
        for pairs in [vec!["a"], vec!["=1"], vec!["a=1", "a=2"]] {
            assert_eq!(EncryptionContext::parse(pairs).unwrap_err().kind(), Kind::Usage);
        }
        assert_eq!(EncryptionContext::parse(["a=b=c"]).unwrap().pairs().next(), Some(("a", "b=c")));
    }
}
