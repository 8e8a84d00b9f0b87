//! Has this process been forked since? A child must not use what its parent initialised (PKCS#11 v3.2 §5.6.1).

use std::sync::atomic::{AtomicU32, Ordering};

/// A mark that reads as set in the process that made it and as cleared in its children.
///
/// The mark is a page the kernel wipes in a child (`MADV_WIPEONFORK`), so looking costs a load and not a system call.
/// Where the kernel cannot do that, the process id is compared.
pub struct Mark {
    page: Option<&'static AtomicU32>,
    pid: u32,
}

impl Mark {
    /// A mark of this process. The page is never unmapped: marks live as long as the process.
    pub fn of_this_process() -> Self {
        let page = wiped_page();
        if let Some(page) = page {
            page.store(1, Ordering::Relaxed);
        }
        Self { page, pid: std::process::id() }
    }

    /// True in the process that made the mark.
    pub fn is_ours(&self) -> bool {
        match self.page {
            Some(page) => page.load(Ordering::Relaxed) == 1,
            None => self.pid == std::process::id(),
        }
    }
}

fn wiped_page() -> Option<&'static AtomicU32> {
    const LEN: usize = 4096;
    // SAFETY: a fresh anonymous mapping; nothing existing is touched.
    let page = unsafe {
        libc::mmap(std::ptr::null_mut(), LEN, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
    };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: `page` is the mapping just made, of this length.
    if unsafe { libc::madvise(page, LEN, libc::MADV_WIPEONFORK) } != 0 {
        // SAFETY: as above; nobody holds a reference yet.
        unsafe { libc::munmap(page, LEN) };
        return None;
    }
    // SAFETY: page-aligned, zeroed, never unmapped from here on, and only ever accessed as this atomic.
    Some(unsafe { &*page.cast::<AtomicU32>() })
}
