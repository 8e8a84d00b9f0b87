//! Values that both processes know: each is distinctive, and kept masked wherever a search would find it.

use crate::rsa;
use hsm_tests::hex;

/// A secret that the module was given or made. Its bytes exist only while [`Known::value`] is in use.
#[derive(Clone)]
pub struct Known {
    pub name: String,
    masked: Vec<u8>,
}

impl Known {
    pub fn of(name: &str, value: &[u8]) -> Known {
        Known { name: name.to_owned(), masked: value.iter().map(|byte| byte ^ MASK).collect() }
    }

    pub fn value(&self) -> Vec<u8> {
        self.masked.iter().map(|byte| byte ^ MASK).collect()
    }

    /// As a process tells it to another.
    pub fn tell(&self) -> String {
        let masked: String = self.masked.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("known {masked} {}", self.name)
    }

    pub fn told(line: &str) -> Option<Known> {
        let (masked, name) = line.strip_prefix("known ")?.split_once(' ')?;
        Some(Known { name: name.to_owned(), masked: hex(masked) })
    }
}

/// A value that its name decides: the same in every process, and of no structure.
pub fn made(name: &str, len: usize) -> Vec<u8> {
    let mut state =
        name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// A PIN or password that its name decides, of 24 letters.
pub fn word(name: &str) -> String {
    made(name, 24).into_iter().map(|byte| char::from(b'a' + byte % 26)).collect()
}

/// The parts of the RSA key that are secret.
pub fn rsa_parts() -> [(&'static str, Vec<u8>); 6] {
    let parts = [("d", rsa::D), ("p", rsa::P), ("q", rsa::Q), ("dp", rsa::DP), ("dq", rsa::DQ), ("qinv", rsa::QINV)];
    parts.map(|(name, digits)| (name, hex(digits)))
}

const MASK: u8 = 0x95;
