//! Private keys: sign and decrypt.

use std::sync::OnceLock;

use super::encoded::Encoded;
use super::implicit::{OVERHEAD, Rejection};
use super::{BITS, Oaep, OwnedRsaParts, Pss, RsaParts, RsaPublicKey, oaep, pkcs1, pss, x931};
#[cfg(feature = "aws-lc")]
use crate::crypto::aws_lc;
use crate::crypto::engine::{Engine, Operation, serving};
use crate::crypto::{Error, Hash, Result, portable};
use crate::secret::{DEEP, scrubbed};

/// A private key of two primes; erased on drop.
///
/// Every private operation is blinded, and its result is raised to the public exponent again before it leaves: a fault in a
/// computation modulo one of the primes would give the primes away (Boneh, DeMillo, Lipton, EUROCRYPT 1997).
pub struct RsaPrivateKey {
    public: RsaPublicKey,
    parts: OwnedRsaParts,
    engine: Engine,
    private: OnceLock<Private>,
    rejection: OnceLock<Rejection>,
}

enum Private {
    Portable(Box<portable::RsaPrivate>),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::RsaPrivate),
}

impl RsaPrivateKey {
    /// A fresh key of `bits` bits, 1024 to 16384, and an odd public exponent from 3 to 2^256 - 1; else
    /// [`Error::InvalidParameter`]. Takes from milliseconds to minutes.
    pub fn generate(bits: usize, e: &[u8]) -> Result<Self> {
        if !BITS.contains(&bits) {
            return Err(Error::InvalidParameter);
        }
        let key = portable::RsaPrivate::generate(bits, e)?;
        Self::from_portable(serving(Operation::RsaPrivate), key)
    }

    /// Computes what is absent and checks what is present; [`Error::InvalidKey`] when the parts do not belong together.
    pub fn new(parts: RsaParts<'_>) -> Result<Self> {
        Self::with_engine(serving(Operation::RsaPrivate), parts)
    }

    /// The same, on the given engine.
    pub fn with_engine(engine: Engine, parts: RsaParts<'_>) -> Result<Self> {
        let key = Self::from_portable(engine, portable::RsaPrivate::new(&parts)?)?;
        if key.parts.agree_with(&parts) { Ok(key) } else { Err(Error::InvalidKey) }
    }

    /// The public half.
    pub fn public(&self) -> &RsaPublicKey {
        &self.public
    }

    /// A copy of all components.
    pub fn parts(&self) -> OwnedRsaParts {
        self.parts.duplicate()
    }

    /// m^d mod n (RSADP and RSASP1); lengths and errors as [`RsaPublicKey::raw`], [`Error::Failed`] after a fault.
    pub fn raw(&self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        let input = Encoded::padded(input, self.public.modulus_len())?;
        self.apply(&input, self.public.room(output)?)
    }

    /// RSASSA-PKCS1-v1_5 over a digest, or over a payload that takes the place of the whole DigestInfo.
    ///
    /// Returns the length written, that of the modulus, for which `output` has room. [`Error::InvalidLength`] when the
    /// payload is longer than the modulus less 11, or not as long as the hash's digest.
    pub fn sign_pkcs1(&self, hash: Option<Hash>, payload: &[u8], output: &mut [u8]) -> Result<usize> {
        let mut encoded = Encoded::zeros(self.public.modulus_len());
        pkcs1::encode_signature(hash, payload, &mut encoded)?;
        self.apply(&encoded, self.public.room(output)?)
    }

    /// RSASSA-PSS over a digest; as [`Self::sign_pkcs1`], and [`Error::InvalidParameter`] when the salt does not fit.
    pub fn sign_pss(&self, pss: &Pss, digest: &[u8], output: &mut [u8]) -> Result<usize> {
        let mut encoded = Encoded::zeros(self.public.modulus_len());
        pss::encode(pss, digest, self.public.bits(), &mut encoded)?;
        self.apply(&encoded, self.public.room(output)?)
    }

    /// ANSI X9.31 over data that ends in its trailer: the lesser of the power and its negative.
    ///
    /// Returns the length written, that of the modulus, for which `output` has room. [`Error::InvalidLength`] when the data is
    /// longer than the modulus less 2, [`Error::InvalidParameter`] when it has no trailer.
    pub fn sign_x931(&self, data: &[u8], output: &mut [u8]) -> Result<usize> {
        let mut encoded = Encoded::zeros(self.public.modulus_len());
        x931::encode(data, &mut encoded)?;
        let output = self.public.room(output)?;
        self.apply(&encoded, output)?;
        let mut negative = output.to_vec();
        x931::negate(self.public.modulus(), &mut negative);
        if negative.as_slice() < &*output {
            output.copy_from_slice(&negative);
        }
        Ok(output.len())
    }

    /// RSAES-PKCS1-v1_5 with implicit rejection: a ciphertext with bad padding decrypts to a message of its own, of some
    /// length, which is always the same, takes the same time and is no error.
    ///
    /// Returns the message's length. `output` has room for the longest message, the modulus less 11, and `input` is as long
    /// as the modulus: else [`Error::InvalidLength`]. [`Error::Rejected`] when `input` is not below the modulus, which
    /// everybody can see.
    pub fn decrypt_pkcs1(&self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        if output.len() < self.public.modulus_len() - OVERHEAD {
            return Err(Error::InvalidLength);
        }
        let mut encoded = self.open(input)?;
        let alternative = self.rejection().alternative(input);
        Ok(pkcs1::decode_message(&mut encoded, &alternative, output))
    }

    /// RSAES-OAEP; [`Error::Rejected`] when the ciphertext is wrong, without a hint why.
    ///
    /// Returns the message's length. `output` has room for the longest message, the modulus less 2 digests less 2, and `input`
    /// is as long as the modulus: else [`Error::InvalidLength`].
    pub fn decrypt_oaep(&self, oaep: &Oaep<'_>, input: &[u8], output: &mut [u8]) -> Result<usize> {
        let mut encoded = self.open(input)?;
        oaep::decode(oaep, &mut encoded, output)
    }

    fn from_portable(engine: Engine, key: portable::RsaPrivate) -> Result<Self> {
        let parts = key.parts()?;
        let public = RsaPublicKey::new(&parts.n, &parts.e)?;
        let private = OnceLock::new();
        if engine == Engine::Portable {
            private.get_or_init(|| Private::Portable(Box::new(key)));
        }
        Ok(Self { public, parts, engine, private, rejection: OnceLock::new() })
    }

    /// The encoded message in a ciphertext.
    fn open(&self, ciphertext: &[u8]) -> Result<Encoded> {
        if ciphertext.len() != self.public.modulus_len() {
            return Err(Error::InvalidLength);
        }
        self.public.check_below(ciphertext).map_err(|_| Error::Rejected)?;
        let mut encoded = Encoded::zeros(ciphertext.len());
        self.apply(ciphertext, &mut encoded)?;
        Ok(encoded)
    }

    /// The bare operation; both slices are as long as the modulus.
    fn apply(&self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        self.public.check_below(input)?;
        if self.is_fixed_point(input) {
            output.copy_from_slice(input);
        } else {
            match self.private()? {
                Private::Portable(key) => key.raw(input, output),
                #[cfg(feature = "aws-lc")]
                Private::AwsLc(key) => key.raw(input, output),
            }?;
        }
        Ok(output.len())
    }

    /// 0, 1 and n - 1 are their own powers, d being odd. AWS-LC refuses them; everybody knows their signatures.
    fn is_fixed_point(&self, number: &[u8]) -> bool {
        let (n, Some((last, front))) = (self.public.modulus(), number.split_last()) else {
            return false;
        };
        let (n_front, n_last) = n.split_at(front.len());
        let small = *last <= 1 && front.iter().all(|byte| *byte == 0);
        small || (front == n_front && n_last == [last | 1] && last & 1 == 0)
    }

    /// The engine's form of the key, made when first needed: AWS-LC's costs more than a signature.
    fn private(&self) -> Result<&Private> {
        if let Some(private) = self.private.get() {
            return Ok(private);
        }
        scrubbed::<DEEP, _>(|| {
            let private = match self.engine {
                Engine::Portable => Private::Portable(Box::new(portable::RsaPrivate::from_owned(&self.parts)?)),
                #[cfg(feature = "aws-lc")]
                Engine::AwsLc => Private::AwsLc(aws_lc::RsaPrivate::new(&self.parts)?),
            };
            Ok(self.private.get_or_init(|| private))
        })
    }

    fn rejection(&self) -> &Rejection {
        self.rejection.get_or_init(|| Rejection::new(self.parts.d.expose(), self.public.modulus_len()))
    }
}
