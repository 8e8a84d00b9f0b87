//! What calls ask of an object often, worked out once.

use cryptoki_sys::*;

use super::{
    attributes::{Attributes, Lookup},
    rules,
};
use crate::error::{Result, Rv};

/// A set of permitted uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Usage(u16);

impl Usage {
    pub const ENCRYPT: Self = Self(1);
    pub const DECRYPT: Self = Self(2);
    pub const SIGN: Self = Self(4);
    pub const VERIFY: Self = Self(8);
    pub const WRAP: Self = Self(16);
    pub const UNWRAP: Self = Self(32);
    pub const DERIVE: Self = Self(64);
    pub const SIGN_RECOVER: Self = Self(128);
    pub const VERIFY_RECOVER: Self = Self(256);
    pub const ENCAPSULATE: Self = Self(512);
    pub const DECAPSULATE: Self = Self(1024);

    /// How many there are.
    pub const KINDS: usize = 11;

    const NAMES: [&str; Self::KINDS] = [
        "encrypt",
        "decrypt",
        "sign",
        "verify",
        "wrap",
        "unwrap",
        "derive",
        "sign-recover",
        "verify-recover",
        "encapsulate",
        "decapsulate",
    ];

    const ATTRIBUTES: [(CK_ATTRIBUTE_TYPE, Self); Self::KINDS] = [
        (CKA_ENCRYPT, Self::ENCRYPT),
        (CKA_DECRYPT, Self::DECRYPT),
        (CKA_SIGN, Self::SIGN),
        (CKA_VERIFY, Self::VERIFY),
        (CKA_WRAP, Self::WRAP),
        (CKA_UNWRAP, Self::UNWRAP),
        (CKA_DERIVE, Self::DERIVE),
        (CKA_SIGN_RECOVER, Self::SIGN_RECOVER),
        (CKA_VERIFY_RECOVER, Self::VERIFY_RECOVER),
        (CKA_ENCAPSULATE, Self::ENCAPSULATE),
        (CKA_DECAPSULATE, Self::DECAPSULATE),
    ];

    fn of(attributes: &Attributes) -> Self {
        let set = Self::ATTRIBUTES.iter().filter(|(kind, _)| attributes.flag(*kind));
        Self(set.fold(0, |bits, (_, usage)| bits | usage.0))
    }

    /// Each by itself.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::KINDS).map(|index| Self(1 << index))
    }

    /// Position of a single use among [`Usage::KINDS`].
    pub fn index(self) -> usize {
        self.0.trailing_zeros() as usize % Self::KINDS
    }

    /// The name of a single use.
    pub fn name(self) -> &'static str {
        Self::NAMES[self.index()]
    }

    /// True when all of `other` is permitted.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The traits of an object.
pub struct Traits {
    pub class: CK_OBJECT_CLASS,
    class_bit: u16,
    /// `None` for objects that are neither keys nor domain parameters.
    pub key_type: Option<CK_KEY_TYPE>,
    pub token: bool,
    pub private: bool,
    pub modifiable: bool,
    pub copyable: bool,
    pub destroyable: bool,
    pub sensitive: bool,
    pub extractable: bool,
    pub always_authenticate: bool,
    pub trusted: bool,
    pub wrap_with_trusted: bool,
    /// CKA_ALLOWED_MECHANISMS is present.
    pub restricted: bool,
    /// CKA_HSM_SIM_USES_LEFT is present.
    pub limited: bool,
    pub usage: Usage,
}

impl Traits {
    /// The traits of these attributes; refuses a class or key type this module does not know.
    pub fn of(attributes: &Attributes) -> Result<Self> {
        let class = attributes.ulong(CKA_CLASS).ok_or(Rv::TemplateIncomplete.because("CKA_CLASS"))?;
        let traits = Self {
            class,
            class_bit: class_bit(class, attributes.ulong(CKA_CERTIFICATE_TYPE))?,
            key_type: attributes.ulong(CKA_KEY_TYPE),
            token: attributes.flag(CKA_TOKEN),
            private: attributes.flag(CKA_PRIVATE),
            modifiable: attributes.flag(CKA_MODIFIABLE),
            copyable: attributes.flag(CKA_COPYABLE),
            destroyable: attributes.flag(CKA_DESTROYABLE),
            sensitive: attributes.flag(CKA_SENSITIVE),
            extractable: attributes.flag(CKA_EXTRACTABLE),
            always_authenticate: attributes.flag(CKA_ALWAYS_AUTHENTICATE),
            trusted: attributes.flag(CKA_TRUSTED),
            wrap_with_trusted: attributes.flag(CKA_WRAP_WITH_TRUSTED),
            restricted: attributes.of(CKA_ALLOWED_MECHANISMS).is_some(),
            limited: attributes.of(rules::CKA_HSM_SIM_USES_LEFT).is_some(),
            usage: Usage::of(attributes),
        };
        traits.key_type.map(key_bit).transpose()?;
        Ok(traits)
    }

    /// True when footnote 7 hides the key material. Public keys and the rest have none to hide.
    pub fn hides_material(&self) -> bool {
        is_secret(self.class) && (self.sensitive || !self.extractable)
    }

    /// The class as the rules name it.
    pub fn class_bit(&self) -> u16 {
        self.class_bit
    }

    /// The key type as the rules name it.
    pub fn key_bit(&self) -> u32 {
        self.key_type.and_then(|kind| key_bit(kind).ok()).unwrap_or(rules::ANY)
    }
}

/// True for classes whose objects are secrets.
pub fn is_secret(class: CK_OBJECT_CLASS) -> bool {
    matches!(class, CKO_PRIVATE_KEY | CKO_SECRET_KEY | CKO_OTP_KEY)
}

/// The class as the rules name it; that of certificates depends on their type.
pub fn class_bit(class: CK_OBJECT_CLASS, certificate: Option<CK_CERTIFICATE_TYPE>) -> Result<u16> {
    Ok(match class {
        CKO_DATA => rules::DATA,
        CKO_CERTIFICATE => match certificate {
            Some(CKC_X_509) => rules::CERTIFICATE,
            Some(CKC_X_509_ATTR_CERT) => rules::ATTRIBUTE_CERTIFICATE,
            Some(_) => return Rv::AttributeValueInvalid.err("only X.509 certificates and attribute certificates are supported"),
            None => return Rv::TemplateIncomplete.err("CKA_CERTIFICATE_TYPE is missing"),
        },
        CKO_TRUST => rules::TRUST,
        CKO_PROFILE => rules::PROFILE,
        CKO_MECHANISM => rules::MECHANISM,
        CKO_HW_FEATURE => rules::HW_FEATURE,
        CKO_VALIDATION => rules::VALIDATION,
        CKO_PUBLIC_KEY => rules::PUBLIC,
        CKO_PRIVATE_KEY => rules::PRIVATE,
        // One-time password keys inherit all that secret keys have (§6.53.2); the key type tells them apart.
        CKO_SECRET_KEY | CKO_OTP_KEY => rules::SECRET,
        CKO_DOMAIN_PARAMETERS => rules::DOMAIN,
        _ => return Rv::AttributeValueInvalid.err(format!("CKA_CLASS {class:#x} is not supported")),
    })
}

/// The key type as the rules name it.
pub fn key_bit(key_type: CK_KEY_TYPE) -> Result<u32> {
    Ok(match key_type {
        CKK_RSA => rules::RSA,
        CKK_EC => rules::EC,
        CKK_EC_EDWARDS => rules::EDWARDS,
        CKK_EC_MONTGOMERY => rules::MONTGOMERY,
        CKK_AES => rules::AES,
        CKK_CAMELLIA => rules::CAMELLIA,
        CKK_SEED => rules::SEED,
        CKK_RC2 | CKK_RC4 => rules::RC,
        CKK_GENERIC_SECRET => rules::GENERIC,
        CKK_AES_XTS => rules::XTS,
        CKK_CHACHA20 => rules::CHACHA20,
        CKK_POLY1305 => rules::POLY1305,
        CKK_DES | CKK_DES2 | CKK_DES3 => rules::DES,
        CKK_MD5_HMAC | CKK_SHA_1_HMAC | CKK_SHA224_HMAC | CKK_SHA256_HMAC | CKK_SHA384_HMAC | CKK_SHA512_HMAC => rules::HMAC,
        CKK_SHA512_224_HMAC | CKK_SHA512_256_HMAC => rules::HMAC,
        CKK_SHA3_224_HMAC | CKK_SHA3_256_HMAC | CKK_SHA3_384_HMAC | CKK_SHA3_512_HMAC => rules::HMAC,
        CKK_BLAKE2B_160_HMAC | CKK_BLAKE2B_256_HMAC | CKK_BLAKE2B_384_HMAC | CKK_BLAKE2B_512_HMAC => rules::HMAC,
        CKK_ML_KEM => rules::ML_KEM,
        CKK_ML_DSA => rules::ML_DSA,
        CKK_SLH_DSA => rules::SLH_DSA,
        CKK_HKDF => rules::HKDF,
        CKK_HOTP => rules::HOTP,
        CKK_DSA => rules::DSA,
        CKK_DH => rules::DH,
        CKK_X9_42_DH => rules::X9_42,
        _ => return Rv::AttributeValueInvalid.err(format!("CKA_KEY_TYPE {key_type:#x} is not supported")),
    })
}
