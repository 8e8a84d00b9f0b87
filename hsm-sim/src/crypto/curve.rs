//! The NIST prime curves (SP 800-186, 3.2.1).

/// A NIST prime curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// Every curve there is here.
    pub const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    /// Length of a coordinate, and of a scalar, in bytes.
    pub const fn field_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// Size of the field, and of the group's order, in bits.
    pub const fn bits(self) -> usize {
        match self {
            Self::P256 => 256,
            Self::P384 => 384,
            Self::P521 => 521,
        }
    }

    /// The curve's object identifier in DER, tag and length included (RFC 5480, 2.1.1.1).
    pub const fn oid_der(self) -> &'static [u8] {
        match self {
            Self::P256 => &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
            Self::P384 => &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
            Self::P521 => &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23],
        }
    }

    /// The curve's name in SEC 2.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "secp256r1",
            Self::P384 => "secp384r1",
            Self::P521 => "secp521r1",
        }
    }

    /// The curve of a name in SEC 2, X9.62 or FIPS 186.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "secp256r1" | "prime256v1" | "P-256" => Some(Self::P256),
            "secp384r1" | "ansip384r1" | "P-384" => Some(Self::P384),
            "secp521r1" | "ansip521r1" | "P-521" => Some(Self::P521),
            _ => None,
        }
    }

    /// The bits of a scalar's first byte that may be set.
    pub(super) const fn top_mask(self) -> u8 {
        match self {
            Self::P256 | Self::P384 => 0xff,
            Self::P521 => 0x01,
        }
    }

    /// The curve of an object identifier in DER, tag and length included.
    pub fn from_oid_der(oid: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.oid_der() == oid)
    }
}
