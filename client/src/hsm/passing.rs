//! An AES key that both this machine and the token know, for one import or export: what passes between them is wrapped under it
//! (RFC 5649).

use aes_kw::KwpAes256;
use aes_kw::cipher::KeyInit as _;
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, ObjectHandle};
use cryptoki::session::Session;

use super::codes::Fault;
use super::import;
use super::pkcs11::Token;
use super::template;
use crate::error::{Error, Kind, Result};
use crate::random;
use crate::secret::Secret;

/// The key: a session object, gone with the session at the latest.
pub(super) struct Passing<'s> {
    session: &'s Session,
    handle: ObjectHandle,
    cipher: KwpAes256,
    /// It went in encrypted to a key of the token.
    sealed: bool,
}

impl<'s> Passing<'s> {
    /// Makes one. It goes in under an RSA key of the token where that works, else through C_CreateObject.
    pub(super) fn make(token: &Token, session: &'s Session) -> Result<Self, Fault> {
        if !token.offers(MechanismType::AES_KEY_WRAP_PAD) {
            return Err(Error::new(Kind::MechanismRefused, "the token has no AES key wrap with padding (RFC 5649)").into());
        }
        let value = random::secret(template::KEY_BYTES)?;
        let cipher =
            KwpAes256::new_from_slice(value.expose()).map_err(|_| Error::new(Kind::Device, "an AES key of another length"))?;
        let template = template::passing_key();
        let under_rsa = import::can_unwrap(token).then(|| import::wrapped(session, &template, &value));
        let (handle, sealed) = match under_rsa {
            Some(Ok((handle, _))) => (handle, true),
            Some(Err(fault)) if !import::is_refusal(&fault) => return Err(fault),
            _ => (import::plain(session, template, &value)?, false),
        };
        Ok(Self { session, handle, cipher, sealed })
    }

    /// True when it went in encrypted to a key of the token.
    pub(super) fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// Brings `plain` in, as a key that `template` describes.
    pub(super) fn bring_in(&self, plain: &Secret, template: &[Attribute]) -> Result<ObjectHandle, Fault> {
        let mut buffer = vec![0; plain.len().next_multiple_of(8) + 8];
        let wrapped = self.cipher.wrap_key(plain.expose(), &mut buffer).map_err(|_| not_wrapped())?;
        Ok(self.session.unwrap_key(&Mechanism::AesKeyWrapPad, self.handle, wrapped, template)?)
    }

    /// Takes a key out.
    pub(super) fn take_out(&self, key: ObjectHandle) -> Result<Secret, Fault> {
        let wrapped = self.session.wrap_key(&Mechanism::AesKeyWrapPad, self.handle, key)?;
        // cryptoki returns the buffer it asked for, which some tokens overstate: zeros follow then. The checksum of RFC 5649 tells
        // where the wrapped key ends.
        let mut len = wrapped.len() - wrapped.len() % 8;
        while len >= 16 {
            if let Some(plain) = self.opened(&wrapped[..len])? {
                return Ok(plain);
            }
            if wrapped[len - 8..len] != [0; 8] {
                break;
            }
            len -= 8;
        }
        Err(Error::new(Kind::MechanismRefused, "the token wraps a key in another way than RFC 5649").into())
    }

    fn opened(&self, wrapped: &[u8]) -> Result<Option<Secret>> {
        let mut len = None;
        let opened = Secret::filled(wrapped.len(), |buffer| {
            len = self.cipher.unwrap_key(wrapped, buffer).ok().map(<[u8]>::len);
            Ok::<_, Error>(())
        })?;
        Ok(len.map(|len| Secret::copy(&opened.expose()[..len])))
    }
}

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        // What cannot be destroyed goes with its session.
        let _ = self.session.destroy_object(self.handle);
    }
}

fn not_wrapped() -> Error {
    Error::new(Kind::Usage, "a key of this length cannot be wrapped")
}
