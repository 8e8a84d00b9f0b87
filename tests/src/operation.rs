//! Cryptographic operations, single and multi part: PKCS#11 v3.2 sections 5.2, 5.8, 5.10, 5.12, 5.13 and 5.15.

use crate::answer::{Answer, Rv};
use crate::mechanism::Mechanism;
use crate::object::Object;
use crate::session::Session;
use cryptoki_sys::*;
use std::ptr::null_mut;

/// The functions that begin an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    Encrypt,
    Decrypt,
    Digest,
    Sign,
    Verify,
    SignRecover,
    VerifyRecover,
}

/// The functions of an operation that give output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Encrypt,
    EncryptUpdate,
    EncryptFinal,
    Decrypt,
    DecryptUpdate,
    DecryptFinal,
    Digest,
    DigestFinal,
    Sign,
    SignFinal,
    SignRecover,
    VerifyRecover,
    DigestEncryptUpdate,
    DecryptDigestUpdate,
    SignEncryptUpdate,
    DecryptVerifyUpdate,
}

impl Session<'_> {
    /// Begins an operation; a digest takes no key.
    pub fn begin(&self, what: Begin, mechanism: &Mechanism, key: Object) -> Answer {
        let mut m = mechanism.as_c();
        self.begin_raw(what, &mut m.raw(), key)
    }

    /// NULL instead of a mechanism: PKCS#11 v3.0 made it the way to cancel.
    pub fn begin_null(&self, what: Begin, key: Object) -> Answer {
        self.begin_raw(what, null_mut(), key)
    }

    fn begin_raw(&self, what: Begin, mechanism: *mut CK_MECHANISM, key: Object) -> Answer {
        self.call(|f, h| {
            let keyed = match what {
                Begin::Encrypt => f.C_EncryptInit,
                Begin::Decrypt => f.C_DecryptInit,
                Begin::Sign => f.C_SignInit,
                Begin::Verify => f.C_VerifyInit,
                Begin::SignRecover => f.C_SignRecoverInit,
                Begin::VerifyRecover => f.C_VerifyRecoverInit,
                // SAFETY: the mechanism is NULL or outlives the call.
                Begin::Digest => return unsafe { f.C_DigestInit.expect("C_DigestInit")(h, mechanism) },
            };
            // SAFETY: the mechanism is NULL or outlives the call.
            unsafe { keyed.expect("an Init function")(h, mechanism, key.0) }
        })
        .answer()
    }

    /// One call with no buffer or one of `room` bytes: the code, the length it told, the bytes it wrote.
    pub fn step(&self, what: Step, input: &[u8], room: Option<usize>) -> (Rv, usize, Vec<u8>) {
        let (bytes, length) = (input.as_ptr().cast_mut(), input.len() as CK_ULONG);
        self.take(room, |f, h, out, out_length| step(f, what, h, (bytes, length), (out, out_length)))
    }

    /// One call whose output overwrites its input: `buffer` holds `input_length` bytes and becomes the output.
    pub fn step_in_place(&self, what: Step, buffer: &mut Vec<u8>, input_length: usize) -> Rv {
        assert!(input_length <= buffer.len());
        let place = buffer.as_mut_ptr();
        let mut length = buffer.len() as CK_ULONG;
        let rv = self.call(|f, h| step(f, what, h, (place, input_length as CK_ULONG), (place, &mut length)));
        if rv == Rv(CKR_OK) {
            buffer.truncate(length as usize);
        }
        rv
    }

    /// The output of a call, by a length query and a second call.
    pub fn run(&self, what: Step, input: &[u8]) -> Answer<Vec<u8>> {
        let (rv, length, _) = self.step(what, input, None);
        rv.answer()?;
        let (rv, _, bytes) = self.step(what, input, Some(length));
        rv.map(|| bytes)
    }

    /// C_DigestUpdate, C_SignUpdate or C_VerifyUpdate.
    pub fn update(&self, what: Begin, part: &[u8]) -> Answer {
        let (bytes, length) = (part.as_ptr().cast_mut(), part.len() as CK_ULONG);
        self.call(|f, h| {
            let update = match what {
                Begin::Digest => f.C_DigestUpdate,
                Begin::Sign => f.C_SignUpdate,
                Begin::Verify => f.C_VerifyUpdate,
                other => panic!("{other:?} has an update with output"),
            };
            // SAFETY: the input outlives the call.
            unsafe { update.expect("an Update function")(h, bytes, length) }
        })
        .answer()
    }

    /// C_GetOperationState with no buffer or one of `room` bytes, as [`Session::step`].
    pub fn saved_state(&self, room: Option<usize>) -> (Rv, usize, Vec<u8>) {
        // SAFETY: the buffer has the length that is told.
        self.take(room, |f, h, out, length| unsafe { f.C_GetOperationState.expect("C_GetOperationState")(h, out, length) })
    }

    /// The state, by a length query and a second call.
    pub fn save_state(&self) -> Answer<Vec<u8>> {
        let (rv, length, _) = self.saved_state(None);
        rv.answer()?;
        let (rv, _, state) = self.saved_state(Some(length));
        rv.map(|| state)
    }

    /// C_SetOperationState with the keys of ciphers and of signatures, `Object(0)` for none.
    pub fn restore_state(&self, state: &[u8], cipher_key: Object, mac_key: Object) -> Answer {
        let (bytes, length) = (state.as_ptr().cast_mut(), state.len() as CK_ULONG);
        self.call(|f, h| {
            let set = f.C_SetOperationState.expect("C_SetOperationState");
            // SAFETY: the state outlives the call.
            unsafe { set(h, bytes, length, cipher_key.0, mac_key.0) }
        })
        .answer()
    }

    /// C_DigestKey.
    pub fn digest_key(&self, key: Object) -> Answer {
        // SAFETY: no pointers are passed.
        self.call(|f, h| unsafe { f.C_DigestKey.expect("C_DigestKey")(h, key.0) }).answer()
    }

    /// C_Verify.
    pub fn check(&self, data: &[u8], signature: &[u8]) -> Answer {
        let (data, data_length) = (data.as_ptr().cast_mut(), data.len() as CK_ULONG);
        let (bytes, length) = (signature.as_ptr().cast_mut(), signature.len() as CK_ULONG);
        // SAFETY: both inputs outlive the call.
        self.call(|f, h| unsafe { f.C_Verify.expect("C_Verify")(h, data, data_length, bytes, length) }).answer()
    }

    /// C_VerifyFinal.
    pub fn check_final(&self, signature: &[u8]) -> Answer {
        let (bytes, length) = (signature.as_ptr().cast_mut(), signature.len() as CK_ULONG);
        // SAFETY: the input outlives the call.
        self.call(|f, h| unsafe { f.C_VerifyFinal.expect("C_VerifyFinal")(h, bytes, length) }).answer()
    }

    pub fn encrypt(&self, mechanism: &Mechanism, key: Object, data: &[u8]) -> Answer<Vec<u8>> {
        self.begin(Begin::Encrypt, mechanism, key)?;
        self.run(Step::Encrypt, data)
    }

    pub fn decrypt(&self, mechanism: &Mechanism, key: Object, data: &[u8]) -> Answer<Vec<u8>> {
        self.begin(Begin::Decrypt, mechanism, key)?;
        self.run(Step::Decrypt, data)
    }

    pub fn digest(&self, mechanism: &Mechanism, data: &[u8]) -> Answer<Vec<u8>> {
        self.begin(Begin::Digest, mechanism, Object(0))?;
        self.run(Step::Digest, data)
    }

    pub fn sign(&self, mechanism: &Mechanism, key: Object, data: &[u8]) -> Answer<Vec<u8>> {
        self.begin(Begin::Sign, mechanism, key)?;
        self.run(Step::Sign, data)
    }

    pub fn verify(&self, mechanism: &Mechanism, key: Object, data: &[u8], signature: &[u8]) -> Answer {
        self.begin(Begin::Verify, mechanism, key)?;
        self.check(data, signature)
    }
}

type Input = (*mut u8, CK_ULONG);
type Output = (*mut u8, *mut CK_ULONG);

fn step(f: &CK_FUNCTION_LIST, what: Step, h: CK_SESSION_HANDLE, input: Input, output: Output) -> CK_RV {
    let last = match what {
        Step::EncryptFinal => f.C_EncryptFinal,
        Step::DecryptFinal => f.C_DecryptFinal,
        Step::DigestFinal => f.C_DigestFinal,
        Step::SignFinal => f.C_SignFinal,
        _ => None,
    };
    if let Some(last) = last {
        // SAFETY: the callers' output outlives the call, with its length.
        return unsafe { last(h, output.0, output.1) };
    }
    let through = match what {
        Step::Encrypt => f.C_Encrypt,
        Step::EncryptUpdate => f.C_EncryptUpdate,
        Step::Decrypt => f.C_Decrypt,
        Step::DecryptUpdate => f.C_DecryptUpdate,
        Step::Digest => f.C_Digest,
        Step::Sign => f.C_Sign,
        Step::SignRecover => f.C_SignRecover,
        Step::VerifyRecover => f.C_VerifyRecover,
        Step::DigestEncryptUpdate => f.C_DigestEncryptUpdate,
        Step::DecryptDigestUpdate => f.C_DecryptDigestUpdate,
        Step::SignEncryptUpdate => f.C_SignEncryptUpdate,
        Step::DecryptVerifyUpdate => f.C_DecryptVerifyUpdate,
        _ => None,
    };
    // SAFETY: the callers' input and output outlive the call, with their lengths.
    unsafe { through.expect("a function of the list")(h, input.0, input.1, output.0, output.1) }
}
