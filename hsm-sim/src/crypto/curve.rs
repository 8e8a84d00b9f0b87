//! Elliptic curves over prime fields, in Weierstrass form: SP 800-186, 3.2.1, SEC 2 and RFC 5639.

/// A curve of cofactor 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    P224,
    P256,
    P384,
    P521,
    Secp256k1,
    BrainpoolP256r1,
    BrainpoolP384r1,
}

/// What there is to know of a curve.
struct Facts {
    /// Of the field, and of the group's order.
    bits: usize,
    /// In DER, tag and length included.
    oid: &'static [u8],
    /// In SEC 2 or RFC 5639 first, then in X9.62 and FIPS 186.
    names: &'static [&'static str],
}

impl Curve {
    /// Every curve there is here.
    pub const ALL: [Self; 7] =
        [Self::P224, Self::P256, Self::P384, Self::P521, Self::Secp256k1, Self::BrainpoolP256r1, Self::BrainpoolP384r1];

    const fn facts(self) -> Facts {
        let (bits, oid, names): (_, &[u8], &[&str]) = match self {
            Self::P224 => (224, &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x21], &["secp224r1", "ansip224r1", "P-224"]),
            Self::P256 => {
                (256, &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], &["secp256r1", "prime256v1", "P-256"])
            }
            Self::P384 => (384, &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22], &["secp384r1", "ansip384r1", "P-384"]),
            Self::P521 => (521, &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23], &["secp521r1", "ansip521r1", "P-521"]),
            Self::Secp256k1 => (256, &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a], &["secp256k1", "ansip256k1"]),
            Self::BrainpoolP256r1 => {
                (256, &[0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07], &["brainpoolP256r1"])
            }
            Self::BrainpoolP384r1 => {
                (384, &[0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0b], &["brainpoolP384r1"])
            }
        };
        Facts { bits, oid, names }
    }

    /// Length of a coordinate, and of a scalar, in bytes.
    pub const fn field_len(self) -> usize {
        self.bits().div_ceil(8)
    }

    /// Size of the field, and of the group's order, in bits.
    pub const fn bits(self) -> usize {
        self.facts().bits
    }

    /// The curve's object identifier in DER, tag and length included (RFC 5480, 2.1.1.1; RFC 5639, 4.1).
    pub const fn oid_der(self) -> &'static [u8] {
        self.facts().oid
    }

    /// The curve's name in SEC 2 or RFC 5639.
    pub const fn name(self) -> &'static str {
        self.facts().names[0]
    }

    /// The curve of a name in SEC 2, RFC 5639, X9.62 or FIPS 186.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.facts().names.contains(&name))
    }

    /// The bits of a scalar's first byte that may be set.
    pub(super) const fn top_mask(self) -> u8 {
        0xff >> (8 * self.field_len() - self.bits())
    }

    /// The curve of an object identifier in DER, tag and length included.
    pub fn from_oid_der(oid: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.oid_der() == oid)
    }
}
