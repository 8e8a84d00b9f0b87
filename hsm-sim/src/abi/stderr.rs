//! Writing to standard error without harm to the host: a closed pipe there must not raise SIGPIPE, and the standard library's lock on
//! it may be held for ever in a forked child.

use std::{mem::MaybeUninit, ptr::null};

/// Writes `line` as far as it goes.
pub fn write(line: &[u8]) {
    // SAFETY: an all-zero signal set is valid memory for sigemptyset to fill.
    let (mut pipe, mut before) =
        unsafe { (MaybeUninit::<libc::sigset_t>::zeroed().assume_init(), MaybeUninit::zeroed().assume_init()) };
    // SAFETY: `pipe` and `before` are valid for writing; only this thread's mask changes, and is put back below.
    let blocked = unsafe {
        libc::sigemptyset(&mut pipe);
        libc::sigaddset(&mut pipe, libc::SIGPIPE);
        libc::pthread_sigmask(libc::SIG_BLOCK, &pipe, &mut before) == 0
    };
    if !blocked {
        return;
    }
    // SAFETY: `line` is readable for its length; a bad descriptor is an error, not undefined.
    let written = unsafe { libc::write(libc::STDERR_FILENO, line.as_ptr().cast(), line.len()) };
    if written < 0 {
        let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: takes the SIGPIPE that the write raised in this thread, if any; all pointers are valid, the middle one may be NULL.
        unsafe { libc::sigtimedwait(&pipe, null::<libc::siginfo_t>().cast_mut(), &now) };
    }
    // SAFETY: the mask that was in force before.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut()) };
}
