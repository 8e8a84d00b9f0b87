//! Tables by handle.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// A map by numbers this module gives out itself: nobody can choose them to collide, so they hash to themselves, spread a little.
pub type HandleMap<V> = HashMap<u64, V, BuildHasherDefault<Spread>>;

/// Multiplies by an odd constant (2^64 divided by the golden ratio), so that the high bits differ too.
#[derive(Default)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
