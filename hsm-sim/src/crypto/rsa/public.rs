//! Public keys: encrypt and verify.

use subtle::ConstantTimeEq;

use super::encoded::Encoded;
use super::parts::trimmed;
use super::{BITS, Oaep, Pss, oaep, pkcs1, pss, x931};
#[cfg(feature = "aws-lc")]
use crate::crypto::aws_lc;
use crate::crypto::engine::{Engine, Operation, serving};
use crate::crypto::{Error, Hash, Result, portable};

/// A modulus and a public exponent.
pub struct RsaPublicKey {
    n: Box<[u8]>,
    e: Box<[u8]>,
    engine: Public,
}

enum Public {
    Portable(portable::RsaPublic),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::RsaPublic),
}

impl RsaPublicKey {
    /// An odd modulus of 1024 to 16384 bits and an odd exponent, at least 3 and below the modulus; big-endian, any number of
    /// leading zeros. Else [`Error::InvalidKey`].
    pub fn new(n: &[u8], e: &[u8]) -> Result<Self> {
        Self::with_engine(serving(Operation::RsaPublic), n, e)
    }

    /// The same, on the given engine.
    pub fn with_engine(engine: Engine, n: &[u8], e: &[u8]) -> Result<Self> {
        let (n, e) = (trimmed(n), trimmed(e));
        check(n, e)?;
        let engine = match engine {
            Engine::Portable => Public::Portable(portable::RsaPublic::new(n, e)?),
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => Public::AwsLc(aws_lc::RsaPublic::new(n, e)?),
        };
        Ok(Self { n: n.into(), e: e.into(), engine })
    }

    /// Length of the modulus in bytes, which is that of signatures and ciphertexts.
    pub fn modulus_len(&self) -> usize {
        self.n.len()
    }

    /// Length of the modulus in bits.
    pub fn bits(&self) -> usize {
        bits(&self.n)
    }

    /// The modulus, big-endian without leading zeros.
    pub fn modulus(&self) -> &[u8] {
        &self.n
    }

    /// The public exponent, big-endian without leading zeros.
    pub fn exponent(&self) -> &[u8] {
        &self.e
    }

    /// m^e mod n (RSAEP and RSAVP1); returns [`Self::modulus_len`], the number of bytes written.
    ///
    /// `input` is at most as long as the modulus and `output` at least: else [`Error::InvalidLength`]; the number in `input`
    /// is below the modulus: else [`Error::InvalidParameter`].
    pub fn raw(&self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        let input = Encoded::padded(input, self.modulus_len())?;
        self.apply(&input, self.room(output)?)
    }

    /// RSAES-PKCS1-v1_5 of a message at most [`Self::modulus_len`] - 11 long; returns the length written.
    pub fn encrypt_pkcs1(&self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        let mut encoded = Encoded::zeros(self.modulus_len());
        pkcs1::encode_message(input, &mut encoded)?;
        self.apply(&encoded, self.room(output)?)
    }

    /// RSAES-OAEP of a message at most [`Self::modulus_len`] - 2 digests - 2 long; returns the length written.
    pub fn encrypt_oaep(&self, oaep: &Oaep<'_>, input: &[u8], output: &mut [u8]) -> Result<usize> {
        let mut encoded = Encoded::zeros(self.modulus_len());
        oaep::encode(oaep, input, &mut encoded)?;
        self.apply(&encoded, self.room(output)?)
    }

    /// RSASSA-PKCS1-v1_5 over a digest, or over a payload that takes the place of the whole DigestInfo.
    ///
    /// The expected encoding is compared, none is parsed. [`Error::InvalidLength`] when `signature` is not as long as the
    /// modulus or the payload does not fit, [`Error::Rejected`] when the signature is wrong.
    pub fn verify_pkcs1(&self, hash: Option<Hash>, payload: &[u8], signature: &[u8]) -> Result<()> {
        let mut expected = Encoded::zeros(self.modulus_len());
        pkcs1::encode_signature(hash, payload, &mut expected)?;
        let found = self.open(signature)?;
        if bool::from(expected.ct_eq(&found)) { Ok(()) } else { Err(Error::Rejected) }
    }

    /// RSASSA-PSS over a digest; errors as [`Self::verify_pkcs1`], and [`Error::InvalidParameter`] when the salt cannot fit.
    pub fn verify_pss(&self, pss: &Pss, digest: &[u8], signature: &[u8]) -> Result<()> {
        let mut found = self.open(signature)?;
        pss::verify(pss, digest, self.bits(), &mut found)
    }

    /// ANSI X9.31 over data that ends in its trailer; errors as [`Self::verify_pkcs1`], and [`Error::InvalidParameter`] when it
    /// has none. Of a signature and its negative only the lesser, which signing makes, is taken.
    pub fn verify_x931(&self, data: &[u8], signature: &[u8]) -> Result<()> {
        let mut expected = Encoded::zeros(self.modulus_len());
        x931::encode(data, &mut expected)?;
        let mut found = self.open(signature)?;
        let mut negative = signature.to_vec();
        x931::negate(&self.n, &mut negative);
        if negative.as_slice() < signature {
            return Err(Error::Rejected);
        }
        if !x931::ends_in_trailer(&found) {
            x931::negate(&self.n, &mut found);
        }
        if bool::from(expected.ct_eq(&found)) { Ok(()) } else { Err(Error::Rejected) }
    }

    /// The encoded message in a signature.
    fn open(&self, signature: &[u8]) -> Result<Encoded> {
        if signature.len() != self.modulus_len() {
            return Err(Error::InvalidLength);
        }
        let mut found = Encoded::zeros(self.modulus_len());
        self.apply(signature, &mut found).map_err(|_| Error::Rejected)?;
        Ok(found)
    }

    /// The bare operation; both slices are as long as the modulus.
    fn apply(&self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        self.check_below(input)?;
        match &self.engine {
            Public::Portable(key) => key.raw(input, output),
            #[cfg(feature = "aws-lc")]
            Public::AwsLc(key) => key.raw(input, output),
        }?;
        Ok(output.len())
    }

    /// The part of `output` that a result fills.
    pub(super) fn room<'o>(&self, output: &'o mut [u8]) -> Result<&'o mut [u8]> {
        output.get_mut(..self.modulus_len()).ok_or(Error::InvalidLength)
    }

    /// `number`, as long as the modulus, must be below it.
    pub(super) fn check_below(&self, number: &[u8]) -> Result<()> {
        if number < &*self.n { Ok(()) } else { Err(Error::InvalidParameter) }
    }
}

fn check(n: &[u8], e: &[u8]) -> Result<()> {
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    let below = e.len() < n.len() || (e.len() == n.len() && e < n);
    if BITS.contains(&bits(n)) && odd(n) && odd(e) && e != [1] && below { Ok(()) } else { Err(Error::InvalidKey) }
}

/// Bits of a number without leading zero bytes.
fn bits(number: &[u8]) -> usize {
    let zeros = number.first().map_or(0, |byte| byte.leading_zeros());
    8 * number.len() - zeros as usize
}
