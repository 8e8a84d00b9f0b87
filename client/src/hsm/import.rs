//! Master keys that come from outside: from a ceremony on the host, into a token that is then their only place.

use cryptoki::error::{Error as Pkcs11Error, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use cryptoki::session::Session;
use getrandom::SysRng;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroize;

use super::codes::Fault;
use super::pkcs11::Token;
use super::{Hsm, template};
use crate::error::{Error, Kind, Result};
use crate::id::ObjectId;
use crate::secret::Secret;

/// A key on its way in.
pub struct Incoming<'a> {
    /// Its CKA_ID.
    pub id: &'a ObjectId,
    /// PKCS#11 attribute types and values, as its manifest has them.
    pub attributes: &'a [(u64, Vec<u8>)],
    /// 32 bytes.
    pub value: &'a Secret,
}

/// How a key came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// By which way.
    pub route: Route,
    /// Attributes of the manifest this client has no way to set.
    pub left_out: Vec<u64>,
}

/// The ways into a token, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// C_UnwrapKey under an RSA pair the token made for it, OAEP with SHA-256.
    OaepSha256,
    /// The same with SHA-1, for tokens that know no other.
    OaepSha1,
    /// C_CreateObject: the value passes the PKCS#11 interface as it is.
    Plain,
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::OaepSha256 => "C_UnwrapKey with RSA-OAEP (SHA-256)",
            Self::OaepSha1 => "C_UnwrapKey with RSA-OAEP (SHA-1)",
            Self::Plain => "C_CreateObject",
        })
    }
}

/// A token that takes master keys in.
pub trait Import: Hsm {
    /// Makes the key a private, sensitive token object that is never extractable.
    ///
    /// # Errors
    /// Those of the token.
    fn import_mek(&self, key: &Incoming<'_>) -> Result<Imported>;
}

impl Import for Token {
    fn import_mek(&self, key: &Incoming<'_>) -> Result<Imported> {
        if key.value.len() != template::KEY_BYTES {
            return Err(Error::new(Kind::Usage, format!("a key of {} bytes is no master key of this client", key.value.len()))
                .why("it uses AES-256"));
        }
        let (template, left_out) = template::imported_mek(key.id, key.attributes);
        let route = self.pool().write("importing the master key", |session| {
            if can_unwrap(self) {
                match wrapped(session, &template, key.value) {
                    Err(fault) if is_refusal(&fault) => {}
                    other => return other.map(|(_, route)| route),
                }
            }
            plain(session, template, key.value).map(|_| Route::Plain)
        })?;
        Ok(Imported { route, left_out })
    }
}

/// True when the token lists what [`wrapped`] needs.
pub(super) fn can_unwrap(token: &Token) -> bool {
    [MechanismType::RSA_PKCS_KEY_PAIR_GEN, MechanismType::RSA_PKCS_OAEP].into_iter().all(|mechanism| token.offers(mechanism))
}

/// By C_UnwrapKey: the value of 32 bytes leaves this process only encrypted to a key of the token.
pub(super) fn wrapped(session: &Session, template: &[Attribute], value: &Secret) -> Result<(ObjectHandle, Route), Fault> {
    let [public, private] = template::passing_pair(PASSING_BITS);
    let (public, private) = session.generate_key_pair(&Mechanism::RsaPkcsKeyPairGen, &public, &private)?;
    let unwrapped = public_key(session, public).and_then(|recipient| {
        let first = unwrap(session, private, &recipient, template, value, Route::OaepSha256);
        match first {
            Err(fault) if is_refusal(&fault) => unwrap(session, private, &recipient, template, value, Route::OaepSha1),
            other => other,
        }
    });
    for half in [public, private] {
        // A session object that cannot be destroyed goes with its session.
        let _ = session.destroy_object(half);
    }
    unwrapped
}

fn unwrap(
    session: &Session,
    private: ObjectHandle,
    recipient: &rsa::PublicKey,
    template: &[Attribute],
    value: &Secret,
    route: Route,
) -> Result<(ObjectHandle, Route), Fault> {
    let (sealed, hash, mgf) = if route == Route::OaepSha256 {
        let sealed = recipient.oaep_encrypt_with_rng::<Sha256, _>(&mut SysRng, value.expose());
        (sealed, MechanismType::SHA256, PkcsMgfType::MGF1_SHA256)
    } else {
        let sealed = recipient.oaep_encrypt_with_rng::<Sha1, _>(&mut SysRng, value.expose());
        (sealed, MechanismType::SHA1, PkcsMgfType::MGF1_SHA1)
    };
    let sealed = sealed.map_err(|error| Error::new(Kind::Device, "encrypting to the token failed").why(error.to_string()))?;
    let mechanism = Mechanism::RsaPkcsOaep(PkcsOaepParams::new(hash, mgf, PkcsOaepSource::empty()));
    let key = session.unwrap_key(&mechanism, private, &sealed, template)?;
    described(session, key).map(|()| (key, route))
}

/// Takes a key out again that the token does not describe as an AES key of 256 bits: nobody would find it. SoftHSMv2 2.6 gives an
/// unwrapped key the length 0.
fn described(session: &Session, key: ObjectHandle) -> Result<(), Fault> {
    let length = Attribute::ValueLen((template::KEY_BYTES as u64).into());
    if session.get_attributes(key, &[AttributeType::ValueLen])?.contains(&length) {
        return Ok(());
    }
    session.destroy_object(key)?;
    Err(Error::new(Kind::MechanismRefused, "the token does not know the length of a key it unwrapped").into())
}

/// By C_CreateObject.
pub(super) fn plain(session: &Session, mut template: Vec<Attribute>, value: &Secret) -> Result<ObjectHandle, Fault> {
    template.push(Attribute::Value(value.expose().to_vec()));
    let made = session.create_object(&template);
    if let Some(Attribute::Value(copy)) = template.last_mut() {
        copy.zeroize();
    }
    Ok(made?)
}

fn public_key(session: &Session, handle: ObjectHandle) -> Result<rsa::PublicKey, Fault> {
    let numbers = session.get_attributes(handle, &[AttributeType::Modulus, AttributeType::PublicExponent])?;
    let number = rsa::BoxedUint::from_be_slice_vartime;
    match numbers.as_slice() {
        [Attribute::Modulus(n), Attribute::PublicExponent(e)] => rsa::PublicKey::new(number(n), number(e))
            .map_err(|error| Error::new(Kind::Device, "the token's RSA key is none").why(error.to_string()).into()),
        _ => Err(Error::new(Kind::MechanismRefused, "the token does not show the RSA key it made").into()),
    }
}

/// The token will not take a key this way, but perhaps another.
pub(super) fn is_refusal(fault: &Fault) -> bool {
    match fault {
        Fault::Module(Pkcs11Error::Pkcs11(code, _)) => {
            // SoftHSMv2 calls an unknown OAEP hash a bad argument.
            super::codes::is_refusal(*code) || matches!(code, RvError::GeneralError | RvError::WrappedKeyInvalid)
        }
        Fault::Module(_) => true,
        Fault::Ours(error) => error.kind() == Kind::MechanismRefused,
    }
}

/// Of the RSA pair that lives for one import.
const PASSING_BITS: usize = 3072;
