//! CKM_PUB_KEY_FROM_PRIV_KEY (PKCS#11 v3.2 §6.43.9): the public key of a private key, as an object.
//!
//! It tells nothing that is secret, so that neither CKA_DERIVE nor a right to use keys is asked for. Against the letter of the text the
//! new object can be destroyed: a public key that nobody could remove from a token would be a nuisance.

use cryptoki_sys::*;

use super::{Session, objects::Given};
use crate::{
    error::{Result, Rv},
    object::{
        attributes::Lookup,
        build::{self, Origin, Sort},
        public_half,
    },
};

/// What the public key takes over from the private one, unless the template says otherwise: its attribute, and the private key's.
const TAKEN: [(CK_ATTRIBUTE_TYPE, CK_ATTRIBUTE_TYPE); 11] = [
    (CKA_ENCRYPT, CKA_DECRYPT),
    (CKA_VERIFY, CKA_SIGN),
    (CKA_VERIFY_RECOVER, CKA_SIGN_RECOVER),
    (CKA_WRAP, CKA_UNWRAP),
    (CKA_ENCAPSULATE, CKA_DECAPSULATE),
    (CKA_DERIVE, CKA_DERIVE),
    (CKA_ID, CKA_ID),
    (CKA_START_DATE, CKA_START_DATE),
    (CKA_END_DATE, CKA_END_DATE),
    (CKA_SUBJECT, CKA_SUBJECT),
    (CKA_ALLOWED_MECHANISMS, CKA_ALLOWED_MECHANISMS),
];

impl Session {
    /// Makes the public key of the private key `base`.
    pub(super) fn derive_public(&self, base: CK_OBJECT_HANDLE, given: Given<'_, '_>) -> Result<CK_OBJECT_HANDLE> {
        let private = self.key(base, Rv::KeyHandleInvalid)?;
        let key = public_half::of(private.key()?)?;
        let key_type = private.traits().key_type.unwrap_or(CK_UNAVAILABLE_INFORMATION);
        let mut given: Vec<_> = given.iter().map(|(kind, value)| (*kind, value.as_ref())).collect();
        for (kind, source) in TAKEN {
            if let Some(value) = private.attributes().of(source)
                && given.iter().all(|(found, _)| *found != kind)
            {
                given.push((kind, value));
            }
        }
        let sort = Sort::made(&given, CKO_PUBLIC_KEY, key_type)?;
        let mut draft = build::draft(&sort, Origin::Derive, &given, self.is_so())?;
        self.may_make(&draft)?;
        build::history(&mut draft, None);
        let origin = private.attributes().ulong(CKA_KEY_GEN_MECHANISM);
        draft.set_ulong(CKA_KEY_GEN_MECHANISM, origin.unwrap_or(CK_UNAVAILABLE_INFORMATION));
        let object = self.assemble_key(draft, key)?;
        self.add(vec![object]).map(|handles| handles[0])
    }
}
