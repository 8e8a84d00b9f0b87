//! Objects and their management: PKCS#11 v3.2 sections 5.7 and 5.18.

use crate::answer::{Answer, Rv};
use crate::mechanism::Mechanism;
use crate::session::Session;
use crate::template::Template;
use cryptoki_sys::*;

/// An object handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object(pub CK_OBJECT_HANDLE);

impl Session<'_> {
    pub fn create(&self, template: &Template) -> Answer<Object> {
        let mut t = template.as_c();
        self.made(|f, h, object| {
            // SAFETY: the template and the handle's place outlive the call.
            unsafe { f.C_CreateObject.expect("C_CreateObject")(h, t.pointer(), t.count(), object) }
        })
    }

    pub fn copy(&self, object: Object, changes: &Template) -> Answer<Object> {
        let mut t = changes.as_c();
        self.made(|f, h, copy| {
            // SAFETY: as in `create`.
            unsafe { f.C_CopyObject.expect("C_CopyObject")(h, object.0, t.pointer(), t.count(), copy) }
        })
    }

    pub fn destroy(&self, object: Object) -> Answer {
        // SAFETY: no pointers are passed.
        self.call(|f, h| unsafe { f.C_DestroyObject.expect("C_DestroyObject")(h, object.0) }).answer()
    }

    /// Some number that says how big the object is.
    pub fn size(&self, object: Object) -> Answer<CK_ULONG> {
        let mut size = 0;
        self.call(|f, h| {
            // SAFETY: the number's place outlives the call.
            unsafe { f.C_GetObjectSize.expect("C_GetObjectSize")(h, object.0, &mut size) }
        })
        .map(|| size)
    }

    pub fn set(&self, object: Object, changes: &Template) -> Answer {
        let mut t = changes.as_c();
        self.call(|f, h| {
            let set = f.C_SetAttributeValue.expect("C_SetAttributeValue");
            // SAFETY: the template outlives the call.
            unsafe { set(h, object.0, t.pointer(), t.count()) }
        })
        .answer()
    }

    /// A whole search: all that match, in batches of two so that the cursor is used.
    pub fn find(&self, template: &Template) -> Answer<Vec<Object>> {
        self.find_init(template)?;
        let mut all = Vec::new();
        loop {
            let batch = self.find_next(2)?;
            if batch.is_empty() {
                break;
            }
            all.extend(batch);
        }
        self.find_final()?;
        Ok(all)
    }

    pub fn find_init(&self, template: &Template) -> Answer {
        let mut t = template.as_c();
        self.call(|f, h| {
            // SAFETY: the template outlives the call.
            unsafe { f.C_FindObjectsInit.expect("C_FindObjectsInit")(h, t.pointer(), t.count()) }
        })
        .answer()
    }

    pub fn find_next(&self, most: usize) -> Answer<Vec<Object>> {
        let mut handles = vec![0; most];
        let mut count = 0;
        let rv = self.call(|f, h| {
            let find = f.C_FindObjects.expect("C_FindObjects");
            // SAFETY: there is room for `most` handles.
            unsafe { find(h, handles.as_mut_ptr(), most as CK_ULONG, &mut count) }
        });
        rv.answer()?;
        assert!(count as usize <= most, "C_FindObjects found more than it was asked for");
        handles.truncate(count as usize);
        Ok(handles.into_iter().map(Object).collect())
    }

    pub fn find_final(&self) -> Answer {
        // SAFETY: no pointers are passed.
        self.call(|f, h| unsafe { f.C_FindObjectsFinal.expect("C_FindObjectsFinal")(h) }).answer()
    }

    pub fn generate(&self, mechanism: &Mechanism, template: &Template) -> Answer<Object> {
        let mut t = template.as_c();
        let mut m = mechanism.as_c();
        self.made(|f, h, key| {
            let generate = f.C_GenerateKey.expect("C_GenerateKey");
            // SAFETY: mechanism, template and the handle's place outlive the call.
            unsafe { generate(h, &mut m.raw(), t.pointer(), t.count(), key) }
        })
    }

    /// The public and the private key.
    pub fn generate_pair(&self, mechanism: &Mechanism, public: &Template, private: &Template) -> Answer<(Object, Object)> {
        let (mut public, mut private) = (public.as_c(), private.as_c());
        let mut m = mechanism.as_c();
        let mut verify = 0;
        let sign = self.made(|f, h, sign| {
            let generate = f.C_GenerateKeyPair.expect("C_GenerateKeyPair");
            let (a, b) = (public.pointer(), private.pointer());
            // SAFETY: mechanism, templates and both places outlive the call.
            unsafe { generate(h, &mut m.raw(), a, public.count(), b, private.count(), &mut verify, sign) }
        })?;
        Ok((Object(verify), sign))
    }

    /// The key wrapped, by a length query and a second call.
    pub fn wrap(&self, mechanism: &Mechanism, with: Object, key: Object) -> Answer<Vec<u8>> {
        let (rv, length, _) = self.wrap_into(mechanism, with, key, None);
        rv.answer()?;
        let (rv, _, bytes) = self.wrap_into(mechanism, with, key, Some(length));
        rv.map(|| bytes)
    }

    /// One call of C_WrapKey, with no buffer or one of `room` bytes.
    pub fn wrap_into(&self, mechanism: &Mechanism, with: Object, key: Object, room: Option<usize>) -> (Rv, usize, Vec<u8>) {
        let mut m = mechanism.as_c();
        self.take(room, |f, h, out, length| {
            // SAFETY: mechanism and output outlive the call; the length is the buffer's.
            unsafe { f.C_WrapKey.expect("C_WrapKey")(h, &mut m.raw(), with.0, key.0, out, length) }
        })
    }

    pub fn unwrap(&self, mechanism: &Mechanism, with: Object, wrapped: &[u8], template: &Template) -> Answer<Object> {
        let mut t = template.as_c();
        let mut m = mechanism.as_c();
        let (bytes, length) = (wrapped.as_ptr().cast_mut(), wrapped.len() as CK_ULONG);
        self.made(|f, h, key| {
            let unwrap = f.C_UnwrapKey.expect("C_UnwrapKey");
            // SAFETY: mechanism, input, template and the handle's place outlive the call.
            unsafe { unwrap(h, &mut m.raw(), with.0, bytes, length, t.pointer(), t.count(), key) }
        })
    }

    pub fn derive(&self, mechanism: &Mechanism, base: Object, template: &Template) -> Answer<Object> {
        let mut t = template.as_c();
        let mut m = mechanism.as_c();
        self.made(|f, h, key| {
            let derive = f.C_DeriveKey.expect("C_DeriveKey");
            // SAFETY: mechanism, template and the handle's place outlive the call.
            unsafe { derive(h, &mut m.raw(), base.0, t.pointer(), t.count(), key) }
        })
    }

    /// A call that makes an object; CKR_OK must come with a handle.
    fn made(&self, call: impl FnOnce(&CK_FUNCTION_LIST, CK_SESSION_HANDLE, *mut CK_OBJECT_HANDLE) -> CK_RV) -> Answer<Object> {
        let mut object = CK_INVALID_HANDLE;
        self.call(|f, h| call(f, h, &mut object)).answer()?;
        assert_ne!(object, CK_INVALID_HANDLE, "CKR_OK with an invalid handle");
        Ok(Object(object))
    }
}
