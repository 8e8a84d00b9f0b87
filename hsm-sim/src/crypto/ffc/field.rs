//! Powers modulo an odd number: what the engines do for DSA and Diffie-Hellman.

use super::number;
#[cfg(feature = "aws-lc")]
use crate::crypto::aws_lc;
use crate::crypto::engine::{Engine, Operation, serving};
use crate::crypto::rsa::trimmed;
use crate::crypto::{Error, Result, portable};
use crate::secret::Secret;

/// The numbers modulo an odd number above 1, which the caller has bounded: the cost is cubic in its length.
pub struct Field {
    modulus: Box<[u8]>,
    engine: Powers,
}

enum Powers {
    Portable(portable::Powers),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::Powers),
}

impl Field {
    /// Precomputes what powers need; [`Error::InvalidKey`] for an even modulus, and for 1.
    pub fn new(modulus: &[u8]) -> Result<Self> {
        Self::with_engine(serving(Operation::Ffc), modulus)
    }

    /// The same, on the given engine.
    pub fn with_engine(engine: Engine, modulus: &[u8]) -> Result<Self> {
        let modulus = trimmed(modulus);
        if modulus.last().is_none_or(|last| last & 1 == 0) || modulus == [1] {
            return Err(Error::InvalidKey);
        }
        let engine = match engine {
            Engine::Portable => Powers::Portable(portable::Powers::new(number::odd(modulus)?)),
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => Powers::AwsLc(aws_lc::Powers::new(modulus)?),
        };
        Ok(Self { modulus: modulus.into(), engine })
    }

    /// The modulus, big-endian without leading zeros.
    pub fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// `base` to the power of `exponent`, as long as the modulus. The time it takes depends on the lengths alone: leading zeros of
    /// the exponent count.
    ///
    /// [`Error::InvalidKey`] when the base is not below the modulus.
    pub fn power(&self, base: &[u8], exponent: &[u8]) -> Result<Secret> {
        let base = trimmed(base);
        if !number::is_below(base, &self.modulus) {
            return Err(Error::InvalidKey);
        }
        Secret::filled(self.modulus.len(), |out| match &self.engine {
            Powers::Portable(powers) => powers.power(base, exponent, out),
            #[cfg(feature = "aws-lc")]
            Powers::AwsLc(powers) => powers.power(base, exponent, out),
        })
    }
}
