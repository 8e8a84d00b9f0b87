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

/// Runs `body` and erases the stack below it: what it left there of keys that it took apart, moved or handed to other people's code.
///
/// For what is done seldom: it costs about half a microsecond. Deeper than [`SCRUBBED`] bytes nothing is erased.
pub fn scrubbed<T>(body: impl FnOnce() -> T) -> T {
    let result = apart(body);
    zeroize_stack::<SCRUBBED>();
    result
}

/// Its frame must lie where the erasing comes.
#[inline(never)]
fn apart<T>(body: impl FnOnce() -> T) -> T {
    body()
}

/// Less than the stack that the smallest thread has left, more than any key is taken apart on.
const SCRUBBED: usize = 32 << 10;

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Secret {}
