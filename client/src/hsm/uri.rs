//! PKCS#11 URIs, RFC 7512: which module, token and object, and where the PIN is.

use std::path::PathBuf;

use crate::error::{Error, Kind, Result};

/// The parts of a `pkcs11:` URI that we use. Parts we cannot honour are refused, not ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uri {
    /// `token`: the token's label.
    pub token: Option<String>,
    /// `serial`: the token's serial number.
    pub serial: Option<String>,
    /// `manufacturer` of the token.
    pub manufacturer: Option<String>,
    /// `model` of the token.
    pub model: Option<String>,
    /// `object`: the label of a key.
    pub object: Option<String>,
    /// `id`: CKA_ID of a key, raw bytes.
    pub id: Option<Vec<u8>>,
    /// `type`: `private`, `public`, `secret-key`, `cert` or `data`.
    pub class: Option<String>,
    /// `module-path`: an absolute path to the module.
    pub module_path: Option<PathBuf>,
    /// `pin-source`: where the PIN is, as written.
    pub pin_source: Option<String>,
}

impl Uri {
    /// True when `text` starts as a PKCS#11 URI does. Schemes are case-insensitive (RFC 3986).
    pub fn is_uri(text: &str) -> bool {
        text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("pkcs11:"))
    }

    /// Parses a PKCS#11 URI.
    ///
    /// # Errors
    /// [`Kind::Usage`] for another scheme, a bad escape, an attribute given twice or unknown, a relative
    /// `module-path`, `slot-id` (slot numbers change), and `pin-value` (a PIN must not stand in a URI).
    pub fn parse(text: &str) -> Result<Self> {
        // Before anything of the text could be repeated in a message.
        if text.contains("pin-value") {
            return Err(pin_value_refused());
        }
        if !Self::is_uri(text) {
            return Err(refused("it does not start with pkcs11:"));
        }
        let rest = &text[7..];
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut uri = Self::default();
        let mut seen = Vec::new();
        for (attribute, separated) in [(path, ';'), (query, '&')] {
            for pair in attribute.split(separated).filter(|pair| !pair.is_empty()) {
                let (name, value) = pair.split_once('=').ok_or_else(|| refused(&format!("\"{pair}\" has no value")))?;
                if seen.contains(&name) {
                    return Err(refused(&format!("\"{name}\" is given twice")));
                }
                seen.push(name);
                uri.set(name, value)?;
            }
        }
        Ok(uri)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "id" => self.id = Some(unescape(value)?),
            "module-path" => self.module_path = Some(absolute(text(value)?)?),
            "pin-value" => return Err(pin_value_refused()),
            "slot-id" | "slot-description" | "slot-manufacturer" => {
                return Err(refused(&format!("\"{name}\" names a slot, and slots change"))
                    .next("name the token: pkcs11:token=LABEL or pkcs11:serial=SERIAL"));
            }
            _ => *self.text_field(name)? = Some(text(value)?),
        }
        Ok(())
    }

    fn text_field(&mut self, name: &str) -> Result<&mut Option<String>> {
        Ok(match name {
            "token" => &mut self.token,
            "serial" => &mut self.serial,
            "manufacturer" => &mut self.manufacturer,
            "model" => &mut self.model,
            "object" => &mut self.object,
            "type" => &mut self.class,
            "pin-source" => &mut self.pin_source,
            // RFC 7512 section 2.3 lets an unknown attribute be ignored; ignoring a restriction picks the wrong key.
            other => return Err(refused(&format!("we cannot honour the attribute \"{other}\""))),
        })
    }
}

fn text(value: &str) -> Result<String> {
    String::from_utf8(unescape(value)?).map_err(|_| refused("a value is not UTF-8"))
}

fn absolute(path: String) -> Result<PathBuf> {
    let path = PathBuf::from(path);
    if path.is_absolute() { Ok(path) } else { Err(refused("module-path must be absolute")) }
}

fn unescape(value: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let digits = tail.get(..2).ok_or_else(|| refused("an escape is cut off"))?;
            let byte = base16ct::mixed::decode_vec(digits).map_err(|_| refused("an escape is not hexadecimal"))?;
            bytes.extend(byte);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    Ok(bytes)
}

fn refused(why: &str) -> Error {
    Error::new(Kind::Usage, "this PKCS#11 URI cannot be used").why(why)
}

fn pin_value_refused() -> Error {
    refused("it holds a PIN (pin-value), which other users of this machine can read in the process list")
        .next("put the PIN in a file only you can read and write pin-source=file:/path/to/it; change a PIN so shown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts() {
        let uri = Uri::parse(
            "pkcs11:token=My%20token;serial=0a1b;id=%01%ff;object=jwt;type=private?pin-source=file:/run/pin&module-path=/usr/lib/m.so",
        )
        .unwrap();
        assert_eq!(uri.token.as_deref(), Some("My token"));
        assert_eq!(uri.serial.as_deref(), Some("0a1b"));
        assert_eq!(uri.id.as_deref(), Some(&[1, 0xff][..]));
        assert_eq!(uri.pin_source.as_deref(), Some("file:/run/pin"));
        assert_eq!(uri.module_path.as_deref(), Some(std::path::Path::new("/usr/lib/m.so")));
        assert_eq!(Uri::parse("PKCS11:").unwrap(), Uri::default());
    }

    #[test]
    fn refusals_name_the_culprit() {
        for (text, culprit) in [
            ("http:token=a", "pkcs11:"),
            ("pkcs11:token=a;token=b", "twice"),
            ("pkcs11:token=%4", "cut off"),
            ("pkcs11:token=%zz", "hexadecimal"),
            ("pkcs11:token=%ff", "UTF-8"),
            ("pkcs11:slot-id=3", "slot"),
            ("pkcs11:colour=red", "colour"),
            ("pkcs11:token", "no value"),
            ("pkcs11:?module-path=lib.so", "absolute"),
            ("pkcs11:token=a?pin-value=1234", "pin-value"),
        ] {
            let error = Uri::parse(text).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(error.to_string().contains(culprit), "{text}: {error}");
            assert!(!error.to_string().contains("1234"));
        }
    }
}
