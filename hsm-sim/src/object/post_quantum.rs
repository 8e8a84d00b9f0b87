//! Post-quantum keys, parsed from attributes and back (PKCS#11 v3.2 §6.66 to §6.68).

use cryptoki_sys::*;

use super::{
    attributes::{Draft, Lookup},
    parameter_set::{self, ML_DSA, ML_KEM, SLH_DSA},
};
use crate::{
    crypto::{self, MlDsaPrivateKey, MlDsaPublicKey, MlKemPrivateKey, MlKemPublicKey, SlhDsaPrivateKey, SlhDsaPublicKey},
    error::{Result, Rv},
    secret::Secret,
};

/// CKO_PUBLIC_KEY of CKK_ML_KEM.
pub fn ml_kem_public(attributes: &impl Lookup) -> Result<MlKemPublicKey> {
    Ok(MlKemPublicKey::new(parameter_set::named(ML_KEM, attributes)?, attributes.bytes(CKA_VALUE))?)
}

/// CKO_PRIVATE_KEY of CKK_ML_KEM.
pub fn ml_kem_private(attributes: &impl Lookup) -> Result<MlKemPrivateKey> {
    let set = parameter_set::named(ML_KEM, attributes)?;
    let material = Material::of(attributes)?;
    let key = material.key(|seed| MlKemPrivateKey::from_seed(set, seed), |value| MlKemPrivateKey::from_value(set, value))?;
    material.agrees_with(key.value()).map(|()| key)
}

/// CKO_PUBLIC_KEY of CKK_ML_DSA.
pub fn ml_dsa_public(attributes: &impl Lookup) -> Result<MlDsaPublicKey> {
    Ok(MlDsaPublicKey::new(parameter_set::named(ML_DSA, attributes)?, attributes.bytes(CKA_VALUE))?)
}

/// CKO_PRIVATE_KEY of CKK_ML_DSA.
pub fn ml_dsa_private(attributes: &impl Lookup) -> Result<MlDsaPrivateKey> {
    let set = parameter_set::named(ML_DSA, attributes)?;
    let material = Material::of(attributes)?;
    let key = material.key(|seed| MlDsaPrivateKey::from_seed(set, seed), |value| MlDsaPrivateKey::from_value(set, value))?;
    material.agrees_with(key.value()).map(|()| key)
}

/// CKO_PUBLIC_KEY of CKK_SLH_DSA.
pub fn slh_dsa_public(attributes: &impl Lookup) -> Result<SlhDsaPublicKey> {
    Ok(SlhDsaPublicKey::new(parameter_set::named(SLH_DSA, attributes)?, attributes.bytes(CKA_VALUE))?)
}

/// CKO_PRIVATE_KEY of CKK_SLH_DSA.
pub fn slh_dsa_private(attributes: &impl Lookup) -> Result<SlhDsaPrivateKey> {
    Ok(SlhDsaPrivateKey::new(parameter_set::named(SLH_DSA, attributes)?, attributes.bytes(CKA_VALUE))?)
}

/// Writes a public key into `draft`.
pub fn describe_public<S: PartialEq>(table: parameter_set::Table<S>, set: S, value: &[u8], draft: &mut Draft) -> Result<()> {
    draft.set_ulong(CKA_PARAMETER_SET, parameter_set::names(table, set)?.0);
    draft.set(CKA_VALUE, value);
    Ok(())
}

/// Writes a private key into `draft`.
pub fn describe_private<S: PartialEq>(
    table: parameter_set::Table<S>,
    set: S,
    seed: Option<&Secret>,
    value: &Secret,
    draft: &mut Draft,
) -> Result<()> {
    if let Some(seed) = seed {
        draft.set(CKA_SEED, seed.expose());
    }
    describe_public(table, set, value.expose(), draft)
}

/// CKA_SEED and CKA_VALUE, at least one of which is there. Both must be the same key.
struct Material<'a> {
    seed: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
}

impl<'a> Material<'a> {
    fn of(attributes: &'a impl Lookup) -> Result<Self> {
        let given = |kind| attributes.of(kind).filter(|bytes| !bytes.is_empty());
        let material = Self { seed: given(CKA_SEED), value: given(CKA_VALUE) };
        match material {
            Self { seed: None, value: None } => Rv::TemplateIncomplete.err("neither CKA_SEED nor CKA_VALUE is given"),
            _ => Ok(material),
        }
    }

    /// The key, from the seed when there is one: it cannot be malformed.
    fn key<K>(
        &self,
        from_seed: impl FnOnce(&[u8]) -> crypto::Result<K>,
        from_value: impl FnOnce(&[u8]) -> crypto::Result<K>,
    ) -> Result<K> {
        Ok(match self.seed {
            Some(seed) => from_seed(seed),
            None => from_value(self.value.unwrap_or_default()),
        }?)
    }

    fn agrees_with(&self, value: &Secret) -> Result<()> {
        match self.value {
            Some(given) if *value != Secret::copy(given) => Rv::AttributeValueInvalid.err("CKA_VALUE is not the key of CKA_SEED"),
            _ => Ok(()),
        }
    }
}
