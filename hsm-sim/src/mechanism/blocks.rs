//! ECB and CBC, with and without PKCS padding (PKCS#11 v3.2 §6.10, §6.18; SP 800-38A), part by part.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Cipher, Direction};
use crate::{
    crypto::{
        AesKey, BLOCK, Camellia, CamelliaKey, Cbc, DES_BLOCK, Des3, Des3Key, Ecb, OldBlocks, RC2_BLOCK, Rc2Key, SEED_BLOCK,
        SeedKey, unpad,
    },
    error::{Result, Rv},
    reply::{Reply, Room},
    secret::Secret,
};

enum Mode {
    Ecb(Ecb),
    Cbc(Cbc),
    Des3(Des3),
    Camellia(Camellia),
    Rc2(OldBlocks<Rc2Key, RC2_BLOCK>),
    Seed(OldBlocks<SeedKey, SEED_BLOCK>),
}

impl Mode {
    /// The block before the next one; empty where blocks are not chained.
    fn chain(&self) -> &[u8] {
        match self {
            Mode::Ecb(_) => &[],
            Mode::Cbc(cbc) => cbc.chain(),
            Mode::Des3(des3) => des3.chain().map_or(&[], |chain| chain),
            Mode::Camellia(camellia) => camellia.chain().map_or(&[], |chain| chain),
            Mode::Rc2(rc2) => rc2.chain().map_or(&[], |chain| chain),
            Mode::Seed(seed) => seed.chain().map_or(&[], |chain| chain),
        }
    }

    /// Goes on after such a block; `None` when it is of another length.
    fn go_on(&mut self, chain: &[u8]) -> Option<()> {
        match self {
            Mode::Cbc(cbc) => cbc.go_on(chain.try_into().ok()?),
            Mode::Des3(des3) if !chain.is_empty() => des3.go_on(chain.try_into().ok()?),
            Mode::Camellia(camellia) if !chain.is_empty() => camellia.go_on(chain.try_into().ok()?),
            Mode::Rc2(rc2) if !chain.is_empty() => rc2.go_on(chain.try_into().ok()?),
            Mode::Seed(seed) if !chain.is_empty() => seed.go_on(chain.try_into().ok()?),
            Mode::Ecb(_) | Mode::Des3(_) | Mode::Camellia(_) | Mode::Rc2(_) | Mode::Seed(_) => {}
        }
        Some(())
    }
}

/// What a mode starts from.
pub enum Start {
    Ecb(Arc<AesKey>),
    Cbc(Arc<AesKey>, [u8; BLOCK]),
    Des3Ecb(Arc<Des3Key>),
    Des3Cbc(Arc<Des3Key>, [u8; DES_BLOCK]),
    /// ECB without an initial value, CBC with one.
    Camellia(Arc<CamelliaKey>, Option<[u8; BLOCK]>),
    /// The same.
    Rc2(Arc<Rc2Key>, Option<[u8; RC2_BLOCK]>),
    Seed(Arc<SeedKey>, Option<[u8; SEED_BLOCK]>),
}

impl Start {
    fn mode(&self, direction: Direction) -> Mode {
        match self {
            Start::Ecb(key) => Mode::Ecb(Ecb::new(Arc::clone(key), direction)),
            Start::Cbc(key, iv) => Mode::Cbc(Cbc::new(Arc::clone(key), direction, iv)),
            Start::Des3Ecb(key) => Mode::Des3(Des3::ecb(Arc::clone(key), direction)),
            Start::Des3Cbc(key, iv) => Mode::Des3(Des3::cbc(Arc::clone(key), direction, iv)),
            Start::Camellia(key, iv) => Mode::Camellia(Camellia::new(Arc::clone(key), direction, *iv)),
            Start::Rc2(key, iv) => Mode::Rc2(OldBlocks::new(Arc::clone(key), direction, *iv)),
            Start::Seed(key, iv) => Mode::Seed(OldBlocks::new(Arc::clone(key), direction, *iv)),
        }
    }

    /// Length of a block in bytes.
    fn block(&self) -> usize {
        match self {
            Start::Ecb(_) | Start::Cbc(..) | Start::Camellia(..) => BLOCK,
            Start::Des3Ecb(_) | Start::Des3Cbc(..) => DES_BLOCK,
            Start::Rc2(..) => RC2_BLOCK,
            Start::Seed(..) => SEED_BLOCK,
        }
    }
}

/// A block mode under way. What does not fill a block waits; while unpadding, so does the last block, which may be padding.
pub struct Blocks {
    start: Start,
    direction: Direction,
    mode: Mode,
    block: usize,
    padded: bool,
    waiting: Zeroizing<Vec<u8>>,
    /// The last block without its padding, when the room for it was short.
    stripped: Option<Zeroizing<Vec<u8>>>,
}

impl Blocks {
    /// A mode that takes whole blocks.
    pub fn whole(start: Start, direction: Direction) -> Box<dyn Cipher> {
        Box::new(Self::begin(start, direction, false))
    }

    /// A mode with padding: CKM_AES_CBC_PAD and its like.
    pub fn padded(start: Start, direction: Direction) -> Box<dyn Cipher> {
        Box::new(Self::begin(start, direction, true))
    }

    fn begin(start: Start, direction: Direction, padded: bool) -> Self {
        let (mode, block) = (start.mode(direction), start.block());
        Self { start, direction, mode, block, padded, waiting: Zeroizing::new(Vec::with_capacity(2 * block)), stripped: None }
    }

    fn restart(&mut self) {
        self.mode = self.start.mode(self.direction);
        self.waiting.clear();
    }

    fn unpads(&self) -> bool {
        self.padded && matches!(self.direction, Direction::Decrypt)
    }

    /// Bytes that come out when `input` more go in.
    fn ready(&self, input: usize) -> usize {
        let all = self.waiting.len() + input;
        match self.unpads() {
            true => all.saturating_sub(1) / self.block * self.block,
            false => all / self.block * self.block,
        }
    }

    /// Processes whole blocks: what waited, completed from `input`, then `input` itself; the rest waits.
    fn feed(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        let ready = self.ready(input.len());
        let (mut input, mut output) = (input, &mut output[..ready]);
        while !self.waiting.is_empty() && !output.is_empty() {
            let (fill, rest) = input.split_at((self.block - self.waiting.len()).min(input.len()));
            self.waiting.extend_from_slice(fill);
            let (block, later) = output.split_at_mut(self.block);
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
        let incomplete = match self.direction {
            Direction::Encrypt => Rv::DataLenRange,
            Direction::Decrypt => Rv::EncryptedDataLenRange,
        };
        match (self.padded, self.direction) {
            (false, _) if self.waiting.is_empty() => Ok(0),
            (true, Direction::Encrypt) => {
                let pad = self.block - self.waiting.len();
                self.waiting.resize(self.block, pad as u8);
                run(&mut self.mode, &self.waiting, &mut output[..self.block])?;
                Ok(self.block)
            }
            (true, Direction::Decrypt) if self.stripped.is_some() || self.waiting.len() == self.block => self.strip(output),
            _ => incomplete.err("the input is not a whole number of blocks"),
        }
    }

    fn strip(&mut self, output: &mut [u8]) -> Result<usize> {
        if let Some(stripped) = self.stripped.take() {
            output[..stripped.len()].copy_from_slice(&stripped);
            return Ok(stripped.len());
        }
        let mut last = Zeroizing::new([0; BLOCK]);
        let last = &mut last[..self.block];
        run(&mut self.mode, &self.waiting, last)?;
        let len = unpad(last)?;
        output[..len].copy_from_slice(&last[..len]);
        Ok(len)
    }

    /// At most how much [`Blocks::end`] gives.
    fn last(&self, input: usize) -> usize {
        match (self.padded, self.direction) {
            (false, _) => 0,
            (true, Direction::Encrypt) => self.block,
            (true, Direction::Decrypt) => (self.waiting.len() + input).min(self.block),
        }
    }
}

impl Cipher for Blocks {
    fn single(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply> {
        let bound = self.ready(input.len()) + self.last(input.len());
        match room {
            // The plaintext may be up to a block shorter than the bound, and a buffer of that size is enough.
            Room::Buffer(buffer) if self.unpads() && buffer.len() < bound && buffer.len() + self.block >= bound => {
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
        if !self.unpads() || buffer.len() >= self.block {
            return Room::Buffer(buffer).fill(self.last(0), |output| self.end(output));
        }
        // What is left may be shorter than a block: only unpadding tells.
        let stripped = match self.stripped.take() {
            Some(stripped) => stripped,
            None => {
                let mut output = Zeroizing::new(vec![0; self.block]);
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

    fn save(&self) -> Option<Secret> {
        match self.stripped {
            Some(_) => None,
            None => Some(Secret::take(&mut Zeroizing::new([self.mode.chain(), &self.waiting].concat()))),
        }
    }

    fn resume(&mut self, saved: &[u8]) -> bool {
        let Some((chain, waiting)) = saved.split_at_checked(self.mode.chain().len()) else { return false };
        if waiting.len() > self.block || self.mode.go_on(chain).is_none() {
            return false;
        }
        self.waiting.clear();
        self.waiting.extend_from_slice(waiting);
        true
    }
}

fn run(mode: &mut Mode, input: &[u8], output: &mut [u8]) -> Result<()> {
    match mode {
        Mode::Ecb(ecb) => Ok(ecb.process(input, output)?),
        Mode::Cbc(cbc) => Ok(cbc.process(input, output)?),
        Mode::Des3(des3) => Ok(des3.process(input, output)?),
        Mode::Camellia(camellia) => Ok(camellia.process(input, output)?),
        Mode::Rc2(rc2) => Ok(rc2.process(input, output)?),
        Mode::Seed(seed) => Ok(seed.process(input, output)?),
    }
}
