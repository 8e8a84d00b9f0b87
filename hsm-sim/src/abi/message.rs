//! Parameters of single messages: CK_GCM_MESSAGE_PARAMS, CK_CCM_MESSAGE_PARAMS and CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS (PKCS#11 v3.2
//! §6.13.3, §6.13.5, §6.65.6). Nonce and tag lie in the caller's memory and may be written to; they may also overlap anything else
//! of the caller's, so they are copied in and out, and never borrowed.

use std::ffi::c_void;

use cryptoki_sys::*;

use super::{Arg, input, params::Mechanism, symmetric_params::nonce_len};
use crate::error::{Result, Rv};

/// `pParameter` and its length.
#[derive(Clone, Copy)]
pub struct Parameter {
    start: *const u8,
    len: CK_ULONG,
}

/// Which of the structures a cipher takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Gcm,
    Ccm,
    ChaCha,
}

/// How a nonce comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generator {
    /// The caller gives it.
    Given,
    /// Random but for its leading bits.
    Random,
    /// Counted up but for its leading bits.
    Counter,
    /// The caller's, with a count XORed into it behind its leading bits.
    CounterXor,
}

/// A message's parameter.
pub struct Message {
    nonce: *mut CK_BYTE,
    nonce_len: usize,
    /// Leading bits of the nonce that stay as they are given.
    pub fixed_bits: usize,
    pub generator: Generator,
    tag: *mut CK_BYTE,
    /// Bytes.
    pub tag_len: usize,
    /// Bytes of the message, where the structure says so.
    pub data_len: Option<usize>,
}

impl Arg for Parameter {
    type Raw = *mut c_void;
    type Len = CK_ULONG;

    unsafe fn from_c(raw: *mut c_void, len: CK_ULONG) -> Result<Self> {
        match raw.is_null() && len != 0 {
            true => Rv::ArgumentsBad.err("NULL message parameter with a length"),
            false => Ok(Self { start: raw.cast_const().cast(), len }),
        }
    }
}

impl Parameter {
    /// The parameter of a mechanism that carries a message's.
    pub fn of(mechanism: &Mechanism<'_>) -> Self {
        let bytes = mechanism.bytes();
        Self { start: bytes.as_ptr(), len: bytes.len() as CK_ULONG }
    }

    /// For messages that take none.
    pub fn none(self) -> Result<()> {
        if self.len == 0 { Ok(()) } else { Rv::MechanismParamInvalid.err("messages of this mechanism have no parameter") }
    }

    /// The structure a cipher takes.
    pub fn read(self, shape: Shape) -> Result<Message> {
        match shape {
            Shape::Gcm => self.gcm(),
            Shape::Ccm => self.ccm(),
            Shape::ChaCha => self.chacha(),
        }
    }

    fn gcm(self) -> Result<Message> {
        let p = self.structure::<CK_GCM_MESSAGE_PARAMS>()?;
        let tag_bits = bounded(p.ulTagBits)?;
        if !tag_bits.is_multiple_of(8) {
            return Rv::MechanismParamInvalid.err("a tag has whole bytes");
        }
        message((p.pIv, p.ulIvLen), (p.ulIvFixedBits, generator(p.ivGenerator)?), (p.pTag, tag_bits / 8), None)
    }

    fn ccm(self) -> Result<Message> {
        let p = self.structure::<CK_CCM_MESSAGE_PARAMS>()?;
        let nonce = (p.pNonce, p.ulNonceLen);
        let data_len = Some(usize::try_from(p.ulDataLen).unwrap_or(usize::MAX));
        message(nonce, (p.ulNonceFixedBits, generator(p.nonceGenerator)?), (p.pMAC, bounded(p.ulMACLen)?), data_len)
    }

    fn chacha(self) -> Result<Message> {
        let p = self.structure::<CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS>()?;
        message((p.pNonce, nonce_len(p.ulNonceLen)?), (0, Generator::Given), (p.pTag, 16), None)
    }

    /// Reads a structure of which any bytes are a value.
    fn structure<T: Copy>(self) -> Result<T> {
        if self.start.is_null() || self.len != size_of::<T>() as CK_ULONG {
            return Rv::MechanismParamInvalid.err("the message parameter has the wrong length for this mechanism");
        }
        // SAFETY: not NULL, and readable for as many bytes as the caller says, which is what `T` has; read without assuming alignment.
        // `T` is one of the three C structures of this file, of integers and pointers: any bytes are a value.
        Ok(unsafe { self.start.cast::<T>().read_unaligned() })
    }
}

impl Message {
    /// A copy of the nonce.
    pub fn nonce(&self) -> Vec<u8> {
        // SAFETY: the caller's pointer and length, checked for NULL; copied before anything is written.
        unsafe { input::slice(self.nonce, self.nonce_len as CK_ULONG) }.unwrap_or_default().to_vec()
    }

    /// A copy of the tag.
    pub fn tag(&self) -> Vec<u8> {
        // SAFETY: as above.
        unsafe { input::slice(self.tag, self.tag_len as CK_ULONG) }.unwrap_or_default().to_vec()
    }

    /// Gives a generated nonce to the caller.
    pub fn put_nonce(&self, nonce: &[u8]) {
        let n = nonce.len().min(self.nonce_len);
        // SAFETY: the caller's to write for its length, checked for NULL; no reference into the caller's memory is alive here.
        unsafe { std::ptr::copy(nonce.as_ptr(), self.nonce, n) };
    }

    /// Gives the tag to the caller.
    pub fn put_tag(&self, tag: &[u8]) {
        let n = tag.len().min(self.tag_len);
        // SAFETY: as above.
        unsafe { std::ptr::copy(tag.as_ptr(), self.tag, n) };
    }
}

type Bytes = (*mut CK_BYTE, CK_ULONG);

fn message(
    nonce: Bytes,
    (fixed, generator): (CK_ULONG, Generator),
    tag: (*mut CK_BYTE, usize),
    data_len: Option<usize>,
) -> Result<Message> {
    let nonce_len = bounded(nonce.1)?;
    if nonce.0.is_null() || nonce_len == 0 || tag.0.is_null() || tag.1 == 0 {
        return Rv::MechanismParamInvalid.err("a message needs place for its nonce and its tag");
    }
    let fixed_bits = usize::try_from(fixed).ok().filter(|bits| *bits <= 8 * nonce_len);
    let fixed_bits = fixed_bits.ok_or(Rv::MechanismParamInvalid.because("more bits of the nonce are fixed than it has"))?;
    Ok(Message { nonce: nonce.0, nonce_len, fixed_bits, generator, tag: tag.0, tag_len: tag.1, data_len })
}

/// Nonces and tags are short: whatever claims otherwise is not read.
fn bounded(len: CK_ULONG) -> Result<usize> {
    let len = usize::try_from(len).ok().filter(|len| *len <= 1024);
    len.ok_or(Rv::MechanismParamInvalid.because("impossible length inside a message parameter"))
}

fn generator(kind: CK_GENERATOR_FUNCTION) -> Result<Generator> {
    Ok(match kind {
        CKG_NO_GENERATE => Generator::Given,
        CKG_GENERATE | CKG_GENERATE_RANDOM => Generator::Random,
        CKG_GENERATE_COUNTER => Generator::Counter,
        CKG_GENERATE_COUNTER_XOR => Generator::CounterXor,
        _ => return Rv::MechanismParamInvalid.err(format!("nonce generator {kind} is not known")),
    })
}
