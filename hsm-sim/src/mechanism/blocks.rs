//! AES in ECB and CBC, with and without PKCS padding (PKCS#11 v3.2 §6.13.2; SP 800-38A), part by part.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Cipher, Direction};
use crate::{
    crypto::{AesKey, Cbc, Ecb, unpad},
    error::{Result, Rv},
    reply::{Reply, Room},
};

const BLOCK: usize = 16;

enum Mode {
    Ecb(Ecb),
    Cbc(Cbc),
}

/// What a mode starts from.
struct Start {
    key: Arc<AesKey>,
    direction: Direction,
    /// `None` is ECB.
    iv: Option<[u8; BLOCK]>,
}

impl Start {
    fn mode(&self) -> Mode {
        let key = Arc::clone(&self.key);
        match &self.iv {
            None => Mode::Ecb(Ecb::new(key, self.direction)),
            Some(iv) => Mode::Cbc(Cbc::new(key, self.direction, iv)),
        }
    }
}

/// A block mode under way. What does not fill a block waits; while unpadding, so does the last block, which may be padding.
pub struct Blocks {
    start: Start,
    mode: Mode,
    padded: bool,
    waiting: Zeroizing<Vec<u8>>,
    /// The last block without its padding, when the room for it was short.
    stripped: Option<Zeroizing<Vec<u8>>>,
}

impl Blocks {
    /// ECB.
    pub fn ecb(key: Arc<AesKey>, direction: Direction) -> Box<dyn Cipher> {
        Box::new(Self::begin(Start { key, direction, iv: None }, false))
    }

    /// CBC; `padded` for CKM_AES_CBC_PAD.
    pub fn cbc(key: Arc<AesKey>, direction: Direction, iv: &[u8; BLOCK], padded: bool) -> Box<dyn Cipher> {
        Box::new(Self::begin(Start { key, direction, iv: Some(*iv) }, padded))
    }

    fn begin(start: Start, padded: bool) -> Self {
        Self { mode: start.mode(), start, padded, waiting: Zeroizing::new(Vec::with_capacity(2 * BLOCK)), stripped: None }
    }

    fn restart(&mut self) {
        self.mode = self.start.mode();
        self.waiting.clear();
    }

    fn unpads(&self) -> bool {
        self.padded && matches!(self.start.direction, Direction::Decrypt)
    }

    /// Bytes that come out when `input` more go in.
    fn ready(&self, input: usize) -> usize {
        let all = self.waiting.len() + input;
        match self.unpads() {
            true => all.saturating_sub(1) / BLOCK * BLOCK,
            false => all / BLOCK * BLOCK,
        }
    }

    /// Processes whole blocks: what waited, completed from `input`, then `input` itself; the rest waits.
    fn feed(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        let ready = self.ready(input.len());
        let (mut input, mut output) = (input, &mut output[..ready]);
        while !self.waiting.is_empty() && !output.is_empty() {
            let (fill, rest) = input.split_at((BLOCK - self.waiting.len()).min(input.len()));
            self.waiting.extend_from_slice(fill);
            let (block, later) = output.split_at_mut(BLOCK);
            run(&mut self.mode, &self.waiting, block)?;
            self.waiting.clear();
            (input, output) = (rest, later);
        }
        let (now, later) = input.split_at(output.len());
        run(&mut self.mode, now, output)?;
        self.waiting.extend_from_slice(later);
        Ok(ready)
    }

    fn end(&mut self, output: &mut [u8]) -> Result<usize> {
        let incomplete = match self.start.direction {
            Direction::Encrypt => Rv::DataLenRange,
            Direction::Decrypt => Rv::EncryptedDataLenRange,
        };
        match (self.padded, self.start.direction) {
            (false, _) if self.waiting.is_empty() => Ok(0),
            (true, Direction::Encrypt) => {
                let pad = BLOCK - self.waiting.len();
                self.waiting.resize(BLOCK, pad as u8);
                run(&mut self.mode, &self.waiting, &mut output[..BLOCK])?;
                Ok(BLOCK)
            }
            (true, Direction::Decrypt) if self.stripped.is_some() || self.waiting.len() == BLOCK => self.strip(output),
            _ => incomplete.err("the input is not a whole number of blocks"),
        }
    }

    fn strip(&mut self, output: &mut [u8]) -> Result<usize> {
        if let Some(stripped) = self.stripped.take() {
            output[..stripped.len()].copy_from_slice(&stripped);
            return Ok(stripped.len());
        }
        let mut last = Zeroizing::new([0; BLOCK]);
        run(&mut self.mode, &self.waiting, &mut last[..])?;
        let len = unpad(&last[..])?;
        output[..len].copy_from_slice(&last[..len]);
        Ok(len)
    }

    /// At most how much [`Blocks::end`] gives.
    fn last(&self, input: usize) -> usize {
        match (self.padded, self.start.direction) {
            (false, _) => 0,
            (true, Direction::Encrypt) => BLOCK,
            (true, Direction::Decrypt) => (self.waiting.len() + input).min(BLOCK),
        }
    }
}

impl Cipher for Blocks {
    fn single(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply> {
        let bound = self.ready(input.len()) + self.last(input.len());
        match room {
            // The plaintext may be up to a block shorter than the bound, and a buffer of that size is enough.
            Room::Buffer(buffer) if self.unpads() && buffer.len() < bound && buffer.len() + BLOCK >= bound => {
                let mut output = Zeroizing::new(vec![0; bound]);
                let len = self.feed(input, &mut output)?;
                let len = len + self.end(&mut output[len..])?;
                let Some(fits) = buffer.get_mut(..len) else {
                    self.restart();
                    return Ok(Reply::Short(len));
                };
                fits.copy_from_slice(&output[..len]);
                Ok(Reply::Wrote(len))
            }
            room => room.fill(bound, |output| {
                let len = self.feed(input, output)?;
                Ok(len + self.end(&mut output[len..])?)
            }),
        }
    }

    fn update(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply> {
        room.fill(self.ready(input.len()), |output| self.feed(input, output))
    }

    fn finish(&mut self, room: Room<'_>) -> Result<Reply> {
        let Room::Buffer(buffer) = room else { return Ok(Reply::Length(self.last(0))) };
        if !self.unpads() || buffer.len() >= BLOCK {
            return Room::Buffer(buffer).fill(self.last(0), |output| self.end(output));
        }
        // What is left may be shorter than a block: only unpadding tells.
        let stripped = match self.stripped.take() {
            Some(stripped) => stripped,
            None => {
                let mut output = Zeroizing::new(vec![0; BLOCK]);
                let len = self.end(&mut output)?;
                output.truncate(len);
                output
            }
        };
        let len = stripped.len();
        let Some(fits) = buffer.get_mut(..len) else {
            self.stripped = Some(stripped);
            return Ok(Reply::Short(len));
        };
        fits.copy_from_slice(&stripped);
        Ok(Reply::Wrote(len))
    }
}

fn run(mode: &mut Mode, input: &[u8], output: &mut [u8]) -> Result<()> {
    match mode {
        Mode::Ecb(ecb) => Ok(ecb.process(input, output)?),
        Mode::Cbc(cbc) => Ok(cbc.process(input, output)?),
    }
}
