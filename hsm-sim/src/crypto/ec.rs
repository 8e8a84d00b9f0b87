//! ECDSA and ECDH on curves over prime fields (FIPS 186-5, 6; SP 800-56A, 5.7.1.2).

#[cfg(feature = "aws-lc")]
use super::aws_lc;
use super::engine::{Engine, Operation, serving};
use super::{Curve, Error, Result, portable};
use crate::rng;
use crate::secret::Secret;

/// A point that is on its curve and is not the point at infinity.
pub struct EcPublicKey {
    curve: Curve,
    point: Box<[u8]>,
    engine: Public,
}

enum Public {
    Portable(Box<portable::EcPublic>),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::EcPublic),
}

impl EcPublicKey {
    /// Decodes a point of SEC 1, 2.3.4, compressed or uncompressed; [`Error::InvalidKey`] for anything else.
    pub fn new(curve: Curve, point: &[u8]) -> Result<Self> {
        Self::with_engine(serving(Operation::Ec(curve)), curve, point)
    }

    /// The same, on the given engine; [`Error::Unsupported`] when it has not the curve.
    pub fn with_engine(engine: Engine, curve: Curve, point: &[u8]) -> Result<Self> {
        check_form(curve, point)?;
        let engine = match engine {
            Engine::Portable => Public::Portable(Box::new(portable::EcPublic::new(curve, point)?)),
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => Public::AwsLc(aws_lc::EcPublic::new(curve, point)?),
        };
        Self::from_engine(curve, engine)
    }

    /// The point, uncompressed: 4, x, y.
    pub fn point(&self) -> &[u8] {
        &self.point
    }

    /// The curve.
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// Verifies r and s, each [`Curve::field_len`] bytes, over the leftmost bits of `digest`, which has any length but 0:
    /// everybody can sign nothing, without the key.
    ///
    /// [`Error::InvalidLength`] when `digest` is empty or `signature` has another length, [`Error::Rejected`] when it is
    /// wrong.
    pub fn verify(&self, digest: &[u8], signature: &[u8]) -> Result<()> {
        if digest.is_empty() || signature.len() != 2 * self.curve.field_len() {
            return Err(Error::InvalidLength);
        }
        match &self.engine {
            Public::Portable(key) => key.verify(digest, signature),
            #[cfg(feature = "aws-lc")]
            Public::AwsLc(key) => key.verify(digest, signature),
        }
    }

    fn from_engine(curve: Curve, engine: Public) -> Result<Self> {
        let point = match &engine {
            Public::Portable(key) => key.point(),
            #[cfg(feature = "aws-lc")]
            Public::AwsLc(key) => key.point(),
        }?;
        Ok(Self { curve, point, engine })
    }
}

/// A scalar from 1 to the group's order less 1; erased on drop.
pub struct EcPrivateKey {
    public: EcPublicKey,
    scalar: Secret,
    engine: Private,
}

enum Private {
    Portable(Box<portable::EcPrivate>),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::EcPrivate),
}

impl EcPrivateKey {
    /// Takes a big-endian scalar of any length; [`Error::InvalidKey`] when it is 0 or not below the order.
    pub fn new(curve: Curve, scalar: &[u8]) -> Result<Self> {
        Self::with_engine(serving(Operation::Ec(curve)), curve, scalar)
    }

    /// The same, on the given engine; [`Error::Unsupported`] when it has not the curve.
    pub fn with_engine(engine: Engine, curve: Curve, scalar: &[u8]) -> Result<Self> {
        let scalar = padded(curve, scalar)?;
        let (engine, public) = match engine {
            Engine::Portable => {
                let key = portable::EcPrivate::new(curve, scalar.expose())?;
                let public = Public::Portable(Box::new(key.public()));
                (Private::Portable(Box::new(key)), public)
            }
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => {
                let key = aws_lc::EcPrivate::new(curve, scalar.expose())?;
                let public = Public::AwsLc(key.public()?);
                (Private::AwsLc(key), public)
            }
        };
        Ok(Self { public: EcPublicKey::from_engine(curve, public)?, scalar, engine })
    }

    /// Draws scalars until one is in range (FIPS 186-5, A.2.2).
    pub fn generate(curve: Curve) -> Result<Self> {
        for _ in 0..MAX_DRAWS {
            let scalar = Secret::filled(curve.field_len(), |bytes| {
                rng::fill(bytes)?;
                bytes[0] &= curve.top_mask();
                Ok::<_, Error>(())
            })?;
            match Self::new(curve, scalar.expose()) {
                Err(Error::InvalidKey) => continue,
                outcome => return outcome,
            }
        }
        Err(Error::Failed)
    }

    /// The point that belongs to the scalar.
    pub fn public(&self) -> &EcPublicKey {
        &self.public
    }

    /// The scalar, [`Curve::field_len`] bytes.
    pub fn scalar(&self) -> Secret {
        Secret::copy(self.scalar.expose())
    }

    /// Signs the leftmost bits of `digest`, which has any length but 0. Writes r and s, each [`Curve::field_len`] bytes, to
    /// the start of `out` and returns their length. [`Error::InvalidLength`] when `digest` is empty or `out` shorter.
    ///
    /// Both engines make the nonce of key, digest and randomness together, so that no failure of one of them shows the key.
    pub fn sign(&self, digest: &[u8], out: &mut [u8]) -> Result<usize> {
        if digest.is_empty() {
            return Err(Error::InvalidLength);
        }
        let len = 2 * self.public.curve.field_len();
        let out = out.get_mut(..len).ok_or(Error::InvalidLength)?;
        match &self.engine {
            Private::Portable(key) => key.sign(digest, out),
            #[cfg(feature = "aws-lc")]
            Private::AwsLc(key) => key.sign(digest, out),
        }?;
        Ok(len)
    }

    /// The secret shared with the owner of a point: the x-coordinate of the scalar times the point, [`Curve::field_len`] bytes
    /// (SEC 1, 3.3.1). All curves here have cofactor 1, so that it is that of 3.3.2, too.
    ///
    /// [`Error::InvalidKey`] unless `point` is what [`EcPublicKey::new`] takes: a point of another curve would give the key away.
    pub fn agree(&self, point: &[u8]) -> Result<Secret> {
        check_form(self.public.curve, point)?;
        Secret::filled(self.public.curve.field_len(), |shared| match &self.engine {
            Private::Portable(key) => key.agree(point, shared),
            #[cfg(feature = "aws-lc")]
            Private::AwsLc(key) => key.agree(point, shared),
        })
    }
}

/// A draw fails once in two or three on the Brainpool curves, once in 2^32 on P-256 and less often elsewhere: this many failures are a broken generator.
const MAX_DRAWS: u32 = 64;

/// Engines differ in which other forms of SEC 1 they take: the hybrid ones, the point at infinity.
fn check_form(curve: Curve, point: &[u8]) -> Result<()> {
    let field = curve.field_len();
    match point.first() {
        Some(2 | 3) if point.len() == 1 + field => Ok(()),
        Some(4) if point.len() == 1 + 2 * field => Ok(()),
        _ => Err(Error::InvalidKey),
    }
}

/// The scalar in [`Curve::field_len`] bytes, leading zeros added or taken; zero itself is refused.
fn padded(curve: Curve, scalar: &[u8]) -> Result<Secret> {
    let len = curve.field_len();
    let (extra, scalar) = scalar.split_at(scalar.len().saturating_sub(len));
    let is_zero = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum | byte) == 0;
    if !is_zero(extra) || is_zero(scalar) {
        return Err(Error::InvalidKey);
    }
    Secret::filled(len, |bytes| {
        bytes[len - scalar.len()..].copy_from_slice(scalar);
        Ok(())
    })
}
