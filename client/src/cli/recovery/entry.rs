//! Shares and other small texts as they come in: from files, standard input, or the terminal. Never from arguments.

use std::io::Read;
use std::path::Path;

use hsm_client::ceremony::shares::wire::SecretText;
use hsm_client::{Error, Kind, Result};
use zeroize::Zeroizing;

use crate::cli::files::Input;

/// A share from a file; `-` is standard input.
pub(super) fn share(path: &Path) -> Result<SecretText> {
    text(path).map(SecretText::new)
}

/// A public text: a manifest, a transcript.
pub(super) fn public(path: &Path) -> Result<String> {
    text(path).map(|mut text| std::mem::take(&mut *text))
}

/// A share typed without being shown. A line `@FILE` reads a file, for contributions that are encrypted; an empty one is nothing.
pub(super) fn hidden(prompt: &str) -> Result<Option<SecretText>> {
    let typed = ask(prompt)?;
    match (typed.trim(), typed.trim().strip_prefix('@')) {
        ("", _) => Ok(None),
        (_, Some(path)) => share(Path::new(path)).map(Some),
        _ => Ok(Some(SecretText::new(typed))),
    }
}

/// A line from the terminal, not shown.
pub(super) fn ask(prompt: &str) -> Result<Zeroizing<String>> {
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|error| {
        Error::new(Kind::Usage, "nobody can be asked")
            .why(format!("there is no terminal ({error})"))
            .next("hand shares in as files: --share FILE, or --confirm-from DIRECTORY after dealing")
    })
}

fn text(path: &Path) -> Result<Zeroizing<String>> {
    // Full-sized at once: a buffer that grows leaves pieces of a share behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MOST + 1));
    let reader = Input::open(Some(path))?.reader;
    reader.take(MOST as u64 + 1).read_to_end(&mut bytes).map_err(|error| Error::io(path.display(), &error))?;
    if bytes.len() > MOST {
        return Err(Error::new(Kind::Malformed, format!("{} is longer than {MOST} bytes", path.display())));
    }
    String::from_utf8(std::mem::take(&mut *bytes)).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        Error::new(Kind::Malformed, format!("{} is no text", path.display()))
    })
}

/// Longer than the manifest of 255 custodians.
const MOST: usize = 256 * 1024;
