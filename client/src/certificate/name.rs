//! Names in certificates as people type them: the subject (RFC 4514), and what a server is called (RFC 5280 section 4.2.1.6).

use std::net::IpAddr;
use std::str::FromStr;

use x509_cert::der::asn1::Ia5String;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

use crate::error::{Error, Kind, Result};

/// A distinguished name that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(pub(crate) Name);

impl FromStr for Subject {
    type Err = Error;

    /// Reads `CN=Alice,O=Example`, the most specific part first.
    fn from_str(text: &str) -> Result<Self> {
        let refused = |why: String| {
            Error::new(Kind::Usage, format!("\"{text}\" is no subject"))
                .why(why)
                .next("write it as CN=NAME,O=ORGANISATION,C=COUNTRY, with \\, for a comma inside a part")
        };
        // The parser takes a blank for a part of the attribute's name.
        let parts = separate(text).ok_or_else(|| refused("it ends with a backslash".to_owned()))?;
        let parts: Vec<_> = parts.into_iter().map(str::trim_start).collect();
        if let Some(part) = parts.iter().find(|part| part.split_once('=').is_none_or(|(_, value)| value.trim().is_empty())) {
            return Err(refused(format!("its part \"{part}\" has no value")));
        }
        let name = Name::from_str(&parts.join(",")).map_err(|error| refused(error.to_string()))?;
        if name.is_empty() { Err(refused("it is empty".to_owned())) } else { Ok(Self(name)) }
    }
}

/// Splits at commas that no backslash precedes; none if one precedes nothing.
fn separate(text: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (!escaped).then_some(parts)
}

/// Another name of the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AltName(pub(crate) GeneralName);

impl AltName {
    /// A host, such as `www.example.org` or `*.example.org`.
    ///
    /// # Errors
    /// [`Kind::Usage`] for what is no host name (RFC 1123 section 2.1); names in other alphabets are written as `xn--...`.
    pub fn dns(host: &str) -> Result<Self> {
        let rest = host.strip_prefix("*.").unwrap_or(host);
        let legal = |label: &str| {
            (1..=63).contains(&label.len())
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        match Ia5String::new(host) {
            Ok(name) if host.len() <= 253 && rest.split('.').all(legal) => Ok(Self(GeneralName::DnsName(name))),
            _ => Err(Error::new(Kind::Usage, format!("\"{host}\" is no host name")).next("write it as www.example.org")),
        }
    }

    /// An address.
    pub fn ip(address: IpAddr) -> Self {
        Self(GeneralName::from(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects() {
        for (text, shown) in [
            ("CN=Alice", "CN=Alice"),
            ("CN=Alice,O=Example,C=CH", "CN=Alice,O=Example,C=CH"),
            ("CN=Alice, O=Example", "CN=Alice,O=Example"),
            (r"CN=Smith\, Alice,O=Example", r"CN=Smith\, Alice,O=Example"),
            ("CN=Zürich", "CN=Zürich"),
        ] {
            assert_eq!(text.parse::<Subject>().unwrap().0.to_string(), shown);
        }
        for text in ["", "Alice", "CN", "CN=", "CN=a,", ",CN=a", "=a", "XX=a", "CN=a,,O=b", r"CN=a\", "CN=a,O= ", "1.2.=a"] {
            let error = text.parse::<Subject>().unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{text}");
        }
    }

    #[test]
    fn hosts() {
        for host in ["a", "www.example.org", "*.example.org", "xn--zrich-kva.ch", "1.example"] {
            AltName::dns(host).unwrap();
        }
        for host in ["", ".", "a..b", "-a", "a-", "a b", "www.*.org", "zürich.ch", &"a".repeat(64), "a_b", "*."] {
            assert_eq!(AltName::dns(host).unwrap_err().kind(), Kind::Usage, "{host}");
        }
    }
}
