//! Text formats: lines of `name: value`, one way to write each, so that what was signed can be printed and typed in again.

use crate::{Error, Result};

/// Longest name of a custodian, an approver or a token, bytes.
pub const MOST_NAME: usize = 64;

/// Writes lines.
#[derive(Default)]
pub struct Writer(String);

impl Writer {
    /// A text that begins with `title`.
    pub fn new(title: &str) -> Self {
        Self(format!("{title}\n"))
    }

    /// Adds a line.
    pub fn line(&mut self, name: &str, value: impl std::fmt::Display) {
        self.0.push_str(&format!("{name}: {value}\n"));
    }

    /// What was written so far.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    pub fn finish(self) -> String {
        self.0
    }
}

/// Reads lines in the order they were written.
pub struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    /// Begins a text, which must have this title.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is another text.
    pub fn new(text: &'t str, title: &str) -> Result<Self> {
        match text.split_once('\n') {
            Some((found, _)) if found == title => Ok(Self { text, at: title.len() + 1 }),
            _ => Err(Error::malformed(format!("the text does not begin with the line \"{title}\""))),
        }
    }

    /// The value of the next line if that is a line of this name.
    pub fn optional(&mut self, name: &str) -> Option<&'t str> {
        let (line, _) = self.text[self.at..].split_once('\n')?;
        let value = line.strip_prefix(name)?.strip_prefix(": ")?;
        self.at += line.len() + 1;
        Some(value)
    }

    /// The value of the next line, which must have this name.
    ///
    /// # Errors
    /// [`Error::Malformed`], quoting the line that is there instead.
    pub fn line(&mut self, name: &str) -> Result<&'t str> {
        self.optional(name).ok_or_else(|| {
            let found = self.text[self.at..].lines().next().unwrap_or("the end");
            Error::malformed(format!("line \"{name}\" was expected where \"{}\" is", found.escape_debug()))
        })
    }

    /// The values of all next lines of this name.
    pub fn lines(&mut self, name: &str) -> Vec<&'t str> {
        std::iter::from_fn(|| self.optional(name)).collect()
    }

    /// What was read so far.
    pub fn before(&self) -> &'t str {
        &self.text[..self.at]
    }

    /// Ends the text.
    ///
    /// # Errors
    /// [`Error::Malformed`] when something follows.
    pub fn end(self) -> Result<()> {
        match &self.text[self.at..] {
            "" => Ok(()),
            rest => Err(Error::malformed(format!("\"{}\" follows the end", rest.lines().next().unwrap_or("").escape_debug()))),
        }
    }
}

/// Refuses what cannot stand in a line, or would not look like what it is: a name has 1 to 64 bytes, no control characters, none that
/// are not seen or turn the direction of writing, and no blanks at its ends.
///
/// # Errors
/// [`Error::Malformed`], naming it.
pub fn check_name(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > MOST_NAME || name.trim() != name || name.chars().any(is_hidden) {
        return Err(Error::malformed(format!(
            "{} cannot be a name: 1 to {MOST_NAME} bytes, no control or hidden characters, no blanks at its ends",
            quoted(name)
        )));
    }
    Ok(())
}

/// A name as an error quotes it. What is too long for one is not repeated: it may be a share that was given in a name's place.
pub fn quoted(name: &str) -> String {
    if name.len() <= MOST_NAME { format!("\"{}\"", name.escape_debug()) } else { format!("a text of {} bytes", name.len()) }
}

/// The joiners U+200C and U+200D are letters' business in several scripts, and stay.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

/// Lower-case hexadecimal, and `-` for nothing: a blank at the end of a line does not survive being printed and typed in again.
pub fn hex_or_dash(bytes: &[u8]) -> String {
    if bytes.is_empty() { "-".into() } else { hex(bytes) }
}

/// Reads what [`hex_or_dash`] writes.
///
/// # Errors
/// [`Error::Malformed`], saying what it should have been.
pub fn unhex_or_dash(digits: &str, what: &str) -> Result<Vec<u8>> {
    match digits {
        "-" => Ok(vec![]),
        "" => Err(Error::malformed(format!("{what} is empty, not \"-\""))),
        _ => unhex(digits, what),
    }
}

/// Reads lower-case hexadecimal of any length.
///
/// # Errors
/// [`Error::Malformed`], saying what it should have been.
pub fn unhex(digits: &str, what: &str) -> Result<Vec<u8>> {
    base16ct::lower::decode_vec(digits).map_err(|_| Error::malformed(format!("{what} is not lower-case hexadecimal")))
}

/// Reads lower-case hexadecimal of `N` bytes.
///
/// # Errors
/// [`Error::Malformed`], saying what it should have been.
pub fn unhex_array<const N: usize>(digits: &str, what: &str) -> Result<[u8; N]> {
    let bytes = unhex(digits, what)?;
    bytes.try_into().map_err(|_| Error::malformed(format!("{what} does not have {N} bytes")))
}

/// Reads a number in its one decimal form.
///
/// # Errors
/// [`Error::Malformed`], saying what it should have been.
pub fn number<T: std::str::FromStr + std::fmt::Display>(digits: &str, what: &str) -> Result<T> {
    let number = digits.parse::<T>().ok().filter(|number| number.to_string() == digits);
    number.ok_or_else(|| Error::malformed(format!("{what} is no number, or too large")))
}
