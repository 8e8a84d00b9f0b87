//! What still needs a version of a data key: envelopes in files and folders, counted by their headers; or somebody's word.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use clap::Args;
use hsm_client::envelope::{Header, read_header};
use hsm_client::store::KeyRecord;
use hsm_client::{Error, Kind, Result};

#[derive(Args)]
#[group(id = "needed", required = true, multiple = true)]
pub(in crate::cli) struct Needed {
    /// File or folder with envelopes: a version that one of them names is not deleted; may be repeated
    #[arg(long, value_name = "PATH")]
    data: Vec<PathBuf>,
    /// Delete whatever needs it: the name of the data key, typed once more
    #[arg(long, value_name = "NAME")]
    force_label: Option<String>,
}

/// How many envelopes name each key.
pub(super) struct Census {
    counted: HashMap<[u8; 16], u64>,
    forced: bool,
}

impl Needed {
    /// Counts the envelopes that the arguments name.
    pub(super) fn census(&self, name: &str) -> Result<Census> {
        if let Some(typed) = self.force_label.as_deref().filter(|typed| *typed != name) {
            return Err(Error::new(Kind::Usage, format!("--force-label says \"{typed}\", the data key is \"{name}\"")));
        }
        let mut counted = HashMap::new();
        self.data.iter().try_for_each(|path| walk(path, &mut counted))?;
        Ok(Census { counted, forced: self.force_label.is_some() })
    }
}

impl Census {
    /// Envelopes under `key`; none when it is deleted by force.
    pub(super) fn needed(&self, key: &KeyRecord) -> Result<u64> {
        Ok(if self.forced { 0 } else { self.counted.get(key.key_id.as_bytes()).copied().unwrap_or(0) })
    }
}

/// Counts every envelope below `path`. What cannot be read could be one: then nothing is known.
fn walk(path: &Path, counted: &mut HashMap<[u8; 16], u64>) -> Result<()> {
    let failed = |error| Error::io(path.display(), &error);
    let kind = fs::metadata(path).map_err(failed)?;
    if kind.is_dir() {
        for entry in fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            // A link to a folder could lead round in a circle; a link that leads nowhere holds nothing.
            let link = entry.file_type().map_err(failed)?.is_symlink();
            if !link || entry.path().is_file() {
                walk(&entry.path(), counted)?;
            }
        }
    } else if kind.is_file()
        && let Some(header) = header(path)?
    {
        *counted.entry(header.key_id).or_default() += 1;
    }
    Ok(())
}

/// The header of the envelope at `path`, if it is one.
fn header(path: &Path) -> Result<Option<Header>> {
    let file = File::open(path).map_err(|error| Error::io(path.display(), &error))?;
    match read_header(file) {
        Ok(header) => Ok(Some(header)),
        Err(error) if error.kind() == Kind::Malformed => Ok(None),
        Err(error) => Err(error),
    }
}
