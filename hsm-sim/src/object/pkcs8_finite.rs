//! DSA and Diffie-Hellman private keys as PKCS #8 (PKCS#11 v3.2 §6.7): the parameters are Dss-Parms of RFC 3279, DHParameter of PKCS #3
//! or DomainParameters of RFC 3279, the key an INTEGER.

use cryptoki_sys::*;
use pkcs1::der::{
    Decode, Reader,
    asn1::{AnyRef, ObjectIdentifier, UintRef},
};

use zeroize::Zeroizing;

use super::{
    attributes::Draft,
    pkcs8::{der, malformed, unencodable, wrap},
};
use crate::{
    crypto::{Group, GroupKind},
    error::{Result, Rv},
    secret::Secret,
};

/// id-dsa.
pub const DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");
/// dhKeyAgreement.
pub const DH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.3.1");
/// dhpublicnumber.
pub const X9_42: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10046.2.1");

/// A private key of a group.
pub fn encode(group: &Group, scalar: &Secret) -> Result<Secret> {
    let (oid, parameters) = algorithm(group)?;
    let scalar = der(&UintRef::new(scalar.expose()).map_err(unencodable)?)?;
    wrap(oid, Some(AnyRef::from_der(&parameters).map_err(unencodable)?), &scalar)
}

/// The algorithm of a group's keys, and its parameters as DER.
pub fn algorithm(group: &Group) -> Result<(ObjectIdentifier, Zeroizing<Vec<u8>>)> {
    let (oid, numbers) = match (group.kind(), group.q()) {
        (GroupKind::Dsa, Some(q)) => (DSA, vec![group.p(), q, group.g()]),
        (GroupKind::X942, Some(q)) => (X9_42, vec![group.p(), group.g(), q]),
        _ => (DH, vec![group.p(), group.g()]),
    };
    let parameters = numbers.into_iter().map(UintRef::new).collect::<std::result::Result<Vec<_>, _>>().map_err(unencodable)?;
    Ok((oid, der(&parameters)?))
}

/// Writes a private key, of the algorithm that is named, into `draft`.
pub fn decode(oid: ObjectIdentifier, parameters: Option<AnyRef<'_>>, inner: &[u8], draft: &mut Draft) -> Result<()> {
    let parameters = parameters.ok_or(Rv::WrappedKeyInvalid.because("the wrapped key has no domain parameters"))?;
    let names: &[CK_ATTRIBUTE_TYPE] = match oid {
        DSA => &[CKA_PRIME, CKA_SUBPRIME, CKA_BASE],
        X9_42 => &[CKA_PRIME, CKA_BASE, CKA_SUBPRIME],
        _ => &[CKA_PRIME, CKA_BASE],
    };
    let read = parameters.sequence(|reader| {
        for name in names {
            draft.set(*name, reader.decode::<UintRef<'_>>()?.as_bytes());
        }
        // What is optional: a length, a cofactor, how the primes were made. Nothing of it is kept.
        reader.read_slice(reader.remaining_len()).map(|_| ())
    });
    read.map_err(malformed)?;
    draft.set(CKA_VALUE, UintRef::from_der(inner).map_err(malformed)?.as_bytes());
    Ok(())
}
