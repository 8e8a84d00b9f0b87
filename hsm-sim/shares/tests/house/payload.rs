//! Shares taken apart, altered, and put together again with a checksum that holds: what somebody can do who knows the format.

use bech32::{Bech32m, Hrp, primitives::decode::CheckedHrpstring};

/// The bytes of a share's text.
pub fn decode(text: &str) -> Vec<u8> {
    CheckedHrpstring::new::<Bech32m>(text).unwrap().byte_iter().collect()
}

/// The text of bytes under a human-readable part.
pub fn encode(human: &str, bytes: &[u8]) -> String {
    bech32::encode::<Bech32m>(Hrp::parse(human).unwrap(), bytes).unwrap()
}

/// A real share with its bytes altered.
pub fn forged(text: &str, alter: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = decode(text);
    alter(&mut bytes);
    encode("hsmshare", &bytes)
}
