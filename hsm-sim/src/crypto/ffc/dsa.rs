//! DSA (FIPS 186-4, 4).
//!
//! The crate `dsa` draws its secret numbers without a hedge, or without randomness, and leaves them in memory; it has a say in the tests.

use std::sync::Arc;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, NonZero};
use zeroize::Zeroizing;

use super::{Group, nonce::Nonces, number};
use crate::crypto::rsa::trimmed;
use crate::crypto::{Error, Hash, Result};
use crate::rng;
use crate::secret::Secret;

/// g^x mod p.
pub struct DsaPublicKey {
    group: Arc<Group>,
    order: Order,
    value: Box<[u8]>,
}

/// The numbers modulo q.
struct Order {
    q: NonZero<BoxedUint>,
    params: BoxedMontyParams,
    len: usize,
}

/// A number modulo q; erased on drop.
type Scalar = Zeroizing<BoxedMontyForm>;

impl DsaPublicKey {
    /// [`Error::InvalidKey`] for 0, 1, p - 1 and beyond, and for a group without q. [`DsaPublicKey::validate`] sees to the rest.
    pub fn new(group: Arc<Group>, value: &[u8]) -> Result<Self> {
        let order = Order::new(group.q().ok_or(Error::InvalidKey)?)?;
        let value: Box<[u8]> = trimmed(value).into();
        if group.is_inside(&value) { Ok(Self { group, order, value }) } else { Err(Error::InvalidKey) }
    }

    /// What is to be known once of a key that came from elsewhere: [`Error::InvalidKey`] unless the group is sound and the value in it.
    pub fn validate(&self) -> Result<()> {
        self.group.validate()?;
        if self.group.contains(&self.value)? { Ok(()) } else { Err(Error::InvalidKey) }
    }

    /// The domain parameters.
    pub fn group(&self) -> &Arc<Group> {
        &self.group
    }

    /// The number, big-endian without leading zeros.
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// Length of a signature in bytes: r and s, each as long as q.
    pub fn signature_len(&self) -> usize {
        2 * self.order.len
    }

    /// Verifies r and s over the leftmost bits of `digest`, which has any length but 0.
    ///
    /// [`Error::InvalidLength`] when `digest` is empty or `signature` has another length, [`Error::Rejected`] when it is wrong.
    pub fn verify(&self, digest: &[u8], signature: &[u8]) -> Result<()> {
        if digest.is_empty() || signature.len() != self.signature_len() {
            return Err(Error::InvalidLength);
        }
        let (r, s) = signature.split_at(self.order.len);
        let valid = |part| number::is_scalar(&Secret::copy(part), self.group.q().unwrap_or_default());
        if !valid(r)? || !valid(s)? {
            return Err(Error::Rejected);
        }
        let inverse = self.order.scalar(s)?.invert().into_option().ok_or(Error::Rejected)?;
        let z = self.order.leftmost(digest)?;
        let (of_g, of_y) = (self.order.bytes(&z.mul(&inverse))?, self.order.bytes(&self.order.scalar(r)?.mul(&inverse))?);
        let p = number::non_zero(number::public(self.group.p()))?;
        let [left, right] = [(self.group.g(), &of_g), (&self.value, &of_y)].map(|(b, e)| self.group.power(b, e.expose()));
        let product = number::public(left?.expose()).mul_mod(&number::public(right?.expose()), &p);
        if self.order.reduced(&product)?.expose() == r { Ok(()) } else { Err(Error::Rejected) }
    }
}

/// x, from 1 to q - 1; erased on drop.
pub struct DsaPrivateKey {
    public: DsaPublicKey,
    /// As long as q.
    scalar: Secret,
}

impl DsaPrivateKey {
    /// [`Error::InvalidKey`] when the scalar is 0 or not below q, or the group has no q.
    pub fn new(group: Arc<Group>, scalar: &[u8]) -> Result<Self> {
        let q = group.q().ok_or(Error::InvalidKey)?;
        let scalar = number::padded(&*number::secret(trimmed(scalar), 8 * q.len() as u32)?, q.len())?;
        if !number::is_scalar(&scalar, q)? {
            return Err(Error::InvalidKey);
        }
        let value = group.power(group.g(), scalar.expose())?;
        Ok(Self { public: DsaPublicKey::new(group, value.expose())?, scalar })
    }

    /// A fresh key.
    pub fn generate(group: Arc<Group>) -> Result<Self> {
        let scalar = number::random_scalar(group.q().ok_or(Error::InvalidKey)?)?;
        Self::new(group, scalar.expose())
    }

    /// g^x.
    pub fn public(&self) -> &DsaPublicKey {
        &self.public
    }

    /// x, as long as q.
    pub fn scalar(&self) -> &Secret {
        &self.scalar
    }

    /// Signs the leftmost bits of `digest`, which has any length but 0. Writes r and s to the start of `out` and returns their length.
    /// [`Error::InvalidLength`] when `digest` is empty or `out` shorter.
    ///
    /// The secret number is RFC 6979's, hedged with randomness (3.6), as it is for ECDSA.
    pub fn sign(&self, digest: &[u8], out: &mut [u8]) -> Result<usize> {
        self.sign_with(Hash::Sha256, rng::secret(32)?.expose(), digest, out)
    }

    /// The same with the hash inside the generator of RFC 6979, and its additional data: without any it is deterministic.
    pub fn sign_with(&self, hash: Hash, additional: &[u8], digest: &[u8], out: &mut [u8]) -> Result<usize> {
        let out = out.get_mut(..self.public.signature_len()).ok_or(Error::InvalidLength)?;
        if digest.is_empty() {
            return Err(Error::InvalidLength);
        }
        let (group, order) = (&self.public.group, &self.public.order);
        let z = order.leftmost(digest)?;
        let mut nonces = Nonces::new(hash, group.q().unwrap_or_default(), &self.scalar, order.bytes(&z)?.expose(), additional)?;
        for _ in 0..MAX_DRAWS {
            let k = nonces.next()?;
            let power = group.power(group.g(), k.expose())?;
            let r = order.reduced(&*number::secret(power.expose(), 8 * power.len() as u32)?)?;
            let s = self.response(&k, &z, &r)?;
            if is_zero(&r) || is_zero(&s) {
                continue;
            }
            out[..order.len].copy_from_slice(r.expose());
            out[order.len..].copy_from_slice(s.expose());
            return Ok(out.len());
        }
        Err(Error::Failed)
    }

    /// s = k^-1 (z + x r) mod q.
    fn response(&self, k: &Secret, z: &Scalar, r: &Secret) -> Result<Secret> {
        let order = &self.public.order;
        let inverse = Zeroizing::new(order.scalar(k.expose())?.invert().into_option().ok_or(Error::Failed)?);
        let product = Zeroizing::new(order.scalar(self.scalar.expose())?.mul(&*order.scalar(r.expose())?));
        let sum = Zeroizing::new(product.add(z));
        order.bytes(&Zeroizing::new(sum.mul(&inverse)))
    }
}

impl Order {
    fn new(q: &[u8]) -> Result<Self> {
        let odd = number::odd(q)?;
        Ok(Self { q: odd.as_nz_ref().clone(), params: BoxedMontyParams::new_vartime(odd), len: q.len() })
    }

    /// A number below q.
    fn scalar(&self, bytes: &[u8]) -> Result<Scalar> {
        let number = number::secret(bytes, self.params.bits_precision())?;
        Ok(Zeroizing::new(BoxedMontyForm::new((*number).clone(), &self.params)))
    }

    /// The leftmost bits of a digest, as many as q has, modulo q.
    fn leftmost(&self, digest: &[u8]) -> Result<Scalar> {
        let number = number::secret(&digest[..digest.len().min(self.len)], self.params.bits_precision())?;
        self.scalar(self.reduced(&number)?.expose())
    }

    /// A number modulo q, as long as q.
    fn reduced(&self, number: &BoxedUint) -> Result<Secret> {
        number::padded(&Zeroizing::new(number % &self.q), self.len)
    }

    fn bytes(&self, scalar: &BoxedMontyForm) -> Result<Secret> {
        number::padded(&Zeroizing::new(scalar.retrieve()), self.len)
    }
}

/// Zero comes up once in 2^160: this many times are a broken group.
const MAX_DRAWS: u32 = 4;

fn is_zero(number: &Secret) -> bool {
    *number == Secret::copy(&vec![0; number.len()])
}
