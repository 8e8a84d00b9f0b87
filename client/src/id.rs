//! Names of things: keys, lineages, objects in a token.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::error::{Error, Kind, Result};
use crate::random;

macro_rules! uuid_name {
    ($(#[$doc:meta])* $name:ident, $noun:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A fresh random name (UUID version 4).
            ///
            /// # Errors
            /// [`Kind::Io`] without randomness.
            pub fn random() -> Result<Self> {
                let bytes = random::public::<16>()?;
                Ok(Self(*uuid::Builder::from_random_bytes(bytes).into_uuid().as_bytes()))
            }

            /// The name with these 16 bytes (RFC 9562 byte order).
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Its 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", Uuid::from_bytes(self.0))
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                Uuid::parse_str(text)
                    .map(|uuid| Self(*uuid.as_bytes()))
                    .map_err(|_| Error::new(Kind::Usage, format!(concat!("\"{}\" is not a ", $noun, " (a UUID)"), text)))
            }
        }
    };
}

uuid_name!(
    /// Names one version of a data key; stored in every envelope it encrypts.
    KeyId,
    "key id"
);
uuid_name!(
    /// Names a line of key versions: the id of its first key, never changed.
    LineageId,
    "lineage id"
);

/// CKA_ID of an object in a token: 1 to 255 bytes, shown in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(Vec<u8>);

impl ObjectId {
    /// A fresh random id of 16 bytes.
    ///
    /// # Errors
    /// [`Kind::Io`] without randomness.
    pub fn random() -> Result<Self> {
        Ok(Self(random::public::<16>()?.to_vec()))
    }

    /// The id with these bytes.
    ///
    /// # Errors
    /// [`Kind::Malformed`] when there are none, or more than 255.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        match bytes.len() {
            1..=255 => Ok(Self(bytes.to_vec())),
            n => Err(Error::new(Kind::Malformed, format!("a CKA_ID of {n} bytes cannot name a key"))),
        }
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl FromStr for ObjectId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        base16ct::mixed::decode_vec(text)
            .map_err(|_| Error::new(Kind::Usage, format!("\"{text}\" is not a key id in hexadecimal")))
            .and_then(|bytes| Self::from_bytes(&bytes))
    }
}

/// `bytes` in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_ids_are_version_4() {
        let text = KeyId::random().unwrap().to_string();
        assert_eq!(text.as_bytes()[14], b'4');
        assert_eq!(text.parse::<KeyId>().unwrap().to_string(), text);
        assert!("not-a-uuid".parse::<KeyId>().is_err());
    }

    #[test]
    fn object_ids_are_hex() {
        assert_eq!("01aF".parse::<ObjectId>().unwrap().as_bytes(), [1, 0xaf]);
        assert!("".parse::<ObjectId>().is_err());
        assert!("0g".parse::<ObjectId>().is_err());
    }
}
