//! The claims of a token, and what a receiver expects of them (RFC 7519 section 4.1).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Kind, Result};
use crate::time::Timestamp;

/// A JSON object of claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Claims(pub Map<String, Value>);

/// What must hold for a token to be accepted.
#[derive(Debug, Clone)]
pub struct Expected {
    /// `iss` must be this.
    pub issuer: Option<String>,
    /// `aud` must be or contain this. A token with an audience is refused when none is expected.
    pub audience: Option<String>,
    /// `sub` must be this.
    pub subject: Option<String>,
    /// The time it is checked for.
    pub now: Timestamp,
    /// Seconds the clocks may differ.
    pub leeway: i64,
    /// Accept a token that never expires.
    pub allow_unlimited: bool,
}

impl Default for Expected {
    fn default() -> Self {
        Self { issuer: None, audience: None, subject: None, now: Timestamp::now(), leeway: 60, allow_unlimited: false }
    }
}

impl Claims {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// [`Kind::Malformed`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes)
            .map_err(|error| Error::new(Kind::Malformed, "the claims are no JSON object").why(error.to_string()))
    }

    /// Sets a claim.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Checks times, issuer, audience and subject.
    ///
    /// # Errors
    /// [`Kind::ContextMismatch`] naming the claim that does not hold, [`Kind::Malformed`] for one of the wrong type.
    pub fn check(&self, expected: &Expected) -> Result<()> {
        let now = expected.now.0 as f64;
        let leeway = expected.leeway as f64;
        match self.time("exp")? {
            Some(end) if now >= end + leeway => return Err(refused(&format!("it expired at {}", shown(end)))),
            None if !expected.allow_unlimited => return Err(refused("it has no \"exp\": it would never expire")),
            _ => {}
        }
        for (name, what) in [("nbf", "is not valid before"), ("iat", "was issued in the future, at")] {
            if let Some(start) = self.time(name)?.filter(|start| now + leeway < *start) {
                return Err(refused(&format!("it {what} {}", shown(start))));
            }
        }
        self.same("iss", expected.issuer.as_deref())?;
        self.same("sub", expected.subject.as_deref())?;
        self.audience(expected.audience.as_deref())
    }

    fn time(&self, name: &str) -> Result<Option<f64>> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let seconds = value.as_f64().filter(|seconds| seconds.is_finite());
        seconds.map(Some).ok_or_else(|| wrong_type(name, "a number of seconds"))
    }

    fn same(&self, name: &str, expected: Option<&str>) -> Result<()> {
        let Some(expected) = expected else { return Ok(()) };
        match self.0.get(name) {
            Some(Value::String(found)) if found == expected => Ok(()),
            found => Err(refused(&format!("its \"{name}\" is {}, not \"{expected}\"", written(found)))),
        }
    }

    fn audience(&self, expected: Option<&str>) -> Result<()> {
        let found = self.0.get("aud");
        let named: Vec<&str> = match found {
            None => Vec::new(),
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) if many.iter().all(Value::is_string) => many.iter().filter_map(Value::as_str).collect(),
            Some(_) => return Err(wrong_type("aud", "a text or a list of texts")),
        };
        match expected {
            Some(us) if !named.contains(&us) => Err(refused(&format!("its \"aud\" is {}, not \"{us}\"", written(found)))),
            // RFC 7519 section 4.1.3: who does not find itself in a present audience must refuse.
            None if !named.is_empty() => {
                Err(refused(&format!("it is meant for {}", written(found))).next("say who is checking: --aud NAME"))
            }
            _ => Ok(()),
        }
    }
}

fn refused(why: &str) -> Error {
    Error::new(Kind::ContextMismatch, "the token's signature is good, but its claims do not hold").why(why)
}

fn wrong_type(name: &str, right: &str) -> Error {
    Error::new(Kind::Malformed, format!("the claim \"{name}\" is not {right}"))
}

fn written(value: Option<&Value>) -> String {
    value.map_or_else(|| "missing".to_owned(), Value::to_string)
}

fn shown(seconds: f64) -> Timestamp {
    Timestamp(seconds as i64)
}
