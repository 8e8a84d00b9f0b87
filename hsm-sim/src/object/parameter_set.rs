//! Parameter sets of post-quantum keys: CKA_PARAMETER_SET (PKCS#11 v3.2 §6.66 to §6.68) and their object identifiers.

use cryptoki_sys::*;
use pkcs8::ObjectIdentifier;

use super::attributes::Lookup;
use crate::{
    crypto::{MlDsaSet, MlKemSet, SlhDsaSet},
    error::{Result, Rv},
};

/// One parameter set: its number in PKCS#11, its object identifier in PKCS #8, and what it is here.
pub struct Row<S: 'static>(CK_ULONG, ObjectIdentifier, S);

/// The parameter sets of a key type.
pub type Table<S> = &'static [Row<S>];

/// RFC 9935, 3.
pub const ML_KEM: Table<MlKemSet> = &[
    Row(CKP_ML_KEM_512, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.1"), MlKemSet::MlKem512),
    Row(CKP_ML_KEM_768, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.2"), MlKemSet::MlKem768),
    Row(CKP_ML_KEM_1024, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.3"), MlKemSet::MlKem1024),
];

/// RFC 9881, 2.
pub const ML_DSA: Table<MlDsaSet> = &[
    Row(CKP_ML_DSA_44, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"), MlDsaSet::MlDsa44),
    Row(CKP_ML_DSA_65, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"), MlDsaSet::MlDsa65),
    Row(CKP_ML_DSA_87, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"), MlDsaSet::MlDsa87),
];

/// RFC 9909, 3.
pub const SLH_DSA: Table<SlhDsaSet> = &[
    Row(CKP_SLH_DSA_SHA2_128S, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.20"), SlhDsaSet::Sha2_128s),
    Row(CKP_SLH_DSA_SHA2_128F, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.21"), SlhDsaSet::Sha2_128f),
    Row(CKP_SLH_DSA_SHA2_192S, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.22"), SlhDsaSet::Sha2_192s),
    Row(CKP_SLH_DSA_SHA2_192F, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.23"), SlhDsaSet::Sha2_192f),
    Row(CKP_SLH_DSA_SHA2_256S, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.24"), SlhDsaSet::Sha2_256s),
    Row(CKP_SLH_DSA_SHA2_256F, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.25"), SlhDsaSet::Sha2_256f),
    Row(CKP_SLH_DSA_SHAKE_128S, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.26"), SlhDsaSet::Shake128s),
    Row(CKP_SLH_DSA_SHAKE_128F, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.27"), SlhDsaSet::Shake128f),
    Row(CKP_SLH_DSA_SHAKE_192S, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.28"), SlhDsaSet::Shake192s),
    Row(CKP_SLH_DSA_SHAKE_192F, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.29"), SlhDsaSet::Shake192f),
    Row(CKP_SLH_DSA_SHAKE_256S, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.30"), SlhDsaSet::Shake256s),
    Row(CKP_SLH_DSA_SHAKE_256F, ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.31"), SlhDsaSet::Shake256f),
];

/// The parameter set that attributes name; CKR_PARAMETER_SET_NOT_SUPPORTED for a number that is none.
pub fn named<S: Copy>(table: Table<S>, attributes: &impl Lookup) -> Result<S> {
    let number = attributes.ulong(CKA_PARAMETER_SET).ok_or(Rv::TemplateIncomplete.because("CKA_PARAMETER_SET is missing"))?;
    let row = table.iter().find(|row| row.0 == number);
    row.map(|row| row.2).ok_or_else(|| Rv::ParameterSetNotSupported.because(format!("CKA_PARAMETER_SET {number}")))
}

/// The set of an object identifier, as CKA_PARAMETER_SET has it.
pub fn number_of<S>(table: Table<S>, oid: ObjectIdentifier) -> Option<CK_ULONG> {
    table.iter().find(|row| row.1 == oid).map(|row| row.0)
}

/// CKA_PARAMETER_SET and the object identifier of a set.
pub fn names<S: PartialEq>(table: Table<S>, set: S) -> Result<(CK_ULONG, ObjectIdentifier)> {
    let row = table.iter().find(|row| row.2 == set);
    row.map(|row| (row.0, row.1)).ok_or(Rv::GeneralError.because("a parameter set without a row"))
}
