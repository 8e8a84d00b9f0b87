//! A key that stays out of swap and core dumps, as far as the operating system lets us.

use std::{io, ptr::NonNull};

use zeroize::Zeroize;

use crate::secret::Secret;

/// One page: no key is longer.
const PAGE: usize = 4096;

/// Secret bytes in a page of their own: locked into memory, left out of core dumps, wiped in forked children, erased when dropped.
/// Locking may be beyond the process's limit; then the key is protected like any other [`Secret`].
pub struct LockedSecret {
    page: NonNull<u8>,
    len: usize,
}

// SAFETY: the page belongs to this value alone and is only read while shared.
unsafe impl Send for LockedSecret {}
// SAFETY: as above.
unsafe impl Sync for LockedSecret {}

impl LockedSecret {
    /// Moves a secret of at most a page; `source` is erased.
    pub fn new(source: Secret) -> io::Result<Self> {
        let bytes = source.expose();
        if bytes.len() > PAGE {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // SAFETY: a fresh anonymous mapping; nothing existing is touched.
        let page = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                PAGE,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        let mapped = if page == libc::MAP_FAILED { None } else { NonNull::new(page.cast::<u8>()) };
        let Some(start) = mapped else { return Err(io::Error::last_os_error()) };
        // SAFETY: the page just mapped. Failure of any of the three leaves a page that is merely less protected.
        unsafe {
            libc::mlock(page, PAGE);
            libc::madvise(page, PAGE, libc::MADV_DONTDUMP);
            libc::madvise(page, PAGE, libc::MADV_WIPEONFORK);
        }
        // SAFETY: `bytes` is readable, fits the page, and cannot overlap a page just mapped.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), start.as_ptr(), bytes.len()) };
        Ok(Self { page: start, len: bytes.len() })
    }

    /// The bytes, for as long as the borrow lasts.
    pub fn expose(&self) -> &[u8] {
        // SAFETY: the first `len` bytes of a page that is mapped until Drop; nobody writes to them.
        unsafe { std::slice::from_raw_parts(self.page.as_ptr(), self.len) }
    }
}

impl Drop for LockedSecret {
    fn drop(&mut self) {
        // SAFETY: the page is mapped and writable, and `self` is its only holder.
        unsafe { std::slice::from_raw_parts_mut(self.page.as_ptr(), self.len) }.zeroize();
        // SAFETY: the mapping `new` made, of this length; unlocking happens with it.
        unsafe { libc::munmap(self.page.as_ptr().cast(), PAGE) };
    }
}

hsm_shares::concealed!(LockedSecret);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_secret_holds_what_it_was_given() {
        let locked = LockedSecret::new(Secret::copy(b"0123456789abcdef")).unwrap();
        assert_eq!(locked.expose(), b"0123456789abcdef");
        assert!(LockedSecret::new(Secret::copy(&[0; PAGE + 1])).is_err());
    }
}
