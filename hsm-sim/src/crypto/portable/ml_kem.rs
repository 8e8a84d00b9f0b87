//! ML-KEM by libcrux, whose arithmetic is verified. It works on encoded keys, which it takes apart each time.

use libcrux_ml_kem::{mlkem512, mlkem768, mlkem1024};
use zeroize::{Zeroize, Zeroizing};

use crate::crypto::ml_kem::{MlKemSet, SEED_LEN, SHARED_LEN};
use crate::crypto::{Error, Result};
use crate::secret::Secret;

/// An encapsulation key.
pub(in crate::crypto) struct MlKemPublic {
    functions: &'static Functions,
    value: Box<[u8]>,
}

/// A decapsulation key.
pub(in crate::crypto) struct MlKemPrivate {
    functions: &'static Functions,
    value: Secret,
}

impl MlKemPublic {
    /// The caller has checked the key.
    pub(in crate::crypto) fn new(set: MlKemSet, value: &[u8]) -> Result<Self> {
        Ok(Self { functions: functions(set), value: value.into() })
    }

    /// `ciphertext` has the parameter set's length.
    pub(in crate::crypto) fn encapsulate(&self, m: &[u8; SHARED_LEN], ciphertext: &mut [u8]) -> Result<Secret> {
        (self.functions.encapsulate)(&self.value, m, ciphertext)
    }
}

impl MlKemPrivate {
    /// The expanded key of a seed.
    pub(in crate::crypto) fn expand(set: MlKemSet, seed: &[u8; SEED_LEN]) -> Result<Secret> {
        Ok((functions(set).expand)(seed))
    }

    /// Takes an expanded key, which the caller has checked.
    pub(in crate::crypto) fn new(set: MlKemSet, value: &[u8]) -> Result<Self> {
        Ok(Self { functions: functions(set), value: Secret::copy(value) })
    }

    pub(in crate::crypto) fn decapsulate(&self, ciphertext: &[u8]) -> Result<Secret> {
        (self.functions.decapsulate)(self.value.expose(), ciphertext)
    }
}

/// Of a public key and m; writes the ciphertext.
type Encapsulate = fn(&[u8], &[u8; SHARED_LEN], &mut [u8]) -> Result<Secret>;

/// A parameter set's functions over encoded keys.
struct Functions {
    expand: fn(&[u8; SEED_LEN]) -> Secret,
    encapsulate: Encapsulate,
    decapsulate: fn(&[u8], &[u8]) -> Result<Secret>,
}

/// Each parameter set is a module of its own there, with types of its own.
macro_rules! functions {
    ($set:ident, $Public:ident, $Private:ident, $Ciphertext:ident) => {
        &Functions {
            expand: |seed| {
                let pair = $set::generate_key_pair(*seed);
                let (mut private, _) = pair.into_parts();
                let value = Secret::copy(private.as_slice());
                private[0..].zeroize();
                value
            },
            encapsulate: |public, m, ciphertext| {
                let public = $set::$Public::try_from(public).map_err(|_| Error::InvalidKey)?;
                let (made, shared) = $set::encapsulate(&public, *m);
                ciphertext.copy_from_slice(made.as_slice());
                Ok(Secret::copy(&*Zeroizing::new(shared)))
            },
            decapsulate: |private, ciphertext| {
                let mut private = $set::$Private::try_from(private).map_err(|_| Error::InvalidKey)?;
                let ciphertext = $set::$Ciphertext::try_from(ciphertext).map_err(|_| Error::InvalidLength)?;
                let shared = Zeroizing::new($set::decapsulate(&private, &ciphertext));
                private[0..].zeroize();
                Ok(Secret::copy(&*shared))
            },
        }
    };
}

fn functions(set: MlKemSet) -> &'static Functions {
    match set {
        MlKemSet::MlKem512 => functions!(mlkem512, MlKem512PublicKey, MlKem512PrivateKey, MlKem512Ciphertext),
        MlKemSet::MlKem768 => functions!(mlkem768, MlKem768PublicKey, MlKem768PrivateKey, MlKem768Ciphertext),
        MlKemSet::MlKem1024 => functions!(mlkem1024, MlKem1024PublicKey, MlKem1024PrivateKey, MlKem1024Ciphertext),
    }
}
