//! Message-based operations, authenticated wrapping and signatures known first: PKCS#11 v3.2 sections 5.9, 5.11, 5.14 to 5.16 and 5.18.

use crate::answer::{Answer, Rv};
use crate::mechanism::Mechanism;
use crate::object::Object;
use crate::session::Session;
use crate::template::Template;
use cryptoki_sys::*;
use std::ptr::null_mut;

/// Encrypting or decrypting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Encrypt,
    Decrypt,
}

/// CK_GCM_MESSAGE_PARAMS, with nonce and tag that the module may write to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GcmMessage {
    pub iv: Vec<u8>,
    pub fixed_bits: CK_ULONG,
    pub generator: CK_GENERATOR_FUNCTION,
    pub tag: Vec<u8>,
    /// Bits; that of `tag` unless a test says otherwise.
    pub tag_bits: CK_ULONG,
}

impl GcmMessage {
    /// A message with this nonce and room for a whole tag.
    pub fn given(iv: &[u8]) -> Self {
        Self { iv: iv.to_vec(), fixed_bits: 0, generator: CKG_NO_GENERATE, tag: vec![0; 16], tag_bits: 128 }
    }

    /// A message whose nonce the module makes, behind `fixed_bits` of `iv`.
    pub fn generated(iv: &[u8], fixed_bits: CK_ULONG, generator: CK_GENERATOR_FUNCTION) -> Self {
        Self { fixed_bits, generator, ..Self::given(iv) }
    }

    fn as_c(&mut self) -> CK_GCM_MESSAGE_PARAMS {
        CK_GCM_MESSAGE_PARAMS {
            pIv: self.iv.as_mut_ptr(),
            ulIvLen: self.iv.len() as CK_ULONG,
            ulIvFixedBits: self.fixed_bits,
            ivGenerator: self.generator,
            pTag: self.tag.as_mut_ptr(),
            ulTagBits: self.tag_bits,
        }
    }
}

/// Length of the structure, as the functions want to be told.
const GCM: CK_ULONG = size_of::<CK_GCM_MESSAGE_PARAMS>() as CK_ULONG;

type Input = (*mut u8, CK_ULONG);

fn input(bytes: &[u8]) -> Input {
    (bytes.as_ptr().cast_mut(), bytes.len() as CK_ULONG)
}

impl<'m> Session<'m> {
    fn v3_0(&self) -> &'m CK_FUNCTION_LIST_3_0 {
        self.module().v3_0().expect("a 3.0 interface")
    }

    pub(crate) fn v3_2(&self) -> &'m CK_FUNCTION_LIST_3_2 {
        self.module().v3_2().expect("a 3.2 interface")
    }

    /// C_MessageEncryptInit or C_MessageDecryptInit; no mechanism cancels.
    pub fn message_init(&self, way: Way, mechanism: Option<&Mechanism>, key: Object) -> Answer {
        let list = self.v3_0();
        let f = if way == Way::Encrypt { list.C_MessageEncryptInit } else { list.C_MessageDecryptInit };
        self.message_begin_with(f.expect("an Init function"), mechanism, key)
    }

    /// C_MessageSignInit, or with `verify` C_MessageVerifyInit.
    pub fn signed_message_init(&self, verify: bool, mechanism: Option<&Mechanism>, key: Object) -> Answer {
        let list = self.v3_0();
        let f = if verify { list.C_MessageVerifyInit } else { list.C_MessageSignInit };
        self.message_begin_with(f.expect("an Init function"), mechanism, key)
    }

    fn message_begin_with(
        &self,
        f: unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_MECHANISM, CK_OBJECT_HANDLE) -> CK_RV,
        mechanism: Option<&Mechanism>,
        key: Object,
    ) -> Answer {
        let mut c = mechanism.map(Mechanism::as_c);
        let mut raw = c.as_mut().map(|c| c.raw());
        let pointer = raw.as_mut().map_or(null_mut(), |raw| &raw mut *raw);
        // SAFETY: the mechanism is NULL or outlives the call.
        Rv(unsafe { f(self.handle, pointer, key.0) }).answer()
    }

    /// C_EncryptMessage or C_DecryptMessage: the code, the length told, the bytes written.
    pub fn message(&self, way: Way, gcm: &mut GcmMessage, aad: &[u8], data: &[u8], room: Option<usize>) -> (Rv, usize, Vec<u8>) {
        let list = self.v3_0();
        let f = if way == Way::Encrypt { list.C_EncryptMessage } else { list.C_DecryptMessage }.expect("a message function");
        let (mut p, aad, data) = (gcm.as_c(), input(aad), input(data));
        self.take(room, |_, h, out, len| {
            // SAFETY: parameter, inputs and output outlive the call, with their lengths.
            unsafe { f(h, (&raw mut p).cast(), GCM, aad.0, aad.1, data.0, data.1, out, len) }
        })
    }

    /// C_EncryptMessageBegin or C_DecryptMessageBegin.
    pub fn message_start(&self, way: Way, gcm: &mut GcmMessage, aad: &[u8]) -> Answer {
        let list = self.v3_0();
        let f =
            if way == Way::Encrypt { list.C_EncryptMessageBegin } else { list.C_DecryptMessageBegin }.expect("a Begin function");
        let (mut p, aad) = (gcm.as_c(), input(aad));
        // SAFETY: parameter and input outlive the call, with their lengths.
        Rv(unsafe { f(self.handle, (&raw mut p).cast(), GCM, aad.0, aad.1) }).answer()
    }

    /// C_EncryptMessageNext or C_DecryptMessageNext.
    pub fn message_part(
        &self,
        way: Way,
        gcm: &mut GcmMessage,
        part: &[u8],
        last: bool,
        room: Option<usize>,
    ) -> (Rv, usize, Vec<u8>) {
        let list = self.v3_0();
        let f = if way == Way::Encrypt { list.C_EncryptMessageNext } else { list.C_DecryptMessageNext }.expect("a Next function");
        let (mut p, part) = (gcm.as_c(), input(part));
        let flags = if last { CKF_END_OF_MESSAGE } else { 0 };
        self.take(room, |_, h, out, len| {
            // SAFETY: parameter, input and output outlive the call, with their lengths.
            unsafe { f(h, (&raw mut p).cast(), GCM, part.0, part.1, out, len, flags) }
        })
    }

    /// C_MessageEncryptFinal or C_MessageDecryptFinal.
    pub fn message_end(&self, way: Way) -> Answer {
        let list = self.v3_0();
        let f = if way == Way::Encrypt { list.C_MessageEncryptFinal } else { list.C_MessageDecryptFinal };
        // SAFETY: no pointers are passed.
        Rv(unsafe { f.expect("a Final function")(self.handle) }).answer()
    }

    /// C_SignMessage.
    pub fn sign_message(&self, data: &[u8], room: Option<usize>) -> (Rv, usize, Vec<u8>) {
        let (f, data) = (self.v3_0().C_SignMessage.expect("C_SignMessage"), input(data));
        // SAFETY: input and output outlive the call, with their lengths.
        self.take(room, |_, h, out, len| unsafe { f(h, null_mut(), 0, data.0, data.1, out, len) })
    }

    /// C_SignMessageBegin.
    pub fn sign_message_begin(&self) -> Answer {
        let f = self.v3_0().C_SignMessageBegin.expect("C_SignMessageBegin");
        // SAFETY: no pointers are passed.
        Rv(unsafe { f(self.handle, null_mut(), 0) }).answer()
    }

    /// C_SignMessageNext: a part that is not the last.
    pub fn sign_message_part(&self, part: &[u8]) -> Answer {
        let (f, part) = (self.v3_0().C_SignMessageNext.expect("C_SignMessageNext"), input(part));
        // SAFETY: the input outlives the call; a NULL length says that more follows.
        Rv(unsafe { f(self.handle, null_mut(), 0, part.0, part.1, null_mut(), null_mut()) }).answer()
    }

    /// C_SignMessageNext: the last part.
    pub fn sign_message_last(&self, part: &[u8], room: Option<usize>) -> (Rv, usize, Vec<u8>) {
        let (f, part) = (self.v3_0().C_SignMessageNext.expect("C_SignMessageNext"), input(part));
        // SAFETY: input and output outlive the call, with their lengths.
        self.take(room, |_, h, out, len| unsafe { f(h, null_mut(), 0, part.0, part.1, out, len) })
    }

    /// C_VerifyMessage.
    pub fn verify_message(&self, data: &[u8], signature: &[u8]) -> Answer {
        let (f, data, signature) = (self.v3_0().C_VerifyMessage.expect("C_VerifyMessage"), input(data), input(signature));
        // SAFETY: the inputs outlive the call, with their lengths.
        Rv(unsafe { f(self.handle, null_mut(), 0, data.0, data.1, signature.0, signature.1) }).answer()
    }

    /// C_VerifyMessageBegin, and C_VerifyMessageNext for each part; the signature comes with the last.
    pub fn verify_message_parts(&self, parts: &[&[u8]], signature: &[u8]) -> Answer {
        let begin = self.v3_0().C_VerifyMessageBegin.expect("C_VerifyMessageBegin");
        let next = self.v3_0().C_VerifyMessageNext.expect("C_VerifyMessageNext");
        // SAFETY: no pointers are passed.
        Rv(unsafe { begin(self.handle, null_mut(), 0) }).answer()?;
        for (at, part) in parts.iter().enumerate() {
            let (part, last) = (input(part), at + 1 == parts.len());
            let signature = if last { input(signature) } else { (null_mut(), 0) };
            // SAFETY: the inputs outlive the call, with their lengths.
            Rv(unsafe { next(self.handle, null_mut(), 0, part.0, part.1, signature.0, signature.1) }).answer()?;
        }
        Ok(())
    }

    /// C_WrapKeyAuthenticated with AES-GCM.
    pub fn wrap_authenticated(
        &self,
        gcm: &mut GcmMessage,
        with: Object,
        key: Object,
        aad: &[u8],
        room: Option<usize>,
    ) -> (Rv, usize, Vec<u8>) {
        let f = self.v3_2().C_WrapKeyAuthenticated.expect("C_WrapKeyAuthenticated");
        let (mut p, aad) = (gcm.as_c(), input(aad));
        let mut m = CK_MECHANISM { mechanism: CKM_AES_GCM, pParameter: (&raw mut p).cast(), ulParameterLen: GCM };
        // SAFETY: mechanism, input and output outlive the call, with their lengths.
        self.take(room, |_, h, out, len| unsafe { f(h, &mut m, with.0, key.0, aad.0, aad.1, out, len) })
    }

    /// C_UnwrapKeyAuthenticated with AES-GCM.
    pub fn unwrap_authenticated(
        &self,
        gcm: &mut GcmMessage,
        with: Object,
        wrapped: &[u8],
        template: &Template,
        aad: &[u8],
    ) -> Answer<Object> {
        let f = self.v3_2().C_UnwrapKeyAuthenticated.expect("C_UnwrapKeyAuthenticated");
        let (mut p, mut t, aad, wrapped) = (gcm.as_c(), template.as_c(), input(aad), input(wrapped));
        let mut m = CK_MECHANISM { mechanism: CKM_AES_GCM, pParameter: (&raw mut p).cast(), ulParameterLen: GCM };
        let mut key = CK_INVALID_HANDLE;
        // SAFETY: mechanism, inputs, template and the handle's place outlive the call.
        let rv = unsafe { f(self.handle, &mut m, with.0, wrapped.0, wrapped.1, t.pointer(), t.count(), aad.0, aad.1, &mut key) };
        Rv(rv).map(|| Object(key))
    }

    /// C_VerifySignatureInit.
    pub fn verify_signature_init(&self, mechanism: &Mechanism, key: Object, signature: &[u8]) -> Answer {
        let f = self.v3_2().C_VerifySignatureInit.expect("C_VerifySignatureInit");
        let (mut m, signature) = (mechanism.as_c(), input(signature));
        // SAFETY: mechanism and input outlive the call.
        Rv(unsafe { f(self.handle, &mut m.raw(), key.0, signature.0, signature.1) }).answer()
    }

    /// C_VerifySignature, or with `update` C_VerifySignatureUpdate.
    pub fn verify_signature(&self, data: &[u8], update: bool) -> Answer {
        let list = self.v3_2();
        let f = if update { list.C_VerifySignatureUpdate } else { list.C_VerifySignature }.expect("a verify function");
        let data = input(data);
        // SAFETY: the input outlives the call.
        Rv(unsafe { f(self.handle, data.0, data.1) }).answer()
    }

    /// C_VerifySignatureFinal.
    pub fn verify_signature_final(&self) -> Answer {
        // SAFETY: no pointers are passed.
        Rv(unsafe { self.v3_2().C_VerifySignatureFinal.expect("C_VerifySignatureFinal")(self.handle) }).answer()
    }
}
