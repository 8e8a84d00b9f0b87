//! Object management: PKCS#11 v3.2 §5.7.

use std::{borrow::Cow, sync::Arc};

use cryptoki_sys::*;

use super::Session;
use crate::{
    error::{Result, Rv},
    object::{
        Object,
        attributes::{Draft, Lookup},
        build::{self, Origin, Sort},
        change, finite,
        key::Key,
        rules::CKA_HSM_SIM_USES_LEFT,
    },
    token::Rights,
};

/// A template as the boundary decodes it.
pub type Given<'t, 'v> = &'t [(CK_ATTRIBUTE_TYPE, Cow<'v, [u8]>)];

impl Session {
    /// C_CreateObject.
    pub fn create_object(&mut self, given: Given<'_, '_>) -> Result<CK_OBJECT_HANDLE> {
        let sort = Sort::named(given)?;
        let mut draft = build::draft(&sort, Origin::Create, given, self.is_so())?;
        self.may_make(&draft)?;
        if sort.key_type.is_some() {
            build::history(&mut draft, None);
        }
        let object = self.assemble(draft)?;
        self.add(vec![object]).map(|handles| handles[0])
    }

    /// C_CopyObject.
    pub fn copy_object(&mut self, handle: CK_OBJECT_HANDLE, given: Given<'_, '_>) -> Result<CK_OBJECT_HANDLE> {
        let object = self.object_unread(handle)?;
        let draft = change::copied(&object, given, self.is_so())?;
        self.may_make(&draft)?;
        if !draft.flag(CKA_TOKEN) && !draft.flag(CKA_PRIVATE) {
            // The copy would be anybody's to use.
            self.may_use(&object)?;
        }
        let copy = Object::new(draft.pack())?;
        self.add(vec![copy]).map(|handles| handles[0])
    }

    /// C_DestroyObject.
    pub fn destroy_object(&mut self, handle: CK_OBJECT_HANDLE) -> Result<()> {
        let object = self.object_unread(handle)?;
        self.may_touch(&object, Rights::DESTROY)?;
        if !object.traits().destroyable {
            return Rv::ActionProhibited.err("CKA_DESTROYABLE is false");
        }
        self.token().destroy(handle)
    }

    /// C_GetObjectSize: bytes of the packed attributes.
    pub fn object_size(&self, handle: CK_OBJECT_HANDLE) -> Result<CK_ULONG> {
        Ok(self.object_unread(handle)?.attributes().packed().len() as CK_ULONG)
    }

    /// The object C_GetAttributeValue reads.
    pub fn object(&self, handle: CK_OBJECT_HANDLE, wants_value: bool) -> Result<Arc<Object>> {
        match self.built_in(handle) {
            Some(built_in) if wants_value => built_in.object(self.token()),
            Some(built_in) => built_in.outline(),
            None => self.token().object(handle),
        }
    }

    /// The same where no value is read: the counter does not count.
    fn object_unread(&self, handle: CK_OBJECT_HANDLE) -> Result<Arc<Object>> {
        self.object(handle, false)
    }

    /// C_SetAttributeValue.
    pub fn set_attributes(&mut self, handle: CK_OBJECT_HANDLE, given: Given<'_, '_>) -> Result<()> {
        let object = self.object_unread(handle)?;
        self.may_touch(&object, Rights::ROTATE)?;
        self.may_rename(&object, given)?;
        if !object.traits().modifiable {
            return Rv::ActionProhibited.err("CKA_MODIFIABLE is false");
        }
        let so = self.is_so();
        self.token().change_object(handle, &|object| change::modified(object, given, so))?;
        if given.iter().any(|(kind, _)| *kind == CKA_HSM_SIM_USES_LEFT) {
            self.token().void_uses(handle);
        }
        Ok(())
    }

    /// An object of a complete draft; a key's material is parsed, checked and brought to its canonical form.
    pub(super) fn assemble(&self, mut draft: Draft) -> Result<Arc<Object>> {
        if draft.ulong(CKA_CLASS) == Some(CKO_DOMAIN_PARAMETERS) {
            finite::complete(&mut draft)?;
            return Object::new(draft.pack());
        }
        if draft.of(CKA_KEY_TYPE).is_none() {
            return Object::new(draft.pack());
        }
        let key = Key::parse(&draft)?;
        key.validate()?;
        self.assemble_key(draft, key)
    }

    /// An object of a draft and its parsed key.
    pub(super) fn assemble_key(&self, mut draft: Draft, key: Key) -> Result<Arc<Object>> {
        key.describe(&mut draft, self.origin().config.edwards_point)?;
        Object::with_key(draft.pack(), key)
    }

    /// Adds what was made in this session.
    pub(super) fn add(&self, objects: Vec<Arc<Object>>) -> Result<Vec<CK_OBJECT_HANDLE>> {
        let count = objects.len();
        let handles = self.token().add(self.origin().handle, objects)?;
        if handles.len() == count { Ok(handles) } else { Rv::FunctionFailed.err("the store lost count of new objects") }
    }
}
