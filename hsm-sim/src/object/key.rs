//! Keys, parsed from attributes and back.

use std::sync::Arc;

use cryptoki_sys::*;

use super::{
    attributes::{Draft, Lookup},
    curve::{self, PointForm},
    finite,
    hotp::HotpKey,
    parameter_set::{ML_DSA, ML_KEM, SLH_DSA},
    post_quantum::{self, describe_private, describe_public},
    rules, spki, traits,
};
use crate::{
    crypto::{
        AesKey, CHACHA20_KEY, CamelliaKey, Des3Key, DhPrivateKey, DhPublicKey, DsaPrivateKey, DsaPublicKey, EcPrivateKey,
        EcPublicKey, EdPrivateKey, EdPublicKey, MlDsaPrivateKey, MlDsaPublicKey, MlKemPrivateKey, MlKemPublicKey, RC2_LONGEST,
        RC4_LONGEST, RsaParts, RsaPrivateKey, RsaPublicKey, SEED_BLOCK, SlhDsaPrivateKey, SlhDsaPublicKey, XPrivateKey,
        XPublicKey, XtsKey,
    },
    error::{Result, Rv},
    secret::Secret,
};

/// A key of one type and class, ready for use. Cloning shares it.
#[derive(Clone)]
pub enum Key {
    Aes(Arc<AesKey>),
    Xts(Arc<XtsKey>),
    Des3(Arc<Des3Key>),
    Camellia(Arc<CamelliaKey>),
    Hotp(Arc<HotpKey>),
    Generic(Arc<Secret>),
    /// A plain value that its key type reserves for one algorithm: CKK_SHA256_HMAC and its like, CKK_CHACHA20, CKK_POLY1305, CKK_RC2, CKK_RC4, CKK_SEED.
    Typed(CK_KEY_TYPE, Arc<Secret>),
    RsaPublic(Arc<RsaPublicKey>),
    RsaPrivate(Arc<RsaPrivateKey>),
    EcPublic(Arc<EcPublicKey>),
    EcPrivate(Arc<EcPrivateKey>),
    EdPublic(Arc<EdPublicKey>),
    EdPrivate(Arc<EdPrivateKey>),
    XPublic(Arc<XPublicKey>),
    XPrivate(Arc<XPrivateKey>),
    DsaPublic(Arc<DsaPublicKey>),
    DsaPrivate(Arc<DsaPrivateKey>),
    /// CKK_DH or CKK_X9_42_DH, as its group is for.
    DhPublic(Arc<DhPublicKey>),
    DhPrivate(Arc<DhPrivateKey>),
    MlKemPublic(Arc<MlKemPublicKey>),
    MlKemPrivate(Arc<MlKemPrivateKey>),
    MlDsaPublic(Arc<MlDsaPublicKey>),
    MlDsaPrivate(Arc<MlDsaPrivateKey>),
    SlhDsaPublic(Arc<SlhDsaPublicKey>),
    SlhDsaPrivate(Arc<SlhDsaPrivateKey>),
}

impl Key {
    /// The key in these attributes. Malformed material is CKR_ATTRIBUTE_VALUE_INVALID.
    pub fn parse(attributes: &impl Lookup) -> Result<Self> {
        let class = attributes.ulong(CKA_CLASS).unwrap_or(CK_UNAVAILABLE_INFORMATION);
        let Some(key_type) = attributes.ulong(CKA_KEY_TYPE) else {
            return Rv::KeyHandleInvalid.err("the object is not a key");
        };
        match (class, key_type) {
            (CKO_SECRET_KEY, CKK_AES) => Ok(Self::Aes(Arc::new(AesKey::new(attributes.bytes(CKA_VALUE))?))),
            (CKO_SECRET_KEY, CKK_GENERIC_SECRET | CKK_HKDF) => Ok(Self::Generic(Arc::new(generic(attributes.bytes(CKA_VALUE))?))),
            (CKO_SECRET_KEY, CKK_AES_XTS) => Ok(Self::Xts(Arc::new(XtsKey::new(attributes.bytes(CKA_VALUE))?))),
            (CKO_SECRET_KEY, CKK_DES | CKK_DES2 | CKK_DES3) => des3(key_type, attributes.bytes(CKA_VALUE)),
            (CKO_SECRET_KEY, CKK_CAMELLIA) => Ok(Self::Camellia(Arc::new(CamelliaKey::new(attributes.bytes(CKA_VALUE))?))),
            (CKO_OTP_KEY, CKK_HOTP) => Ok(Self::Hotp(Arc::new(HotpKey::parse(attributes)?))),
            (CKO_SECRET_KEY, key_type) if is_plain(key_type) => typed(key_type, attributes.bytes(CKA_VALUE)),
            (CKO_PUBLIC_KEY, CKK_RSA) => Ok(Self::RsaPublic(Arc::new(RsaPublicKey::new(
                attributes.bytes(CKA_MODULUS),
                attributes.bytes(CKA_PUBLIC_EXPONENT),
            )?))),
            (CKO_PRIVATE_KEY, CKK_RSA) => Ok(Self::RsaPrivate(Arc::new(rsa_private(attributes)?))),
            (CKO_PUBLIC_KEY, CKK_EC) => Ok(Self::EcPublic(Arc::new(ec_public(attributes)?))),
            (CKO_PRIVATE_KEY, CKK_EC) => Ok(Self::EcPrivate(Arc::new(EcPrivateKey::new(
                curve::weierstrass(attributes.bytes(CKA_EC_PARAMS))?,
                attributes.bytes(CKA_VALUE),
            )?))),
            (CKO_PUBLIC_KEY, CKK_EC_EDWARDS) => {
                curve::edwards(attributes.bytes(CKA_EC_PARAMS))?;
                let point = curve::edwards_point(attributes.bytes(CKA_EC_POINT))?;
                Ok(Self::EdPublic(Arc::new(EdPublicKey::new(point)?)))
            }
            (CKO_PRIVATE_KEY, CKK_EC_EDWARDS) => {
                curve::edwards(attributes.bytes(CKA_EC_PARAMS))?;
                Ok(Self::EdPrivate(Arc::new(EdPrivateKey::new(attributes.bytes(CKA_VALUE))?)))
            }
            (CKO_PUBLIC_KEY, CKK_EC_MONTGOMERY) => {
                curve::montgomery(attributes.bytes(CKA_EC_PARAMS))?;
                let point = curve::montgomery_point(attributes.bytes(CKA_EC_POINT))?;
                Ok(Self::XPublic(Arc::new(XPublicKey::new(point)?)))
            }
            (CKO_PRIVATE_KEY, CKK_EC_MONTGOMERY) => {
                curve::montgomery(attributes.bytes(CKA_EC_PARAMS))?;
                Ok(Self::XPrivate(Arc::new(XPrivateKey::new(attributes.bytes(CKA_VALUE))?)))
            }
            (CKO_PUBLIC_KEY, CKK_DSA) => Ok(Self::DsaPublic(Arc::new(finite::dsa_public(attributes)?))),
            (CKO_PRIVATE_KEY, CKK_DSA) => Ok(Self::DsaPrivate(Arc::new(finite::dsa_private(attributes)?))),
            (CKO_PUBLIC_KEY, CKK_DH | CKK_X9_42_DH) => Ok(Self::DhPublic(Arc::new(finite::dh_public(key_type, attributes)?))),
            (CKO_PRIVATE_KEY, CKK_DH | CKK_X9_42_DH) => Ok(Self::DhPrivate(Arc::new(finite::dh_private(key_type, attributes)?))),
            (CKO_PUBLIC_KEY, CKK_ML_KEM) => Ok(Self::MlKemPublic(Arc::new(post_quantum::ml_kem_public(attributes)?))),
            (CKO_PRIVATE_KEY, CKK_ML_KEM) => Ok(Self::MlKemPrivate(Arc::new(post_quantum::ml_kem_private(attributes)?))),
            (CKO_PUBLIC_KEY, CKK_ML_DSA) => Ok(Self::MlDsaPublic(Arc::new(post_quantum::ml_dsa_public(attributes)?))),
            (CKO_PRIVATE_KEY, CKK_ML_DSA) => Ok(Self::MlDsaPrivate(Arc::new(post_quantum::ml_dsa_private(attributes)?))),
            (CKO_PUBLIC_KEY, CKK_SLH_DSA) => Ok(Self::SlhDsaPublic(Arc::new(post_quantum::slh_dsa_public(attributes)?))),
            (CKO_PRIVATE_KEY, CKK_SLH_DSA) => Ok(Self::SlhDsaPrivate(Arc::new(post_quantum::slh_dsa_private(attributes)?))),
            _ => Rv::TemplateInconsistent.err("CKA_CLASS does not go with CKA_KEY_TYPE"),
        }
    }

    /// What is asked once, when the key comes to the token, because it takes long: whether the numbers that others chose are sound. Those
    /// that are not are CKR_ATTRIBUTE_VALUE_INVALID.
    pub fn validate(&self) -> Result<()> {
        Ok(match self {
            Key::DsaPublic(key) => key.validate(),
            Key::DsaPrivate(key) => key.public().group().validate(),
            Key::DhPublic(key) => key.validate(),
            Key::DhPrivate(key) => key.public().group().validate(),
            _ => Ok(()),
        }?)
    }

    /// Its size in the unit mechanisms give (§6): bits for RSA, DSA, Diffie-Hellman, elliptic curves, generic secrets and their like, bytes for AES, DES, and
    /// of the public key for post-quantum keys.
    pub fn size(&self) -> CK_ULONG {
        let size = match self {
            Key::Aes(key) => key.len(),
            Key::Xts(key) => key.len(),
            Key::Des3(key) => key.len(),
            Key::Camellia(key) => key.len(),
            Key::Typed(CKK_SEED, value) => value.len(),
            Key::Generic(value) | Key::Typed(_, value) => 8 * value.len(),
            Key::Hotp(key) => 8 * key.size(),
            Key::RsaPublic(key) => key.bits(),
            Key::RsaPrivate(key) => key.public().bits(),
            Key::EcPublic(key) => key.curve().bits(),
            Key::EcPrivate(key) => key.public().curve().bits(),
            Key::EdPublic(_) | Key::EdPrivate(_) | Key::XPublic(_) | Key::XPrivate(_) => 255,
            Key::DsaPublic(key) => key.group().bits(),
            Key::DsaPrivate(key) => key.public().group().bits(),
            Key::DhPublic(key) => key.group().bits(),
            Key::DhPrivate(key) => key.public().group().bits(),
            Key::MlKemPublic(key) => key.value().len(),
            Key::MlKemPrivate(key) => key.public().value().len(),
            Key::MlDsaPublic(key) => key.value().len(),
            Key::MlDsaPrivate(key) => key.public().value().len(),
            Key::SlhDsaPublic(key) => key.value().len(),
            Key::SlhDsaPrivate(key) => key.public().value().len(),
        };
        size as CK_ULONG
    }

    /// Writes the key's material into `draft`, in canonical form, with everything the standard derives from it.
    pub fn describe(&self, draft: &mut Draft, point_form: PointForm) -> Result<()> {
        spki::describe(self, draft)?;
        match self {
            Key::Aes(_) | Key::Xts(_) | Key::Des3(_) | Key::Camellia(_) | Key::Generic(_) | Key::Typed(..) => {
                describe_secret(self, draft)
            }
            Key::Hotp(hotp) => {
                draft.set(CKA_OTP_COUNTER, &hotp.counter.to_be_bytes());
                describe_secret(self, draft)
            }
            Key::RsaPublic(key) => {
                draft.set(CKA_MODULUS, key.modulus());
                draft.set(CKA_PUBLIC_EXPONENT, key.exponent());
                draft.set_ulong(CKA_MODULUS_BITS, key.bits() as CK_ULONG);
                Ok(())
            }
            Key::RsaPrivate(key) => {
                describe_rsa(key, draft);
                Ok(())
            }
            Key::EcPublic(key) => {
                draft.set(CKA_EC_PARAMS, key.curve().oid_der());
                draft.set(CKA_EC_POINT, &curve::octet_string(key.point()));
                Ok(())
            }
            Key::EcPrivate(key) => {
                draft.set(CKA_EC_PARAMS, key.public().curve().oid_der());
                draft.set(CKA_VALUE, key.scalar().expose());
                Ok(())
            }
            Key::EdPublic(key) => {
                draft.set(CKA_EC_PARAMS, curve::ED25519);
                draft.set(CKA_EC_POINT, &point_form.encode(key.bytes()));
                Ok(())
            }
            Key::EdPrivate(key) => {
                draft.set(CKA_EC_PARAMS, curve::ED25519);
                draft.set(CKA_VALUE, key.seed().expose());
                Ok(())
            }
            Key::XPublic(key) => {
                draft.set(CKA_EC_PARAMS, curve::X25519);
                draft.set(CKA_EC_POINT, &point_form.encode(key.bytes()));
                Ok(())
            }
            Key::XPrivate(key) => {
                draft.set(CKA_EC_PARAMS, curve::X25519);
                draft.set(CKA_VALUE, key.scalar().expose());
                Ok(())
            }
            Key::DsaPublic(key) => {
                finite::describe(key.group(), key.value(), draft);
                Ok(())
            }
            Key::DsaPrivate(key) => {
                finite::describe(key.public().group(), key.scalar().expose(), draft);
                Ok(())
            }
            Key::DhPublic(key) => {
                finite::describe(key.group(), key.value(), draft);
                Ok(())
            }
            Key::DhPrivate(key) => finite::describe_dh_private(key, draft),
            Key::MlKemPublic(key) => describe_public(ML_KEM, key.set(), key.value(), draft),
            Key::MlKemPrivate(key) => describe_private(ML_KEM, key.public().set(), key.seed(), key.value(), draft),
            Key::MlDsaPublic(key) => describe_public(ML_DSA, key.set(), key.value(), draft),
            Key::MlDsaPrivate(key) => describe_private(ML_DSA, key.public().set(), key.seed(), key.value(), draft),
            Key::SlhDsaPublic(key) => describe_public(SLH_DSA, key.set(), key.value(), draft),
            Key::SlhDsaPrivate(key) => describe_private(SLH_DSA, key.public().set(), None, key.value(), draft),
        }
    }
}

/// Key types whose keys are [`Key::Typed`].
fn is_plain(key_type: CK_KEY_TYPE) -> bool {
    matches!(traits::key_bit(key_type), Ok(rules::HMAC | rules::CHACHA20 | rules::POLY1305 | rules::RC | rules::SEED))
}

fn typed(key_type: CK_KEY_TYPE, value: &[u8]) -> Result<Key> {
    sized(key_type, value)?;
    Ok(Key::Typed(key_type, Arc::new(generic(value)?)))
}

fn des3(key_type: CK_KEY_TYPE, value: &[u8]) -> Result<Key> {
    sized(key_type, value)?;
    let key = Des3Key::new(value).map_err(|_| Rv::AttributeValueInvalid.because("a DES key's bytes have odd parity"))?;
    Ok(Key::Des3(Arc::new(key)))
}

fn sized(key_type: CK_KEY_TYPE, value: &[u8]) -> Result<()> {
    match is_length(key_type, value.len()) {
        true => Ok(()),
        false => Rv::AttributeValueInvalid.err("no key of this type has that length"),
    }
}

/// The length in bytes that all secret keys of a type have, if there is one.
pub fn fixed_len(key_type: CK_KEY_TYPE) -> Option<usize> {
    match key_type {
        CKK_DES => Some(8),
        CKK_DES2 => Some(16),
        CKK_DES3 => Some(24),
        CKK_CHACHA20 | CKK_POLY1305 => Some(CHACHA20_KEY),
        CKK_SEED => Some(SEED_BLOCK),
        _ => None,
    }
}

/// True when a secret key of this type can have so many bytes.
pub fn is_length(key_type: CK_KEY_TYPE, len: usize) -> bool {
    match key_type {
        CKK_AES | CKK_CAMELLIA => matches!(len, 16 | 24 | 32),
        CKK_AES_XTS => matches!(len, 32 | 64),
        CKK_RC2 => (1..=RC2_LONGEST).contains(&len),
        CKK_RC4 => (1..=RC4_LONGEST).contains(&len),
        _ => fixed_len(key_type).is_none_or(|fixed| fixed == len),
    }
}

fn generic(value: &[u8]) -> Result<Secret> {
    if value.is_empty() {
        return Rv::AttributeValueInvalid.err("a generic secret must have at least one byte");
    }
    Ok(Secret::copy(value))
}

fn rsa_private(attributes: &impl Lookup) -> Result<RsaPrivateKey> {
    let part = |kind| attributes.of(kind).filter(|value| !value.is_empty());
    Ok(RsaPrivateKey::new(RsaParts {
        n: attributes.bytes(CKA_MODULUS),
        e: part(CKA_PUBLIC_EXPONENT),
        d: attributes.bytes(CKA_PRIVATE_EXPONENT),
        p: part(CKA_PRIME_1),
        q: part(CKA_PRIME_2),
        dp: part(CKA_EXPONENT_1),
        dq: part(CKA_EXPONENT_2),
        qinv: part(CKA_COEFFICIENT),
    })?)
}

fn ec_public(attributes: &impl Lookup) -> Result<EcPublicKey> {
    let curve = curve::weierstrass(attributes.bytes(CKA_EC_PARAMS))?;
    Ok(EcPublicKey::new(curve, curve::weierstrass_point(attributes.bytes(CKA_EC_POINT), curve)?)?)
}

fn describe_rsa(key: &RsaPrivateKey, draft: &mut Draft) {
    let parts = key.parts();
    for (kind, value) in [
        (CKA_MODULUS, &parts.n[..]),
        (CKA_PUBLIC_EXPONENT, &parts.e[..]),
        (CKA_PRIVATE_EXPONENT, parts.d.expose()),
        (CKA_PRIME_1, parts.p.expose()),
        (CKA_PRIME_2, parts.q.expose()),
        (CKA_EXPONENT_1, parts.dp.expose()),
        (CKA_EXPONENT_2, parts.dq.expose()),
        (CKA_COEFFICIENT, parts.qinv.expose()),
    ] {
        draft.set(kind, value);
    }
}

/// CKA_VALUE_LEN and CKA_CHECK_VALUE (§4.10.2): three bytes that tell keys apart. A template may ask for none by giving an empty one.
fn describe_secret(key: &Key, draft: &mut Draft) -> Result<()> {
    let value = draft.of(CKA_VALUE).unwrap_or_default();
    let (len, check) = (value.len(), check_value(key, value)?);
    if draft.ulong(CKA_VALUE_LEN).is_some_and(|said| said != len as CK_ULONG) {
        return Rv::TemplateInconsistent.err("CKA_VALUE_LEN is not the length of the key");
    }
    if !matches!(key, Key::Des3(_)) {
        draft.set_ulong(CKA_VALUE_LEN, len as CK_ULONG);
    }
    match draft.of(CKA_CHECK_VALUE) {
        None => draft.set(CKA_CHECK_VALUE, &check),
        Some(said) if said.is_empty() || said == check => {}
        Some(_) => return Rv::AttributeValueInvalid.err("CKA_CHECK_VALUE is not this key's"),
    }
    Ok(())
}

fn check_value(key: &Key, value: &[u8]) -> Result<[u8; 3]> {
    use crate::crypto::{Camellia, Des3, Direction, Ecb, Hash, OldBlocks, SeedKey, digest};
    let mut block = [0; 20];
    match key {
        Key::Aes(key) => Ecb::new(Arc::clone(key), Direction::Encrypt).process(&[0; 16], &mut block[..16])?,
        Key::Des3(key) => Des3::ecb(Arc::clone(key), Direction::Encrypt).process(&[0; 8], &mut block[..8])?,
        Key::Camellia(key) => Camellia::new(Arc::clone(key), Direction::Encrypt, None).process(&[0; 16], &mut block[..16])?,
        Key::Typed(CKK_SEED, key) => {
            let key = Arc::new(SeedKey::new(key.expose())?);
            OldBlocks::new(key, Direction::Encrypt, None).process(&[0; SEED_BLOCK], &mut block[..SEED_BLOCK])?
        }
        _ => _ = digest(Hash::Sha1, &[value], &mut block),
    }
    Ok([block[0], block[1], block[2]])
}
