//! The rules of the standard for each attribute (PKCS#11 v3.2 §4 and §6): what a row says here, the rows in [`table`].
//!
//! The notes are the footnotes of table 10 ("Common footnotes for object attribute tables"), by what they say.

use cryptoki_sys::*;

use super::shape::Shape;

pub use table::RULES;

mod table;
#[cfg(test)]
mod tests;

/// One attribute on some kinds of object.
pub struct Rule {
    pub kind: CK_ATTRIBUTE_TYPE,
    pub shape: Shape,
    /// Classes that have it: a union of the constants below.
    pub on: u16,
    /// Key types that have it; `ANY` for objects of every type.
    pub keys: u32,
    pub notes: u16,
    pub default: Default,
}

/// What an attribute is when nobody says.
#[derive(Clone, Copy)]
pub enum Default {
    /// It stays absent, or the operation that makes the object sets it.
    Unset,
    Flag(bool),
    Number(CK_ULONG),
    Empty,
}

// Classes.
pub const DATA: u16 = 1;
pub const CERTIFICATE: u16 = 2;
pub const PUBLIC: u16 = 4;
pub const PRIVATE: u16 = 8;
pub const SECRET: u16 = 16;
pub const ATTRIBUTE_CERTIFICATE: u16 = 64;
pub const TRUST: u16 = 128;
pub const PROFILE: u16 = 256;
pub const MECHANISM: u16 = 512;
pub const HW_FEATURE: u16 = 1024;
/// Of which there are none: nobody has validated this module.
pub const VALIDATION: u16 = 2048;
/// Kinds of object that no token of ours holds: keys of GOST, HSS and X2RATCHET, SecurID, screens. Their attributes are known by
/// name alone, so that one of them on another object is an inconsistent template and not an unknown attribute.
pub(super) const FOREIGN: u16 = 4096;
const KEYS: u16 = PUBLIC | PRIVATE | SECRET;
const CERTIFICATES: u16 = CERTIFICATE | ATTRIBUTE_CERTIFICATE;
pub const DOMAIN: u16 = 32;
pub(super) const ALL: u16 = DATA | CERTIFICATES | TRUST | KEYS | DOMAIN;
/// What the token alone makes.
pub const BUILT_IN: u16 = PROFILE | MECHANISM | HW_FEATURE | VALIDATION;

// Key types.
pub const RSA: u32 = 1;
pub const EC: u32 = 2;
pub const EDWARDS: u32 = 4;
pub const AES: u32 = 8;
pub const GENERIC: u32 = 16;
/// CKK_SHA256_HMAC and its like.
pub const HMAC: u32 = 1 << 16;
pub const XTS: u32 = 1 << 17;
pub const CHACHA20: u32 = 1 << 18;
pub const POLY1305: u32 = 1 << 19;
/// CKK_DES, CKK_DES2 and CKK_DES3.
pub const DES: u32 = 1 << 20;
pub const CAMELLIA: u32 = 1 << 23;
/// CKK_SEED.
pub const SEED: u32 = 1 << 6;
/// CKK_RC2 and CKK_RC4.
pub const RC: u32 = 1 << 5;
/// Secret keys that encrypt.
const CIPHERS: u32 = AES | XTS | CHACHA20 | DES | CAMELLIA | RC | SEED;
/// Secret keys that authenticate.
const MACS: u32 = GENERIC | HMAC | POLY1305 | HOTP;
pub const HKDF: u32 = 1 << 21;
/// CKO_OTP_KEY of CKK_HOTP.
pub const HOTP: u32 = 1 << 24;
pub const MONTGOMERY: u32 = 1 << 22;
// The topmost bits, down from here.
pub const ML_KEM: u32 = 1 << 31;
pub const ML_DSA: u32 = 1 << 30;
pub const SLH_DSA: u32 = 1 << 29;
const SEEDED: u32 = ML_KEM | ML_DSA;
const POST_QUANTUM: u32 = SEEDED | SLH_DSA;
pub const DSA: u32 = 1 << 28;
pub const DH: u32 = 1 << 27;
pub const X9_42: u32 = 1 << 26;
/// Keys and domain parameters with a prime and a base, and those with a subprime.
const FINITE: u32 = DSA | DH | X9_42;
const SUBPRIME: u32 = DSA | X9_42;
/// Private keys that can do nothing but derive.
const AGREEING: u32 = MONTGOMERY | DH | X9_42;
pub const ANY: u32 = u32::MAX;

/// Ours: marks the object of a recovery set, which no template can claim to be.
pub const CKA_HSM_SIM_RECOVERY: CK_ATTRIBUTE_TYPE = CKA_VENDOR_DEFINED | 0x4853_0001;

/// How often a secret or private key may still be used (CK_ULONG); once it is there, it is only lowered. A key without it may be used
/// without end.
pub const CKA_HSM_SIM_USES_LEFT: CK_ATTRIBUTE_TYPE = CKA_VENDOR_DEFINED | 0x4853_0002;

/// The usages a trust object tells of (§4.7).
pub const TRUSTS: [CK_ATTRIBUTE_TYPE; 7] = [
    CKA_TRUST_SERVER_AUTH,
    CKA_TRUST_CLIENT_AUTH,
    CKA_TRUST_CODE_SIGNING,
    CKA_TRUST_EMAIL_PROTECTION,
    CKA_TRUST_IPSEC_IKE,
    CKA_TRUST_TIME_STAMPING,
    CKA_TRUST_OCSP_SIGNING,
];

/// 1: MUST be specified with C_CreateObject.
pub const CREATE_MUST: u16 = 1;
/// 2: MUST NOT be specified with C_CreateObject.
pub const CREATE_NOT: u16 = 2;
/// 3: MUST be specified when generated.
pub const GENERATE_MUST: u16 = 4;
/// 4: MUST NOT be specified when generated.
pub const GENERATE_NOT: u16 = 8;
/// 5: MUST be specified when unwrapped.
pub const UNWRAP_MUST: u16 = 16;
/// 6: MUST NOT be specified when unwrapped.
pub const UNWRAP_NOT: u16 = 32;
/// 7: cannot be revealed when CKA_SENSITIVE is true or CKA_EXTRACTABLE false.
pub const MATERIAL: u16 = 64;
/// 8: may be modified after creation.
pub const MODIFY: u16 = 128;
/// 10: only the SO may set it to true.
pub const SO_SETS: u16 = 256;
/// 11: cannot be changed once true.
pub const STAYS_TRUE: u16 = 512;
/// 12: cannot be changed once false.
pub const STAYS_FALSE: u16 = 1024;
/// May be changed while copying (§5.7.2), but not after.
pub const COPY: u16 = 2048;
/// Set by the token alone: naming it is CKR_ATTRIBUTE_READ_ONLY and not merely an inconsistent template.
pub const TOKEN_ONLY: u16 = 4096;

const BY_TOKEN: u16 = TOKEN_ONLY | CREATE_NOT | GENERATE_NOT | UNWRAP_NOT;
/// The rule for an attribute on an object of this class and key type.
pub fn rule(kind: CK_ATTRIBUTE_TYPE, class: u16, key: u32) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.kind == kind && rule.on & class != 0 && rule.keys & key != 0)
}

/// All rules for objects of this class and key type.
pub fn rules(class: u16, key: u32) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().filter(move |rule| rule.on & class != 0 && rule.keys & key != 0)
}

/// True when some object has this attribute.
pub fn is_known(kind: CK_ATTRIBUTE_TYPE) -> bool {
    RULES.iter().any(|rule| rule.kind == kind)
}

/// True when the attribute is key material that footnote 7 protects, on an object of this class and key type.
pub fn is_material(kind: CK_ATTRIBUTE_TYPE, class: u16, key: u32) -> bool {
    rule(kind, class, key).is_some_and(|rule| rule.notes & MATERIAL != 0)
}
