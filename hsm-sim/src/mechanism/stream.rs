//! Ciphers that give as many bytes as they take, at once.

use super::Cipher;
use crate::{
    crypto,
    error::{Error, Result},
    reply::{Reply, Room},
};

/// `run` turns input into output of the same length, and `name` says what went wrong.
pub struct Stream<R> {
    run: R,
    name: fn(crypto::Error) -> Error,
}

impl<R: FnMut(&[u8], &mut [u8]) -> crypto::Result<()> + Send + 'static> Stream<R> {
    /// A cipher of these two.
    pub fn boxed(name: fn(crypto::Error) -> Error, run: R) -> Box<dyn Cipher> {
        Box::new(Self { run, name })
    }
}

impl<R: FnMut(&[u8], &mut [u8]) -> crypto::Result<()> + Send> Cipher for Stream<R> {
    fn single(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply> {
        self.update(input, room)
    }

    fn update(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply> {
        room.fill(input.len(), |output| {
            (self.run)(input, output).map_err(self.name)?;
            Ok(input.len())
        })
    }

    fn finish(&mut self, room: Room<'_>) -> Result<Reply> {
        room.fill(0, |_| Ok(0))
    }
}
