//! Points in time, in whole seconds since 1970 (UTC).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};

/// Seconds since 1970-01-01T00:00:00Z. Shown as RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Now, by the machine's clock.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_second())
    }

    /// This point plus `seconds`, held at the ends of the range.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(instant) => write!(f, "{instant}"),
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

/// Seconds in a duration such as `90s`, `15m`, `1h`, `30d`; a bare number is seconds.
///
/// # Errors
/// [`Kind::Usage`] for anything else.
pub fn parse_duration(text: &str) -> Result<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => 0,
    };
    number
        .parse::<i64>()
        .ok()
        .filter(|_| factor > 0)
        .and_then(|n| n.checked_mul(factor))
        .ok_or_else(|| Error::new(Kind::Usage, format!("\"{text}\" is not a duration")).next("write it as 90s, 15m, 1h or 30d"))
}

/// A moment: `2030-01-31T12:00:00Z` (RFC 3339), or a duration from now.
///
/// # Errors
/// [`Kind::Usage`] for anything else.
pub fn parse_time(text: &str) -> Result<Timestamp> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp(moment.as_second()));
    }
    let seconds = parse_duration(text).map_err(|_| {
        Error::new(Kind::Usage, format!("\"{text}\" is no time"))
            .next("write it as 2030-01-31T12:00:00Z, or 2h for two hours from now")
    })?;
    Ok(Timestamp::now().plus(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("15m", 900), ("1h", 3600), ("30d", 2_592_000)] {
            assert_eq!(parse_duration(text).unwrap(), seconds, "{text}");
        }
        for text in ["", "h", "-1", "1w", "1 h", "99999999999999999999", "9223372036854775807d"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn moments() {
        assert_eq!(parse_time("1970-01-01T00:01:00Z").unwrap(), Timestamp(60));
        assert_eq!(parse_time("1970-01-01T01:00:00+01:00").unwrap(), Timestamp(0));
        assert!(parse_time("1h").unwrap() > Timestamp::now().plus(3000));
        assert_eq!(parse_time("tomorrow").unwrap_err().kind(), Kind::Usage);
    }

    #[test]
    fn shown_as_rfc_3339() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00Z");
    }
}
