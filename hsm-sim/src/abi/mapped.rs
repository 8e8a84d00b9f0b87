//! Is there memory at an address? For the one place where the standard's history lets a caller pass a length or an address.

/// True when the page of `address` is mapped: to look at it does not end the process.
pub fn is_mapped(address: usize) -> bool {
    // SAFETY: asks for a number of the system's.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let Ok(page) = usize::try_from(page) else { return false };
    let mut resident = 0_u8;
    let start = (address & !(page - 1)) as *mut libc::c_void;
    // SAFETY: reads nothing at `start`, which is the beginning of a page; one page needs one byte of answer. Unmapped is ENOMEM.
    unsafe { libc::mincore(start, page, (&raw mut resident).cast()) == 0 }
}
