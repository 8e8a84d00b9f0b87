//! The signature block of ANSI X9.31 (ISO/IEC 9796-2): 6b, bb, ..., bb, ba, and the data, which ends in a trailer.

use crate::crypto::{Error, Result};

/// Last half byte of every block: it tells the power of a signature from its negative.
const TRAILER: u8 = 0xc;

/// Fills `encoded`. [`Error::InvalidLength`] when `data` is longer than that less 2, [`Error::InvalidParameter`] when it has no
/// trailer.
pub(super) fn encode(data: &[u8], encoded: &mut [u8]) -> Result<()> {
    let room = encoded.len().checked_sub(data.len()).filter(|room| *room >= 2).ok_or(Error::InvalidLength)?;
    if !ends_in_trailer(data) {
        return Err(Error::InvalidParameter);
    }
    let (head, tail) = encoded.split_at_mut(room);
    head.fill(0xbb);
    head[0] = 0x6b;
    head[room - 1] = 0xba;
    tail.copy_from_slice(data);
    Ok(())
}

/// Replaces a number below `n`, and as long, by its negative modulo `n`.
pub(super) fn negate(n: &[u8], number: &mut [u8]) {
    let mut borrow = false;
    for (digit, n) in number.iter_mut().zip(n).rev() {
        let (less, first) = n.overflowing_sub(*digit);
        let (less, second) = less.overflowing_sub(u8::from(borrow));
        (*digit, borrow) = (less, first || second);
    }
}

pub(super) fn ends_in_trailer(block: &[u8]) -> bool {
    block.last().is_some_and(|byte| byte & 0xf == TRAILER)
}
