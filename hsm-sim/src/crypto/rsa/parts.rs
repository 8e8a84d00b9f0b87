//! The numbers a private key is made of (RFC 8017, 3.2).

use crate::secret::Secret;

/// Components of a private key, big-endian, any number of leading zeros. What is absent is computed.
#[derive(Clone, Copy, Default)]
pub struct RsaParts<'a> {
    /// Modulus.
    pub n: &'a [u8],
    /// Public exponent. When it is absent and so are the primes, the usual ones are tried.
    pub e: Option<&'a [u8]>,
    /// Private exponent.
    pub d: &'a [u8],
    /// First prime; absent together with `q`.
    pub p: Option<&'a [u8]>,
    /// Second prime.
    pub q: Option<&'a [u8]>,
    /// `d mod (p - 1)`; like the next two, only compared with what it must be.
    pub dp: Option<&'a [u8]>,
    /// `d mod (q - 1)`.
    pub dq: Option<&'a [u8]>,
    /// Inverse of `q` modulo `p`.
    pub qinv: Option<&'a [u8]>,
}

impl RsaParts<'_> {
    /// True when nothing is longer than the modulus, so that an import costs no more than its size suggests.
    pub(in crate::crypto) fn are_bounded(&self) -> bool {
        let optional = [self.e, self.p, self.q, self.dp, self.dq, self.qinv];
        optional.into_iter().flatten().chain([self.d]).all(|part| trimmed(part).len() <= trimmed(self.n).len())
    }
}

/// All components of a private key, big-endian without leading zeros; the secret ones erased on drop.
pub struct OwnedRsaParts {
    /// Modulus.
    pub n: Box<[u8]>,
    /// Public exponent.
    pub e: Box<[u8]>,
    /// Private exponent.
    pub d: Secret,
    /// First prime.
    pub p: Secret,
    /// Second prime.
    pub q: Secret,
    /// `d mod (p - 1)`.
    pub dp: Secret,
    /// `d mod (q - 1)`.
    pub dq: Secret,
    /// Inverse of `q` modulo `p`.
    pub qinv: Secret,
}

impl OwnedRsaParts {
    /// Another copy, for a caller that keeps it: said out loud, because it is secret.
    pub(super) fn duplicate(&self) -> Self {
        let copy = |secret: &Secret| Secret::copy(secret.expose());
        Self {
            n: self.n.clone(),
            e: self.e.clone(),
            d: copy(&self.d),
            p: copy(&self.p),
            q: copy(&self.q),
            dp: copy(&self.dp),
            dq: copy(&self.dq),
            qinv: copy(&self.qinv),
        }
    }

    /// True when the optional components that were given are the ones computed.
    pub(super) fn agree_with(&self, given: &RsaParts<'_>) -> bool {
        [(given.dp, &self.dp), (given.dq, &self.dq), (given.qinv, &self.qinv)]
            .into_iter()
            .all(|(given, computed)| given.is_none_or(|given| Secret::copy(trimmed(given)) == *computed))
    }
}

/// A number without its leading zeros.
pub(in crate::crypto) fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}
