//! Shamir's secret sharing over GF(256), reduced by x^8 + x^4 + x^3 + x^2 + 1 (0x11d): one polynomial for each byte of the secret,
//! the share of index x is the value at x, the secret the value at 0.
//!
//! The arithmetic is the crate's, imported as `sharks`; its `recover` interpolates whatever it is given. A share of index 0 would
//! *be* the secret, the same index twice cancels to a wrong one, and a threshold of 0 or 1 hands it to everybody. So nothing reaches
//! it but what [`Quorum`] has looked at.

use getrandom::{SysRng, rand_core::UnwrapErr};
use sharks::{Share as Point, Sharks};
use zeroize::{Zeroize, Zeroizing};

use crate::{Error, Result, secret::Secret};

/// Shortest and longest secret, bytes.
pub const SECRET: std::ops::RangeInclusive<usize> = 16..=64;

/// How many of how many: 2 <= threshold <= total <= 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    threshold: u8,
    total: u8,
}

/// One point of the polynomials; its index is 1..=total.
pub struct Part {
    /// The index, never 0.
    pub index: u8,
    /// As many bytes as the secret has.
    pub bytes: Secret,
}

impl Quorum {
    /// Checks both numbers.
    ///
    /// # Errors
    /// [`Error::Malformed`] unless 2 <= threshold <= total <= 255.
    pub fn new(threshold: usize, total: usize) -> Result<Self> {
        match (u8::try_from(threshold), u8::try_from(total)) {
            (Ok(threshold), Ok(total)) if 2 <= threshold && threshold <= total => Ok(Self { threshold, total }),
            _ => Err(Error::malformed(format!("{threshold} of {total} shares: it must be 2 <= threshold <= total <= 255"))),
        }
    }

    /// How many shares restore the secret.
    pub fn threshold(self) -> u8 {
        self.threshold
    }

    /// How many shares there are.
    pub fn total(self) -> u8 {
        self.total
    }

    /// Splits a secret of 16 to 64 bytes; the parts have the indices 1 to `total`, in order.
    ///
    /// # Errors
    /// [`Error::Malformed`] for another length, [`Error::NoRandomness`].
    pub fn split(self, secret: &Secret) -> Result<Vec<Part>> {
        if !SECRET.contains(&secret.len()) {
            return Err(Error::malformed(format!("a secret of {} bytes cannot be split: 16 to 64", secret.len())));
        }
        // A generator that fails later would panic inside the crate: let it fail here first.
        getrandom::fill(&mut [0; 1])?;
        // The system's generator and never the crate's own: a thread's generator repeats itself in a forked child.
        let mut random = UnwrapErr(SysRng);
        let points = Sharks(self.threshold).dealer_rng(secret.expose(), &mut random).take(self.total.into());
        Ok(points.map(|point| part(&point)).collect())
    }

    /// Combines parts; those beyond the threshold are not needed and not looked at.
    ///
    /// # Errors
    /// [`Error::Malformed`] for too few parts, an index outside 1..=total, an index twice, or parts of different lengths.
    pub fn combine(self, parts: &[&Part]) -> Result<Secret> {
        let Some(used) = parts.get(..self.threshold.into()) else {
            return Err(Error::malformed(format!("{} shares of the {} that are needed", parts.len(), self.threshold)));
        };
        let len = used[0].bytes.len();
        for (at, part) in used.iter().enumerate() {
            if part.index == 0 || part.index > self.total {
                return Err(Error::malformed(format!("a share has index {}, not 1 to {}", part.index, self.total)));
            }
            if used[..at].iter().any(|before| before.index == part.index) {
                return Err(Error::malformed(format!("share {} is there twice", part.index)));
            }
            if part.bytes.len() != len || !SECRET.contains(&len) {
                return Err(Error::malformed(format!("share {} has another length", part.index)));
            }
        }
        let points = used.iter().map(|part| point(part)).collect::<Result<Vec<_>>>()?;
        let mut secret = Sharks(self.threshold).recover(&points).map_err(Error::malformed)?;
        Ok(Secret::take(&mut secret))
    }
}

fn part(point: &Point) -> Part {
    let mut bytes = Vec::<u8>::from(point);
    let part = Part { index: bytes[0], bytes: Secret::copy(&bytes[1..]) };
    bytes.zeroize();
    part
}

fn point(part: &Part) -> Result<Point> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 + part.bytes.len()));
    bytes.push(part.index);
    bytes.extend_from_slice(part.bytes.expose());
    Point::try_from(bytes.as_slice()).map_err(Error::malformed)
}
