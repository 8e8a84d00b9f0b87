//! SLH-DSA by the crate slh-dsa, through its functions over M' as a whole (slh_sign_internal and its like): its others know no hash.

use slh_dsa::{
    ParameterSet, Sha2_128f, Sha2_128s, Sha2_192f, Sha2_192s, Sha2_256f, Sha2_256s, Shake128f, Shake128s, Shake192f, Shake192s,
    Shake256f, Shake256s, Signature, SigningKey, VerifyingKey,
};

use crate::crypto::slh_dsa::SlhDsaSet;
use crate::crypto::{Error, Result};
use crate::secret::Secret;

/// A public key of one of the parameter sets.
pub(in crate::crypto) trait SlhDsaPublic: Send + Sync {
    /// Verifies the concatenation of the parts of M'.
    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<()>;
}

/// A private key of one of the parameter sets; erased on drop.
pub(in crate::crypto) trait SlhDsaPrivate: Send + Sync {
    /// Signs the concatenation of the parts of M'. `randomness` has n bytes; without it the signature is deterministic.
    fn sign(&self, message: &[&[u8]], randomness: Option<&[u8]>, out: &mut [u8]) -> Result<()>;
    /// The encoded key.
    fn value(&self) -> Secret;
}

impl<P: ParameterSet + Send + Sync> SlhDsaPublic for VerifyingKey<P> {
    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<()> {
        let signature = Signature::<P>::try_from(signature).map_err(|_| Error::InvalidLength)?;
        self.slh_verify_internal(message, &signature).map_err(|_| Error::Rejected)
    }
}

impl<P: ParameterSet + Send + Sync> SlhDsaPrivate for SigningKey<P> {
    fn sign(&self, message: &[&[u8]], randomness: Option<&[u8]>, out: &mut [u8]) -> Result<()> {
        let signature = self.slh_sign_internal(message, randomness).to_vec();
        let out = out.get_mut(..signature.len()).ok_or(Error::InvalidLength)?;
        out.copy_from_slice(&signature);
        Ok(())
    }

    fn value(&self) -> Secret {
        Secret::take(&mut self.to_bytes())
    }
}

/// Of SK.seed, SK.prf and PK.seed.
type Generate = fn(&[u8], &[u8], &[u8]) -> Box<dyn SlhDsaPrivate>;

/// What a parameter set makes of bytes.
struct Constructors {
    public: fn(&[u8]) -> Result<Box<dyn SlhDsaPublic>>,
    private: fn(&[u8]) -> Result<Box<dyn SlhDsaPrivate>>,
    generate: Generate,
}

const fn constructors<P: ParameterSet + Send + Sync + 'static>() -> Constructors {
    Constructors {
        public: |value| Ok(Box::new(VerifyingKey::<P>::try_from(value).map_err(|_| Error::InvalidKey)?)),
        private: |value| Ok(Box::new(SigningKey::<P>::try_from(value).map_err(|_| Error::InvalidKey)?)),
        generate: |sk_seed, sk_prf, pk_seed| Box::new(SigningKey::<P>::slh_keygen_internal(sk_seed, sk_prf, pk_seed)),
    }
}

fn of(set: SlhDsaSet) -> Constructors {
    match set {
        SlhDsaSet::Sha2_128s => constructors::<Sha2_128s>(),
        SlhDsaSet::Sha2_128f => constructors::<Sha2_128f>(),
        SlhDsaSet::Sha2_192s => constructors::<Sha2_192s>(),
        SlhDsaSet::Sha2_192f => constructors::<Sha2_192f>(),
        SlhDsaSet::Sha2_256s => constructors::<Sha2_256s>(),
        SlhDsaSet::Sha2_256f => constructors::<Sha2_256f>(),
        SlhDsaSet::Shake128s => constructors::<Shake128s>(),
        SlhDsaSet::Shake128f => constructors::<Shake128f>(),
        SlhDsaSet::Shake192s => constructors::<Shake192s>(),
        SlhDsaSet::Shake192f => constructors::<Shake192f>(),
        SlhDsaSet::Shake256s => constructors::<Shake256s>(),
        SlhDsaSet::Shake256f => constructors::<Shake256f>(),
    }
}

/// Takes an encoded public key.
pub(in crate::crypto) fn slh_dsa_public(set: SlhDsaSet, value: &[u8]) -> Result<Box<dyn SlhDsaPublic>> {
    (of(set).public)(value)
}

/// Takes an encoded private key.
pub(in crate::crypto) fn slh_dsa_private(set: SlhDsaSet, value: &[u8]) -> Result<Box<dyn SlhDsaPrivate>> {
    (of(set).private)(value)
}

/// The key of SK.seed, SK.prf and PK.seed, side by side.
pub(in crate::crypto) fn slh_dsa_generate(set: SlhDsaSet, seeds: &[u8]) -> Result<Box<dyn SlhDsaPrivate>> {
    let n = set.n();
    let [sk_seed, sk_prf, pk_seed] = [0, 1, 2].map(|at| seeds.get(at * n..(at + 1) * n).ok_or(Error::InvalidKey));
    Ok((of(set).generate)(sk_seed?, sk_prf?, pk_seed?))
}
