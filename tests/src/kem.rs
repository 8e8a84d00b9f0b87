//! Key encapsulation: PKCS#11 v3.2 sections 5.18.8 and 5.18.9.

use crate::answer::{Answer, Rv};
use crate::mechanism::Mechanism;
use crate::object::Object;
use crate::session::Session;
use crate::template::Template;
use cryptoki_sys::*;

impl Session<'_> {
    /// A ciphertext and the shared key, by a length query and a second call.
    pub fn encapsulate(&self, mechanism: &Mechanism, to: Object, template: &Template) -> Answer<(Vec<u8>, Object)> {
        let (rv, length, _, made) = self.encapsulate_into(mechanism, to, template, None);
        rv.answer()?;
        assert_eq!(made, CK_INVALID_HANDLE, "a length query made a key");
        let (rv, _, ciphertext, made) = self.encapsulate_into(mechanism, to, template, Some(length));
        rv.map(|| (ciphertext, Object(made)))
    }

    /// One call of C_EncapsulateKey, with no buffer or one of `room` bytes.
    pub fn encapsulate_into(
        &self,
        mechanism: &Mechanism,
        to: Object,
        template: &Template,
        room: Option<usize>,
    ) -> (Rv, usize, Vec<u8>, CK_OBJECT_HANDLE) {
        let mut t = template.as_c();
        let mut m = mechanism.as_c();
        let mut made = CK_INVALID_HANDLE;
        let encapsulate = self.v3_2().C_EncapsulateKey.expect("C_EncapsulateKey");
        let (rv, length, ciphertext) = self.take(room, |_, h, out, length| {
            // SAFETY: mechanism, template, output and the handle's place outlive the call; the length is the buffer's.
            unsafe { encapsulate(h, &mut m.raw(), to.0, t.pointer(), t.count(), out, length, &mut made) }
        });
        (rv, length, ciphertext, made)
    }

    /// The shared key of a ciphertext.
    pub fn decapsulate(&self, mechanism: &Mechanism, with: Object, ciphertext: &[u8], template: &Template) -> Answer<Object> {
        let mut t = template.as_c();
        let mut m = mechanism.as_c();
        let mut made = CK_INVALID_HANDLE;
        let decapsulate = self.v3_2().C_DecapsulateKey.expect("C_DecapsulateKey");
        let (bytes, length) = (ciphertext.as_ptr().cast_mut(), ciphertext.len() as CK_ULONG);
        self.call(|_, h| {
            // SAFETY: mechanism, template, input and the handle's place outlive the call.
            unsafe { decapsulate(h, &mut m.raw(), with.0, t.pointer(), t.count(), bytes, length, &mut made) }
        })
        .map(|| Object(made))
    }
}
