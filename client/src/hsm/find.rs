//! Keys found by what they are (CKA_CLASS, CKA_ID, usage flags), never by handle or slot.

use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use super::codes::Fault;
use super::template::{ED25519_NAME, ED25519_OID};
use super::{Curve, MekInfo, MekKind, PublicKey, SigningKeyInfo};
use crate::error::{Error, Kind, Result};
use crate::id::ObjectId;

/// The one token object of `class` with that id.
pub(super) fn one(session: &Session, class: ObjectClass, id: &ObjectId) -> Result<ObjectHandle, Fault> {
    let template = [Attribute::Token(true), Attribute::Class(class), Attribute::Id(id.as_bytes().to_vec())];
    match session.find_objects(&template)?.as_slice() {
        [handle] => Ok(*handle),
        [] => Err(Error::new(Kind::NotFound, format!("the token holds no such key: {id}"))
            .next("see what it holds: hsm mek list, hsm key list")
            .into()),
        several => Err(Error::new(Kind::Conflict, format!("the token holds {} keys of one id", several.len()))
            .why(format!("CKA_ID {id} should be unique"))
            .into()),
    }
}

/// The AES keys that may wrap and unwrap, and the RSA pairs that may unwrap and sign but not decrypt.
pub(super) fn meks(session: &Session) -> Result<Vec<MekInfo>, Fault> {
    let aes = [
        Attribute::Token(true),
        // A public object can be written by whoever reaches the token, without a PIN.
        Attribute::Private(true),
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Wrap(true),
        Attribute::Unwrap(true),
    ];
    let mut found = Vec::new();
    for handle in session.find_objects(&aes)? {
        let attributes = session.get_attributes(handle, &DESCRIBED)?;
        if attributes.contains(&Attribute::ValueLen(32.into())) {
            found.extend(mek_info(&attributes, MekKind::Aes256));
        }
    }
    for handle in session.find_objects(&rsa_mek_template())? {
        let attributes = session.get_attributes(handle, &DESCRIBED)?;
        let bits = attributes.iter().find_map(|attribute| match attribute {
            Attribute::Modulus(n) => Some(n.len() * 8),
            _ => None,
        });
        found.extend(mek_info(&attributes, MekKind::Rsa(bits.unwrap_or(0))));
    }
    Ok(found)
}

/// The pairs that may sign and are not master keys, of kinds we know.
pub(super) fn signing_keys(session: &Session) -> Result<Vec<SigningKeyInfo>, Fault> {
    let signing = [Attribute::Token(true), Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Sign(true)];
    let masters = session.find_objects(&rsa_mek_template())?;
    let mut found = Vec::new();
    for handle in session.find_objects(&signing)? {
        if masters.contains(&handle) {
            continue;
        }
        let attributes =
            session.get_attributes(handle, &[AttributeType::Id, AttributeType::Label, AttributeType::Extractable])?;
        let (Some(id), label) = (id_of(&attributes), label_of(&attributes)) else { continue };
        let extractable = attributes.contains(&Attribute::Extractable(true));
        match public_key(session, &id) {
            Ok(public) => found.push(SigningKeyInfo { id, label, public, extractable }),
            // Not ours to use: an unknown curve, or no public half to show.
            Err(Fault::Ours(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(found)
}

/// The public half of the pair named `id`.
pub(super) fn public_key(session: &Session, id: &ObjectId) -> Result<PublicKey, Fault> {
    let handle = one(session, ObjectClass::PUBLIC_KEY, id)?;
    let kind = session.get_attributes(handle, &[AttributeType::KeyType])?;
    Ok(match kind.first() {
        Some(Attribute::KeyType(KeyType::RSA)) => {
            let numbers = session.get_attributes(handle, &[AttributeType::Modulus, AttributeType::PublicExponent])?;
            match numbers.as_slice() {
                [Attribute::Modulus(n), Attribute::PublicExponent(e)] => PublicKey::rsa(n, e)?,
                _ => return Err(unusable(id).into()),
            }
        }
        Some(Attribute::KeyType(KeyType::EC | KeyType::EC_EDWARDS)) => {
            let curve = session.get_attributes(handle, &[AttributeType::EcParams, AttributeType::EcPoint])?;
            match curve.as_slice() {
                [Attribute::EcParams(params), Attribute::EcPoint(point)] => on_curve(params, point, id)?,
                _ => return Err(unusable(id).into()),
            }
        }
        _ => return Err(unusable(id).into()),
    })
}

fn on_curve(params: &[u8], point: &[u8], id: &ObjectId) -> Result<PublicKey> {
    if let Some(curve) = Curve::with_params(params) {
        PublicKey::ec_point(curve, point)
    } else if params == ED25519_OID || params == ED25519_NAME {
        PublicKey::ed25519_point(point)
    } else {
        Err(unusable(id))
    }
}

fn unusable(id: &ObjectId) -> Error {
    Error::new(Kind::Malformed, format!("the key {id} is of no kind this client can use"))
        .why("it knows RSA, P-256, P-384, P-521 and Ed25519")
}

fn rsa_mek_template() -> [Attribute; 7] {
    [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::KeyType(KeyType::RSA),
        Attribute::Unwrap(true),
        Attribute::Sign(true),
        Attribute::Decrypt(false),
    ]
}

fn mek_info(attributes: &[Attribute], kind: MekKind) -> Option<MekInfo> {
    Some(MekInfo {
        id: id_of(attributes)?,
        label: label_of(attributes),
        kind,
        never_extractable: attributes.contains(&Attribute::NeverExtractable(true)),
        always_sensitive: attributes.contains(&Attribute::AlwaysSensitive(true)),
        local: attributes.contains(&Attribute::Local(true)),
    })
}

pub(super) fn id_of(attributes: &[Attribute]) -> Option<ObjectId> {
    attributes.iter().find_map(|attribute| match attribute {
        Attribute::Id(bytes) => ObjectId::from_bytes(bytes).ok(),
        _ => None,
    })
}

pub(super) fn label_of(attributes: &[Attribute]) -> String {
    let label = attributes.iter().find_map(|attribute| match attribute {
        Attribute::Label(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    });
    label.unwrap_or_default()
}

const DESCRIBED: [AttributeType; 7] = [
    AttributeType::Id,
    AttributeType::Label,
    AttributeType::NeverExtractable,
    AttributeType::AlwaysSensitive,
    AttributeType::Local,
    AttributeType::ValueLen,
    AttributeType::Modulus,
];
