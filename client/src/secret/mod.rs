//! Bytes that must not outlive their use.
//!
//! A [`Secret`] is erased when dropped, cannot be printed and cannot be cloned by accident; comparison takes the same
//! time wherever the difference is. Erasing is best effort: the operating system may have swapped or dumped the page.

#[cfg(target_os = "linux")]
mod page;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// Owned secret bytes: erased on drop, no `Debug`, no `Clone`.
///
/// ```compile_fail,E0277
/// fn print<T: std::fmt::Debug>() {}
/// print::<hsm_client::secret::Secret>();
/// ```
///
/// ```compile_fail,E0277
/// fn copy<T: Clone>() {}
/// copy::<hsm_client::secret::Secret>();
/// ```
pub struct Secret(Kept);

/// Where the bytes are.
enum Kept {
    Heap(Zeroizing<Box<[u8]>>),
    #[cfg(target_os = "linux")]
    Page(page::Page),
}

impl Secret {
    /// Copies the bytes of `source` and erases it, spare capacity included.
    pub fn take(mut source: Vec<u8>) -> Self {
        let secret = Self::copy(&source);
        source.zeroize();
        secret
    }

    /// Copies `source`, which stays the caller's to erase.
    pub fn copy(source: &[u8]) -> Self {
        Self(Kept::Heap(Zeroizing::new(source.into())))
    }

    /// A secret of `len` bytes that `fill` writes.
    ///
    /// # Errors
    /// Those of `fill`.
    pub fn filled<E>(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = Zeroizing::new(vec![0; len].into_boxed_slice());
        fill(&mut bytes)?;
        Ok(Self(Kept::Heap(bytes)))
    }

    /// The bytes, for as long as the borrow lasts.
    pub fn expose(&self) -> &[u8] {
        match &self.0 {
            Kept::Heap(bytes) => bytes,
            #[cfg(target_os = "linux")]
            Kept::Page(page) => page.bytes(),
        }
    }

    /// The same secret in a page of memory of its own, which is not swapped out and not dumped: for one that is kept for long. On other
    /// systems than Linux, where the system allows no more locked memory (RLIMIT_MEMLOCK), and for more than 4,096 bytes, it is kept
    /// as before.
    #[must_use]
    pub fn locked(self) -> Self {
        #[cfg(target_os = "linux")]
        if let Some(page) = page::Page::of(self.expose()) {
            return Self(Kept::Page(page));
        }
        self
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.expose().len()
    }

    /// True when there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}

impl Eq for Secret {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// The kernel's word on a page: locked (`lo`), not dumped (`dd`).
    fn flags(secret: &Secret) -> String {
        let at = secret.expose().as_ptr() as usize;
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut within = false;
        for line in maps.lines() {
            if let Some((range, _)) = line.split_once(' ')
                && let Some((from, to)) = range.split_once('-')
                && let (Ok(from), Ok(to)) = (usize::from_str_radix(from, 16), usize::from_str_radix(to, 16))
            {
                within = (from..to).contains(&at);
            }
            if within && let Some(flags) = line.strip_prefix("VmFlags:") {
                return flags.to_owned();
            }
        }
        panic!("no mapping holds the secret");
    }

    #[test]
    fn a_locked_secret_is_neither_swapped_nor_dumped() {
        let secret = Secret::copy(b"a data key").locked();
        assert_eq!(secret.expose(), b"a data key");
        let flags = flags(&secret);
        let has = |flag: &str| flags.split(' ').any(|found| found == flag);
        assert!(has("lo") && has("dd"), "{flags}");
        assert_eq!(Secret::copy(&[7; 5000]).locked().expose(), [7; 5000], "too long for a page");
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let locked = |status: &str| status.lines().find(|line| line.starts_with("VmLck")).map(str::to_owned);
        let long: Vec<_> = (0..50).map(|_| Secret::copy(&[7; 5000]).locked()).collect();
        assert_eq!(locked(&std::fs::read_to_string("/proc/self/status").unwrap()), locked(&status), "{} too long", long.len());
        // One that goes leaves the others as they are.
        let many: Vec<_> = (0..20).map(|byte| Secret::copy(&[byte; 32]).locked()).collect();
        drop(secret);
        assert!(many.iter().enumerate().all(|(at, secret)| secret.expose() == [at as u8; 32]));
        assert!(many.iter().all(|secret| self::flags(secret).contains(" lo")));
    }
}
