//! Signing and verifying a message: hashed on the way in, or gathered for mechanisms that take it whole.

use zeroize::Zeroizing;

use super::{Signer, Verifier, gather::append};
use crate::{
    crypto::{Absorb, Digest, Hash, LONGEST},
    error::{Error, Result, Rv},
};

/// A message on its way in.
pub enum Message {
    // Boxed: a digest's state is ten times the size of the other variant.
    Hashed(Box<Digest>),
    Whole(Zeroizing<Vec<u8>>),
    /// Hashed by a function that the post-quantum mechanisms bring along.
    Absorbed(Box<dyn Absorb>),
}

impl Message {
    /// A message that is hashed, or gathered when there is no hash.
    pub fn new(hash: Option<Hash>) -> Self {
        hash.map_or_else(|| Self::Whole(Zeroizing::default()), |hash| Self::Hashed(Box::new(Digest::new(hash))))
    }

    fn update(&mut self, part: &[u8]) {
        match self {
            Message::Hashed(digest) => digest.update(part),
            Message::Whole(gathered) => append(gathered, part),
            Message::Absorbed(hash) => hash.update(part),
        }
    }

    /// Calls `with` on the digest or on the message itself.
    fn finish<T>(&mut self, with: impl FnOnce(&[u8]) -> T) -> T {
        match std::mem::replace(self, Self::Whole(Zeroizing::default())) {
            Message::Whole(gathered) => with(&gathered),
            Message::Hashed(digest) => {
                let mut output = [0; LONGEST];
                let len = digest.finish(&mut output);
                with(&output[..len])
            }
            Message::Absorbed(hash) => {
                let mut output = [0; LONGEST];
                let len = hash.finish(&mut output);
                with(&output[..len])
            }
        }
    }
}

/// A signer over a message; `sign` gets the digest or the message and a buffer of `len` bytes.
pub struct MessageSigner<S> {
    pub message: Message,
    pub len: usize,
    pub sign: S,
}

impl<S> Signer for MessageSigner<S>
where
    S: FnMut(&[u8], &mut [u8]) -> Result<usize> + Send,
{
    fn signature_len(&self) -> usize {
        self.len
    }

    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.message.update(part);
        Ok(())
    }

    fn finish(&mut self, output: &mut [u8]) -> Result<usize> {
        let sign = &mut self.sign;
        self.message.finish(|input| sign(input, output))
    }
}

/// A verifier over a message; `verify` gets the digest or the message, and the signature of `len` bytes.
pub struct MessageVerifier<V> {
    pub message: Message,
    pub len: usize,
    pub verify: V,
}

impl<V> Verifier for MessageVerifier<V>
where
    V: FnMut(&[u8], &[u8]) -> crate::crypto::Result<()> + Send,
{
    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.message.update(part);
        Ok(())
    }

    fn finish(&mut self, signature: &[u8]) -> Result<()> {
        if signature.len() != self.len {
            return Rv::SignatureLenRange.err(format!("a signature has {} bytes here", self.len));
        }
        let verify = &mut self.verify;
        self.message.finish(|input| verify(input, signature)).map_err(not_valid)
    }
}

fn not_valid(error: crate::crypto::Error) -> Error {
    match error {
        crate::crypto::Error::Rejected => Rv::SignatureInvalid.because("the signature is not valid"),
        error => error.into(),
    }
}
