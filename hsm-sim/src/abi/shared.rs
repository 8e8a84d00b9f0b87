//! A number shared by all processes that use one token.

use std::{
    fs::File,
    io,
    os::{fd::AsRawFd, unix::fs::FileExt},
    sync::atomic::{AtomicU64, Ordering},
};

/// Eight bytes of a file, mapped and accessed atomically by every process that maps them.
pub struct SharedCounter(&'static AtomicU64);

impl SharedCounter {
    /// Maps the start of `file`, which must be open for reading and writing and becomes at least eight bytes long.
    pub fn map(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() < size_of::<u64>() as u64 {
            // Written, not merely lengthened: on a full disk a hole would turn into SIGBUS when it is first touched.
            file.write_all_at(&[0; size_of::<u64>()], 0)?;
        }
        // SAFETY: a fresh shared mapping of an open file; nothing existing is touched.
        let page = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size_of::<u64>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            )
        };
        if page == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: page-aligned, eight bytes backed by the file, unmapped only by Drop, and only ever accessed as this atomic.
        Ok(Self(unsafe { &*page.cast::<AtomicU64>() }))
    }

    /// The number now.
    pub fn load(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Sets the number.
    pub fn store(&self, value: u64) {
        self.0.store(value, Ordering::SeqCst);
    }
}

impl Drop for SharedCounter {
    fn drop(&mut self) {
        let page = std::ptr::from_ref(self.0).cast_mut().cast();
        // SAFETY: the mapping `map` made; `self` was the only holder of the reference and is going.
        unsafe { libc::munmap(page, size_of::<u64>()) };
    }
}
