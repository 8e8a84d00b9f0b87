//! What a user may do with the token's keys.

use serde::{Deserialize, Serialize};

use crate::error::{Result, Rv};

/// A set of rights. As numbers (also those of the vendor interface): 1 create, 2 use, 4 rotate, 8 destroy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Rights(u8);

impl Rights {
    /// Makes token objects.
    pub const CREATE: Self = Self(1);
    /// Works with private keys.
    pub const USE: Self = Self(2);
    /// Changes attributes of token objects, and makes successors of keys: of the same class, type and label.
    pub const ROTATE: Self = Self(4);
    /// Destroys token objects.
    pub const DESTROY: Self = Self(8);
    /// Nobody's.
    pub const NONE: Self = Self(0);
    /// The standard user's.
    pub const ALL: Self = Self(15);

    const NAMES: [(Self, &'static str); 4] =
        [(Self::CREATE, "create"), (Self::USE, "use"), (Self::ROTATE, "rotate"), (Self::DESTROY, "destroy")];

    /// The rights of these bits; CKR_ARGUMENTS_BAD for others.
    pub fn of(bits: u64) -> Result<Self> {
        match u8::try_from(bits) {
            Ok(bits) if bits <= Self::ALL.0 => Ok(Self(bits)),
            _ => Rv::ArgumentsBad.err(format!("rights {bits:#x}: there are create (1), use (2), rotate (4) and destroy (8)")),
        }
    }

    /// True when all of `other` is among them.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Their names.
    pub fn names(self) -> Vec<&'static str> {
        Self::NAMES.iter().filter(|(right, _)| self.contains(*right)).map(|(_, name)| *name).collect()
    }
}

impl TryFrom<u64> for Rights {
    type Error = String;

    fn try_from(bits: u64) -> std::result::Result<Self, String> {
        Self::of(bits).map_err(|error| error.why.into_owned())
    }
}

impl From<Rights> for u64 {
    fn from(rights: Rights) -> Self {
        rights.0.into()
    }
}
