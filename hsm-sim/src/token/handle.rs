//! Object handles.
//!
//! Bit 0 tells session objects from token objects, and bit 1 of the former those that are built in. A token object's handle is its id above 16 bits and, for private objects, the
//! login it was given out in: the standard wants handles of private objects to stay invalid after a logout (§5.6.9).

use cryptoki_sys::CK_OBJECT_HANDLE;

use crate::store::ObjectId;

const SHIFT: u32 = 16;
const LOGINS: u64 = 1 << (SHIFT - 1);

/// What a handle says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handle {
    /// `login` is 0 for public objects.
    Token {
        id: ObjectId,
        login: u64,
    },
    Session {
        number: u64,
    },
    /// What every token has: profiles, mechanisms, the clock.
    BuiltIn {
        number: u64,
    },
}

impl Handle {
    /// A login's number, folded to what fits a handle; never 0.
    pub fn fold(login: u64) -> u64 {
        1 + login % (LOGINS - 1)
    }

    /// Reads a handle.
    pub fn decode(handle: CK_OBJECT_HANDLE) -> Self {
        match (handle & 1, handle & 2) {
            // The bits between are 0 in all handles given out.
            (1, _) if handle >> 2 & (LOGINS / 2 - 1) != 0 => Self::Session { number: u64::MAX },
            (1, 0) => Self::Session { number: handle >> SHIFT },
            (1, _) => Self::BuiltIn { number: handle >> SHIFT },
            _ => Self::Token { id: handle >> SHIFT, login: handle >> 1 & (LOGINS - 1) },
        }
    }

    /// The handle an application sees.
    pub fn encode(self) -> CK_OBJECT_HANDLE {
        match self {
            Self::Token { id, login } => id << SHIFT | login << 1,
            Self::Session { number } => number << SHIFT | 1,
            Self::BuiltIn { number } => number << SHIFT | 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_read_as_they_were_written() {
        for login in [0, 1, Handle::fold(u64::MAX), Handle::fold(LOGINS - 2)] {
            let handle = Handle::Token { id: 77, login };
            assert_eq!(Handle::decode(handle.encode()), handle);
        }
        for handle in [Handle::Session { number: 3 }, Handle::BuiltIn { number: 3 }] {
            assert_eq!(Handle::decode(handle.encode()), handle);
        }
        assert_ne!(Handle::Session { number: 0 }.encode(), cryptoki_sys::CK_INVALID_HANDLE);
    }
}
