//! The shapes attribute values come in.

use cryptoki_sys::*;

use super::attributes::ulong;

/// What a value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// CK_BBOOL: one byte, 0 or 1.
    Bool,
    /// CK_ULONG.
    Ulong,
    /// CK_TRUST: CKT_TRUST_UNKNOWN to CKT_TRUST_MUST_VERIFY_TRUST.
    Trust,
    /// Any bytes.
    Bytes,
    /// An unsigned big-endian integer, at least one byte.
    Integer,
    /// CK_DATE as eight digits, or empty.
    Date,
    /// An array of CK_MECHANISM_TYPE.
    Mechanisms,
    /// A nested template; the boundary has checked it.
    Template,
}

impl Shape {
    /// True when `value` has this shape.
    pub fn fits(self, value: &[u8]) -> bool {
        match self {
            Shape::Bool => matches!(value, [CK_FALSE] | [CK_TRUE]),
            Shape::Ulong => ulong(value).is_some(),
            Shape::Trust => ulong(value).is_some_and(|trust| trust <= CKT_TRUST_MUST_VERIFY_TRUST.into()),
            Shape::Bytes | Shape::Template => true,
            Shape::Integer => !value.is_empty(),
            Shape::Date => value.is_empty() || is_date(value),
            Shape::Mechanisms => value.len().is_multiple_of(size_of::<CK_MECHANISM_TYPE>()),
        }
    }
}

/// YYYYMMDD with a month and a day that can be.
fn is_date(value: &[u8]) -> bool {
    let number = |digits: &[u8]| digits.iter().fold(0u32, |n, d| n * 10 + u32::from(d - b'0'));
    value.len() == 8
        && value.iter().all(u8::is_ascii_digit)
        && (1..=12).contains(&number(&value[4..6]))
        && (1..=31).contains(&number(&value[6..]))
}
