//! EncryptedPrivateKeyInfo with PBES2 (RFC 5958 section 3, RFC 8018 section 6.2).

use pkcs8::der::Decode;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};

use super::{PrivateKey, unknown};
use crate::error::{Error, Kind, Result};
use crate::random;
use crate::secret::Secret;

/// Opens a key.
pub(super) fn open(der: &[u8], password: &Secret) -> Result<PrivateKey> {
    PrivateKey::from_pkcs8(decrypt(der, password)?.expose())
}

/// The PKCS#8 that was encrypted.
pub(super) fn decrypt(der: &[u8], password: &Secret) -> Result<Secret> {
    let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|error| foreign().why(error.to_string()))?;
    affordable(&info.encryption_algorithm)?;
    let plain = info.decrypt(password.expose()).map_err(|_| wrong_password())?;
    // One wrong password in 256 passes for a right one by its padding, and yields noise.
    if PrivateKeyInfoRef::from_der(plain.as_bytes()).is_err() {
        return Err(wrong_password());
    }
    Ok(Secret::copy(plain.as_bytes()))
}

/// Encrypts a key.
pub(super) fn seal(pkcs8: &Secret, password: &Secret) -> Result<Secret> {
    let failed = |error: String| Error::new(Kind::Malformed, "the private key cannot be encrypted").why(error);
    let (salt, iv) = (random::public::<16>()?, random::public::<16>()?);
    let parameters =
        Parameters::generate_pbkdf2_sha256_aes256cbc(ROUNDS, &salt, iv).map_err(|error| failed(error.to_string()))?;
    let info = PrivateKeyInfoRef::from_der(pkcs8.expose()).map_err(|error| failed(error.to_string()))?;
    let sealed = info.encrypt_with_params(parameters, password.expose()).map_err(|error| failed(error.to_string()))?;
    Ok(Secret::copy(sealed.as_bytes()))
}

/// Refuses what would keep this machine busy for long, or fill its memory, before a wrong password is noticed.
fn affordable(scheme: &EncryptionScheme) -> Result<()> {
    let EncryptionScheme::Pbes2(parameters) = scheme else { return Err(foreign().why("it is PBES1")) };
    let dear = match &parameters.kdf {
        Kdf::Pbkdf2(pbkdf2) => pbkdf2.iteration_count > ROUNDS_CEILING,
        Kdf::Scrypt(scrypt) => {
            let (r, p) = (u64::from(scrypt.block_size), u64::from(scrypt.parallelization));
            scrypt.cost_parameter.saturating_mul(r) > SCRYPT_CEILING || p > 16
        }
        _ => true,
    };
    if dear { Err(foreign().why("its password hash is dearer than this command accepts")) } else { Ok(()) }
}

pub(super) fn wrong_password() -> Error {
    Error::new(Kind::Pin, "the file does not open with this password").why("the password is wrong, or the file was altered")
}

fn foreign() -> Error {
    unknown().next("convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW")
}

/// Of PBKDF2 (OWASP's figure for HMAC-SHA-256, 2023).
const ROUNDS: u32 = 600_000;

const ROUNDS_CEILING: u32 = 50_000_000;

/// N times r: 1 GiB.
const SCRYPT_CEILING: u64 = (1 << 30) / 128;
