//! A fork of the test, as hosts do that know nothing of PKCS#11's rules about it (v3.2 section 2.6).

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `body` in a forked child and tells how the child ended. Tests run alone in their process and on its main
/// thread, so the child has all that the parent had.
pub fn in_fork(body: impl FnOnce()) -> Result<(), String> {
    // SAFETY: the child runs `body` and leaves by _exit, without the parent's destructors.
    match unsafe { libc::fork() } {
        -1 => panic!("fork: {}", std::io::Error::last_os_error()),
        0 => {
            let code = i32::from(catch_unwind(AssertUnwindSafe(body)).is_err());
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(code) }
        }
        child => wait(child),
    }
}

fn wait(child: libc::pid_t) -> Result<(), String> {
    let mut status = 0;
    // SAFETY: the status outlives the call.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(waited, child, "waitpid");
    match status {
        0 => Ok(()),
        status if libc::WIFSIGNALED(status) => Err(format!("crashed: signal {}", libc::WTERMSIG(status))),
        status => Err(format!("failed: exit code {}", libc::WEXITSTATUS(status))),
    }
}
