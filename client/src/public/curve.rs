//! The NIST curves, as rows of a table (FIPS 186-5, SEC 2).

use std::fmt;

/// A curve of ECDSA keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
}

/// One row: the curve, its name in JWKs (RFC 7518 section 6.2.1.1), bytes of a coordinate, its OBJECT IDENTIFIER in DER.
struct CurveRow(Curve, &'static str, usize, &'static [u8]);

const CURVES: [CurveRow; 3] = [
    CurveRow(Curve::P256, "P-256", 32, &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
    CurveRow(Curve::P384, "P-384", 48, &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22]),
    CurveRow(Curve::P521, "P-521", 66, &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23]),
];

impl Curve {
    /// The curve of this name, `P-256` and so on.
    pub fn named(name: &str) -> Option<Self> {
        CURVES.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// The curve with this OBJECT IDENTIFIER, DER, which is CKA_EC_PARAMS.
    pub fn with_params(der: &[u8]) -> Option<Self> {
        CURVES.iter().find(|row| row.3 == der).map(|row| row.0)
    }

    /// Its name: `P-256`.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Bytes of one coordinate.
    pub fn field_len(self) -> usize {
        self.row().2
    }

    /// Its OBJECT IDENTIFIER, DER: CKA_EC_PARAMS.
    pub fn params(self) -> &'static [u8] {
        self.row().3
    }

    fn row(self) -> &'static CurveRow {
        CURVES.iter().find(|row| row.0 == self).unwrap_or(&CURVES[0])
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
