//! Finding encrypted values again: the same value has the same index, and nothing but the key leads from one to the other
//! (`client/FORMAT.md`, section 9).
//!
//! Store the index of a value in a column beside the sealed value, put a database index on that column, and look for the index of
//! what is searched; then open what was found and compare.
//!
//! What an index tells to whoever sees the database: which rows hold the same value, and how often each value occurs. That may be
//! enough to guess values of few possibilities, such as a sex or a birthday. A narrow index tells less, because different values
//! share it, and finds more rows that are not meant: of `rows` rows some `rows / 2^bits`. With log2(n) - 2 bits for n different
//! values, about four of them share each index; [`Width::FULL`] makes none share it, for values that are as good as unique anyway.
//!
//! The value is taken byte by byte. Case, blanks, Unicode forms and leading zeros are the caller's to make alike, before writing and
//! before searching.
//!
//! The key must stay as it is while data keys rotate, so give it a lineage of its own, which does not expire. To rotate it all the
//! same: make its next version, write the index of the new one to a second column beside the first, fill that column for the old
//! rows from their opened values, search the second column, and drop the first.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::{Error, Kind, Result};
use crate::id::KeyId;
use crate::keyring::Dek;
use crate::secret::Secret;

/// Bits of an index: 8 to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width(u16);

impl Width {
    /// 256 bits: different values have different indexes.
    pub const FULL: Self = Self(256);

    /// So many bits.
    ///
    /// # Errors
    /// [`Kind::Usage`] below 8 and above 256.
    pub fn bits(bits: u16) -> Result<Self> {
        match bits {
            8..=256 => Ok(Self(bits)),
            _ => Err(Error::new(Kind::Usage, format!("an index of {bits} bits is not offered")).next("choose 8 to 256 bits")),
        }
    }

    /// Bytes that hold them.
    pub fn bytes(self) -> usize {
        usize::from(self.0.div_ceil(8))
    }
}

/// The index of one column. Its key is erased when dropped (the features `zeroize` of hmac and sha2).
pub struct BlindIndex {
    mac: Hmac<Sha256>,
    width: Width,
    key_id: KeyId,
    version: u32,
}

impl BlindIndex {
    /// The index called `name`, such as `users.email`, with a key derived from `dek`. Another name or width makes another index.
    ///
    /// # Errors
    /// [`Kind::Usage`] for a name that is empty or has more than 255 bytes.
    pub fn new(dek: &Dek, name: &str, width: Width) -> Result<Self> {
        if !(1..=255).contains(&name.len()) {
            return Err(Error::new(Kind::Usage, "an index has a name of 1 to 255 bytes").next("name it table.column"));
        }
        let info = [b"hsm blind index v1\0", &width.0.to_be_bytes()[..], name.as_bytes()];
        let root = Hkdf::<Sha256>::new(None, dek.key.expose());
        let key = Secret::filled(32, |key| root.expand_multi_info(&info, key)).map_err(|_| impossible())?;
        let mac = Hmac::new_from_slice(key.expose()).map_err(|_| impossible())?;
        Ok(Self { mac, width, key_id: dek.key_id, version: dek.version })
    }

    /// The index of `value`: [`Width::bytes`] bytes, the bits left over in the last one 0.
    pub fn of(&self, value: &[u8]) -> Vec<u8> {
        let mut mac = self.mac.clone();
        mac.update(value);
        let mut index = mac.finalize().into_bytes()[..self.width.bytes()].to_vec();
        let spare = self.width.bytes() * 8 - usize::from(self.width.0);
        if let Some(last) = index.last_mut() {
            *last &= 0xff << spare;
        }
        index
    }

    /// The data key it was derived from, and its version: what a column must be filled anew for when it changes.
    pub fn derived_from(&self) -> (KeyId, u32) {
        (self.key_id, self.version)
    }
}

/// HKDF refuses only lengths above 8,160 bytes, HMAC none.
fn impossible() -> Error {
    Error::new(Kind::Malformed, "an index key could not be derived")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::vectors::Vector;

    fn dek(fill: u8) -> Dek {
        Dek { key_id: KeyId::from_bytes([fill; 16]), version: 1, key: Secret::copy(&[fill; 32]) }
    }

    fn index(fill: u8, name: &str, bits: u16, value: &[u8]) -> Vec<u8> {
        BlindIndex::new(&dek(fill), name, Width::bits(bits).unwrap()).unwrap().of(value)
    }

    #[test]
    fn the_same_for_the_same_and_for_nothing_else() {
        let one = index(1, "users.email", 64, b"alice");
        assert_eq!(one, index(1, "users.email", 64, b"alice"));
        for other in [
            index(2, "users.email", 64, b"alice"),
            index(1, "users.name", 64, b"alice"),
            index(1, "users.email", 64, b"Alice"),
            index(1, "users.email", 72, b"alice")[..8].to_vec(),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn as_many_bits_as_asked_for() {
        for bits in 8..=256 {
            let values: Vec<_> = (0..64_u8).map(|value| index(1, "a", bits, &[value])).collect();
            let spare = usize::from(bits).next_multiple_of(8) - usize::from(bits);
            let all = values.iter().fold(0, |all, index| all | index[index.len() - 1]);
            assert_eq!((values[0].len(), all), (usize::from(bits).div_ceil(8), 0xff << spare), "{bits} bits");
        }
        assert_eq!(Width::bits(256).unwrap(), Width::FULL);
        assert!([0, 7, 257].iter().all(|bits| Width::bits(*bits).is_err()));
        assert!(["", &"a".repeat(256)].iter().all(|name| BlindIndex::new(&dek(1), name, Width::FULL).is_err()));
    }

    #[test]
    fn vectors_of_the_format_document() {
        let vectors = Vector::all("Blind index vector");
        assert_eq!(vectors.len(), 1);
        for bits in [12, 32, 256] {
            let index = BlindIndex::new(&vectors[0].dek(), vectors[0].text("name"), Width::bits(bits).unwrap()).unwrap();
            let expected = vectors[0].bytes(&format!("index of {bits} bits"));
            assert_eq!(index.of(&vectors[0].bytes("value")), expected);
        }
    }
}
