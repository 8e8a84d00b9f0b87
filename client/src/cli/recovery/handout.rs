//! Handing new shares out: on sheets, or on the screen to one custodian at a time.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use clap::Args;
use hsm_client::ceremony::shares::share;
use hsm_client::ceremony::shares::wire::{Dealt, Handed};
use hsm_client::ceremony::sheet::{Sheet, html, pdf};
use hsm_client::{Error, Kind, Result};
use zeroize::Zeroizing;

use super::entry;
use crate::cli::connect::Global;
use crate::cli::files::Output;

/// The options of handing out.
#[derive(Args)]
pub(super) struct HandoutArgs {
    /// Write a sheet (HTML, PDF) and a text for each custodian into this directory; without it, shares are shown on the terminal
    #[arg(long, value_name = "DIRECTORY")]
    sheets: Option<PathBuf>,
    /// Take the shares back from the texts in this directory, named as --sheets names them, waiting until they are there
    #[arg(long, value_name = "DIRECTORY")]
    pub confirm_from: Option<PathBuf>,
    /// Where to write the manifest [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Where shares and manifest will go, found to be writable before anything begins.
pub(super) struct Handout {
    folder: Option<PathBuf>,
    force: bool,
    /// The manifest's.
    pub manifest: Option<Output>,
}

impl HandoutArgs {
    /// Looks whether the shares can be handed out and taken back at all.
    pub(super) fn prepare(&self, global: &Global, force: bool) -> Result<Handout> {
        let terminal = File::open(TERMINAL).is_ok();
        if self.sheets.is_none() && (global.json || !terminal) {
            return Err(Error::new(Kind::Usage, "there is no place for the shares")
                .why("they are shown on a terminal only, one custodian at a time")
                .next("write them: --sheets DIRECTORY"));
        }
        if self.confirm_from.is_none() && !terminal {
            return Err(Error::new(Kind::Usage, "the shares cannot be taken back")
                .why("every custodian confirms by entering theirs, and there is no terminal")
                .next("take them from files: --confirm-from DIRECTORY"));
        }
        if let Some(folder) = &self.sheets {
            private(folder)?;
            if !force && std::fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some()) {
                return Err(Error::new(Kind::Usage, format!("{} is not empty", folder.display()))
                    .why("the sheets of two ceremonies would lie beside each other")
                    .next("name another directory, or add --force"));
            }
        }
        let manifest = self.output.as_deref().map(|path| Output::create(Some(path), force)).transpose()?;
        Ok(Handout { folder: self.sheets.clone(), force, manifest })
    }
}

impl Handout {
    /// Hands the shares out; the files that were written.
    pub(super) fn hand_out(&self, dealt: &Dealt, ceremony: &str) -> Result<Vec<PathBuf>> {
        match &self.folder {
            Some(folder) => {
                let files = dealt.shares.iter().map(|handed| self.write(folder, dealt, handed, ceremony));
                Ok(files.collect::<Result<Vec<_>>>()?.concat())
            }
            None => dealt.shares.iter().try_for_each(|handed| show(handed, dealt.shares.len())).map(|()| Vec::new()),
        }
    }

    fn write(&self, folder: &Path, dealt: &Dealt, handed: &Handed, ceremony: &str) -> Result<Vec<PathBuf>> {
        let sheet = Sheet::new(&dealt.manifest, handed, ceremony)?;
        let (page, document) = (html::page(&sheet), pdf::document(&sheet));
        let text = if handed.encrypted { "age" } else { "txt" };
        let share = handed.share.expose();
        [("html", page.as_bytes()), ("pdf", &document), (text, share.as_bytes())]
            .into_iter()
            .map(|(ending, content)| {
                let path = folder.join(file_name(handed.index, &handed.custodian, ending));
                let mut file = Output::create(Some(&path), self.force)?;
                file.write_all(content).map_err(|error| Error::io(path.display(), &error))?;
                file.commit()?;
                Ok(path)
            })
            .collect()
    }
}

/// The file of a custodian's share: `2-bob.txt`. What is no letter or digit in their name becomes a dash.
pub(super) fn file_name(index: u8, custodian: &str, ending: &str) -> String {
    format!("{index}-{}", plain_name(custodian, ending))
}

/// A file of somebody's name, for names that are told apart by nothing else.
pub(super) fn plain_name(name: &str, ending: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    format!("{name}.{ending}")
}

/// Makes a directory for nobody else; one that is there must be private.
fn private(folder: &Path) -> Result<()> {
    if let Ok(there) = std::fs::metadata(folder) {
        return if there.is_dir() && there.mode() & 0o077 == 0 {
            Ok(())
        } else {
            Err(Error::new(Kind::Usage, format!("{} is no private directory", folder.display()))
                .why("shares are written there, and others could read them")
                .next(format!("chmod 700 {}, or name another", folder.display())))
        };
    }
    DirBuilder::new().mode(0o700).create(folder).map_err(|error| Error::io(folder.display(), &error))
}

/// Shows a share on the terminal, and only there, until its custodian has it.
fn show(handed: &Handed, total: usize) -> Result<()> {
    let refused = |error: std::io::Error| Error::io(TERMINAL, &error);
    entry::ask(&format!("{}: come to the screen, alone. Enter shows share {} of {total}. ", handed.custodian, handed.index))?;
    let mut terminal = OpenOptions::new().write(true).open(TERMINAL).map_err(refused)?;
    let share =
        if handed.encrypted { Zeroizing::new(handed.share.expose().to_owned()) } else { share::grouped(handed.share.expose()) };
    terminal.write_all(CLEAR).map_err(refused)?;
    writeln!(terminal, "Share of {}\n", handed.custodian).map_err(refused)?;
    terminal.write_all(share.as_bytes()).map_err(refused)?;
    let seen = entry::ask("\n\nWrite it down. Enter clears the screen. ");
    terminal.write_all(CLEAR).map_err(refused)?;
    seen.map(drop)
}

const TERMINAL: &str = "/dev/tty";
/// Screen, scroll-back, home (ECMA-48 ED 2, ED 3, CUP).
const CLEAR: &[u8] = b"\x1b[2J\x1b[3J\x1b[H";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_leave_the_directory() {
        assert_eq!(file_name(3, "../../etc/passwd", "txt"), "3-------etc-passwd.txt");
        assert_eq!(file_name(1, "Zoë", "pdf"), "1-Zoë.pdf");
    }

    #[test]
    fn a_directory_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let fresh = folder.path().join("fresh");
        private(&fresh).unwrap();
        assert_eq!(std::fs::metadata(&fresh).unwrap().mode() & 0o777, 0o700);
        std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(0o750)).unwrap();
        assert_eq!(private(&fresh).unwrap_err().kind(), Kind::Usage);
    }
}
