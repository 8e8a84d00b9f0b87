//! C_WrapKeyAuthenticated and C_UnwrapKeyAuthenticated with CKM_AES_GCM (PKCS#11 v3.2 sections 5.18.6, 5.18.7 and 6.13.3), which
//! cryptoki 0.12 cannot call. Sessions and handles are cryptoki's own.
#![allow(unsafe_code)]

use cryptoki::context::Function;
use cryptoki::error::{Error as Pkcs11Error, Rv};
use cryptoki::object::{Attribute, ObjectHandle};
use cryptoki::session::Session;
use cryptoki_sys::{
    CK_ATTRIBUTE, CK_BYTE, CK_FUNCTION_LIST_3_2, CK_GCM_MESSAGE_PARAMS, CK_GENERATOR_FUNCTION, CK_INVALID_HANDLE, CK_MECHANISM,
    CK_MECHANISM_TYPE, CK_OBJECT_HANDLE, CK_RV, CK_SESSION_HANDLE, CK_ULONG, CK_VERSION, CKG_GENERATE_RANDOM, CKG_NO_GENERATE,
    CKM_AES_GCM,
};
use libloading::Library;

use super::codes::{self, Fault};
use super::interface::Interface;
use super::module::Module;
use super::template::KEY_BYTES;
use crate::error::{Error, Kind, Result};
use crate::random;

/// Bytes of a nonce and of a tag.
const NONCE: usize = 12;
const TAG: usize = 16;

type Wrap = unsafe extern "C" fn(
    CK_SESSION_HANDLE,
    *mut CK_MECHANISM,
    CK_OBJECT_HANDLE,
    CK_OBJECT_HANDLE,
    *mut CK_BYTE,
    CK_ULONG,
    *mut CK_BYTE,
    *mut CK_ULONG,
) -> CK_RV;

type Unwrap = unsafe extern "C" fn(
    CK_SESSION_HANDLE,
    *mut CK_MECHANISM,
    CK_OBJECT_HANDLE,
    *mut CK_BYTE,
    CK_ULONG,
    *mut CK_ATTRIBUTE,
    CK_ULONG,
    *mut CK_BYTE,
    CK_ULONG,
    *mut CK_OBJECT_HANDLE,
) -> CK_RV;

/// The two functions of a module that has both.
pub(super) struct Authenticated {
    wrap: Wrap,
    unwrap: Unwrap,
    _library: Option<Library>,
}

impl Authenticated {
    /// Those of `module`, or none if it is older than PKCS#11 3.2 or leaves them out.
    ///
    /// # Errors
    /// [`Kind::HsmUnavailable`] when the module cannot be loaded.
    pub(super) fn of(module: &Module) -> Result<Option<Self>> {
        let Some(interface) = Interface::find(module, c"PKCS 11", CK_VERSION { major: 3, minor: 2 })? else { return Ok(None) };
        // SAFETY: the interface "PKCS 11" has this list from version 3.2 on; later versions of 3 add to its end (section 5.2).
        let found = unsafe { interface.list::<CK_FUNCTION_LIST_3_2>(|version| version.major == 3 && version.minor >= 2) };
        let Some((list, library)) = found else { return Ok(None) };
        let both = list.C_WrapKeyAuthenticated.zip(list.C_UnwrapKeyAuthenticated);
        Ok(both.map(|(wrap, unwrap)| Self { wrap, unwrap, _library: Some(library) }))
    }

    /// Wraps the 32-byte `key`: the nonce, and the ciphertext with the tag behind it. The token makes the nonce; one that will not
    /// gets a random one.
    pub(super) fn wrap(
        &self,
        session: &Session,
        [with, key]: [ObjectHandle; 2],
        aad: &[u8],
    ) -> Result<(Vec<u8>, Vec<u8>), Fault> {
        let handles = [session.handle(), with.handle(), key.handle()];
        match self.wrap_raw(handles, aad, CKG_GENERATE_RANDOM) {
            Err(Fault::Module(Pkcs11Error::Pkcs11(code, _))) if codes::is_refusal(code) => {
                self.wrap_raw(handles, aad, CKG_NO_GENERATE)
            }
            other => other,
        }
    }

    fn wrap_raw(
        &self,
        [session, with, key]: [CK_ULONG; 3],
        aad: &[u8],
        generator: CK_GENERATOR_FUNCTION,
    ) -> Result<(Vec<u8>, Vec<u8>), Fault> {
        // Random before the call too: a token that takes the generator and makes nothing must not use one nonce twice.
        let (mut nonce, mut tag) = (random::public::<NONCE>()?, [0; TAG]);
        let mut message = message(&mut nonce, &mut tag, generator);
        let mut mechanism = mechanism(&mut message);
        let mut output = [0; KEY_BYTES + TAG];
        let mut len = output.len() as CK_ULONG;
        let function = self.wrap;
        // SAFETY: the library is loaded as long as `self` lives. The mechanism, its parameter and what that points to, the additional
        // data, which is only read, the output of `len` bytes and `len` itself are borrowed or ours, and outlive the call.
        let code = unsafe {
            let aad = (aad.as_ptr().cast_mut(), aad.len() as CK_ULONG);
            function(session, &mut mechanism, with, key, aad.0, aad.1, output.as_mut_ptr(), &mut len)
        };
        Rv::from(code).into_result(Function::WrapKeyAuthenticated)?;
        if len != KEY_BYTES as CK_ULONG {
            let why = format!("it yields {len} bytes beside the tag for a key of {KEY_BYTES}");
            return Err(Error::new(Kind::MechanismRefused, "the token means another AES-GCM").why(why).into());
        }
        Ok((nonce.to_vec(), [&output[..KEY_BYTES], &tag].concat()))
    }

    /// Unwraps what [`Self::wrap`] made, as a key that `template` describes.
    pub(super) fn unwrap(
        &self,
        session: &Session,
        with: ObjectHandle,
        (nonce, ciphertext): (&[u8], &[u8]),
        aad: &[u8],
        template: &[Attribute],
    ) -> Result<ObjectHandle, Fault> {
        let (Ok(mut nonce), Some((wrapped, tag))) = (<[u8; NONCE]>::try_from(nonce), ciphertext.split_last_chunk::<TAG>()) else {
            return Err(Error::authentication("the wrapped key has not the length of its mechanism").into());
        };
        let mut tag = *tag;
        let mut message = message(&mut nonce, &mut tag, CKG_NO_GENERATE);
        let mut attributes: Vec<CK_ATTRIBUTE> = template.iter().map(CK_ATTRIBUTE::from).collect();
        let handles = [session.handle(), with.handle()];
        // SAFETY: the mechanism points to `message`, that to `nonce` and `tag`, the attributes to the values in `template`: all of them
        // are borrowed or ours until the end of this function.
        unsafe { self.unwrap_raw(handles, &mut mechanism(&mut message), wrapped, aad, &mut attributes) }
    }

    /// # Safety
    /// What the mechanism and the attributes point to is there, with the lengths they say, until this returns.
    unsafe fn unwrap_raw(
        &self,
        [session, with]: [CK_ULONG; 2],
        mechanism: &mut CK_MECHANISM,
        wrapped: &[u8],
        aad: &[u8],
        template: &mut [CK_ATTRIBUTE],
    ) -> Result<ObjectHandle, Fault> {
        let bytes = |bytes: &[u8]| (bytes.as_ptr().cast_mut(), bytes.len() as CK_ULONG);
        let (function, (wrapped, wrapped_len), (aad, aad_len)) = (self.unwrap, bytes(wrapped), bytes(aad));
        let (template, template_len) = (template.as_mut_ptr(), template.len() as CK_ULONG);
        let mut key = CK_INVALID_HANDLE;
        // SAFETY: the library is loaded as long as `self` lives. The mechanism and the attributes are good by the caller's word; the
        // wrapped key and the additional data are borrowed, with their lengths, and only read (section 5.18.7); the handle is ours.
        let code =
            unsafe { function(session, mechanism, with, wrapped, wrapped_len, template, template_len, aad, aad_len, &mut key) };
        Rv::from(code).into_result(Function::UnwrapKeyAuthenticated)?;
        // SAFETY: the handle is one that the module has just given in this session.
        Ok(unsafe { ObjectHandle::new_from_raw(key) })
    }
}

/// Points to both arrays: good as long as their borrow.
fn message(nonce: &mut [u8; NONCE], tag: &mut [u8; TAG], generator: CK_GENERATOR_FUNCTION) -> CK_GCM_MESSAGE_PARAMS {
    CK_GCM_MESSAGE_PARAMS {
        pIv: nonce.as_mut_ptr(),
        ulIvLen: NONCE as CK_ULONG,
        ulIvFixedBits: 0,
        ivGenerator: generator,
        pTag: tag.as_mut_ptr(),
        ulTagBits: 8 * TAG as CK_ULONG,
    }
}

/// Points to the parameter: good as long as its borrow.
fn mechanism(message: &mut CK_GCM_MESSAGE_PARAMS) -> CK_MECHANISM {
    CK_MECHANISM {
        mechanism: CKM_AES_GCM as CK_MECHANISM_TYPE,
        pParameter: (message as *mut CK_GCM_MESSAGE_PARAMS).cast(),
        ulParameterLen: size_of::<CK_GCM_MESSAGE_PARAMS>() as CK_ULONG,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cryptoki_sys::{CKR_MECHANISM_PARAM_INVALID, CKR_OK};

    /// Makes no nonces. Its wrapped key and tag tell the handles, the length of the additional data, and the nonce.
    unsafe extern "C" fn wrap(
        session: CK_SESSION_HANDLE,
        mechanism: *mut CK_MECHANISM,
        with: CK_OBJECT_HANDLE,
        key: CK_OBJECT_HANDLE,
        _aad: *mut CK_BYTE,
        aad_len: CK_ULONG,
        output: *mut CK_BYTE,
        len: *mut CK_ULONG,
    ) -> CK_RV {
        // SAFETY: `wrap_raw` gives such a parameter, with a nonce and a tag of these lengths, and an output of 48 bytes.
        let (message, output) = unsafe {
            (&*(*mechanism).pParameter.cast::<CK_GCM_MESSAGE_PARAMS>(), std::slice::from_raw_parts_mut(output, KEY_BYTES + TAG))
        };
        if message.ivGenerator != CKG_NO_GENERATE {
            return CKR_MECHANISM_PARAM_INVALID;
        }
        output[..4].copy_from_slice(&[session as u8, with as u8, key as u8, aad_len as u8]);
        // SAFETY: as above; the length is a variable of the caller's.
        unsafe {
            message.pIv.copy_to_nonoverlapping(message.pTag, NONCE);
            *len = if aad_len == 0 { 48 } else { 32 };
        }
        CKR_OK
    }

    unsafe extern "C" fn unwrap(
        _: CK_SESSION_HANDLE,
        _: *mut CK_MECHANISM,
        _: CK_OBJECT_HANDLE,
        _: *mut CK_BYTE,
        _: CK_ULONG,
        _: *mut CK_ATTRIBUTE,
        _: CK_ULONG,
        _: *mut CK_BYTE,
        _: CK_ULONG,
        _: *mut CK_OBJECT_HANDLE,
    ) -> CK_RV {
        CKR_OK
    }

    #[test]
    fn bytes_go_through_the_c_interface() {
        let functions = Authenticated { wrap, unwrap, _library: None };
        assert!(functions.wrap_raw([7, 8, 9], b"abc", CKG_GENERATE_RANDOM).is_err());
        let Ok((nonce, ciphertext)) = functions.wrap_raw([7, 8, 9], b"abc", CKG_NO_GENERATE) else { panic!("refused") };
        assert_eq!((ciphertext.len(), &ciphertext[..4]), (48, &[7, 8, 9, 3][..]));
        assert_eq!((nonce.len(), &ciphertext[32..44]), (12, &nonce[..]));
        assert_ne!(nonce, [0; NONCE]);
        // With the tag in the ciphertext as well, it is not the mechanism of the standard.
        assert!(functions.wrap_raw([7, 8, 9], b"", CKG_NO_GENERATE).is_err());
    }
}
