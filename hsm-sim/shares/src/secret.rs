//! Bytes that must not outlive their use.
//!
//! A [`Secret`] is erased when dropped, cannot be printed and cannot be cloned by accident; comparison is constant-time.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing, zeroize_stack};

/// Owned secret bytes: erased on drop, no `Debug`, no `Clone`.
pub struct Secret(Zeroizing<Box<[u8]>>);

impl Secret {
    /// Takes the bytes of `source` and erases it.
    pub fn take(source: &mut [u8]) -> Self {
        let secret = Self::copy(source);
        source.zeroize();
        secret
    }

    /// Copies `source`, which stays the caller's to erase.
    pub fn copy(source: &[u8]) -> Self {
        Self(Zeroizing::new(source.into()))
    }

    /// A secret of `len` bytes that `fill` writes.
    pub fn filled<E>(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = Zeroizing::new(vec![0; len].into_boxed_slice());
        fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The bytes, for as long as the borrow lasts.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Runs `body` and erases `DEPTH` bytes of the stack below it: what it left there of keys that it took apart, moved or handed to other
/// people's code.
pub fn scrubbed<const DEPTH: usize, T>(body: impl FnOnce() -> T) -> T {
    let result = apart(body);
    zeroize_stack::<DEPTH>();
    result
}

/// For a whole call of the module, or a key that is taken apart: less than the smallest thread has left. Costs about half a microsecond.
/// An unoptimised build needs more, and nobody measures its speed.
pub const DEEP: usize = if cfg!(debug_assertions) { 192 << 10 } else { 32 << 10 };

/// For an algorithm alone, under a key that is ready. Costs a hundredth of a microsecond.
pub const SHALLOW: usize = if cfg!(debug_assertions) { 48 << 10 } else { 2 << 10 };

/// Its frame must lie where the erasing comes.
#[inline(never)]
fn apart<T>(body: impl FnOnce() -> T) -> T {
    body()
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Secret {}
