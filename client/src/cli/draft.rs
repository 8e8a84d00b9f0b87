//! A file while it is being written. It has no name until it is whole, so that a killed command leaves nothing of it.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// What is written so far, readable by its owner only; gone when dropped.
pub(super) enum Draft {
    /// Without a name (open(2), O_TMPFILE): gone with the process, however that ends.
    Unnamed(File),
    /// Named `.hsm-*`, where the system knows no unnamed files: a kill leaves it there.
    Named(NamedTempFile),
}

impl Draft {
    /// Begins a file that is to appear in `folder`.
    pub(super) fn begin(folder: &Path) -> io::Result<Self> {
        // NFS, FAT and some FUSE file systems refuse O_TMPFILE, each in its own words. If the folder itself is at fault, the
        // named file meets the same error and tells it.
        match unnamed(folder) {
            Ok(file) => Ok(Self::Unnamed(file)),
            Err(_) => Self::begin_named(folder),
        }
    }

    fn begin_named(folder: &Path) -> io::Result<Self> {
        NamedTempFile::with_prefix_in(PREFIX, folder).map(Self::Named)
    }

    /// Makes it appear at `path`, in the folder it was begun in, with its content on disk. An existing file is replaced in
    /// one step, or else an [`io::ErrorKind::AlreadyExists`].
    pub(super) fn publish(self, path: &Path, replace: bool) -> io::Result<()> {
        self.as_file().sync_all()?;
        match self {
            Self::Unnamed(file) => match link(&file, path) {
                Err(error) if replace && error.kind() == io::ErrorKind::AlreadyExists => exchange(&file, path),
                done => done,
            },
            Self::Named(file) if replace => file.persist(path).map(drop).map_err(|error| error.error),
            Self::Named(file) => file.persist_noclobber(path).map(drop).map_err(|error| error.error),
        }?;
        File::open(folder(path))?.sync_all()
    }

    fn as_file(&self) -> &File {
        match self {
            Self::Unnamed(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.as_file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.as_file().flush()
    }
}

/// The folder that `path` is in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// link(2) overwrites nothing, so a file that is there is replaced by rename(2), which needs a name first. Only here, with
/// everything written and synced, has the file a name that is not its own.
fn exchange(file: &File, path: &Path) -> io::Result<()> {
    let named = Builder::new().prefix(PREFIX).make_in(folder(path), |fresh| link(file, fresh))?;
    named.persist(path).map_err(|error| error.error)
}

#[cfg(target_os = "linux")]
fn unnamed(folder: &Path) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    let file = openat(CWD, folder, OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?;
    let file = File::from(file);
    // A jail without /proc could write it and never name it.
    std::fs::metadata(own_path(&file))?;
    Ok(file)
}

/// Gives the unnamed `file` a name; linkat(2) with AT_EMPTY_PATH would need a privilege, the way by /proc needs none.
#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    Ok(linkat(CWD, own_path(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(target_os = "linux")]
fn own_path(file: &File) -> std::path::PathBuf {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// How a file is called that has no name of its own yet.
const PREFIX: &str = ".hsm-";

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// Each way to begin a file has the same end.
    #[test]
    fn it_appears_whole_and_alone() {
        for begin in [Draft::begin, Draft::begin_named] {
            let home = tempfile::tempdir().unwrap();
            let path = home.path().join("out");
            let publish = |content: &[u8], replace| {
                let mut draft = begin(home.path()).unwrap();
                draft.write_all(content).unwrap();
                draft.publish(&path, replace)
            };
            drop(begin(home.path()).unwrap());
            assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "given up, gone");
            publish(b"first", false).unwrap();
            assert_eq!(publish(b"second", false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read(&path).unwrap(), b"first");
            publish(b"third", true).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), b"third");
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1, "nothing beside it");
        }
    }

    /// A folder that is not there is told as such, not as a system without O_TMPFILE.
    #[test]
    fn a_missing_folder_is_named_as_the_fault() {
        let home = tempfile::tempdir().unwrap();
        let begun = Draft::begin(&home.path().join("nowhere"));
        assert_eq!(begun.err().map(|error| error.kind()), Some(io::ErrorKind::NotFound));
    }
}
