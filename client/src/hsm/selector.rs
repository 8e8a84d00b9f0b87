//! Which token is meant: by label, by serial number, or by a PKCS#11 URI. Never by slot number, which changes.

use crate::error::{Error, Kind, Result};
use crate::hsm::TokenIdentity;
use crate::hsm::uri::Uri;

/// What a token must match; an absent part matches anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// Label or serial number, as a person types it.
    pub name: Option<String>,
    /// Exact label.
    pub label: Option<String>,
    /// Exact serial number.
    pub serial: Option<String>,
    /// Exact manufacturer.
    pub manufacturer: Option<String>,
    /// Exact model.
    pub model: Option<String>,
}

impl Selector {
    /// Reads a label, a serial number, or a `pkcs11:` URI.
    ///
    /// # Errors
    /// Those of [`Uri::parse`].
    pub fn parse(text: &str) -> Result<Self> {
        if Uri::is_uri(text) {
            let uri = Uri::parse(text)?;
            if uri.object.is_some() || uri.id.is_some() || uri.class.is_some() {
                return Err(Error::new(Kind::Usage, "the URI names an object where a token is meant")
                    .next("name keys by --key, --mek or --dek"));
            }
            return Ok(Self::from(&uri));
        }
        Ok(Self { name: Some(text.to_owned()), ..Self::default() })
    }

    /// True when `token` is meant.
    pub fn matches(&self, token: &TokenIdentity) -> bool {
        let same = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|text| text == found);
        self.name.as_deref().is_none_or(|name| name == token.label || name == token.serial)
            && same(&self.label, &token.label)
            && same(&self.serial, &token.serial)
            && same(&self.manufacturer, &token.manufacturer)
            && same(&self.model, &token.model)
    }

    /// The parts that were given, for messages.
    pub fn describe(&self) -> String {
        let parts = [
            ("", &self.name),
            ("label ", &self.label),
            ("serial ", &self.serial),
            ("manufacturer ", &self.manufacturer),
            ("model ", &self.model),
        ];
        let given: Vec<_> =
            parts.iter().filter_map(|(noun, part)| part.as_ref().map(|text| format!("{noun}\"{text}\""))).collect();
        if given.is_empty() { "any token".to_owned() } else { given.join(", ") }
    }
}

impl From<&Uri> for Selector {
    fn from(uri: &Uri) -> Self {
        Self {
            name: None,
            label: uri.token.clone(),
            serial: uri.serial.clone(),
            manufacturer: uri.manufacturer.clone(),
            model: uri.model.clone(),
        }
    }
}
