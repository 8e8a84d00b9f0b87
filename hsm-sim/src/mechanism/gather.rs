//! Ciphers that work on the whole input at once; parts are gathered until the end.

use zeroize::Zeroizing;

use super::Cipher;
use crate::{
    error::Result,
    reply::{Reply, Room},
};

/// `run` turns a whole input into a whole output of at most `bound(input length)` bytes.
pub struct Gather<R, B> {
    run: R,
    bound: B,
    gathered: Zeroizing<Vec<u8>>,
}

impl<R, B> Gather<R, B>
where
    R: FnMut(&[u8], &mut [u8]) -> Result<usize> + Send + 'static,
    B: Fn(usize) -> usize + Send + 'static,
{
    /// A cipher of these two.
    pub fn boxed(bound: B, run: R) -> Box<dyn Cipher> {
        Box::new(Self { run, bound, gathered: Zeroizing::default() })
    }
}

impl<R, B> Cipher for Gather<R, B>
where
    R: FnMut(&[u8], &mut [u8]) -> Result<usize> + Send,
    B: Fn(usize) -> usize + Send,
{
    fn single(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply> {
        let bound = (self.bound)(input.len());
        let Room::Buffer(buffer) = room else { return Ok(Reply::Length(bound)) };
        if buffer.len() >= bound {
            return Ok(Reply::Wrote((self.run)(input, &mut buffer[..bound])?));
        }
        // The bound may be generous; only the result tells whether it fits.
        let mut output = Zeroizing::new(vec![0; bound]);
        let len = (self.run)(input, &mut output)?;
        let Some(buffer) = buffer.get_mut(..len) else { return Ok(Reply::Short(len)) };
        buffer.copy_from_slice(&output[..len]);
        Ok(Reply::Wrote(len))
    }

    fn update(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply> {
        room.fill(0, |_| {
            append(&mut self.gathered, input);
            Ok(0)
        })
    }

    fn finish(&mut self, room: Room<'_>) -> Result<Reply> {
        let gathered = std::mem::take(&mut self.gathered);
        let reply = self.single(&gathered, room)?;
        if !reply.done() {
            self.gathered = gathered;
        }
        Ok(reply)
    }
}

/// Appends without leaving a copy behind where the vector had to move.
pub fn append(gathered: &mut Zeroizing<Vec<u8>>, input: &[u8]) {
    let need = gathered.len() + input.len();
    if need > gathered.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(need.max(2 * gathered.capacity())));
        larger.extend_from_slice(gathered);
        *gathered = larger;
    }
    gathered.extend_from_slice(input);
}
