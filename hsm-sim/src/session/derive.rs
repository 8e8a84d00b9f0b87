//! Keys from keys: C_DeriveKey, C_EncapsulateKey and C_DecapsulateKey (PKCS#11 v3.2 §5.18.5, §5.18.8, §5.18.9).

use std::{borrow::Cow, sync::Arc};

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::{Session, inherit::inherit, objects::Given};
use crate::{
    crypto::set_odd_parity,
    error::{Error, Result, Rv},
    mechanism::{
        Deriving, Mechanism, Row,
        derivation::{Attribute, Inheritance, KeySet, bounded},
        usable,
    },
    object::{
        Object,
        attributes::{self, Draft, Lookup},
        build::{self, Origin, Sort},
        key,
        traits::Usage,
    },
    reply::{Reply, Room},
    secret::Secret,
};

/// What gives back the base key's own bytes.
const COPIES: [CK_MECHANISM_TYPE; 5] = [
    CKM_EXTRACT_KEY_FROM_KEY,
    CKM_CONCATENATE_BASE_AND_KEY,
    CKM_CONCATENATE_BASE_AND_DATA,
    CKM_CONCATENATE_DATA_AND_BASE,
    CKM_XOR_BASE_AND_DATA,
];

impl Session {
    /// C_DeriveKey. `wants_handle` is false where the caller left no place for one; then only mechanisms that give none will do.
    pub fn derive_key(
        &mut self,
        mechanism: &Mechanism<'_>,
        base: CK_OBJECT_HANDLE,
        given: Given<'_, '_>,
        wants_handle: bool,
    ) -> Result<Option<CK_OBJECT_HANDLE>> {
        let row = self.row(mechanism.kind)?;
        if let Some(make) = row.derive_set {
            return self.derive_set(make(mechanism)?, row, base, given, wants_handle);
        }
        if row.derive_public {
            mechanism.none()?;
            refuse_null(wants_handle)?;
            return self.derive_public(base, given).map(Some);
        }
        let derive = usable(row.derive)?;
        refuse_null(wants_handle)?;
        let base = self.deriving_key(base, row)?;
        let prescribed = base.attributes().bytes(CKA_DERIVE_TEMPLATE);
        let plan = self.planned(given, prescribed, Origin::Derive, row.derived_class)?;
        let keys = |handle| self.deriving_key(handle, row);
        let derived = derive(mechanism, &Deriving { base: &base, key_type: plan.key_type(), len: plan.len, keys: &keys })?;
        let how = if derived.bound_by_base { Inheritance::Bound } else { Inheritance::Free };
        let object = self.derived(plan, how, &base, &derived.binding, &derived.value)?;
        self.add(vec![object]).map(|handles| Some(handles[0]))
    }

    /// Several keys, or one and something else; all or none.
    fn derive_set(
        &self,
        mut set: Box<dyn KeySet + '_>,
        row: &'static Row,
        base: CK_OBJECT_HANDLE,
        given: Given<'_, '_>,
        wants_handle: bool,
    ) -> Result<Option<CK_OBJECT_HANDLE>> {
        refuse_null(wants_handle || !set.gives_handle())?;
        let base = self.deriving_key(base, row)?;
        let plans = self.planned_set(set.as_ref(), given, base.attributes().bytes(CKA_DERIVE_TEMPLATE))?;
        let lens: Vec<_> = plans.iter().filter_map(|plan| plan.len).collect();
        let keys = |handle| self.deriving_key(handle, row);
        let key_type = plans.first().and_then(Plan::key_type);
        let deriving = Deriving { base: &base, key_type, len: lens.first().copied(), keys: &keys };
        let (values, others) = set.derive(&deriving, &lens)?;
        let how = set.inheritance();
        let made = plans.into_iter().zip(&values).enumerate();
        let objects =
            made.map(|(at, (plan, value))| self.derived(plan, how, &base, &others, value).inspect_err(|_| set.blame(at)));
        let handles = self.add(objects.collect::<Result<_>>()?)?;
        let first = handles.first().copied().filter(|_| set.gives_handle());
        set.tell(&handles);
        Ok(first)
    }

    /// The keys of a set, each of a length that is known.
    fn planned_set(&self, set: &dyn KeySet, given: Given<'_, '_>, prescribed: &[u8]) -> Result<Vec<Plan>> {
        let planned = |template: Vec<Attribute<'_>>| {
            let plan = self.planned(&template, prescribed, Origin::Derive, CKO_SECRET_KEY)?;
            let len = plan.len.ok_or(Rv::TemplateIncomplete.because("CKA_VALUE_LEN is missing"))?;
            bounded(len).map(|_| plan)
        };
        let templates = set.templates(given)?.into_iter().enumerate();
        templates.map(|(at, template)| planned(template).inspect_err(|_| set.blame(at))).collect()
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
        let prescribed = public.attributes().bytes(CKA_ENCAPSULATE_TEMPLATE);
        let plan = self.planned(given, prescribed, Origin::Unwrap, CKO_SECRET_KEY)?;
        let mut made = CK_INVALID_HANDLE;
        let reply = room.fill(len, |ciphertext| {
            let secret = (kem.encapsulate)(mechanism, public.key()?, ciphertext)?;
            made = self.shared(plan, &secret)?;
            Ok(len)
        })?;
        Ok((reply, made))
    }

    /// C_DecapsulateKey.
    pub fn decapsulate_key(
        &mut self,
        mechanism: &Mechanism<'_>,
        handle: CK_OBJECT_HANDLE,
        given: Given<'_, '_>,
        ciphertext: &[u8],
    ) -> Result<CK_OBJECT_HANDLE> {
        let row = self.row(mechanism.kind)?;
        let kem = usable(row.kem.as_ref())?;
        let private = self.key(handle, Rv::UnwrappingKeyHandleInvalid)?;
        refuse_always_authenticate(&private)?;
        self.begin_use(row, handle, &private, Usage::DECAPSULATE)?;
        let prescribed = private.attributes().bytes(CKA_DECAPSULATE_TEMPLATE);
        let plan = self.planned(given, prescribed, Origin::Unwrap, CKO_SECRET_KEY)?;
        let secret = (kem.decapsulate)(mechanism, private.key()?, ciphertext).map_err(decapsulating_trouble)?;
        self.shared(plan, &secret)
    }

    /// A key to derive from, or a data object where the mechanism takes one.
    fn deriving_key(&self, handle: CK_OBJECT_HANDLE, row: &Row) -> Result<Arc<Object>> {
        if row.from_data
            && let Ok(object) = self.token().object(handle)
            && object.traits().class == CKO_DATA
        {
            return Ok(object);
        }
        let key = self.key(handle, Rv::KeyHandleInvalid)?;
        refuse_always_authenticate(&key)?;
        if key.traits().limited && COPIES.contains(&row.kind) {
            return Rv::KeyFunctionNotPermitted.err("the derived key would be the limited one again, without its limit");
        }
        self.begin_use(row, handle, &key, Usage::DERIVE).map(|()| key)
    }

    /// The new object's attributes, but for its value: a generic secret unless the template says otherwise.
    fn planned(&self, given: Given<'_, '_>, prescribed: &[u8], origin: Origin, class: CK_OBJECT_CLASS) -> Result<Plan> {
        let given: Vec<_> = given.iter().map(|(kind, value)| (*kind, Cow::as_ref(value))).collect();
        let mut given = build::impose(&given, prescribed)?;
        let (generic, class_said) = (CKK_GENERIC_SECRET.to_ne_bytes(), class.to_ne_bytes());
        let mut len = None;
        if class == CKO_DATA {
            // A data object has no such attribute, but something must say how long it shall be.
            len = taken(&mut given, CKA_VALUE_LEN)?;
        } else if given.iter().all(|(kind, _)| *kind != CKA_KEY_TYPE) {
            given.push((CKA_KEY_TYPE, &generic));
        }
        if given.iter().all(|(kind, _)| *kind != CKA_CLASS) {
            given.push((CKA_CLASS, &class_said));
        }
        let sort = Sort::named(&given)?;
        if sort.class != class {
            return Rv::TemplateInconsistent.err("this makes objects of another class");
        }
        let said = given.iter().map(|(kind, _)| *kind).collect();
        let draft = build::draft(&sort, origin, &given, self.is_so())?;
        if draft.of(CKA_VALUE).is_some_and(|value| !value.is_empty()) {
            return Rv::TemplateInconsistent.err("CKA_VALUE is what is derived");
        }
        self.may_make(&draft)?;
        let len = len.or_else(|| wanted_len(&draft));
        Ok(Plan { draft, said, len })
    }

    /// The object that was planned, with its value.
    fn derived(
        &self,
        mut plan: Plan,
        how: Inheritance,
        base: &Arc<Object>,
        others: &[Arc<Object>],
        value: &Secret,
    ) -> Result<Arc<Object>> {
        if plan.key_type().is_some() {
            inherit(&mut plan, how, base, others)?;
        }
        set_value(&mut plan.draft, value.expose());
        self.assemble(plan.draft).map_err(|error| match error.rv {
            Rv::AttributeValueInvalid => Rv::KeySizeRange.because(error.why),
            rv => rv.because(error.why),
        })
    }

    /// The object of a shared secret; its leading bytes where the template asks for fewer.
    fn shared(&self, plan: Plan, secret: &Secret) -> Result<CK_OBJECT_HANDLE> {
        let Plan { mut draft, len, .. } = plan;
        let len = len.unwrap_or(secret.len());
        let value = secret.expose().get(..len).ok_or(Rv::KeySizeRange.because("the shared secret is shorter than that"))?;
        set_value(&mut draft, value);
        build::history(&mut draft, None);
        let object = self.assemble(draft)?;
        self.add(vec![object]).map(|handles| handles[0])
    }
}

/// An object that is about to be made.
pub struct Plan {
    pub draft: Draft,
    /// What its template, or the base key's CKA_DERIVE_TEMPLATE, says.
    said: Vec<CK_ATTRIBUTE_TYPE>,
    /// Its length in bytes, if its template or its type says it.
    len: Option<usize>,
}

impl Plan {
    /// `None` for objects that are no keys.
    fn key_type(&self) -> Option<CK_KEY_TYPE> {
        self.draft.ulong(CKA_KEY_TYPE)
    }

    /// Sets what nobody has said.
    pub fn suggest(&mut self, kind: CK_ATTRIBUTE_TYPE, flag: bool) {
        if !self.said.contains(&kind) {
            self.draft.set_flag(kind, flag);
        }
    }
}

/// Takes a number out of a template.
fn taken(given: &mut Vec<(CK_ATTRIBUTE_TYPE, &[u8])>, kind: CK_ATTRIBUTE_TYPE) -> Result<Option<usize>> {
    let Some(at) = given.iter().position(|(found, _)| *found == kind) else { return Ok(None) };
    let number = attributes::ulong(given.remove(at).1).ok_or(Rv::AttributeValueInvalid.because("CKA_VALUE_LEN"))?;
    Ok(Some(usize::try_from(number).unwrap_or(usize::MAX)))
}

/// Bytes the new key shall have, if its template or its type says so.
pub fn wanted_len(draft: &Draft) -> Option<usize> {
    let said = draft.ulong(CKA_VALUE_LEN).map(|len| usize::try_from(len).unwrap_or(usize::MAX));
    said.or_else(|| draft.ulong(CKA_KEY_TYPE).and_then(key::fixed_len))
}

/// The value of a key that was made and not given: DES keys get their parity (§6.18).
fn set_value(draft: &mut Draft, value: &[u8]) {
    let mut value = Zeroizing::new(value.to_vec());
    if matches!(draft.ulong(CKA_KEY_TYPE), Some(CKK_DES | CKK_DES2 | CKK_DES3)) {
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

fn refuse_null(wants_handle: bool) -> Result<()> {
    if wants_handle { Ok(()) } else { Rv::ArgumentsBad.err("NULL result pointer") }
}

/// There is no moment between the call and its effect at which the context-specific login could be made.
fn refuse_always_authenticate(key: &Object) -> Result<()> {
    match key.traits().always_authenticate {
        true => Rv::UserNotLoggedIn.err("a key with CKA_ALWAYS_AUTHENTICATE cannot be authenticated for this"),
        false => Ok(()),
    }
}
