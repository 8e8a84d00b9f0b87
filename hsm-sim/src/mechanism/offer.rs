//! Which mechanisms the configuration lets be used, for all tokens and for each.

use std::collections::HashMap;

use cryptoki_sys::*;
use serde::Deserialize;

use super::{Row, table};
use crate::error::{Result, Rv};

/// `[mechanisms]` of the configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Offer {
    /// The configuration's `legacy`: obsolete mechanisms that some consumers still ask for.
    #[serde(skip)]
    pub legacy: bool,
    /// Names, CKM_...; when there are any, only these are offered.
    pub allow: Vec<String>,
    /// Names; these are not.
    pub deny: Vec<String>,
    /// Smallest key by mechanism name, in that mechanism's unit.
    pub min_key_size: HashMap<String, CK_ULONG>,
    /// The same by serial number of a token, for that token in addition.
    pub token: HashMap<String, Limits>,
}

/// What is denied on one token beyond what is denied on all.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    pub allow: Vec<String>,
    pub deny: Vec<String>,
    pub min_key_size: HashMap<String, CK_ULONG>,
}

impl Offer {
    /// Refuses names of mechanisms that do not exist.
    pub fn check(&self) -> Result<()> {
        let own = self.allow.iter().chain(&self.deny).chain(self.min_key_size.keys());
        let of_tokens =
            self.token.values().flat_map(|limits| limits.allow.iter().chain(&limits.deny).chain(limits.min_key_size.keys()));
        match own.chain(of_tokens).find(|name| table::rows().all(|row| row.name != **name)) {
            None => Ok(()),
            Some(name) => Rv::GeneralError.err(format!("configuration: mechanisms: there is no {name}")),
        }
    }

    /// The row of a mechanism, if it is offered on the token.
    pub fn offered(&self, serial: &str, kind: CK_MECHANISM_TYPE) -> Result<&'static Row> {
        let row = super::row(kind)?;
        match self.is_offered(serial, row) {
            true => Ok(row),
            false => Rv::MechanismInvalid.err(format!("{} is switched off by the configuration", row.name)),
        }
    }

    /// All that is offered on the token.
    pub fn rows(&self, serial: &str) -> impl Iterator<Item = &'static Row> {
        table::rows().filter(move |row| self.is_offered(serial, row))
    }

    /// The smallest key the configuration allows for a mechanism on the token, in the mechanism's unit; `None` where it does not say.
    pub fn least(&self, serial: &str, row: &Row) -> Option<CK_ULONG> {
        if self.min_key_size.is_empty() && self.token.is_empty() {
            return None;
        }
        let on_token = self.token.get(serial).and_then(|limits| limits.min_key_size.get(row.name));
        self.min_key_size.get(row.name).into_iter().chain(on_token).copied().max()
    }

    fn is_offered(&self, serial: &str, row: &Row) -> bool {
        let fits = |allow: &[String], deny: &[String]| {
            (allow.is_empty() || allow.iter().any(|name| name == row.name)) && deny.iter().all(|name| name != row.name)
        };
        let on_token = self.token.get(serial).is_none_or(|limits| fits(&limits.allow, &limits.deny));
        (self.legacy || !row.legacy) && fits(&self.allow, &self.deny) && on_token
    }
}
