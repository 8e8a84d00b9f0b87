//! Domain parameters: the group that the keys of both parties live in (FIPS 186-4, 4; PKCS #3, 6; ANSI X9.42).

use crypto_bigint::BoxedUint;

use super::{field::Field, is_prime, named, number};
use crate::crypto::engine::{Engine, Operation, serving};
use crate::crypto::rsa::trimmed;
use crate::crypto::{Error, Result};
use crate::secret::Secret;

/// What a group is for, which decides how large it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKind {
    /// A prime of 1024 to 3072 bits in steps of 64, a subprime of 160, 224 or 256.
    Dsa,
    /// A prime of 512 to 8192 bits, and no subprime.
    Dh,
    /// A prime of 1024 to 8192 bits, a subprime of 160 or more.
    X942,
}

impl GroupKind {
    /// True when groups of this kind have a prime of `p` bits and a subprime of `q`.
    pub fn has_size(self, p: u32, q: Option<u32>) -> bool {
        match (self, q) {
            (Self::Dsa, Some(q)) => (1024..=3072).contains(&p) && p.is_multiple_of(64) && matches!(q, 160 | 224 | 256),
            (Self::Dh, None) => (512..=8192).contains(&p),
            (Self::X942, Some(q)) => (1024..=8192).contains(&p) && (160..p).contains(&q),
            _ => false,
        }
    }
}

/// A prime p, a base g, and for DSA and X9.42 a subprime q, which is the order of g.
pub struct Group {
    kind: GroupKind,
    q: Option<Box<[u8]>>,
    g: Box<[u8]>,
    field: Field,
}

impl Group {
    /// Takes big-endian numbers; [`Error::InvalidKey`] when they have another size than `kind` wants, p is even, g is 1, p - 1 or
    /// not below p, or q is even or does not divide p - 1. That costs little; [`Group::validate`] sees to the rest.
    pub fn new(kind: GroupKind, p: &[u8], q: Option<&[u8]>, g: &[u8]) -> Result<Self> {
        Self::with_engine(serving(Operation::Ffc), kind, p, q, g)
    }

    /// The same, on the given engine.
    pub fn with_engine(engine: Engine, kind: GroupKind, p: &[u8], q: Option<&[u8]>, g: &[u8]) -> Result<Self> {
        let (p, q, g) = (trimmed(p), q.map(trimmed), trimmed(g));
        // Before anything is computed: the length is the caller's.
        if !kind.has_size(number::bits(p), q.map(number::bits)) || !is_inside(g, p) || !q.is_none_or(|q| divides(q, p)) {
            return Err(Error::InvalidKey);
        }
        Ok(Self { kind, q: q.map(Box::from), g: g.into(), field: Field::with_engine(engine, p)? })
    }

    /// What is to be known once of a group that came from elsewhere: [`Error::InvalidKey`] unless p and q are primes and g has the
    /// order q. Takes a few powers modulo p, or none for the groups of RFC 7919, RFC 3526 and RFC 2409.
    pub fn validate(&self) -> Result<()> {
        let known = self.q.is_none() && named::is_named(self.p());
        let primes = known || (self.q().map_or(Ok(true), is_prime)? && is_prime(self.p())?);
        match primes && self.contains(&self.g)? {
            true => Ok(()),
            false => Err(Error::InvalidKey),
        }
    }

    /// What the group is for.
    pub fn kind(&self) -> GroupKind {
        self.kind
    }

    /// The prime, big-endian without leading zeros, as are the next two.
    pub fn p(&self) -> &[u8] {
        self.field.modulus()
    }

    /// The subprime.
    pub fn q(&self) -> Option<&[u8]> {
        self.q.as_deref()
    }

    /// The base.
    pub fn g(&self) -> &[u8] {
        &self.g
    }

    /// Length of the prime in bits.
    pub fn bits(&self) -> usize {
        number::bits(self.p()) as usize
    }

    /// Length of the subprime in bits.
    pub fn q_bits(&self) -> Option<usize> {
        self.q().map(|q| number::bits(q) as usize)
    }

    /// True for a number that a public key of this group can be: above 1, below p - 1, and of order q where there is one
    /// (SP 800-56A, 5.6.2.3.1).
    pub fn contains(&self, value: &[u8]) -> Result<bool> {
        let of_order_q = |q| self.power(value, q).map(|power| is_one(&power));
        Ok(is_inside(value, self.p()) && self.q().map_or(Ok(true), of_order_q)?)
    }

    /// True for a number above 1 and below p - 1.
    pub fn is_inside(&self, value: &[u8]) -> bool {
        is_inside(value, self.p())
    }

    /// A power modulo p, as long as it.
    pub fn power(&self, base: &[u8], exponent: &[u8]) -> Result<Secret> {
        self.field.power(base, exponent)
    }
}

/// True for 1, of any length.
pub fn is_one(number: &Secret) -> bool {
    let mut one = vec![0; number.len()];
    one.last_mut().into_iter().for_each(|last| *last = 1);
    *number == Secret::copy(&one)
}

/// Above 1 and below p - 1. That p is odd is not known here: of an even one, p - 1 is refused as well.
fn is_inside(value: &[u8], p: &[u8]) -> bool {
    let mut less_one = p.to_vec();
    less_one.last_mut().into_iter().for_each(|last| *last &= 0xfe);
    trimmed(value) > &[1][..] && number::is_below(value, &less_one)
}

fn divides(q: &[u8], p: &[u8]) -> bool {
    let odd = q.last().is_some_and(|last| last & 1 == 1);
    let rest = number::non_zero(number::public(q)).map(|q| number::public(p).rem_vartime(&q));
    odd && rest.is_ok_and(|rest| rest == BoxedUint::one())
}
