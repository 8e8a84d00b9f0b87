//! Keys from keys: C_DeriveKey, C_EncapsulateKey and C_DecapsulateKey (PKCS#11 v3.2 §5.18.5, §5.18.8, §5.18.9).

use std::{borrow::Cow, sync::Arc};

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::{Session, objects::Given};
use crate::{
    crypto::set_odd_parity,
    error::{Error, Result, Rv},
    mechanism::{Derived, Deriving, Mechanism, Row, usable},
    object::{
        Object,
        attributes::{Draft, Lookup},
        build::{self, Origin, Sort},
        key,
        traits::Usage,
    },
    reply::{Reply, Room},
    secret::Secret,
};

impl Session {
    /// C_DeriveKey.
    pub fn derive_key(
        &mut self,
        mechanism: &Mechanism<'_>,
        base: CK_OBJECT_HANDLE,
        given: Given<'_, '_>,
    ) -> Result<CK_OBJECT_HANDLE> {
        let row = self.row(mechanism.kind)?;
        let derive = usable(row.derive)?;
        let base = self.deriving_key(base, row)?;
        let prescribed = base.attributes().bytes(CKA_DERIVE_TEMPLATE);
        let draft = self.planned(given, prescribed, Origin::Derive)?;
        let keys = |handle| self.deriving_key(handle, row);
        let derived = derive(mechanism, &Deriving { base: &base, len: wanted_len(&draft), keys: &keys })?;
        let object = self.derived(draft, given, &base, derived)?;
        self.add(vec![object]).map(|handles| handles[0])
    }

    /// C_EncapsulateKey. The key is made only when the ciphertext can be handed over.
    pub fn encapsulate_key(
        &mut self,
        mechanism: &Mechanism<'_>,
        public: CK_OBJECT_HANDLE,
        given: Given<'_, '_>,
        room: Room<'_>,
    ) -> Result<(Reply, CK_OBJECT_HANDLE)> {
        let row = self.row(mechanism.kind)?;
        let kem = usable(row.kem.as_ref())?;
        let public = self.key(public, Rv::KeyHandleInvalid)?;
        let len = (kem.ciphertext_len)(public.key()?)?;
        self.permitted(row, &public, Usage::ENCAPSULATE)?;
        let draft = self.planned(given, public.attributes().bytes(CKA_ENCAPSULATE_TEMPLATE), Origin::Unwrap)?;
        let mut made = CK_INVALID_HANDLE;
        let reply = room.fill(len, |ciphertext| {
            let secret = (kem.encapsulate)(mechanism, public.key()?, ciphertext)?;
            made = self.shared(draft, &secret)?;
            Ok(len)
        })?;
        Ok((reply, made))
    }

    /// C_DecapsulateKey.
    pub fn decapsulate_key(
        &mut self,
        mechanism: &Mechanism<'_>,
        private: CK_OBJECT_HANDLE,
        given: Given<'_, '_>,
        ciphertext: &[u8],
    ) -> Result<CK_OBJECT_HANDLE> {
        let row = self.row(mechanism.kind)?;
        let kem = usable(row.kem.as_ref())?;
        let private = self.key(private, Rv::UnwrappingKeyHandleInvalid)?;
        self.permitted(row, &private, Usage::DECAPSULATE)?;
        refuse_always_authenticate(&private)?;
        let draft = self.planned(given, private.attributes().bytes(CKA_DECAPSULATE_TEMPLATE), Origin::Unwrap)?;
        let secret = (kem.decapsulate)(mechanism, private.key()?, ciphertext).map_err(decapsulating_trouble)?;
        self.shared(draft, &secret)
    }

    /// A key to derive from.
    fn deriving_key(&self, handle: CK_OBJECT_HANDLE, row: &Row) -> Result<Arc<Object>> {
        let key = self.key(handle, Rv::KeyHandleInvalid)?;
        self.permitted(row, &key, Usage::DERIVE)?;
        refuse_always_authenticate(&key).map(|()| key)
    }

    /// The new key's attributes, but for its value: a generic secret unless the template says otherwise.
    fn planned(&self, given: Given<'_, '_>, prescribed: &[u8], origin: Origin) -> Result<Draft> {
        let given: Vec<_> = given.iter().map(|(kind, value)| (*kind, Cow::as_ref(value))).collect();
        let mut given = build::impose(&given, prescribed)?;
        let generic = CKK_GENERIC_SECRET.to_ne_bytes();
        if given.iter().all(|(kind, _)| *kind != CKA_KEY_TYPE) {
            given.push((CKA_KEY_TYPE, &generic));
        }
        let class = CKO_SECRET_KEY.to_ne_bytes();
        if given.iter().all(|(kind, _)| *kind != CKA_CLASS) {
            given.push((CKA_CLASS, &class));
        }
        let sort = Sort::named(&given)?;
        if sort.class != CKO_SECRET_KEY {
            return Rv::TemplateInconsistent.err("only secret keys come of this");
        }
        let draft = build::draft(&sort, origin, &given, self.is_so())?;
        self.may_write(draft.flag(CKA_TOKEN), draft.flag(CKA_PRIVATE))?;
        Ok(draft)
    }

    /// The object of a derived key. What the keys it is made of forbid, its template cannot allow.
    fn derived(&self, mut draft: Draft, given: Given<'_, '_>, base: &Arc<Object>, derived: Derived) -> Result<Arc<Object>> {
        let mut sources = derived.binding;
        if derived.bound_by_base {
            sources.push(Arc::clone(base));
            let said = |kind| given.iter().any(|(found, _)| *found == kind);
            for (kind, inherited) in [
                (CKA_SENSITIVE, sources.iter().any(|key| key.traits().sensitive)),
                (CKA_EXTRACTABLE, sources.iter().all(|key| key.traits().extractable)),
            ] {
                if !said(kind) {
                    draft.set_flag(kind, inherited);
                }
            }
            let leaks = sources.iter().any(|key| {
                (key.traits().sensitive && !draft.flag(CKA_SENSITIVE))
                    || (!key.traits().extractable && draft.flag(CKA_EXTRACTABLE))
            });
            if leaks {
                return Rv::TemplateInconsistent.err("the new key would show what a key it is made of must not");
            }
        } else {
            sources.push(Arc::clone(base));
        }
        set_value(&mut draft, derived.value.expose());
        build::history(&mut draft, None);
        let all = |kind| sources.iter().all(|key| key.attributes().flag(kind));
        draft.set_flag(CKA_ALWAYS_SENSITIVE, all(CKA_ALWAYS_SENSITIVE) && draft.flag(CKA_SENSITIVE));
        draft.set_flag(CKA_NEVER_EXTRACTABLE, all(CKA_NEVER_EXTRACTABLE) && !draft.flag(CKA_EXTRACTABLE));
        self.assemble(draft).map_err(|error| match error.rv {
            Rv::AttributeValueInvalid => Rv::KeySizeRange.because(error.why),
            rv => rv.because(error.why),
        })
    }

    /// The object of a shared secret; its leading bytes where the template asks for fewer.
    fn shared(&self, mut draft: Draft, secret: &Secret) -> Result<CK_OBJECT_HANDLE> {
        let len = wanted_len(&draft).unwrap_or(secret.len());
        let value = secret.expose().get(..len).ok_or(Rv::KeySizeRange.because("the shared secret is shorter than that"))?;
        set_value(&mut draft, value);
        build::history(&mut draft, None);
        let object = self.assemble(draft)?;
        self.add(vec![object]).map(|handles| handles[0])
    }
}

/// Bytes the new key shall have, if its template or its type says so.
fn wanted_len(draft: &Draft) -> Option<usize> {
    let said = draft.ulong(CKA_VALUE_LEN).map(|len| usize::try_from(len).unwrap_or(usize::MAX));
    said.or_else(|| draft.ulong(CKA_KEY_TYPE).and_then(key::fixed_len))
}

/// The value of a key that was made and not given: DES keys get their parity (§6.18).
fn set_value(draft: &mut Draft, value: &[u8]) {
    let mut value = Zeroizing::new(value.to_vec());
    if matches!(draft.ulong(CKA_KEY_TYPE), Some(CKK_DES2 | CKK_DES3)) {
        set_odd_parity(&mut value);
    }
    draft.set(CKA_VALUE, &value);
}

/// C_DecapsulateKey speaks of its key as C_UnwrapKey does.
fn decapsulating_trouble(error: Error) -> Error {
    let rv = match error.rv {
        Rv::KeyTypeInconsistent => Rv::UnwrappingKeyTypeInconsistent,
        rv => rv,
    };
    rv.because(error.why)
}

/// There is no moment between the call and its effect at which the context-specific login could be made.
fn refuse_always_authenticate(key: &Object) -> Result<()> {
    match key.traits().always_authenticate {
        true => Rv::UserNotLoggedIn.err("a key with CKA_ALWAYS_AUTHENTICATE cannot be authenticated for this"),
        false => Ok(()),
    }
}
