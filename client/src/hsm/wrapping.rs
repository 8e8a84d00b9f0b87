//! Data keys wrapped and unwrapped in a session: each mechanism of the table [`crate::wrap`], as the module is asked for it.
//!
//! CKM_AES_KEY_WRAP_KWP (0x210b) cannot be named through cryptoki 0.12, which knows no such number and lets none be
//! made. RFC 5649 is reached by CKM_AES_KEY_WRAP_PAD (0x210a) instead, the older number for it in SoftHSMv2 and others;
//! where a token means another padding by that number the wrapped key is not 40 bytes and the mechanism is refused.

use cryptoki::mechanism::aead::GcmParams;
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use super::codes::Fault;
use super::pkcs11::Token;
use super::{WrapMechanism, Wrapped, Wrapping, find};
use crate::error::{Error, Kind, Result};
use crate::random;

impl Token {
    /// True when the token lists what `way` needs. Listed is not yet working.
    pub(super) fn lists(&self, way: WrapMechanism) -> bool {
        self.offers(number(way)) && (way != WrapMechanism::AesGcmAuth || self.authenticated().is_some())
    }

    /// Wraps `dek`.
    pub(super) fn wrap(
        &self,
        session: &Session,
        to: Wrapping<'_>,
        way: WrapMechanism,
        dek: ObjectHandle,
    ) -> Result<Wrapped, Fault> {
        let class = if way.is_rsa() { ObjectClass::PUBLIC_KEY } else { ObjectClass::SECRET_KEY };
        let handle = find::one(session, class, to.mek)?;
        if way == WrapMechanism::AesGcmAuth {
            let functions = self.authenticated().ok_or_else(|| {
                Error::new(Kind::MechanismRefused, format!("the token does not wrap with {way}"))
                    .why("its module has no C_WrapKeyAuthenticated, which came with PKCS#11 3.2")
            })?;
            let (nonce, ciphertext) = functions.wrap(session, [handle, dek], to.aad)?;
            return Ok(Wrapped { mechanism: way, nonce, ciphertext });
        }
        let mut nonce = nonce(way)?;
        let ciphertext = with_mechanism(way, &mut nonce, to.aad, |mechanism| session.wrap_key(mechanism, handle, dek))?;
        Ok(Wrapped { mechanism: way, nonce, ciphertext: of_its_length(way, ciphertext)? })
    }

    /// Unwraps a data key that `template` describes.
    pub(super) fn unwrap_with(
        &self,
        session: &Session,
        Wrapping { mek, aad }: Wrapping<'_>,
        wrapped: &Wrapped,
        template: &[Attribute],
    ) -> Result<ObjectHandle, Fault> {
        let class = if wrapped.mechanism.is_rsa() { ObjectClass::PRIVATE_KEY } else { ObjectClass::SECRET_KEY };
        let handle = find::one(session, class, mek)?;
        match self.authenticated() {
            Some(functions) if wrapped.mechanism == WrapMechanism::AesGcmAuth => {
                functions.unwrap(session, handle, (&wrapped.nonce, &wrapped.ciphertext), aad, template)
            }
            _ => {
                let mut nonce = wrapped.nonce.clone();
                with_mechanism(wrapped.mechanism, &mut nonce, aad, |mechanism| {
                    session.unwrap_key(mechanism, handle, &wrapped.ciphertext, template)
                })
            }
        }
    }
}

/// The wrapped key, if it has the length the mechanism gives it.
fn of_its_length(way: WrapMechanism, mut ciphertext: Vec<u8>) -> Result<Vec<u8>> {
    let Some(expected) = way.wrapped_len() else { return Ok(ciphertext) };
    // cryptoki returns the buffer it asked for, which some tokens overstate; zeros follow the wrapped key then.
    let padded = ciphertext.len() > expected && ciphertext[expected..].iter().all(|byte| *byte == 0);
    if padded {
        ciphertext.truncate(expected);
    } else if ciphertext.len() != expected {
        let why = format!("it yields {} bytes for a 32-byte key instead of {expected}", ciphertext.len());
        return Err(Error::new(Kind::MechanismRefused, format!("the token means another {way}")).why(why));
    }
    Ok(ciphertext)
}

/// Calls `job` with the mechanism and its parameters; a token that makes its own nonce writes it into `nonce`.
fn with_mechanism<T>(
    way: WrapMechanism,
    nonce: &mut [u8],
    aad: &[u8],
    job: impl FnOnce(&Mechanism<'_>) -> cryptoki::error::Result<T>,
) -> Result<T, Fault> {
    let oaep = |hash, mgf| Mechanism::RsaPkcsOaep(PkcsOaepParams::new(hash, mgf, PkcsOaepSource::empty()));
    Ok(match way {
        // The two yield the same bytes: a module that has no 3.2 opens here what another one wrapped.
        WrapMechanism::AesGcm | WrapMechanism::AesGcmAuth => job(&Mechanism::AesGcm(GcmParams::new(nonce, aad, 128.into())?)),
        WrapMechanism::AesKwp => job(&Mechanism::AesKeyWrapPad),
        WrapMechanism::AesKw => job(&Mechanism::AesKeyWrap),
        WrapMechanism::RsaOaepSha256 => job(&oaep(MechanismType::SHA256, PkcsMgfType::MGF1_SHA256)),
        WrapMechanism::RsaOaepSha1 => job(&oaep(MechanismType::SHA1, PkcsMgfType::MGF1_SHA1)),
    }?)
}

fn number(way: WrapMechanism) -> MechanismType {
    match way {
        WrapMechanism::AesGcmAuth | WrapMechanism::AesGcm => MechanismType::AES_GCM,
        WrapMechanism::AesKwp => MechanismType::AES_KEY_WRAP_PAD,
        WrapMechanism::AesKw => MechanismType::AES_KEY_WRAP,
        WrapMechanism::RsaOaepSha256 | WrapMechanism::RsaOaepSha1 => MechanismType::RSA_PKCS_OAEP,
    }
}

fn nonce(way: WrapMechanism) -> Result<Vec<u8>> {
    if way.carries_aad() { Ok(random::public::<12>()?.to_vec()) } else { Ok(Vec::new()) }
}
