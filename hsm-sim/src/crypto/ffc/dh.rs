//! Diffie-Hellman (PKCS #3; ANSI X9.42; SP 800-56A, 5.7.1.1).

use std::sync::Arc;

use super::{Group, group, number};
use crate::crypto::rsa::trimmed;
use crate::crypto::{Error, Result};
use crate::rng;
use crate::secret::Secret;

/// g^x mod p.
pub struct DhPublicKey {
    group: Arc<Group>,
    value: Box<[u8]>,
}

impl DhPublicKey {
    /// [`Error::InvalidKey`] for 0, 1, p - 1 and beyond. [`DhPublicKey::validate`] sees to the rest.
    pub fn new(group: Arc<Group>, value: &[u8]) -> Result<Self> {
        let value: Box<[u8]> = trimmed(value).into();
        if group.is_inside(&value) { Ok(Self { group, value }) } else { Err(Error::InvalidKey) }
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
}

/// x; erased on drop.
pub struct DhPrivateKey {
    public: DhPublicKey,
    scalar: Secret,
    bits: u32,
}

impl DhPrivateKey {
    /// Takes a number from 1 to q - 1, or to p - 2 where there is no q; else [`Error::InvalidKey`].
    pub fn new(group: Arc<Group>, scalar: &[u8]) -> Result<Self> {
        let scalar = scalar_of(&group, trimmed(scalar))?;
        let bits = number::bits(trimmed(scalar.expose()));
        let value = group.power(group.g(), scalar.expose())?;
        Ok(Self { public: DhPublicKey::new(group, value.expose())?, scalar, bits })
    }

    /// A fresh key. Where there is no q, `bits` is the length of x; at most one less than that of p, which it also is when nothing is
    /// said. [`Error::InvalidParameter`] for one that is longer, or so short that it could be found.
    pub fn generate(group: Arc<Group>, bits: Option<u64>) -> Result<Self> {
        let most = group.bits() as u64 - 1;
        let scalar = match (group.q(), bits.unwrap_or(most)) {
            (Some(q), _) => number::random_scalar(q)?,
            (None, bits) if (LEAST_BITS..=most).contains(&bits) => random_of(bits as usize)?,
            _ => return Err(Error::InvalidParameter),
        };
        Self::new(group, scalar.expose())
    }

    /// g^x.
    pub fn public(&self) -> &DhPublicKey {
        &self.public
    }

    /// x, as long as q where there is one, else without leading zeros.
    pub fn scalar(&self) -> &Secret {
        &self.scalar
    }

    /// Length of x in bits.
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// The secret shared with the owner of a public value, as long as p: leading zeros are part of it (PKCS #3, 8.3; RFC 2631, 2.1.2).
    ///
    /// [`Error::InvalidKey`] for a value outside the group, and one that makes the secret 1: of small order, it would tell about x.
    pub fn agree(&self, peer: &[u8]) -> Result<Secret> {
        let group = &self.public.group;
        if !group.contains(peer)? {
            return Err(Error::InvalidKey);
        }
        let shared = group.power(peer, self.scalar.expose())?;
        if group::is_one(&shared) { Err(Error::InvalidKey) } else { Ok(shared) }
    }
}

/// SP 800-57, part 1, table 2: twice the least strength that was ever asked of an exponent.
const LEAST_BITS: u64 = 160;

/// x in range, in its canonical form: powers take as long as it is, and where there is a q, no leading zeros of x shall show in that.
fn scalar_of(group: &Group, scalar: &[u8]) -> Result<Secret> {
    let scalar = match group.q() {
        Some(q) => number::padded(&*number::secret(scalar, 8 * q.len() as u32)?, q.len())?,
        None => Secret::copy(scalar),
    };
    let below = match group.q() {
        Some(q) => number::is_scalar(&scalar, q)?,
        None => number::is_scalar(&scalar, group.p())? && !number::is_less_one(&scalar, group.p()),
    };
    if below { Ok(scalar) } else { Err(Error::InvalidKey) }
}

/// A number of exactly so many bits.
fn random_of(bits: usize) -> Result<Secret> {
    let spare = 8 * bits.div_ceil(8) - bits;
    Secret::filled(bits.div_ceil(8), |bytes| {
        rng::fill(bytes)?;
        bytes[0] = bytes[0] & 0xff >> spare | 0x80 >> spare;
        Ok::<_, Error>(())
    })
}
