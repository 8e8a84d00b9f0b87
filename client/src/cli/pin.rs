//! Where a PIN or a password comes from. Never an argument: other users can read those.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use hsm_client::secret::Secret;
use hsm_client::{Error, Kind, Result};
use zeroize::Zeroizing;

/// The longest PIN read, bytes; CK_ULONG lengths above 255 are refused by every token we know.
const LONGEST: u64 = 255;

/// What is read: what messages call it, and the option that says where it is.
#[derive(Clone, Copy)]
pub(super) struct Word {
    noun: &'static str,
    option: &'static str,
}

const PIN: Word = Word { noun: "PIN", option: "--pin-source" };

/// Of a file.
pub(super) const PASSWORD: Word = Word { noun: "password", option: "--password-source" };

/// Of a file with an ML-KEM key.
pub(super) const KEM_PASSWORD: Word = Word { noun: "password of the ML-KEM key", option: "--kem-password-source" };

/// Of a key store on a server.
#[cfg(feature = "postgres")]
pub(super) const STORE_PASSWORD: Word = Word { noun: "password of the key store", option: "--store-password-source" };

/// A place to read a PIN or a password from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PinSource {
    /// The terminal.
    Prompt,
    /// A file; one line end at its end is not part of the PIN.
    File(PathBuf),
    /// An inherited file descriptor.
    Fd(u32),
    /// An environment variable.
    Env(String),
}

impl PinSource {
    /// Reads `file:PATH`, `fd:N`, `env:NAME` or `prompt`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        Self::parse_as(PIN, text)
    }

    /// The same for what is no PIN.
    pub(super) fn parse_as(Word { noun, .. }: Word, text: &str) -> Result<Self> {
        let source = match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Some(Self::File(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))),
            Some(("fd", number)) => number.parse().ok().map(Self::Fd),
            Some(("env", name)) if !name.is_empty() => Some(Self::Env(name.to_owned())),
            None if text == "prompt" => Some(Self::Prompt),
            _ => None,
        };
        // What was written may be the PIN itself: it is not repeated.
        source.ok_or_else(|| {
            Error::new(Kind::Usage, format!("the {noun} source cannot be understood"))
                .why(format!("it names where the {noun} is, never the {noun}"))
                .next("write file:PATH, fd:N, env:NAME or prompt")
        })
    }

    /// Reads the `pin-source` of a URI, where a bare absolute path is allowed too (RFC 7512 section 2.4).
    pub(super) fn parse_in_uri(text: &str) -> Result<Self> {
        if text.starts_with('/') { Ok(Self::File(PathBuf::from(text))) } else { Self::parse(text) }
    }

    /// Reads the PIN.
    pub(super) fn read(&self, prompt: &str) -> Result<Secret> {
        self.read_as(PIN, prompt)
    }

    /// Reads what is no PIN.
    pub(super) fn read_as(&self, word: Word, prompt: &str) -> Result<Secret> {
        let noun = word.noun;
        let secret = match self {
            Self::Prompt => ask(word, prompt)?,
            Self::File(path) => from_file(noun, path)?,
            Self::Fd(number) => from_stream(noun, Path::new(&format!("/dev/fd/{number}")))?,
            Self::Env(name) => std::env::var(name).map(|text| Secret::take(text.into_bytes())).map_err(|_| {
                Error::new(Kind::Pin, format!("the variable {name} holds no {noun}")).why("it is not set, or not UTF-8")
            })?,
        };
        if secret.is_empty() {
            return Err(Error::new(Kind::Pin, format!("the {noun} is empty")));
        }
        Ok(secret)
    }

    /// Reads a PIN that is about to be set: a prompt asks twice.
    pub(super) fn read_new(&self, prompt: &str) -> Result<Secret> {
        self.read_new_as(PIN, prompt)
    }

    /// The same for what is no PIN.
    pub(super) fn read_new_as(&self, word: Word, prompt: &str) -> Result<Secret> {
        let secret = self.read_as(word, prompt)?;
        if *self == Self::Prompt && self.read_as(word, "The same again: ")? != secret {
            return Err(Error::new(Kind::Pin, format!("the two {}s differ", word.noun)).why("nothing was changed"));
        }
        Ok(secret)
    }
}

fn ask(Word { noun, option }: Word, prompt: &str) -> Result<Secret> {
    rpassword::prompt_password(prompt).map(|text| Secret::take(text.into_bytes())).map_err(|error| {
        Error::new(Kind::Pin, format!("no {noun} was given"))
            .why(format!("there is no terminal to ask on ({error})"))
            .next(format!("say where it is: {option} file:PATH, fd:N or env:NAME"))
    })
}

fn from_file(noun: &str, path: &Path) -> Result<Secret> {
    let rights = std::fs::metadata(path).map(|data| (data.is_file(), data.permissions().mode())).unwrap_or_default();
    if rights.0 && rights.1 & 0o077 != 0 {
        eprintln!("warning: others can read the {noun} file {}: chmod 600 it", path.display());
    }
    from_stream(noun, path)
}

fn from_stream(noun: &str, path: &Path) -> Result<Secret> {
    let refused = |why: String| Error::new(Kind::Pin, format!("the {noun} cannot be read")).why(why);
    let failed = |error: std::io::Error| refused(format!("{}: {error}", path.display()));
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST as usize + 3));
    File::open(path).map_err(failed)?.take(LONGEST + 3).read_to_end(&mut bytes).map_err(failed)?;
    let line = bytes.strip_suffix(b"\n").map_or(&bytes[..], |rest| rest.strip_suffix(b"\r").unwrap_or(rest));
    if line.len() as u64 > LONGEST {
        return Err(refused(format!("{} holds more than {LONGEST} bytes: it is no {noun}", path.display())));
    }
    if line.contains(&b'\n') {
        let cost = if noun == PIN.noun { "; trying it would cost one of few tries" } else { "" };
        return Err(refused(format!("{} holds more than one line{cost}", path.display())));
    }
    Ok(Secret::copy(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources() {
        for (text, source) in [
            ("prompt", PinSource::Prompt),
            ("file:/run/pin", PinSource::File("/run/pin".into())),
            ("file:///run/pin", PinSource::File("/run/pin".into())),
            ("fd:3", PinSource::Fd(3)),
            ("env:HSM_PIN", PinSource::Env("HSM_PIN".into())),
        ] {
            assert_eq!(PinSource::parse(text).unwrap(), source);
        }
        for text in ["", "1234", "file:", "fd:x", "env:", "pin:1234", "|cat /pin"] {
            let error = PinSource::parse(text).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(!format!("{error} {}", error.next_step()).contains("1234"));
        }
        assert_eq!(PinSource::parse_in_uri("/run/pin").unwrap(), PinSource::File("/run/pin".into()));
        assert!(PinSource::parse_in_uri("|cat /pin").is_err());
    }

    #[test]
    fn one_line_end_is_not_part_of_the_pin() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pin");
        for (content, pin) in [("1234", "1234"), ("1234\n", "1234"), ("1234\r\n", "1234")] {
            std::fs::write(&path, content).unwrap();
            assert!(PinSource::File(path.clone()).read("").unwrap() == Secret::copy(pin.as_bytes()));
        }
        // A second line is no part of a PIN: trying it would cost one of few tries.
        for content in ["", "\n", "1 2\n\n", "1234\n5678\n", &"x".repeat(300)] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(PinSource::File(path.clone()).read("").err().unwrap().kind(), Kind::Pin);
        }
    }
}
