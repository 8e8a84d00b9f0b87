//! Times, whole seconds of UTC.

use std::fmt;

use jiff::Timestamp;

use crate::{Error, Result};

/// A moment: seconds since 1970, written as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

impl Time {
    /// Now, by the system's clock.
    pub fn now() -> Self {
        Self(Timestamp::now().as_second())
    }

    /// This many seconds later.
    #[must_use]
    pub fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add_unsigned(seconds))
    }

    /// Reads RFC 3339 in the one form written here.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(text: &str) -> Result<Self> {
        let time = text.parse::<Timestamp>().ok().map(|time| Self(time.as_second())).filter(|time| time.to_string() == text);
        time.ok_or_else(|| Error::malformed(format!("\"{}\" is no time such as 2026-11-26T13:40:07Z", text.escape_debug())))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(time) => write!(f, "{time:.0}"),
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

/// Refuses what is not a day such as 2027-11-26.
///
/// # Errors
/// [`Error::Malformed`].
pub fn check_day(text: &str) -> Result<()> {
    match text.parse::<jiff::civil::Date>() {
        Ok(day) if day.to_string() == text => Ok(()),
        _ => Err(Error::malformed(format!("\"{}\" is no day such as 2027-11-26", text.escape_debug()))),
    }
}
