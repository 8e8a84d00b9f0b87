//! Files and standard streams: input by name, output that appears whole or not at all.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use hsm_client::secret::Secret;
use hsm_client::{Error, Kind, Result};
use zeroize::Zeroizing;

use super::draft::{Draft, folder};

/// Something to read: a file, or standard input.
pub(super) struct Input {
    /// The bytes.
    pub reader: Box<dyn Read>,
    /// How many, where that is known.
    pub len: Option<u64>,
}

impl Input {
    /// Opens `path`; `-` and nothing mean standard input.
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            return Ok(Self { reader: Box::new(io::stdin().lock()), len: None });
        };
        let refused = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => Error::new(Kind::NotFound, format!("there is no file {}", path.display())),
            _ => Error::io(path.display(), &error),
        };
        let file = File::open(path).map_err(refused)?;
        let data = file.metadata().map_err(refused)?;
        if data.is_dir() {
            return Err(Error::new(Kind::Usage, format!("{} is a directory", path.display())));
        }
        let len = data.is_file().then_some(data.len());
        Ok(Self { reader: Box::new(file), len })
    }

    /// All of it as a secret, which must not exceed `limit` bytes.
    pub(super) fn read_secret(path: Option<&Path>, limit: usize) -> Result<Secret> {
        let name = path.unwrap_or(Path::new("standard input")).display();
        // As much as may come, so that no growing leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 1));
        let reader = Self::open(path)?.reader;
        reader.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| Error::io(&name, &error))?;
        if bytes.len() > limit {
            return Err(Error::new(Kind::Malformed, format!("{name} is longer than {limit} bytes")));
        }
        Ok(Secret::copy(&bytes))
    }

    /// All of it, which must not exceed `limit` bytes.
    pub(super) fn read_all(path: Option<&Path>, limit: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let input = Self::open(path)?;
        input
            .reader
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Error::io(path.unwrap_or(Path::new("standard input")).display(), &error))?;
        if bytes.len() as u64 > limit {
            return Err(Error::new(Kind::Usage, format!("the input is longer than {limit} bytes")));
        }
        Ok(bytes)
    }
}

/// Where a result goes: a file that is replaced in one step, or standard output.
pub(super) enum Output {
    /// Standard output.
    Stdout,
    /// A file that gets its name at the end.
    File {
        /// What is written now.
        draft: Draft,
        /// What it becomes.
        path: PathBuf,
        /// An existing file may be replaced.
        replace: bool,
    },
}

/// Where a command writes what it makes.
#[derive(clap::Args)]
pub(super) struct To {
    /// Where to write it; - or nothing means standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace an existing output file
    #[arg(long, short)]
    pub force: bool,
}

impl To {
    /// Begins the output, which [`Output::commit`] ends.
    pub(super) fn begin(&self) -> Result<Output> {
        Output::create(self.output.as_deref(), self.force)
    }

    /// What to call it in what is said.
    pub(super) fn name(&self) -> impl std::fmt::Display + '_ {
        self.output.as_deref().unwrap_or(Path::new("-")).display()
    }
}

impl Output {
    /// Prepares for `path`; `-` and nothing mean standard output. An existing file is kept unless `force`.
    pub(super) fn create(path: Option<&Path>, force: bool) -> Result<Self> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else { return Ok(Self::Stdout) };
        match std::fs::metadata(path) {
            // Renaming over a pipe or a device would put a plain file in its place.
            Ok(there) if !there.is_file() => {
                return Err(Error::new(Kind::Usage, format!("{} is not a regular file", path.display()))
                    .next("leave -o out for standard output"));
            }
            Ok(_) if !force => return Err(exists(path)),
            _ => {}
        }
        let draft =
            Draft::begin(folder(path)).map_err(|error| Error::io(format!("writing beside {}", path.display()), &error))?;
        Ok(Self::File { draft, path: path.to_owned(), replace: force })
    }

    /// True when bytes would land on a terminal.
    pub(super) fn is_terminal(&self) -> bool {
        matches!(self, Self::Stdout) && io::stdout().is_terminal()
    }

    /// Makes what was written appear, safely on disk, under its name.
    pub(super) fn commit(self) -> Result<()> {
        let Self::File { draft, path, replace } = self else {
            return io::stdout().flush().map_err(|error| Error::io("standard output", &error));
        };
        draft.publish(&path, replace).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(&path),
            _ => Error::io(path.display(), &error),
        })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout => io::stdout().write(bytes),
            Self::File { draft, .. } => draft.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout => io::stdout().flush(),
            Self::File { draft, .. } => draft.flush(),
        }
    }
}

fn exists(path: &Path) -> Error {
    Error::new(Kind::Usage, format!("{} exists already", path.display())).next("choose another name, or add --force")
}
