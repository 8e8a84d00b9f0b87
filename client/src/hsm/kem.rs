//! ML-KEM-1024 pairs in a token (PKCS#11 v3.2 section 6.66): the shared secret is an AES key there, which seals inside.

use cryptoki::mechanism::aead::GcmParams;
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, MlKemParameterSetType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use super::codes::Fault;
use super::pkcs11::Token;
use super::{Named, find, template};
use crate::error::{Error, Kind, Result};
use crate::id::ObjectId;
use crate::kem::{self, Encapsulated, KemInfo};

/// Bits of the tag.
const TAG_BITS: u64 = 128;

impl Token {
    pub(super) fn list_kems(&self) -> Result<Vec<KemInfo>> {
        if !self.offers(MechanismType::ML_KEM) {
            return Ok(Vec::new());
        }
        self.pool().read("listing the ML-KEM keys", |session| {
            let mut found = Vec::new();
            for handle in session.find_objects(&private())? {
                let told =
                    session.get_attributes(handle, &[AttributeType::Id, AttributeType::Label, AttributeType::ParameterSet])?;
                if told.contains(&Attribute::ParameterSet(MlKemParameterSetType::ML_KEM_1024.into()))
                    && let Some(id) = find::id_of(&told)
                {
                    found.push(KemInfo { id, label: find::label_of(&told) });
                }
            }
            Ok(found)
        })
    }

    pub(super) fn generate_kem(&self, label: &str) -> Result<ObjectId> {
        if !self.offers(MechanismType::ML_KEM_KEY_PAIR_GEN) {
            return Err(Error::new(Kind::MechanismRefused, "the token has no ML-KEM")
                .why("it does not list CKM_ML_KEM_KEY_PAIR_GEN")
                .next("keep the pair in a file: hsm kem create --file PATH"));
        }
        let passing = ObjectId::random()?;
        self.pool().write("making an ML-KEM-1024 pair", |session| {
            let [public, private] = template::kem_pair(Named { id: &passing, label });
            let (public, private) = session.generate_key_pair(&Mechanism::MlKemKeyPairGen, &public, &private)?;
            named_by_its_value(session, public, private).inspect_err(|_| {
                // Nobody would find it by its name: what cannot be used must not stay.
                for half in [public, private] {
                    let _ = session.destroy_object(half);
                }
            })
        })
    }

    pub(super) fn seal_by_kem(&self, id: &ObjectId, data: &[u8], aad: &[u8]) -> Result<Encapsulated> {
        self.pool().read("sealing by ML-KEM-1024", |session| {
            let public = find::one(session, ObjectClass::PUBLIC_KEY, id)?;
            // Public objects need no PIN to be written: what would be sealed to another key, its owner could open.
            if public_id(session, public)? != *id {
                return Err(Error::authentication(format!("the public half of the ML-KEM key {id} was exchanged"))
                    .next("look at who can write to the token; make another one: hsm kem create")
                    .into());
            }
            let (secret, key) = session.encapsulate_key(&Mechanism::MlKem, public, &template::kem_secret())?;
            let sealed = with_gcm(aad, |mechanism| session.encrypt(mechanism, key, data));
            session.destroy_object(key)?;
            Ok(Encapsulated { secret, data: sealed? })
        })
    }

    pub(super) fn open_by_kem(&self, id: &ObjectId, sealed: &Encapsulated, aad: &[u8]) -> Result<Vec<u8>> {
        self.pool().read("opening by ML-KEM-1024", |session| {
            let private = find::one(session, ObjectClass::PRIVATE_KEY, id)?;
            if sealed.secret.len() != kem::ENCAPSULATED_LEN {
                return Err(Error::authentication("the encapsulated secret of the data key has another length").into());
            }
            let key = session.decapsulate_key(&Mechanism::MlKem, private, &template::kem_secret(), &sealed.secret)?;
            let opened = opened(session, key, &sealed.data, aad);
            session.destroy_object(key)?;
            opened
        })
    }
}

fn opened(session: &Session, key: ObjectHandle, data: &[u8], aad: &[u8]) -> Result<Vec<u8>, Fault> {
    with_gcm(aad, |mechanism| session.decrypt(mechanism, key, data)).map_err(|error| {
        let error = Fault::from(error).explain("opening what was sealed to the ML-KEM key");
        Fault::Ours(match error.kind() {
            Kind::Authentication => {
                Error::authentication("what was sealed to the ML-KEM key does not open").why(error.reason().to_owned())
            }
            _ => error,
        })
    })
}

/// Gives both halves of a new pair the name that follows from its public half.
fn named_by_its_value(session: &Session, public: ObjectHandle, private: ObjectHandle) -> Result<ObjectId, Fault> {
    let id = public_id(session, public)?;
    for half in [public, private] {
        session.update_attributes(half, &[Attribute::Id(id.as_bytes().to_vec())])?;
    }
    Ok(id)
}

/// What a pair is called: by its public half, as one in a file.
fn public_id(session: &Session, public: ObjectHandle) -> Result<ObjectId, Fault> {
    match session.get_attributes(public, &[AttributeType::Value])?.as_slice() {
        [Attribute::Value(value)] => Ok(kem::id_of(value)?),
        _ => Err(Error::new(Kind::Device, "the token does not show the public half of its ML-KEM key").into()),
    }
}

fn with_gcm<T>(aad: &[u8], job: impl FnOnce(&Mechanism<'_>) -> cryptoki::error::Result<T>) -> cryptoki::error::Result<T> {
    let (mut nonce, aad) = (kem::NONCE, kem::authenticated(aad));
    let parameters = GcmParams::new(&mut nonce, &aad, TAG_BITS.into())?;
    job(&Mechanism::AesGcm(parameters))
}

fn private() -> [Attribute; 4] {
    [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::KeyType(KeyType::ML_KEM),
    ]
}
