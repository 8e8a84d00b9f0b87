//! RSA without padding, keys and their consistency, by the crate `rsa`.

use ::rsa::hazmat::{rsa_decrypt_and_check, rsa_encrypt};
use ::rsa::traits::{PrivateKeyParts, PublicKeyParts};
use ::rsa::{BoxedUint, PrivateKey, PublicKey};
use crypto_bigint::Integer;
use zeroize::Zeroizing;

use super::rsa_recover::{recover_exponent, recover_primes};
use crate::crypto::random::SystemRng;
use crate::crypto::rsa::{BITS, OwnedRsaParts, RsaParts, trimmed};
use crate::crypto::{Error, Result};
use crate::secret::Secret;

/// A public key, ready for use.
pub(in crate::crypto) struct RsaPublic(PublicKey);

/// A private key, ready for use; erased on drop.
pub(in crate::crypto) struct RsaPrivate(PrivateKey);

impl RsaPublic {
    /// `n` and `e` are odd, and `e` is below `n`: the caller has checked it, and this constructor would panic otherwise.
    pub(in crate::crypto) fn new(n: &[u8], e: &[u8]) -> Result<Self> {
        Ok(Self(PublicKey::new_unchecked(number(n), number(e))))
    }

    /// `input` and `output` are as long as the modulus, and the number in `input` is below it.
    pub(in crate::crypto) fn raw(&self, input: &[u8], output: &mut [u8]) -> Result<()> {
        let input = padded(input, self.0.n_bits_precision())?;
        let result = rsa_encrypt(&self.0, &input).map_err(|_| Error::Failed)?;
        write(&Zeroizing::new(result), output);
        Ok(())
    }
}

impl RsaPrivate {
    pub(in crate::crypto) fn generate(bits: usize, e: &[u8]) -> Result<Self> {
        let e = number(e);
        let odd = bool::from(e.is_odd());
        if !odd || e < BoxedUint::from(3u8) || e.bit_width_vartime() > MOST_EXPONENT_BITS {
            return Err(Error::InvalidParameter);
        }
        if e > BoxedUint::from(PublicKey::MAX_PUB_EXPONENT) {
            return Self::generate_with_large_exponent(bits, &e);
        }
        PrivateKey::new_with_exp(&mut SystemRng, bits, e).map(Self).map_err(|_| Error::Failed)
    }

    /// The crate stops at exponents of 33 bits. The primes of such a key serve a larger one too, unless it has a factor in common
    /// with one of them less 1.
    fn generate_with_large_exponent(bits: usize, e: &BoxedUint) -> Result<Self> {
        for _ in 0..MAX_DRAWS {
            let key = PrivateKey::new(&mut SystemRng, bits).map_err(|_| Error::Failed)?;
            let [p, q] = key.primes() else { return Err(Error::Failed) };
            // The inverse of e, by the function that takes d to its inverse.
            let Ok(d) = recover_exponent(p, q, e) else { continue };
            let (n, primes) = (key.n().as_ref().clone(), key.primes().iter().map(|prime| prime.as_ref().clone()).collect());
            let key = PrivateKey::from_components_with_large_exponent(n, e.clone(), d, primes);
            return key.map(Self).map_err(|_| Error::Failed);
        }
        Err(Error::Failed)
    }

    /// Computes what is absent; the optional CRT components are not looked at.
    pub(in crate::crypto) fn new(parts: &RsaParts<'_>) -> Result<Self> {
        if !parts.are_bounded() {
            return Err(Error::InvalidKey);
        }
        let (n, d) = (number(parts.n), secret_number(parts.d));
        check_modulus(&n, &d)?;
        let given_e = parts.e.map(number);
        let (e, p, q) = match (parts.p.map(secret_number), parts.q.map(secret_number)) {
            (Some(p), Some(q)) => {
                let e = given_e.map_or_else(|| recover_exponent(&p, &q, &d), Ok)?;
                (e, p, q)
            }
            (None, None) => recover_primes(&n, given_e.as_ref(), &d)?,
            _ => return Err(Error::InvalidKey),
        };
        check_exponent(&n, &e)?;
        let primes = vec![take(p), take(q)];
        PrivateKey::from_components_with_large_exponent(n, e, take(d), primes).map(Self).map_err(|_| Error::InvalidKey)
    }

    pub(in crate::crypto) fn from_owned(parts: &OwnedRsaParts) -> Result<Self> {
        Self::new(&RsaParts {
            n: &parts.n,
            e: Some(&parts.e),
            d: parts.d.expose(),
            p: Some(parts.p.expose()),
            q: Some(parts.q.expose()),
            ..RsaParts::default()
        })
    }

    /// All components.
    pub(in crate::crypto) fn parts(&self) -> Result<OwnedRsaParts> {
        let (Some(dp), Some(dq), Some(qinv)) = (self.0.dp(), self.0.dq(), self.0.qinv()) else {
            return Err(Error::Failed);
        };
        let [p, q] = self.0.primes() else {
            return Err(Error::InvalidKey);
        };
        Ok(OwnedRsaParts {
            n: self.0.n_bytes(),
            e: self.0.e_bytes(),
            d: secret(self.0.d()),
            p: secret(p),
            q: secret(q),
            dp: secret(dp),
            dq: secret(dq),
            qinv: secret(&Zeroizing::new(qinv.retrieve())),
        })
    }

    /// `input` and `output` are as long as the modulus, and the number in `input` is below it.
    ///
    /// Base, exponents and moduli are blinded, and the result is raised to the public exponent, before it leaves.
    pub(in crate::crypto) fn raw(&self, input: &[u8], output: &mut [u8]) -> Result<()> {
        let input = padded(input, self.0.n_bits_precision())?;
        let result = rsa_decrypt_and_check(&self.0, Some(&mut SystemRng), &input).map_err(|_| Error::Failed)?;
        write(&Zeroizing::new(result), output);
        Ok(())
    }
}

/// FIPS 186-5, A.1.1: a public exponent is below 2^256.
const MOST_EXPONENT_BITS: u32 = 256;

/// An exponent of small factors only meets unfit primes often, but not that often.
const MAX_DRAWS: u32 = 64;

/// What the crate's constructors would panic over, or spend very long on.
fn check_modulus(n: &BoxedUint, d: &BoxedUint) -> Result<()> {
    let bits = n.bit_width_vartime() as usize;
    if BITS.contains(&bits) && bool::from(n.is_odd()) && *d > BoxedUint::one() && d < n { Ok(()) } else { Err(Error::InvalidKey) }
}

fn check_exponent(n: &BoxedUint, e: &BoxedUint) -> Result<()> {
    if bool::from(e.is_odd()) && *e > BoxedUint::one() && e < n { Ok(()) } else { Err(Error::InvalidKey) }
}

fn number(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(trimmed(bytes))
}

fn secret_number(bytes: &[u8]) -> Zeroizing<BoxedUint> {
    Zeroizing::new(number(bytes))
}

/// Moves a number out of its eraser, into one that the crate owns.
fn take(mut number: Zeroizing<BoxedUint>) -> BoxedUint {
    std::mem::replace(&mut *number, BoxedUint::zero())
}

/// A number in the width the crate computes in.
fn padded(bytes: &[u8], precision: u32) -> Result<Zeroizing<BoxedUint>> {
    BoxedUint::from_be_slice(bytes, precision).map(Zeroizing::new).map_err(|_| Error::InvalidLength)
}

/// Big-endian without leading zeros.
fn secret(number: &BoxedUint) -> Secret {
    let bytes = Zeroizing::new(number.to_be_bytes());
    Secret::copy(trimmed(&bytes))
}

/// Writes the last bytes of a number, as many as `output` has; the number is below the modulus, so no more are set.
fn write(number: &BoxedUint, output: &mut [u8]) {
    let bytes = Zeroizing::new(number.to_be_bytes());
    output.fill(0);
    for (out, byte) in output.iter_mut().rev().zip(bytes.iter().rev()) {
        *out = *byte;
    }
}
