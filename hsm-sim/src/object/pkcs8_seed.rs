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
