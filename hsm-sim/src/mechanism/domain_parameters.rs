//! Domain parameters of DSA and Diffie-Hellman: their generation (PKCS#11 v3.2 §6.2.7, §6.2.8, §6.2.10, §6.4.9, §6.4.13), and what key
//! pairs are told to be in.
//!
//! CKM_DSA_SHAWE_TAYLOR_PARAMETER_GEN is left out: it finds nothing better than the probabilistic search.

use std::sync::Arc;

use cryptoki_sys::*;

use super::{
    Mechanism, Row,
    dh::PKCS_3,
    digests,
    dsa::BITS,
    table::{NOTHING, row},
};
use crate::{
    crypto::{Error, Group, GroupKind, Hash, Primes, SafePrime},
    error::{Result, Rv},
    object::{
        attributes::{Draft, Lookup},
        finite,
    },
};

/// Longer ones take minutes to find.
const X9_42: Row = Row { keys: (1024, 4096), legacy: true, ..NOTHING };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_DSA_PARAMETER_GEN, BITS, generate_parameters: Some((CKK_DSA, dsa))),
    row!(CKM_DSA_PROBABILISTIC_PARAMETER_GEN, BITS, generate_parameters: Some((CKK_DSA, dsa_of_seed))),
    row!(CKM_DSA_FIPS_G_GEN, BITS, generate_parameters: Some((CKK_DSA, dsa_base))),
    row!(CKM_DH_PKCS_PARAMETER_GEN, PKCS_3, generate_parameters: Some((CKK_DH, dh))),
    row!(CKM_X9_42_DH_PARAMETER_GEN, X9_42, generate_parameters: Some((CKK_X9_42_DH, x9_42))),
];

/// The group in the public template of a key pair: CKR_DOMAIN_PARAMS_INVALID unless it is a sound one.
pub fn group_of(kind: GroupKind, public: &Draft) -> Result<Arc<Group>> {
    let sound = |group: Arc<Group>| Ok(group.validate().map(|()| group)?);
    finite::group(kind, public).and_then(sound).map_err(|error| match error.rv {
        Rv::AttributeValueInvalid => Rv::DomainParamsInvalid.because("CKA_PRIME, CKA_SUBPRIME and CKA_BASE are not a group"),
        rv => rv.because(error.why),
    })
}

/// CKM_DSA_PARAMETER_GEN.
fn dsa(mechanism: &Mechanism<'_>, draft: &mut Draft) -> Result<()> {
    mechanism.none()?;
    let (p, q) = dsa_sizes(draft)?;
    with_base(&primes(p, q, Hash::Sha256, &mut [0; 32])?, draft)
}

/// CKM_DSA_PROBABILISTIC_PARAMETER_GEN: without a base, and with the seed.
fn dsa_of_seed(mechanism: &Mechanism<'_>, draft: &mut Draft) -> Result<()> {
    let parameter = mechanism.dsa_generation()?;
    let (p, q) = dsa_sizes(draft)?;
    let hash = hash(parameter.hash)?;
    let mut seed = vec![0; parameter.seed_len];
    put(&primes(p, q, hash, &mut seed)?, draft);
    parameter.put_seed(&seed);
    Ok(())
}

/// CKM_DSA_FIPS_G_GEN: a base for the primes of the template.
fn dsa_base(mechanism: &Mechanism<'_>, draft: &mut Draft) -> Result<()> {
    let parameter = mechanism.dsa_base()?;
    let hash = hash(parameter.hash)?;
    let index = u8::try_from(parameter.index).map_err(|_| Rv::MechanismParamInvalid.because("an index has 8 bits"))?;
    let (Some(p), Some(q)) = (draft.of(CKA_PRIME), draft.of(CKA_SUBPRIME)) else {
        return Rv::TemplateIncomplete.err("CKA_PRIME and CKA_SUBPRIME: whose base?");
    };
    // Cheap, and with any base: the sizes are right, and one prime divides the other less 1.
    let group = Group::new(GroupKind::Dsa, p, Some(q), &[2])?;
    let primes = Primes { p: group.p().into(), q: group.q().unwrap_or_default().into() };
    let base = primes.base_of_seed(hash, parameter.seed, index)?;
    let group = Group::new(GroupKind::Dsa, &primes.p, Some(&primes.q), &base)?;
    group.validate()?;
    let says_else = |kind, bits: usize| draft.ulong(kind).is_some_and(|said| said != bits as CK_ULONG);
    if says_else(CKA_PRIME_BITS, group.bits()) || says_else(CKA_SUBPRIME_BITS, group.q_bits().unwrap_or_default()) {
        return Rv::TemplateInconsistent.err("CKA_PRIME_BITS or CKA_SUBPRIME_BITS is not the length of the prime");
    }
    finite::describe_whole(&group, draft);
    Ok(())
}

/// §6.2.1: the hashes of FIPS 186-4.
fn hash(kind: CK_MECHANISM_TYPE) -> Result<Hash> {
    match digests::hash(kind)? {
        hash @ (Hash::Sha1 | Hash::Sha224 | Hash::Sha256 | Hash::Sha384 | Hash::Sha512) => Ok(hash),
        _ => Rv::MechanismParamInvalid.err("FIPS 186-4 has only SHA-1 and SHA-2"),
    }
}

/// CKM_X9_42_DH_PARAMETER_GEN.
fn x9_42(mechanism: &Mechanism<'_>, draft: &mut Draft) -> Result<()> {
    mechanism.none()?;
    let (p, q) = (number(draft, CKA_PRIME_BITS), number(draft, CKA_SUBPRIME_BITS));
    // §6.4.3: primes come in steps of 256 bits. Longer subprimes than digests would be of no use.
    let offered = (1024..=4096).contains(&p) && p.is_multiple_of(256) && (160..=512).contains(&q) && q.is_multiple_of(8);
    match offered {
        true => with_base(&primes(p, q, Hash::Sha512, &mut [0; 64])?, draft),
        false => {
            Rv::KeySizeRange.err("CKA_PRIME_BITS: 1024 to 4096 in steps of 256; CKA_SUBPRIME_BITS: 160 to 512 in steps of 8")
        }
    }
}

/// CKM_DH_PKCS_PARAMETER_GEN.
fn dh(mechanism: &Mechanism<'_>, draft: &mut Draft) -> Result<()> {
    mechanism.none()?;
    let bits = u32::try_from(number(draft, CKA_PRIME_BITS)).unwrap_or(u32::MAX);
    let group = SafePrime::generate(bits).map_err(|error| match error {
        Error::InvalidParameter => Rv::KeySizeRange.because("CKA_PRIME_BITS: 512 to 1536, or those of RFC 7919"),
        error => error.into(),
    })?;
    draft.set(CKA_PRIME, &group.p);
    draft.set(CKA_BASE, &group.g);
    Ok(())
}

/// CKA_PRIME_BITS and CKA_SUBPRIME_BITS, which follows from the other when it is not said.
fn dsa_sizes(draft: &mut Draft) -> Result<(usize, usize)> {
    if draft.of(CKA_PRIME).or(draft.of(CKA_SUBPRIME)).is_some() {
        return Rv::TemplateInconsistent.err("CKA_PRIME and CKA_SUBPRIME are what is generated");
    }
    if draft.of(CKA_PRIME_BITS).is_none() {
        return Rv::TemplateIncomplete.err("CKA_PRIME_BITS is missing");
    }
    let p = number(draft, CKA_PRIME_BITS);
    let usual = match p {
        ..=1024 => 160,
        1025..=2048 => 224,
        _ => 256,
    };
    let q = draft.ulong(CKA_SUBPRIME_BITS).map_or(usual, |bits| usize::try_from(bits).unwrap_or(usize::MAX));
    let narrow = |bits| u32::try_from(bits).unwrap_or(u32::MAX);
    if !GroupKind::Dsa.has_size(narrow(p), Some(narrow(q))) {
        return Rv::KeySizeRange.err("a DSA prime has 1024 to 3072 bits in steps of 64, a subprime 160, 224 or 256");
    }
    draft.set_ulong(CKA_SUBPRIME_BITS, q as CK_ULONG);
    Ok((p, q))
}

fn number(draft: &Draft, kind: CK_ATTRIBUTE_TYPE) -> usize {
    draft.ulong(kind).and_then(|number| usize::try_from(number).ok()).unwrap_or_default()
}

fn primes(p: usize, q: usize, hash: Hash, seed: &mut [u8]) -> Result<Primes> {
    Primes::generate(p, q, hash, seed).map_err(|error| match error {
        Error::InvalidParameter => Rv::MechanismParamInvalid.because("hash and seed are at least as long as the subprime"),
        error => error.into(),
    })
}

fn with_base(primes: &Primes, draft: &mut Draft) -> Result<()> {
    put(primes, draft);
    draft.set(CKA_BASE, &primes.base()?);
    Ok(())
}

fn put(primes: &Primes, draft: &mut Draft) {
    draft.set(CKA_PRIME, &primes.p);
    draft.set(CKA_SUBPRIME, &primes.q);
}
