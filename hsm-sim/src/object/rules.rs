//! The rules of the standard for each attribute, one row each: PKCS#11 v3.2 §4, tables 11 to 33, and §6 for the key types.
//!
//! The notes are the footnotes of table 10 ("Common footnotes for object attribute tables"), by what they say.

use cryptoki_sys::*;

use super::shape::Shape::{self, *};

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
/// Kinds of object that no token of ours holds: keys of GOST, HSS and X2RATCHET, SecurID, screens. Their attributes are known by their
/// rows, so that one of them on another object is an inconsistent template and not an unknown attribute.
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
/// Secret keys that encrypt.
const CIPHERS: u32 = AES | XTS | CHACHA20 | DES | CAMELLIA;
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
const YES: self::Default = self::Default::Flag(true);
const NO: self::Default = self::Default::Flag(false);
use self::Default::{Empty, Number, Unset};

const fn row(kind: CK_ATTRIBUTE_TYPE, shape: Shape, on: u16, keys: u32, notes: u16, default: Default) -> Rule {
    Rule { kind, shape, on, keys, notes, default }
}

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

/// The table.
pub static RULES: &[Rule] = &[
    // §4.2, §4.4 all objects
    row(CKA_CLASS, Ulong, ALL | BUILT_IN, ANY, CREATE_MUST, Unset),
    row(CKA_TOKEN, Bool, ALL, ANY, COPY, NO),
    row(CKA_PRIVATE, Bool, PRIVATE | SECRET, ANY, COPY, YES),
    row(CKA_PRIVATE, Bool, DATA | CERTIFICATES | TRUST | PUBLIC | DOMAIN, ANY, COPY, NO),
    row(CKA_MODIFIABLE, Bool, ALL, ANY, COPY, YES),
    row(CKA_COPYABLE, Bool, ALL, ANY, COPY | MODIFY | STAYS_FALSE, YES),
    row(CKA_DESTROYABLE, Bool, ALL, ANY, COPY, YES),
    row(CKA_LABEL, Bytes, ALL, ANY, MODIFY, Empty),
    row(CKA_UNIQUE_ID, Bytes, ALL, ANY, BY_TOKEN, Unset),
    // §4.5 data objects
    row(CKA_APPLICATION, Bytes, DATA, ANY, MODIFY, Empty),
    row(CKA_OBJECT_ID, Bytes, DATA, ANY, MODIFY, Empty),
    row(CKA_VALUE, Bytes, DATA, ANY, MODIFY, Empty),
    row(CKA_HSM_SIM_RECOVERY, Bool, DATA, ANY, BY_TOKEN, Unset),
    // §4.6 certificates
    row(CKA_CERTIFICATE_TYPE, Ulong, CERTIFICATES, ANY, CREATE_MUST, Unset),
    row(CKA_TRUSTED, Bool, CERTIFICATES | PUBLIC | SECRET, ANY, MODIFY | SO_SETS, NO),
    row(CKA_CERTIFICATE_CATEGORY, Ulong, CERTIFICATES, ANY, 0, Number(CK_CERTIFICATE_CATEGORY_UNSPECIFIED)),
    row(CKA_CHECK_VALUE, Bytes, CERTIFICATES, ANY, 0, Unset),
    row(CKA_SUBJECT, Bytes, CERTIFICATE, ANY, CREATE_MUST, Unset),
    row(CKA_ISSUER, Bytes, CERTIFICATE, ANY, MODIFY, Empty),
    row(CKA_SERIAL_NUMBER, Bytes, CERTIFICATE, ANY, MODIFY, Empty),
    row(CKA_VALUE, Bytes, CERTIFICATE, ANY, CREATE_MUST, Unset),
    row(CKA_URL, Bytes, CERTIFICATE, ANY, 0, Empty),
    row(CKA_HASH_OF_SUBJECT_PUBLIC_KEY, Bytes, CERTIFICATE, ANY, 0, Empty),
    row(CKA_HASH_OF_ISSUER_PUBLIC_KEY, Bytes, CERTIFICATE, ANY, 0, Empty),
    row(CKA_JAVA_MIDP_SECURITY_DOMAIN, Ulong, CERTIFICATE, ANY, 0, Number(CK_SECURITY_DOMAIN_UNSPECIFIED)),
    row(CKA_NAME_HASH_ALGORITHM, Ulong, CERTIFICATE, ANY, 0, Number(CKM_SHA_1)),
    row(CKA_OWNER, Bytes, ATTRIBUTE_CERTIFICATE, ANY, CREATE_MUST, Unset),
    row(CKA_AC_ISSUER, Bytes, ATTRIBUTE_CERTIFICATE, ANY, MODIFY, Empty),
    row(CKA_SERIAL_NUMBER, Bytes, ATTRIBUTE_CERTIFICATE, ANY, MODIFY, Empty),
    row(CKA_ATTR_TYPES, Bytes, ATTRIBUTE_CERTIFICATE, ANY, MODIFY, Empty),
    row(CKA_VALUE, Bytes, ATTRIBUTE_CERTIFICATE, ANY, CREATE_MUST, Unset),
    // §4.7 trust
    row(CKA_ISSUER, Bytes, TRUST, ANY, CREATE_MUST, Unset),
    row(CKA_SERIAL_NUMBER, Bytes, TRUST, ANY, CREATE_MUST, Unset),
    row(CKA_HASH_OF_CERTIFICATE, Bytes, TRUST, ANY, 0, Empty),
    row(CKA_NAME_HASH_ALGORITHM, Ulong, TRUST, ANY, 0, Number(CKM_SHA_1)),
    row(CKA_TRUST_SERVER_AUTH, Trust, TRUST, ANY, MODIFY, Unset),
    row(CKA_TRUST_CLIENT_AUTH, Trust, TRUST, ANY, MODIFY, Unset),
    row(CKA_TRUST_CODE_SIGNING, Trust, TRUST, ANY, MODIFY, Unset),
    row(CKA_TRUST_EMAIL_PROTECTION, Trust, TRUST, ANY, MODIFY, Unset),
    row(CKA_TRUST_IPSEC_IKE, Trust, TRUST, ANY, MODIFY, Unset),
    row(CKA_TRUST_TIME_STAMPING, Trust, TRUST, ANY, MODIFY, Unset),
    row(CKA_TRUST_OCSP_SIGNING, Trust, TRUST, ANY, MODIFY, Unset),
    // §4.3 hardware features, §4.13 mechanisms, profiles: what the token alone makes
    row(CKA_HW_FEATURE_TYPE, Ulong, HW_FEATURE, ANY, BY_TOKEN, Unset),
    row(CKA_VALUE, Bytes, HW_FEATURE, ANY, BY_TOKEN, Unset),
    row(CKA_RESET_ON_INIT, Bool, HW_FEATURE, ANY, BY_TOKEN, Unset),
    row(CKA_HAS_RESET, Bool, HW_FEATURE, ANY, BY_TOKEN, Unset),
    row(CKA_MECHANISM_TYPE, Ulong, MECHANISM, ANY, BY_TOKEN, Unset),
    row(CKA_PROFILE_ID, Ulong, PROFILE, ANY, BY_TOKEN, Unset),
    // §4.15 validations
    row(CKA_VALIDATION_TYPE, Ulong, VALIDATION, ANY, BY_TOKEN, Unset),
    row(CKA_VALIDATION_VERSION, Bytes, VALIDATION, ANY, BY_TOKEN, Unset),
    row(CKA_VALIDATION_LEVEL, Ulong, VALIDATION, ANY, BY_TOKEN, Unset),
    row(CKA_VALIDATION_MODULE_ID, Bytes, VALIDATION, ANY, BY_TOKEN, Unset),
    row(CKA_VALIDATION_FLAG, Ulong, VALIDATION, ANY, BY_TOKEN, Unset),
    row(CKA_VALIDATION_AUTHORITY_TYPE, Ulong, VALIDATION, ANY, BY_TOKEN, Unset),
    row(CKA_VALIDATION_COUNTRY, Bytes, VALIDATION, ANY, BY_TOKEN, Empty),
    row(CKA_VALIDATION_CERTIFICATE_IDENTIFIER, Bytes, VALIDATION, ANY, BY_TOKEN, Empty),
    row(CKA_VALIDATION_CERTIFICATE_URI, Bytes, VALIDATION, ANY, BY_TOKEN, Empty),
    row(CKA_VALIDATION_VENDOR_URI, Bytes, VALIDATION, ANY, BY_TOKEN, Empty),
    row(CKA_VALIDATION_PROFILE, Bytes, VALIDATION, ANY, BY_TOKEN, Empty),
    // §4.8 keys
    row(CKA_KEY_TYPE, Ulong, KEYS, ANY, CREATE_MUST | UNWRAP_MUST, Unset),
    row(CKA_ID, Bytes, KEYS | CERTIFICATE, ANY, MODIFY, Empty),
    row(CKA_START_DATE, Date, KEYS, ANY, MODIFY, Empty),
    row(CKA_END_DATE, Date, KEYS, ANY, MODIFY, Empty),
    row(CKA_START_DATE, Date, CERTIFICATES, ANY, 0, Empty),
    row(CKA_END_DATE, Date, CERTIFICATES, ANY, 0, Empty),
    // All that such a key can do.
    row(CKA_DERIVE, Bool, PRIVATE, AGREEING, MODIFY, YES),
    row(CKA_DERIVE, Bool, SECRET, HKDF, MODIFY, YES),
    row(CKA_DERIVE, Bool, KEYS, ANY, MODIFY, NO),
    row(CKA_LOCAL, Bool, KEYS, ANY, BY_TOKEN, NO),
    row(CKA_KEY_GEN_MECHANISM, Ulong, KEYS, ANY, BY_TOKEN, Number(CK_UNAVAILABLE_INFORMATION)),
    // Nobody has validated this module.
    row(CKA_OBJECT_VALIDATION_FLAGS, Ulong, KEYS, ANY, BY_TOKEN, Number(0)),
    row(CKA_ALLOWED_MECHANISMS, Mechanisms, KEYS, ANY, 0, Unset),
    // §4.8 to §4.10: usage. What a type can do is allowed unless the template says otherwise, as
    // Java expects of RSA pairs; but secret keys wrap, and any key derives, only when told to.
    row(CKA_ENCRYPT, Bool, PUBLIC, RSA, MODIFY, YES),
    row(CKA_ENCRYPT, Bool, SECRET, CIPHERS, MODIFY, YES),
    row(CKA_ENCRYPT, Bool, PUBLIC | SECRET, ANY, MODIFY, NO),
    row(CKA_DECRYPT, Bool, PRIVATE, RSA, MODIFY, YES),
    row(CKA_DECRYPT, Bool, SECRET, CIPHERS, MODIFY, YES),
    row(CKA_DECRYPT, Bool, PRIVATE | SECRET, ANY, MODIFY, NO),
    row(CKA_SIGN, Bool, PRIVATE, AGREEING, MODIFY, NO),
    row(CKA_SIGN, Bool, PRIVATE, ML_KEM, MODIFY, NO),
    row(CKA_SIGN, Bool, PRIVATE, ANY, MODIFY, YES),
    row(CKA_SIGN, Bool, SECRET, MACS, MODIFY, YES),
    row(CKA_SIGN, Bool, SECRET, ANY, MODIFY, NO),
    row(CKA_VERIFY, Bool, PUBLIC, AGREEING, MODIFY, NO),
    row(CKA_VERIFY, Bool, PUBLIC, ML_KEM, MODIFY, NO),
    row(CKA_VERIFY, Bool, PUBLIC, ANY, MODIFY, YES),
    row(CKA_VERIFY, Bool, SECRET, MACS, MODIFY, YES),
    row(CKA_VERIFY, Bool, SECRET, ANY, MODIFY, NO),
    row(CKA_SIGN_RECOVER, Bool, PRIVATE, ANY, MODIFY, NO),
    row(CKA_VERIFY_RECOVER, Bool, PUBLIC, ANY, MODIFY, NO),
    row(CKA_WRAP, Bool, PUBLIC, RSA, MODIFY, YES),
    row(CKA_WRAP, Bool, PUBLIC | SECRET, ANY, MODIFY, NO),
    row(CKA_UNWRAP, Bool, PRIVATE, RSA, MODIFY, YES),
    row(CKA_UNWRAP, Bool, PRIVATE | SECRET, ANY, MODIFY, NO),
    row(CKA_ENCAPSULATE, Bool, PUBLIC, ML_KEM, MODIFY, YES),
    row(CKA_ENCAPSULATE, Bool, PUBLIC, ANY, MODIFY, NO),
    row(CKA_DECAPSULATE, Bool, PRIVATE, ML_KEM, MODIFY, YES),
    row(CKA_DECAPSULATE, Bool, PRIVATE, ANY, MODIFY, NO),
    // §4.8 to §4.10: protection
    row(CKA_SUBJECT, Bytes, PUBLIC | PRIVATE, ANY, MODIFY, Empty),
    row(CKA_PUBLIC_KEY_INFO, Bytes, PUBLIC | PRIVATE | CERTIFICATES, ANY, 0, Empty),
    row(CKA_SENSITIVE, Bool, PRIVATE | SECRET, ANY, MODIFY | STAYS_TRUE, YES),
    row(CKA_EXTRACTABLE, Bool, PRIVATE | SECRET, ANY, MODIFY | STAYS_FALSE, NO),
    row(CKA_ALWAYS_SENSITIVE, Bool, PRIVATE | SECRET, ANY, BY_TOKEN, NO),
    row(CKA_NEVER_EXTRACTABLE, Bool, PRIVATE | SECRET, ANY, BY_TOKEN, NO),
    row(CKA_WRAP_WITH_TRUSTED, Bool, PRIVATE | SECRET, ANY, MODIFY | STAYS_TRUE, NO),
    row(CKA_ALWAYS_AUTHENTICATE, Bool, PRIVATE, ANY, 0, NO),
    row(CKA_WRAP_TEMPLATE, Template, PUBLIC | SECRET, ANY, 0, Unset),
    row(CKA_UNWRAP_TEMPLATE, Template, PRIVATE | SECRET, ANY, 0, Unset),
    row(CKA_DERIVE_TEMPLATE, Template, PRIVATE | SECRET, ANY, 0, Unset),
    row(CKA_ENCAPSULATE_TEMPLATE, Template, PUBLIC, ANY, 0, Unset),
    row(CKA_DECAPSULATE_TEMPLATE, Template, PRIVATE, ANY, 0, Unset),
    row(CKA_CHECK_VALUE, Bytes, SECRET, ANY, 0, Unset),
    // §6.1 RSA
    row(CKA_MODULUS, Integer, PUBLIC, RSA, CREATE_MUST | GENERATE_NOT, Unset),
    row(CKA_MODULUS_BITS, Ulong, PUBLIC, RSA, CREATE_NOT | GENERATE_MUST, Unset),
    row(CKA_PUBLIC_EXPONENT, Integer, PUBLIC, RSA, CREATE_MUST, Unset),
    row(CKA_MODULUS, Integer, PRIVATE, RSA, CREATE_MUST | GENERATE_NOT | UNWRAP_NOT, Unset),
    row(CKA_PUBLIC_EXPONENT, Integer, PRIVATE, RSA, GENERATE_NOT | UNWRAP_NOT, Unset),
    row(CKA_PRIVATE_EXPONENT, Integer, PRIVATE, RSA, CREATE_MUST | GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    row(CKA_PRIME_1, Integer, PRIVATE, RSA, GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    row(CKA_PRIME_2, Integer, PRIVATE, RSA, GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    row(CKA_EXPONENT_1, Integer, PRIVATE, RSA, GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    row(CKA_EXPONENT_2, Integer, PRIVATE, RSA, GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    row(CKA_COEFFICIENT, Integer, PRIVATE, RSA, GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    // §4.11 domain parameters
    row(CKA_KEY_TYPE, Ulong, DOMAIN, ANY, CREATE_MUST, Unset),
    row(CKA_LOCAL, Bool, DOMAIN, ANY, BY_TOKEN, NO),
    // §6.2 DSA, §6.4 Diffie-Hellman. A DSA subprime's length follows from the prime's when the template does not say it.
    row(CKA_PRIME, Integer, PUBLIC, FINITE, CREATE_MUST | GENERATE_MUST, Unset),
    row(CKA_SUBPRIME, Integer, PUBLIC, SUBPRIME, CREATE_MUST | GENERATE_MUST, Unset),
    row(CKA_BASE, Integer, PUBLIC, FINITE, CREATE_MUST | GENERATE_MUST, Unset),
    row(CKA_VALUE, Integer, PUBLIC, FINITE, CREATE_MUST | GENERATE_NOT, Unset),
    row(CKA_PRIME, Integer, PRIVATE, FINITE, CREATE_MUST | GENERATE_NOT | UNWRAP_NOT, Unset),
    row(CKA_SUBPRIME, Integer, PRIVATE, SUBPRIME, CREATE_MUST | GENERATE_NOT | UNWRAP_NOT, Unset),
    row(CKA_BASE, Integer, PRIVATE, FINITE, CREATE_MUST | GENERATE_NOT | UNWRAP_NOT, Unset),
    row(CKA_VALUE, Integer, PRIVATE, FINITE, CREATE_MUST | GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    row(CKA_VALUE_BITS, Ulong, PRIVATE, DH, CREATE_NOT, Unset),
    // What generation is told of DSA depends on the mechanism, whatever the table's footnotes 3 and 4: §6.2.10 wants the primes.
    row(CKA_PRIME, Integer, DOMAIN, DSA, CREATE_MUST, Unset),
    row(CKA_SUBPRIME, Integer, DOMAIN, DSA, CREATE_MUST, Unset),
    row(CKA_PRIME_BITS, Ulong, DOMAIN, DSA, CREATE_NOT, Unset),
    row(CKA_PRIME, Integer, DOMAIN, DH | X9_42, CREATE_MUST | GENERATE_NOT, Unset),
    row(CKA_SUBPRIME, Integer, DOMAIN, X9_42, CREATE_MUST | GENERATE_NOT, Unset),
    row(CKA_BASE, Integer, DOMAIN, FINITE, CREATE_MUST | GENERATE_NOT, Unset),
    row(CKA_PRIME_BITS, Ulong, DOMAIN, DH | X9_42, CREATE_NOT | GENERATE_MUST, Unset),
    row(CKA_SUBPRIME_BITS, Ulong, DOMAIN, X9_42, CREATE_NOT | GENERATE_MUST, Unset),
    row(CKA_SUBPRIME_BITS, Ulong, DOMAIN, DSA, CREATE_NOT, Unset),
    // §6.3 elliptic curves
    row(CKA_EC_PARAMS, Bytes, PUBLIC, EC | EDWARDS | MONTGOMERY, CREATE_MUST | GENERATE_MUST, Unset),
    row(CKA_EC_POINT, Bytes, PUBLIC, EC | EDWARDS | MONTGOMERY, CREATE_MUST | GENERATE_NOT, Unset),
    row(CKA_EC_PARAMS, Bytes, PRIVATE, EC | EDWARDS | MONTGOMERY, CREATE_MUST | GENERATE_NOT | UNWRAP_NOT, Unset),
    row(CKA_VALUE, Integer, PRIVATE, EC | EDWARDS | MONTGOMERY, CREATE_MUST | GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    // §6.66 to §6.68 post-quantum. Of seed and value one suffices (the text under the tables), so that neither bears footnote 1.
    row(CKA_PARAMETER_SET, Ulong, PUBLIC, POST_QUANTUM, CREATE_MUST | GENERATE_MUST, Unset),
    row(CKA_VALUE, Bytes, PUBLIC, POST_QUANTUM, CREATE_MUST | GENERATE_NOT, Unset),
    row(CKA_PARAMETER_SET, Ulong, PRIVATE, POST_QUANTUM, CREATE_MUST | GENERATE_NOT | UNWRAP_NOT, Unset),
    row(CKA_SEED, Bytes, PRIVATE, SEEDED, GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    row(CKA_VALUE, Bytes, PRIVATE, SEEDED, GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    row(CKA_VALUE, Bytes, PRIVATE, SLH_DSA, CREATE_MUST | GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    // §6.8 generic secrets, §6.10 AES, §6.15 XTS, §6.18 DES, §6.22 HMAC, §6.58 ChaCha20, §6.60 Poly1305. Where there is but one
    // length, generation need not be told, whatever the table's footnote 3; DES keys have no such attribute at all.
    row(CKA_VALUE, Bytes, SECRET, CIPHERS | MACS, CREATE_MUST | GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    row(CKA_VALUE_LEN, Ulong, SECRET, AES | CAMELLIA | XTS | GENERIC | HMAC | HOTP, CREATE_NOT | GENERATE_MUST, Unset),
    row(CKA_VALUE_LEN, Ulong, SECRET, CHACHA20 | POLY1305, CREATE_NOT, Unset),
    // §6.53 one-time passwords by counter. The counter moves on with every password and is not for others to move.
    row(CKA_OTP_FORMAT, Ulong, SECRET, HOTP, 0, Number(CK_OTP_FORMAT_DECIMAL)),
    row(CKA_OTP_LENGTH, Ulong, SECRET, HOTP, 0, Number(6)),
    row(CKA_OTP_USER_FRIENDLY_MODE, Bool, SECRET, HOTP, 0, YES),
    row(CKA_OTP_CHALLENGE_REQUIREMENT, Ulong, SECRET, HOTP, 0, Number(CK_OTP_PARAM_IGNORED)),
    row(CKA_OTP_TIME_REQUIREMENT, Ulong, SECRET, HOTP, 0, Number(CK_OTP_PARAM_IGNORED)),
    row(CKA_OTP_COUNTER_REQUIREMENT, Ulong, SECRET, HOTP, 0, Number(CK_OTP_PARAM_OPTIONAL)),
    row(CKA_OTP_PIN_REQUIREMENT, Ulong, SECRET, HOTP, 0, Number(CK_OTP_PARAM_IGNORED)),
    row(CKA_OTP_COUNTER, Bytes, SECRET, HOTP, 0, Empty),
    row(CKA_OTP_TIME, Bytes, SECRET, HOTP, 0, Empty),
    row(CKA_OTP_USER_IDENTIFIER, Bytes, SECRET, HOTP, MODIFY, Empty),
    row(CKA_OTP_SERVICE_IDENTIFIER, Bytes, SECRET, HOTP, MODIFY, Empty),
    row(CKA_OTP_SERVICE_LOGO, Bytes, SECRET, HOTP, MODIFY, Empty),
    row(CKA_OTP_SERVICE_LOGO_TYPE, Bytes, SECRET, HOTP, MODIFY, Empty),
    // §6.62 HKDF keys, which can do nothing but derive
    row(CKA_VALUE, Bytes, SECRET, HKDF, CREATE_MUST | GENERATE_NOT | UNWRAP_NOT | MATERIAL, Unset),
    row(CKA_VALUE_LEN, Ulong, SECRET, HKDF, CREATE_NOT | GENERATE_MUST, Unset),
    // §6.56 to §6.58 GOST
    row(CKA_GOSTR3410_PARAMS, Bytes, FOREIGN, ANY, CREATE_MUST | GENERATE_MUST, Unset),
    row(CKA_GOSTR3411_PARAMS, Bytes, FOREIGN, ANY, CREATE_MUST | GENERATE_MUST | MODIFY, Unset),
    row(CKA_GOST28147_PARAMS, Bytes, FOREIGN, ANY, CREATE_MUST | GENERATE_MUST | UNWRAP_MUST, Unset),
    // §6.65 HSS
    row(CKA_HSS_LEVELS, Ulong, FOREIGN, ANY, CREATE_NOT | GENERATE_NOT, Unset),
    row(CKA_HSS_LMS_TYPE, Ulong, FOREIGN, ANY, CREATE_NOT | GENERATE_NOT, Unset),
    row(CKA_HSS_LMOTS_TYPE, Ulong, FOREIGN, ANY, CREATE_NOT | GENERATE_NOT, Unset),
    row(CKA_HSS_LMS_TYPES, Bytes, FOREIGN, ANY, CREATE_NOT | GENERATE_MUST, Unset),
    row(CKA_HSS_LMOTS_TYPES, Bytes, FOREIGN, ANY, CREATE_NOT | GENERATE_MUST, Unset),
    row(CKA_HSS_KEYS_REMAINING, Ulong, FOREIGN, ANY, CREATE_NOT | GENERATE_NOT, Unset),
    // §6.64 double ratchet
    row(CKA_X2RATCHET_RK, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_HKS, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_HKR, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_NHKS, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_NHKR, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_CKS, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_CKR, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_DHS, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_DHP, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_DHR, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_NS, Ulong, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_NR, Ulong, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_PNS, Ulong, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_BOBS1STMSG, Bool, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_ISALICE, Bool, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_BAGSIZE, Ulong, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_X2RATCHET_BAG, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    // §4.3.4 screens
    row(CKA_PIXEL_X, Ulong, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_PIXEL_Y, Ulong, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_RESOLUTION, Ulong, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_CHAR_ROWS, Ulong, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_CHAR_COLUMNS, Ulong, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_COLOR, Bool, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_BITS_PER_PIXEL, Ulong, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_CHAR_SETS, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_ENCODING_METHODS, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_MIME_TYPES, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    // §6.36 CMS signatures
    row(CKA_REQUIRED_CMS_ATTRIBUTES, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_DEFAULT_CMS_ATTRIBUTES, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_SUPPORTED_CMS_ATTRIBUTES, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    // §6.39 SecurID, and what only the headers have
    row(CKA_OTP_TIME_INTERVAL, Ulong, FOREIGN, ANY, 0, Unset),
    row(CKA_PUBLIC_CRC64_VALUE, Bytes, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_SECONDARY_AUTH, Bool, FOREIGN, ANY, BY_TOKEN, Unset),
    row(CKA_AUTH_PIN_FLAGS, Ulong, FOREIGN, ANY, BY_TOKEN, Unset),
];
