//! Keys that people bring in from files, and take out where the token lets them.

use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use super::codes::Fault;
use super::passing::Passing;
use super::pkcs11::Token;
use super::{Hsm, Leaving, Named, PublicKey, Scheme, find, import, template};
use crate::error::{Error, Kind, Result};
use crate::id::ObjectId;
use crate::keyfile::PrivateKey;
use crate::secret::Secret;

/// How a key came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// C_UnwrapKey, under an AES key made for it that came in under an RSA key of the token.
    Sealed,
    /// C_UnwrapKey, under an AES key made for it that came in by C_CreateObject: whoever sees the PKCS#11 interface can open it.
    Unwrapped,
    /// C_CreateObject: the numbers pass the PKCS#11 interface as they are.
    Plain,
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sealed => "C_UnwrapKey, wrapped under a key sealed to the token",
            Self::Unwrapped => "C_UnwrapKey, wrapped under a key given by C_CreateObject",
            Self::Plain => "C_CreateObject",
        })
    }
}

/// A token that takes keys in and, where their attributes allow it, gives them out.
pub trait Transfer: Hsm {
    /// Makes both halves token objects, the private one sensitive, for signing, and checks that they sign. Nothing stays
    /// when it fails.
    ///
    /// # Errors
    /// Those of the token.
    fn import_pair(&self, named: Named<'_>, key: &PrivateKey, leaving: Leaving) -> Result<Path>;

    /// Makes an AES key of 16, 24 or 32 bytes a sensitive token object, for encryption.
    ///
    /// # Errors
    /// Those of the token.
    fn import_aes(&self, named: Named<'_>, value: &Secret, leaving: Leaving) -> Result<Path>;

    /// Makes a public key a token object, for verification.
    ///
    /// # Errors
    /// Those of the token.
    fn import_public(&self, named: Named<'_>, key: &PublicKey) -> Result<()>;

    /// Takes the private key of a pair out, wrapped, and opens it here.
    ///
    /// # Errors
    /// [`Kind::MechanismRefused`] when CKA_EXTRACTABLE is false or the token wraps it in no way we know; those of the token.
    fn export_pair(&self, id: &ObjectId) -> Result<PrivateKey>;
}

impl Transfer for Token {
    fn import_pair(&self, named: Named<'_>, key: &PrivateKey, leaving: Leaving) -> Result<Path> {
        let path = self.pool().write("importing the key", |session| {
            let (private, path) = self.private_in(session, named, key, leaving)?;
            public_in(session, named, key.public()).inspect_err(|_| {
                // Why it cannot be used matters more than why it stays.
                let _ = session.destroy_object(private);
            })?;
            Ok(path)
        })?;
        self.proven(named.id, key.public()).map_err(|error| self.taken_out(named.id, error))?;
        Ok(path)
    }

    fn import_aes(&self, named: Named<'_>, value: &Secret, leaving: Leaving) -> Result<Path> {
        let template = template::imported_aes(named, leaving);
        self.pool().write("importing the key", |session| {
            match self.unwrapped(session, value, &template) {
                Ok((handle, path)) if of_length(session, handle, value.len()) => return Ok(path),
                // SoftHSMv2 2.6 gives an unwrapped key the length 0, and nobody could find it.
                Ok((handle, _)) => session.destroy_object(handle)?,
                Err(fault) if import::is_refusal(&fault) => {}
                Err(fault) => return Err(fault),
            }
            import::plain(session, template.clone(), value).map(|_| Path::Plain)
        })
    }

    fn import_public(&self, named: Named<'_>, key: &PublicKey) -> Result<()> {
        self.pool().write("importing the public key", |session| public_in(session, named, key).map(|_| ()))
    }

    fn export_pair(&self, id: &ObjectId) -> Result<PrivateKey> {
        let public = self.public_key(id)?;
        let plain = self.pool().write("exporting the key", |session| {
            let key = find::one(session, ObjectClass::PRIVATE_KEY, id)?;
            if !session.get_attributes(key, &[AttributeType::Extractable])?.contains(&Attribute::Extractable(true)) {
                return Err(Error::new(Kind::MechanismRefused, format!("the private key {id} never leaves the token"))
                    .why("its CKA_EXTRACTABLE is false, and no one can change that")
                    .next("make keys that are to leave with hsm key create --extractable; sign with this one where it is")
                    .into());
            }
            Passing::make(self, session)?.take_out(key)
        })?;
        let key = PrivateKey::from_filled_pkcs8(plain.expose())?;
        if *key.public() != public {
            return Err(Error::authentication(format!("the public key of {id} does not belong to its private key"))
                .why("one of the two was exchanged in the token")
                .next("do not use it; look at who can write to the token"));
        }
        Ok(key)
    }
}

impl Token {
    fn unwrapped(&self, session: &Session, plain: &Secret, template: &[Attribute]) -> Result<(ObjectHandle, Path), Fault> {
        let passing = Passing::make(self, session)?;
        let path = if passing.is_sealed() { Path::Sealed } else { Path::Unwrapped };
        passing.bring_in(plain, template).map(|handle| (handle, path))
    }

    fn private_in(
        &self,
        session: &Session,
        named: Named<'_>,
        key: &PrivateKey,
        leaving: Leaving,
    ) -> Result<(ObjectHandle, Path), Fault> {
        let template = template::imported_private(named, key.public().kind(), leaving);
        match self.unwrapped(session, key.pkcs8(), &template) {
            Ok(done) => return Ok(done),
            Err(fault) if import::is_refusal(&fault) => {}
            Err(fault) => return Err(fault),
        }
        let numbers = key.numbers()?;
        let mut refusal = None;
        for curve in template::curve_names(key.public().kind()) {
            let mut whole = template.clone();
            whole.extend(template::numbers(key.public(), &numbers, curve));
            let made = session.create_object(&whole);
            template::erase(&mut whole);
            match made {
                Ok(handle) => return Ok((handle, Path::Plain)),
                Err(error) => refusal = Some(error),
            }
        }
        Err(refusal.map_or_else(|| Error::new(Kind::MechanismRefused, "no way to name the key").into(), Fault::Module))
    }

    /// Destroys a pair that is of no use; the error that led here, with what is left to do if the token keeps it.
    fn taken_out(&self, id: &ObjectId, error: Error) -> Error {
        let Err(kept) = self.destroy_pair(id) else { return error };
        error
            .why(format!("it stays there, since {kept}"))
            .next(format!("destroy the pair with CKA_ID {id} with the token's own tool"))
    }

    /// The pair signs, and what it signs its public half verifies: a token may take in what it cannot use.
    fn proven(&self, id: &ObjectId, public: &PublicKey) -> Result<()> {
        let scheme = Scheme::usual(public.kind());
        let message = b"hsm: an imported key is tried";
        let signature = self.sign(id, scheme, message)?;
        let same = self.public_key(id)? == *public && public.verify(scheme, message, &signature).is_ok();
        if same {
            return Ok(());
        }
        Err(Error::new(Kind::MechanismRefused, "the token took the key in and does not sign with it")
            .why("it was taken out again"))
    }
}

fn public_in(session: &Session, named: Named<'_>, key: &PublicKey) -> Result<ObjectHandle, Fault> {
    let mut refusal = None;
    for curve in template::curve_names(key.kind()) {
        for point in template::points(key) {
            match session.create_object(&template::imported_public(named, key, curve, &point)) {
                Ok(handle) => return Ok(handle),
                Err(error) => refusal = Some(error),
            }
        }
    }
    Err(refusal.map_or_else(|| Error::new(Kind::MechanismRefused, "no way to name the key").into(), Fault::Module))
}

fn of_length(session: &Session, key: ObjectHandle, len: usize) -> bool {
    let told = session.get_attributes(key, &[AttributeType::ValueLen]);
    told.is_ok_and(|told| told.contains(&Attribute::ValueLen((len as u64).into())))
}
