//! A disk that ends: limits on the size of files, and mounts of the test's own.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null;

/// From now on no file of this process may grow beyond `bytes`; none lifts the limit. A write that would is cut there, and the next one
/// kills the process by SIGXFSZ, or fails where that is ignored.
pub fn limit_files(bytes: Option<u64>) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure outlives the call.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) }, 0, "getrlimit");
    limit.rlim_cur = bytes.unwrap_or(limit.rlim_max);
    // SAFETY: as above; the hard limit stays as it was.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &limit) }, 0, "setrlimit");
}

/// Whether a write beyond the limit kills, as is usual, or fails with EFBIG.
pub fn limit_kills(kills: bool) {
    let handler = if kills { libc::SIG_DFL } else { libc::SIG_IGN };
    // SAFETY: neither is a function of ours.
    unsafe { libc::signal(libc::SIGXFSZ, handler) };
}

/// Mounts that this thread, and what it starts, have for themselves; they end with it. Refused to all but root.
pub struct Mounts(());

impl Mounts {
    pub fn own() -> io::Result<Mounts> {
        // SAFETY: no memory is involved.
        done(unsafe { libc::unshare(libc::CLONE_NEWNS) })?;
        mount("none", Path::new("/"), libc::MS_REC | libc::MS_PRIVATE, "")?;
        Ok(Mounts(()))
    }

    /// An empty file system of that many KiB, or one that is there with another size.
    pub fn small(&self, at: &Path, kib: usize, again: bool) -> io::Result<()> {
        mount("tmpfs", at, if again { libc::MS_REMOUNT } else { 0 }, &format!("size={kib}k"))
    }

    /// What is in the directory, to be read only.
    pub fn read_only(&self, at: &Path) -> io::Result<()> {
        mount(&at.to_string_lossy(), at, libc::MS_BIND, "")?;
        mount("none", at, libc::MS_BIND | libc::MS_REMOUNT | libc::MS_RDONLY, "")
    }

    /// Takes the last mount there away.
    pub fn undo(&self, at: &Path) -> io::Result<()> {
        let at = CString::new(at.as_os_str().as_bytes())?;
        // SAFETY: the path outlives the call.
        done(unsafe { libc::umount(at.as_ptr()) })
    }
}

/// Whether permissions do not bind this process.
pub fn is_root() -> bool {
    // SAFETY: no memory is involved.
    unsafe { libc::geteuid() == 0 }
}

/// This process becomes a user without any rights.
pub fn become_nobody() -> io::Result<()> {
    const NOBODY: libc::uid_t = 65534;
    // SAFETY: an empty list of groups, and numbers.
    done(unsafe { libc::setgroups(0, null()) })?;
    // SAFETY: as above.
    done(unsafe { libc::setgid(NOBODY) })?;
    // SAFETY: as above.
    done(unsafe { libc::setuid(NOBODY) })
}

fn mount(source: &str, at: &Path, flags: libc::c_ulong, options: &str) -> io::Result<()> {
    let [source, options] = [source, options].map(|text| CString::new(text).expect("no NUL"));
    let at = CString::new(at.as_os_str().as_bytes())?;
    let options = if options.is_empty() { null() } else { options.as_ptr().cast() };
    // SAFETY: all strings outlive the call; the kind of file system is one that needs no device, or not looked at.
    done(unsafe { libc::mount(source.as_ptr(), at.as_ptr(), c"tmpfs".as_ptr(), flags, options) })
}

fn done(result: libc::c_int) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
