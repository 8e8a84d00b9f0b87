//! The inner part of PKCS #8 for keys that have a seed: ML-KEM-PrivateKey (RFC 9935, 6) and ML-DSA-PrivateKey (RFC 9881, 6).
//!
//! Both are a choice of the seed, the expanded key, or both. The seed is written where there is one: it is the smallest, everything
//! follows from it, and nothing in it can contradict itself. All three are read.

use cryptoki_sys::*;
use pkcs1::der::{
    Decode, Reader, Tag, TagNumber, Tagged,
    asn1::{AnyRef, OctetStringRef},
};
use zeroize::Zeroizing;

use super::{
    attributes::Draft,
    pkcs8::{der, malformed, unencodable},
};
use crate::{
    error::{Result, Rv},
    secret::Secret,
};

/// `seed [0] IMPLICIT OCTET STRING`.
const SEED: Tag = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };

/// The seed, or the expanded key where there is none.
pub fn encode(seed: Option<&Secret>, value: &Secret) -> Result<Zeroizing<Vec<u8>>> {
    let (tag, bytes) = seed.map_or((Tag::OctetString, value), |seed| (SEED, seed));
    der(&AnyRef::new(tag, bytes.expose()).map_err(unencodable)?)
}

/// Writes CKA_SEED and CKA_VALUE, whichever are there.
pub fn decode(inner: &[u8], draft: &mut Draft) -> Result<()> {
    let choice = AnyRef::from_der(inner).map_err(malformed)?;
    match choice.tag() {
        SEED => draft.set(CKA_SEED, choice.value()),
        Tag::OctetString => draft.set(CKA_VALUE, choice.value()),
        Tag::Sequence => {
            let both = |reader: &mut pkcs1::der::SliceReader<'_>| {
                let [seed, value]: [&OctetStringRef; 2] = [reader.decode()?, reader.decode()?];
                draft.set(CKA_SEED, seed.as_bytes());
                draft.set(CKA_VALUE, value.as_bytes());
                Ok::<_, pkcs1::der::Error>(())
            };
            choice.sequence(both).map_err(malformed)?;
        }
        _ => return Rv::WrappedKeyInvalid.err("the private key is neither a seed nor an expanded key"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        crypto::{MlDsaPrivateKey, MlDsaSet, MlKemPrivateKey, MlKemSet, SlhDsaPrivateKey, SlhDsaSet},
        object::{attributes::Lookup, key::Key, pkcs8},
    };

    fn hex(text: &str) -> Vec<u8> {
        let pairs = text.as_bytes().chunks_exact(2).map(|pair| std::str::from_utf8(pair).expect("ASCII"));
        pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
    }

    /// The examples of RFC 9881, C.1.1, RFC 9935, C.1.1, and RFC 9909, B, begin so; seed or key follow.
    #[test]
    fn the_forms_are_those_of_the_rfcs() {
        let seed: Vec<u8> = (0..64).collect();
        let ml_dsa = MlDsaPrivateKey::from_seed(MlDsaSet::MlDsa44, &seed[..32]).expect("a key");
        let ml_kem = MlKemPrivateKey::from_seed(MlKemSet::MlKem512, &seed).expect("a key");
        let slh_dsa = SlhDsaPrivateKey::new(SlhDsaSet::Sha2_128s, &seed).expect("a key");
        for (key, head, tail) in [
            (Key::MlDsaPrivate(Arc::new(ml_dsa)), "3034020100300b060960864801650304031104228020", &seed[..32]),
            (Key::MlKemPrivate(Arc::new(ml_kem)), "3054020100300b060960864801650304040104428040", &seed),
            (Key::SlhDsaPrivate(Arc::new(slh_dsa)), "3052020100300b06096086480165030403140440", &seed),
        ] {
            let der = pkcs8::encode(&key).expect("a private key");
            assert_eq!(der.expose(), [&hex(head), tail].concat());
        }
    }

    #[test]
    fn all_three_choices_are_read() {
        let read = |der: &str| {
            let mut draft = Draft::default();
            decode(&hex(der), &mut draft).map(|()| (draft.bytes(CKA_SEED).to_vec(), draft.bytes(CKA_VALUE).to_vec()))
        };
        assert_eq!(read("8002aabb").ok(), Some((vec![0xaa, 0xbb], vec![])));
        assert_eq!(read("0402aabb").ok(), Some((vec![], vec![0xaa, 0xbb])));
        assert_eq!(read("30070402aabb0401cc").ok(), Some((vec![0xaa, 0xbb], vec![0xcc])));
        for broken in ["", "80", "8002aa", "0202aabb", "30040402aabb", "8002aabb00", "300a0402aabb0401cc0401dd"] {
            assert_eq!(read(broken).map_err(|error| error.rv).err(), Some(Rv::WrappedKeyInvalid), "{broken}");
        }
    }
}
