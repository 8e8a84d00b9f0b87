//! Reading an address that may be none, for the one place where the standard's history lets a caller pass a length or an address.

use cryptoki_sys::CK_ULONG;

const WORD: usize = size_of::<CK_ULONG>();

/// The word at `address`, if this process can read there. The kernel is asked to copy it, through a pipe: what is not readable is its
/// EFAULT and not our end.
pub fn word_at(address: usize) -> Option<CK_ULONG> {
    let mut ends = [-1; 2];
    // SAFETY: room for two descriptors.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        return None;
    }
    // SAFETY: the system call checks the address itself; a pipe has room for a word, and its other end is open.
    let written = unsafe { libc::syscall(libc::SYS_write, ends[1], address, WORD) };
    let mut word = [0; WORD];
    // SAFETY: `word` is writable for its length; there is something to read.
    let read = if written == WORD as i64 { unsafe { libc::read(ends[0], word.as_mut_ptr().cast(), WORD) } } else { 0 };
    for end in ends {
        // SAFETY: a descriptor of this function alone.
        unsafe { libc::close(end) };
    }
    (read == WORD as isize).then(|| CK_ULONG::from_ne_bytes(word))
}
