//! Ed25519 and its variants (RFC 8032, 5.1; FIPS 186-5, 7).

#[cfg(feature = "aws-lc")]
use super::aws_lc;
use super::engine::{Engine, Operation, serving};
use super::{Error, Result, portable};
use crate::rng;
use crate::secret::Secret;

/// Length of a private key in bytes.
pub(super) const SEED_LEN: usize = 32;
/// Length of a public key in bytes.
pub(super) const POINT_LEN: usize = 32;
/// Length of a signature in bytes.
pub(super) const SIGNATURE_LEN: usize = 64;

/// Which of the three schemes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdVariant<'a> {
    /// Ed25519.
    Pure,
    /// Ed25519ctx: a context of 1 to 255 bytes.
    Context(&'a [u8]),
    /// Ed25519ph: the message is hashed here, with SHA-512; a context of 0 to 255 bytes.
    Prehashed(&'a [u8]),
}

impl EdVariant<'_> {
    fn check(self) -> Result<()> {
        match self {
            Self::Context(context) if context.is_empty() || context.len() > 255 => Err(Error::InvalidParameter),
            Self::Prehashed(context) if context.len() > 255 => Err(Error::InvalidParameter),
            _ => Ok(()),
        }
    }
}

/// A point that is encoded canonically and not of small order.
pub struct EdPublicKey(portable::EdPublic);

impl EdPublicKey {
    /// Takes the 32 bytes of RFC 8032, 5.1.2.
    ///
    /// [`Error::InvalidKey`] when they are no point, not its one canonical encoding, or a point of small order, under which
    /// a signature would verify for many messages.
    pub fn new(point: &[u8]) -> Result<Self> {
        let point = point.try_into().map_err(|_| Error::InvalidKey)?;
        portable::EdPublic::new(point).map(Self)
    }

    /// The encoded point.
    pub fn bytes(&self) -> &[u8; POINT_LEN] {
        self.0.bytes()
    }

    /// Verifies strictly: no small order, no second encoding of anything.
    ///
    /// [`Error::InvalidLength`] when `signature` is not 64 bytes, [`Error::InvalidParameter`] for a context that is not
    /// allowed, [`Error::Rejected`] when the signature is wrong.
    pub fn verify(&self, variant: EdVariant<'_>, message: &[u8], signature: &[u8]) -> Result<()> {
        variant.check()?;
        let signature = signature.try_into().map_err(|_| Error::InvalidLength)?;
        self.0.verify(variant, message, signature)
    }
}

/// A seed of 32 bytes and what follows from it; erased on drop.
pub struct EdPrivateKey {
    public: EdPublicKey,
    seed: Secret,
    engine: Private,
}

enum Private {
    Portable(portable::EdPrivate),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::EdPrivate),
}

impl EdPrivateKey {
    /// Takes a seed of 32 bytes, RFC 8032's private key; else [`Error::InvalidKey`].
    pub fn new(seed: &[u8]) -> Result<Self> {
        Self::with_engine(serving(Operation::Ed25519Sign), seed)
    }

    /// The same, on the given engine.
    pub fn with_engine(engine: Engine, seed: &[u8]) -> Result<Self> {
        let seed: &[u8; SEED_LEN] = seed.try_into().map_err(|_| Error::InvalidKey)?;
        let (engine, public) = match engine {
            Engine::Portable => {
                let key = portable::EdPrivate::new(seed);
                let public = key.public();
                (Private::Portable(key), public)
            }
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => {
                let key = aws_lc::EdPrivate::new(seed);
                let public = key.public();
                (Private::AwsLc(key), public)
            }
        };
        Ok(Self { public: EdPublicKey::new(&public)?, seed: Secret::copy(seed), engine })
    }

    /// A fresh key.
    pub fn generate() -> Result<Self> {
        Self::new(rng::secret(SEED_LEN)?.expose())
    }

    /// The point that belongs to the seed.
    pub fn public(&self) -> &EdPublicKey {
        &self.public
    }

    /// The seed.
    pub fn seed(&self) -> Secret {
        Secret::copy(self.seed.expose())
    }

    /// Signs; writes 64 bytes to the start of `out` ([`Error::InvalidLength`] when it is shorter) and returns 64.
    ///
    /// [`Error::InvalidParameter`] for a context that is not allowed.
    pub fn sign(&self, variant: EdVariant<'_>, message: &[u8], out: &mut [u8]) -> Result<usize> {
        variant.check()?;
        let out = out.first_chunk_mut().ok_or(Error::InvalidLength)?;
        match &self.engine {
            Private::Portable(key) => key.sign(variant, message, out),
            #[cfg(feature = "aws-lc")]
            Private::AwsLc(key) => key.sign(variant, message, out),
        }?;
        Ok(SIGNATURE_LEN)
    }
}
