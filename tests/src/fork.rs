//! A fork of the test, as hosts do that know nothing of PKCS#11's rules about it (v3.2 section 2.6).

use std::panic::{AssertUnwindSafe, catch_unwind};

/// From now on this process ends by SIGALRM instead of hanging, after a minute: far beyond any step of a test. exec leaves it so, fork
/// does not.
pub fn watchdog() {
    let seconds = libc::c_uint::try_from(crate::isolate::patience().as_secs() / 5).unwrap_or(60);
    // SAFETY: no memory is involved, and nothing handles the signal.
    unsafe { libc::alarm(seconds) };
}

/// Leaves at once, as a child of a fork does: nothing registered for the end of the process is run.
pub fn exit_at_once(code: i32) -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}

/// Runs `body` in a forked child and tells how the child ended; one that hangs is ended by a [`watchdog`]. Tests run alone in their process and on its main
/// thread, so the child has all that the parent had.
pub fn in_fork(body: impl FnOnce()) -> Result<(), String> {
    Forked::start(body).wait()
}

/// A forked child that runs while its parent goes on.
pub struct Forked(libc::pid_t);

impl Forked {
    pub fn start(body: impl FnOnce()) -> Forked {
        // SAFETY: the child runs `body` and leaves by _exit, without the parent's destructors.
        match unsafe { libc::fork() } {
            -1 => panic!("fork: {}", std::io::Error::last_os_error()),
            0 => {
                watchdog();
                exit_at_once(i32::from(catch_unwind(AssertUnwindSafe(body)).is_err()))
            }
            child => Forked(child),
        }
    }

    /// How it ended.
    pub fn wait(self) -> Result<(), String> {
        wait(self.0)
    }

    /// SIGKILL, and its end.
    pub fn kill(self) -> Result<(), String> {
        // SAFETY: a child of this process that nobody has waited for, so the number is still its own.
        unsafe { libc::kill(self.0, libc::SIGKILL) };
        wait(self.0)
    }
}

fn wait(child: libc::pid_t) -> Result<(), String> {
    let mut status = 0;
    // SAFETY: the status outlives the call.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(waited, child, "waitpid");
    match status {
        0 => Ok(()),
        status if libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGALRM => Err("hung".into()),
        status if libc::WIFSIGNALED(status) => Err(format!("crashed: signal {}", libc::WTERMSIG(status))),
        status => Err(format!("failed: exit code {}", libc::WEXITSTATUS(status))),
    }
}
