//! Search tags: the first eight bytes of a hash over one attribute. Plain SHA-256 for public objects; HMAC under the user's key for
//! private ones, so that the file does not tell which private objects share a label, a class or a CKA_ID with anything known.

use cryptoki_sys::*;
use zeroize::Zeroizing;

use crate::{
    crypto::{Hash, HmacKey, digest, hkdf_sha256},
    error::Result,
    object::attributes::{Attributes, Lookup},
    secret::Secret,
    store::{Query, Tags},
};

/// Key of the tags of private objects.
pub struct TagKey(HmacKey);

impl TagKey {
    /// The key that goes with a user's key.
    pub fn derive(user: &Secret) -> Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        hkdf_sha256(user.expose(), &[], &[b"hsm-sim search tags v1"], &mut key[..])?;
        Ok(Self(HmacKey::new(Hash::Sha256, &key[..])))
    }
}

/// The tags of an object.
pub fn of(attributes: &Attributes, key: Option<&TagKey>) -> Tags {
    // An object without the attribute matches no search for it, not even for an empty value.
    let tag = |kind| attributes.of(kind).map_or(0, |value| tag(kind, value, key));
    Tags { class: tag(CKA_CLASS), id: tag(CKA_ID), label: tag(CKA_LABEL) }
}

/// The part of a search template that tags answer.
pub fn query<V: AsRef<[u8]>>(template: &[(CK_ATTRIBUTE_TYPE, V)], key: Option<&TagKey>) -> Query {
    let tags = |wanted| {
        let (_, value) = template.iter().find(|(kind, _)| *kind == wanted)?;
        Some([tag(wanted, value.as_ref(), None), tag(wanted, value.as_ref(), key)])
    };
    Query { public_only: key.is_none(), class: tags(CKA_CLASS), id: tags(CKA_ID), label: tags(CKA_LABEL) }
}

fn tag(kind: CK_ATTRIBUTE_TYPE, value: &[u8], key: Option<&TagKey>) -> i64 {
    let mut hash = [0; 32];
    match key {
        None => _ = digest(Hash::Sha256, &[&kind.to_be_bytes(), value], &mut hash),
        Some(TagKey(key)) => {
            let mut hmac = key.start();
            hmac.update(&kind.to_be_bytes());
            hmac.update(value);
            hmac.finish(&mut hash);
        }
    }
    let [a, b, c, d, e, f, g, h, ..] = hash;
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}
