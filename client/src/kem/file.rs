//! An ML-KEM-1024 pair in a file, for tokens that have no such mechanism: PKCS#8 with the seed (RFC 9935), encrypted with a password.

use libcrux_ml_kem::mlkem1024::{self, MlKem1024Ciphertext, MlKem1024PublicKey};
use pkcs8::der::asn1::{ObjectIdentifier, OctetStringRef};
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::{PrivateKeyInfoRef, der};
use zeroize::Zeroizing;

use super::{ENCAPSULATED_LEN, Encapsulated, id_of, open_with, seal_with};
use crate::error::{Error, Kind, Result};
use crate::id::ObjectId;
use crate::keyfile;
use crate::random;
use crate::secret::Secret;

/// id-alg-ml-kem-1024 (RFC 9935 section 3).
const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.3");

/// DER before the seed: `[0] IMPLICIT OCTET STRING` of 64 bytes (RFC 9935 section 6).
const SEED_HEAD: [u8; 2] = [0x80, SEED_LEN as u8];

/// Bytes of a seed: d and z (FIPS 203 section 7.1).
const SEED_LEN: usize = 64;

/// The pair, open; it cannot be printed.
///
/// ```compile_fail,E0277
/// fn print<T: std::fmt::Debug>() {}
/// print::<hsm_client::kem::FileKem>();
/// ```
///
/// Its seed is erased when dropped; what the crate libcrux makes of it for each opening it leaves on the stack.
pub struct FileKem {
    id: ObjectId,
    seed: Secret,
    public: MlKem1024PublicKey,
}

impl FileKem {
    /// A fresh pair.
    ///
    /// # Errors
    /// [`Kind::Io`] without randomness.
    pub fn generate() -> Result<Self> {
        Self::of(random::secret(SEED_LEN)?)
    }

    /// Reads what [`Self::to_pem`] wrote.
    ///
    /// # Errors
    /// [`Kind::Malformed`] when it is no such file; [`Kind::Pin`] for another password.
    pub fn from_pem(file: &Secret, password: &Secret) -> Result<Self> {
        let der = keyfile::open_encrypted(file, password)?;
        let foreign = || Error::new(Kind::Malformed, "this file holds no ML-KEM-1024 key with its seed");
        let info = PrivateKeyInfoRef::from_der(der.expose()).map_err(|error| foreign().why(error.to_string()))?;
        let seed = info.private_key.as_bytes().strip_prefix(&SEED_HEAD).filter(|seed| seed.len() == SEED_LEN);
        match seed {
            Some(seed) if info.algorithm.oid == OID => Self::of(Secret::copy(seed)),
            _ => Err(foreign()),
        }
    }

    /// The pair as PEM, encrypted with a password.
    ///
    /// # Errors
    /// [`Kind::Io`] without randomness.
    pub fn to_pem(&self, password: &Secret) -> Result<Secret> {
        let failed = |error: der::Error| Error::new(Kind::Malformed, "the ML-KEM key cannot be written").why(error.to_string());
        let inner = Secret::take([&SEED_HEAD, self.seed.expose()].concat());
        let algorithm = AlgorithmIdentifierRef { oid: OID, parameters: None };
        let key = OctetStringRef::new(inner.expose()).map_err(failed)?;
        let der = PrivateKeyInfoRef::new(algorithm, key).to_der().map_err(failed)?;
        keyfile::seal_encrypted(&Secret::take(der), password)
    }

    /// Names the pair: the first 16 bytes of SHA-256 over its public half.
    pub fn id(&self) -> &ObjectId {
        &self.id
    }

    /// Seals `data` to the pair, with `aad`.
    ///
    /// # Errors
    /// [`Kind::Io`] without randomness.
    pub fn seal(&self, data: &[u8], aad: &[u8]) -> Result<Encapsulated> {
        let message = fixed::<32>(&random::secret(32)?);
        let (secret, shared) = mlkem1024::encapsulate(&self.public, *message);
        let shared = Zeroizing::new(shared);
        Ok(Encapsulated { secret: secret.as_ref().to_vec(), data: seal_with(&*shared, data, aad)? })
    }

    /// Opens what was sealed to the pair, with the same `aad`.
    ///
    /// # Errors
    /// [`Kind::Authentication`] for another pair, other `aad` and everything altered.
    pub fn open(&self, sealed: &Encapsulated, aad: &[u8]) -> Result<Vec<u8>> {
        let secret: &[u8; ENCAPSULATED_LEN] = sealed.secret.as_slice().try_into().map_err(|_| {
            Error::authentication("what was sealed to the ML-KEM key does not open")
                .why("its encapsulated secret has another length")
        })?;
        let secret = MlKem1024Ciphertext::from(*secret);
        let pair = mlkem1024::generate_key_pair(*fixed::<SEED_LEN>(&self.seed));
        let shared = Zeroizing::new(mlkem1024::decapsulate(pair.private_key(), &secret));
        open_with(&*shared, &sealed.data, aad)
    }

    fn of(seed: Secret) -> Result<Self> {
        let public = mlkem1024::generate_key_pair(*fixed::<SEED_LEN>(&seed)).into_parts().1;
        Ok(Self { id: id_of(public.as_slice())?, seed, public })
    }
}

fn fixed<const N: usize>(secret: &Secret) -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    bytes.copy_from_slice(secret.expose());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_and_opened_and_nothing_else() {
        let (ours, other) = (FileKem::generate().unwrap(), FileKem::generate().unwrap());
        let sealed = ours.seal(b"a wrapped key", b"row").unwrap();
        assert_eq!((sealed.secret.len(), sealed.data.len()), (super::super::ENCAPSULATED_LEN, 13 + 16));
        assert_eq!(ours.open(&sealed, b"row").unwrap(), b"a wrapped key");
        let refused = |pair: &FileKem, sealed: &Encapsulated, aad: &[u8]| {
            assert_eq!(pair.open(sealed, aad).unwrap_err().kind(), Kind::Authentication);
        };
        refused(&other, &sealed, b"row");
        refused(&ours, &sealed, b"another row");
        for at in [0, 700, 1567] {
            let mut altered = sealed.clone();
            altered.secret[at] ^= 1;
            refused(&ours, &altered, b"row");
        }
        refused(&ours, &Encapsulated { secret: sealed.secret[1..].to_vec(), ..sealed.clone() }, b"row");
        refused(&ours, &Encapsulated { data: sealed.data[1..].to_vec(), ..sealed }, b"row");
    }

    #[test]
    fn a_file_with_a_password() {
        let (pair, password) = (FileKem::generate().unwrap(), Secret::copy(b"a password"));
        let sealed = pair.seal(b"data", b"").unwrap();
        let file = pair.to_pem(&password).unwrap();
        assert!(file.expose().starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        let again = FileKem::from_pem(&file, &password).unwrap();
        assert_eq!((again.id(), again.open(&sealed, b"").unwrap()), (pair.id(), b"data".to_vec()));
        assert_eq!(FileKem::from_pem(&file, &Secret::copy(b"another")).err().unwrap().kind(), Kind::Pin);
    }
}
