//! Diffie-Hellman on Curve25519 (RFC 7748, 5 and 6.1).

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

#[cfg(feature = "aws-lc")]
use super::aws_lc;
use super::engine::{Engine, Operation, serving};
use super::{Error, Result, portable};
use crate::rng;
use crate::secret::Secret;

/// Length of a private key, a public key and a shared secret in bytes.
pub(super) const LEN: usize = 32;

/// A u-coordinate, little-endian. All of them are accepted, as the RFC demands; what is wrong with one shows when a secret is
/// to be agreed on.
pub struct XPublicKey([u8; LEN]);

impl XPublicKey {
    /// Takes 32 bytes, else [`Error::InvalidKey`].
    pub fn new(point: &[u8]) -> Result<Self> {
        point.try_into().map(Self).map_err(|_| Error::InvalidKey)
    }

    /// The coordinate.
    pub fn bytes(&self) -> &[u8; LEN] {
        &self.0
    }
}

/// 32 random bytes, of which five bits do not count; erased on drop.
pub struct XPrivateKey {
    public: XPublicKey,
    scalar: Secret,
    engine: Engine,
}

impl XPrivateKey {
    /// Takes 32 bytes, else [`Error::InvalidKey`].
    pub fn new(scalar: &[u8]) -> Result<Self> {
        Self::with_engine(serving(Operation::X25519), scalar)
    }

    /// The same, on the given engine.
    pub fn with_engine(engine: Engine, scalar: &[u8]) -> Result<Self> {
        let bytes: &[u8; LEN] = scalar.try_into().map_err(|_| Error::InvalidKey)?;
        let public = match engine {
            Engine::Portable => portable::x25519_base(bytes),
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => aws_lc::x25519_base(bytes),
        };
        Ok(Self { public: XPublicKey(public), scalar: Secret::copy(scalar), engine })
    }

    /// A fresh key.
    pub fn generate() -> Result<Self> {
        Self::new(rng::secret(LEN)?.expose())
    }

    /// The coordinate that belongs to the scalar.
    pub fn public(&self) -> &XPublicKey {
        &self.public
    }

    /// The scalar as it was given, before RFC 7748 sets and clears bits in it.
    pub fn scalar(&self) -> Secret {
        Secret::copy(self.scalar.expose())
    }

    /// The secret shared with the owner of a coordinate, 32 bytes.
    ///
    /// [`Error::InvalidKey`] when `point` has another length, or is of small order: the secret would be zero whatever our key
    /// is (RFC 7748, 6.1, last paragraph).
    pub fn agree(&self, point: &[u8]) -> Result<Secret> {
        let point: &[u8; LEN] = point.try_into().map_err(|_| Error::InvalidKey)?;
        let scalar: &[u8; LEN] = self.scalar.expose().try_into().map_err(|_| Error::Failed)?;
        let shared = Zeroizing::new(match self.engine {
            Engine::Portable => portable::x25519(scalar, point),
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => aws_lc::x25519(scalar, point),
        });
        if bool::from(shared.ct_eq(&[0; LEN])) { Err(Error::InvalidKey) } else { Ok(Secret::copy(&*shared)) }
    }
}
