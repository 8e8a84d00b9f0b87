//! What still needs a version of a data key: envelopes and fields in files and folders, counted by their headers; or somebody's word.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use clap::Args;
use hsm_client::envelope::format::MAGIC;
use hsm_client::envelope::{Header, field};
use hsm_client::store::KeyRecord;
use hsm_client::{Error, Kind, Result};

#[derive(Args)]
#[group(id = "needed", required = true, multiple = true)]
pub(in crate::cli) struct Needed {
    /// File or folder with envelopes, or fields in files of their own: a version that one of them names is not deleted; may be repeated
    #[arg(long, value_name = "PATH")]
    data: Vec<PathBuf>,
    /// Delete whatever needs it: the name of the data key, typed once more
    #[arg(long, value_name = "NAME")]
    force_label: Option<String>,
}

/// What still needs each key: counted when it is first asked for, which is after the versions of the key were read, so that what is
/// encrypted meanwhile under another state of theirs is noticed.
pub(super) struct Census<'a> {
    data: &'a [PathBuf],
    forced: bool,
    counted: OnceCell<Counted>,
}

#[derive(Default)]
struct Counted {
    by_key: HashMap<[u8; 16], u64>,
    /// Folders that were walked: links may lead round in a circle.
    folders: HashSet<(u64, u64)>,
}

impl Needed {
    /// What the arguments name.
    pub(super) fn census(&self, name: &str) -> Result<Census<'_>> {
        if let Some(typed) = self.force_label.as_deref().filter(|typed| *typed != name) {
            return Err(Error::new(Kind::Usage, format!("--force-label says \"{typed}\", the data key is \"{name}\"")));
        }
        Ok(Census { data: &self.data, forced: self.force_label.is_some(), counted: OnceCell::new() })
    }
}

impl Census<'_> {
    /// Files that need `key`; none when it is deleted by force.
    pub(super) fn needed(&self, key: &KeyRecord) -> Result<u64> {
        if self.forced {
            return Ok(0);
        }
        let counted = match self.counted.get() {
            Some(counted) => counted,
            None => {
                let mut counted = Counted::default();
                self.data.iter().try_for_each(|path| counted.walk(path))?;
                self.counted.get_or_init(|| counted)
            }
        };
        Ok(counted.by_key.get(key.key_id.as_bytes()).copied().unwrap_or(0))
    }
}

impl Counted {
    /// Counts every envelope and field at and below `path`, through links. What cannot be read could be one: then nothing is known.
    fn walk(&mut self, path: &Path) -> Result<()> {
        let failed = |error| Error::io(path.display(), &error);
        let found = fs::metadata(path).map_err(failed)?;
        if found.is_file() {
            if let Some(key_id) = key_of(path)? {
                *self.by_key.entry(key_id).or_default() += 1;
            }
        } else if found.is_dir() && self.folders.insert((found.dev(), found.ino())) {
            for entry in fs::read_dir(path).map_err(failed)? {
                let entry = entry.map_err(failed)?.path();
                // A link that leads nowhere holds nothing.
                match fs::metadata(&entry) {
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    _ => self.walk(&entry)?,
                }
            }
        }
        Ok(())
    }
}

/// The data key that the envelope or the field at `path` names, if it is one. An envelope that a later version made could name any.
fn key_of(path: &Path) -> Result<Option<[u8; 16]>> {
    let failed = |error| Error::io(path.display(), &error);
    let mut start = Vec::new();
    File::open(path).and_then(|file| file.take(START).read_to_end(&mut start)).map_err(failed)?;
    if start.starts_with(&MAGIC) {
        let header = Header::parse(&start).map_err(|error| {
            Error::new(Kind::InUse, format!("{} is an envelope that cannot be read, and may need this key", path.display()))
                .why(error.to_string())
        })?;
        return Ok(Some(header.key_id));
    }
    let text = start.trim_ascii_end();
    // The first of its characters that make up whole bytes are enough to read the head of a field in text form.
    let whole = &text[..text.len() / 4 * 4];
    let decoded = std::str::from_utf8(whole).ok().and_then(|text| field::from_text(text).ok());
    Ok([Some(start.as_slice()), decoded.as_deref()].into_iter().flatten().find_map(of_field))
}

fn of_field(bytes: &[u8]) -> Option<[u8; 16]> {
    field::Header::parse(bytes).ok().map(|(header, _)| *header.key_id.as_bytes())
}

/// Bytes that are read of each file: enough for every header.
const START: u64 = 1024;
