//! Message authentication codes under way: made and checked alike.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Signer, Verifier, gather::append};
use crate::{
    crypto,
    error::{Result, Rv},
    secret::Secret,
};

/// Longest code, in bytes.
const LONGEST: usize = 64;

/// A code being computed.
pub trait Running: Send {
    fn update(&mut self, part: &[u8]) -> crypto::Result<()>;
    /// Fills `code`, which may be shorter than the whole one, with its leading bytes.
    fn finish(self, code: &mut [u8]) -> crypto::Result<()>;
    /// What was fed so far, where it can be saved.
    fn save(&self) -> Option<Secret> {
        None
    }
    /// Goes on from what was saved.
    fn resume(&mut self, _saved: &[u8]) -> bool {
        false
    }
}

/// A code of `len` bytes, to make or to check.
pub struct Mac<R> {
    running: Option<R>,
    len: usize,
}

impl<R: Running> Mac<R> {
    /// `len` is no longer than the whole code.
    pub fn new(running: R, len: usize) -> Self {
        Self { running: Some(running), len }
    }

    fn feed(&mut self, part: &[u8]) -> Result<()> {
        let running = self.running.as_mut().ok_or(Rv::FunctionFailed.because("the MAC is over"))?;
        Ok(running.update(part)?)
    }

    fn code(&mut self, code: &mut [u8]) -> Result<()> {
        let running = self.running.take().ok_or(Rv::FunctionFailed.because("the MAC is over"))?;
        Ok(running.finish(code)?)
    }
}

impl<R: Running> Signer for Mac<R> {
    fn signature_len(&self) -> usize {
        self.len
    }

    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.feed(part)
    }

    fn finish(&mut self, output: &mut [u8]) -> Result<usize> {
        self.code(&mut output[..self.len])?;
        Ok(self.len)
    }

    fn save(&self) -> Option<Secret> {
        self.running.as_ref().and_then(R::save)
    }

    fn resume(&mut self, saved: &[u8]) -> bool {
        self.running.as_mut().is_some_and(|running| running.resume(saved))
    }
}

impl<R: Running> Verifier for Mac<R> {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.feed(part)
    }

    fn finish(&mut self, signature: &[u8]) -> Result<()> {
        if signature.len() != self.len {
            return Rv::SignatureLenRange.err(format!("a MAC has {} bytes here", self.len));
        }
        let mut code = Zeroizing::new([0; LONGEST]);
        let code = &mut code[..signature.len()];
        self.code(code)?;
        let right = code.ct_eq(signature);
        if right.into() { Ok(()) } else { Rv::SignatureInvalid.err("the MAC is not valid") }
    }

    fn save(&self) -> Option<Secret> {
        self.running.as_ref().and_then(R::save)
    }

    fn resume(&mut self, saved: &[u8]) -> bool {
        self.running.as_mut().is_some_and(|running| running.resume(saved))
    }
}

impl Running for crypto::Hmac {
    fn update(&mut self, part: &[u8]) -> crypto::Result<()> {
        self.update(part);
        Ok(())
    }

    fn finish(self, code: &mut [u8]) -> crypto::Result<()> {
        self.finish(code);
        Ok(())
    }

    fn save(&self) -> Option<Secret> {
        self.save()
    }

    fn resume(&mut self, saved: &[u8]) -> bool {
        self.resume(saved).is_ok()
    }
}

impl Running for crypto::Cmac {
    fn update(&mut self, part: &[u8]) -> crypto::Result<()> {
        self.update(part)
    }

    fn finish(self, code: &mut [u8]) -> crypto::Result<()> {
        self.finish(code)
    }
}

impl<K: crypto::Chained<N> + Send + Sync, const N: usize> Running for crypto::CbcMac<K, N> {
    fn update(&mut self, part: &[u8]) -> crypto::Result<()> {
        self.update(part)
    }

    fn finish(self, code: &mut [u8]) -> crypto::Result<()> {
        let whole = self.finish()?;
        code.copy_from_slice(whole.get(..code.len()).ok_or(crypto::Error::InvalidLength)?);
        Ok(())
    }
}

impl Running for crypto::XcbcMac {
    fn update(&mut self, part: &[u8]) -> crypto::Result<()> {
        self.update(part)
    }

    fn finish(self, code: &mut [u8]) -> crypto::Result<()> {
        let whole = self.finish()?;
        code.copy_from_slice(whole.get(..code.len()).ok_or(crypto::Error::InvalidLength)?);
        Ok(())
    }
}

/// A code over the whole message, which is gathered.
pub struct Gathered<F> {
    message: Zeroizing<Vec<u8>>,
    code: F,
}

impl<F: FnOnce(&[u8], &mut [u8]) -> crypto::Result<()> + Send> Gathered<F> {
    /// `code` gets the message and the place for the code.
    pub fn new(code: F) -> Self {
        Self { message: Zeroizing::default(), code }
    }
}

impl<F: FnOnce(&[u8], &mut [u8]) -> crypto::Result<()> + Send> Running for Gathered<F> {
    fn update(&mut self, part: &[u8]) -> crypto::Result<()> {
        append(&mut self.message, part);
        Ok(())
    }

    fn finish(self, code: &mut [u8]) -> crypto::Result<()> {
        (self.code)(&self.message, code)
    }
}
