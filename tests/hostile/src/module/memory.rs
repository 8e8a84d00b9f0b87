//! Memory that a call is given, with canaries on both sides of what the module was told of.

/// Bytes on each side that nobody may write.
const MARGIN: usize = 64;
const CANARY: u8 = 0xc7;

/// What a call's pointers lead to; it stays where it is until the call is over.
#[derive(Default)]
pub struct Memory {
    regions: Vec<Region>,
}

/// A piece of it.
#[derive(Clone, Copy)]
pub struct Place(usize);

struct Region {
    words: Vec<u64>,
    start: usize,
    len: usize,
}

impl Memory {
    /// `bytes`, `skew` bytes off the alignment of a word.
    pub fn put(&mut self, bytes: &[u8], skew: usize) -> Place {
        let place = self.room(bytes.len(), skew);
        let region = &mut self.regions[place.0];
        let start = region.start;
        region.bytes_mut()[start..start + bytes.len()].copy_from_slice(bytes);
        place
    }

    /// `words`, aligned.
    pub fn put_words(&mut self, words: &[usize]) -> Place {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        self.put(&bytes, 0)
    }

    /// `len` zeros.
    pub fn room(&mut self, len: usize, skew: usize) -> Place {
        let start = MARGIN + skew;
        let mut region = Region { words: vec![0; (start + len + MARGIN).div_ceil(8)], start, len };
        region.bytes_mut().fill(CANARY);
        region.bytes_mut()[start..start + len].fill(0);
        self.regions.push(region);
        Place(self.regions.len() - 1)
    }

    /// Its address.
    pub fn at(&mut self, place: Place) -> usize {
        let region = &mut self.regions[place.0];
        region.words.as_mut_ptr().expose_provenance() + region.start
    }

    /// What it holds.
    pub fn bytes(&self, place: Place) -> &[u8] {
        let region = &self.regions[place.0];
        &region.bytes()[region.start..region.start + region.len]
    }

    /// Its first word.
    pub fn word(&self, place: Place) -> u64 {
        self.bytes(place).first_chunk().map_or(0, |bytes| u64::from_ne_bytes(*bytes))
    }

    /// Panics when anything was written beside what was given.
    pub fn check(&self, name: &str) {
        for region in &self.regions {
            let (before, rest) = region.bytes().split_at(region.start);
            let after = &rest[region.len..];
            let whole = before.iter().chain(after).all(|byte| *byte == CANARY);
            assert!(whole, "{name} wrote beside the {} bytes it was given", region.len);
        }
    }
}

impl Region {
    fn bytes(&self) -> &[u8] {
        let len = size_of_val(self.words.as_slice());
        // SAFETY: the words' own memory; any bytes are bytes.
        unsafe { std::slice::from_raw_parts(self.words.as_ptr().cast(), len) }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        let len = size_of_val(self.words.as_slice());
        // SAFETY: as above; the borrow is unique.
        unsafe { std::slice::from_raw_parts_mut(self.words.as_mut_ptr().cast(), len) }
    }
}
