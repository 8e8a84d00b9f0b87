//! The demo's directory: configurations, PINs, store, and the file to encrypt.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hsm_client::id::hex;
use hsm_client::random;
use hsm_client::secret::Secret;
use hsm_client::{Error, Kind, Result};

/// What is encrypted when there is no README to be found.
const OWN_README: &str = include_str!("../../../README.md");

/// A directory of the demo.
pub(super) struct Place {
    /// Absolute path.
    pub folder: PathBuf,
}

impl Place {
    /// Makes the directory, with everything the inner process needs.
    pub(super) fn fresh(wanted: Option<&Path>, file: Option<&Path>) -> Result<Self> {
        let content = match file {
            Some(path) => fs::read(path).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Error::new(Kind::NotFound, format!("there is no file {}", path.display())),
                _ => Error::io(path.display(), &error),
            })?,
            None => project_readme().unwrap_or_else(|| OWN_README.as_bytes().to_vec()),
        };
        let place = Self { folder: make(wanted)? };
        make_private(&place.tokens())?;
        place.write("hsm-sim.toml", format!("token_dir = {:?}\n", place.tokens()).as_bytes())?;
        let softhsm = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n",
            place.tokens().display()
        );
        place.write("softhsm2.conf", softhsm.as_bytes())?;
        for name in ["pin", "so-pin"] {
            place.write(name, hex(random::secret(8)?.expose()).as_bytes())?;
        }
        place.write("message", &content)?;
        Ok(place)
    }

    /// The directory the outer process made.
    pub(super) fn existing(folder: Option<&Path>) -> Result<Self> {
        let folder = folder.filter(|folder| folder.join("message").is_file());
        folder
            .map(|folder| Self { folder: folder.to_owned() })
            .ok_or_else(|| Error::new(Kind::Usage, "--inside is for the demo itself").next("start it as: hsm demo [FILE]"))
    }

    /// A file of the directory.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Where the module keeps its tokens.
    pub(super) fn tokens(&self) -> PathBuf {
        self.path("tokens")
    }

    /// What a fire would do: everything the module kept is gone.
    pub(super) fn lose_tokens(&self) -> Result<()> {
        let lost = fs::remove_dir_all(self.tokens());
        lost.map_err(|error| Error::io(self.tokens().display(), &error))?;
        make_private(&self.tokens())
    }

    /// One of the two PINs.
    pub(super) fn pin(&self, name: &str) -> Result<Secret> {
        fs::read(self.path(name)).map(Secret::take).map_err(|error| Error::io(self.path(name).display(), &error))
    }

    /// Writes a file only we can read; it must not exist.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        let path = self.path(name);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| file.write_all(content))
            .map_err(|error| Error::io(path.display(), &error))
    }

    /// The variables that lead both modules, and nobody's other tokens, to this directory.
    pub(super) fn environment(&self) -> [(&'static str, PathBuf); 2] {
        [("HSM_SIM_CONF", self.path("hsm-sim.toml")), ("SOFTHSM2_CONF", self.path("softhsm2.conf"))]
    }
}

fn make(wanted: Option<&Path>) -> Result<PathBuf> {
    let folder = match wanted {
        Some(path) if path.exists() => {
            return Err(Error::new(Kind::Usage, format!("{} exists already", path.display()))
                .why("the demo works in a fresh directory only")
                .next("choose another --dir, or leave it out"));
        }
        Some(path) => {
            make_private(path)?;
            path.to_owned()
        }
        None => tempfile::Builder::new()
            .prefix("hsm-demo-")
            .tempdir()
            .map_err(|error| Error::io("making the demo's directory", &error))?
            .keep(),
    };
    folder.canonicalize().map_err(|error| Error::io(folder.display(), &error))
}

fn make_private(path: &Path) -> Result<()> {
    DirBuilder::new().mode(0o700).create(path).map_err(|error| Error::io(path.display(), &error))
}

/// README.md here, or above the executable, where a build in the project's directory puts it.
fn project_readme() -> Option<Vec<u8>> {
    let executable = std::env::current_exe().ok();
    let above = executable.iter().flat_map(|path| path.ancestors().skip(1).take(4)).map(|folder| folder.join("README.md"));
    std::iter::once(PathBuf::from("README.md")).chain(above).find_map(|path| fs::read(path).ok())
}
