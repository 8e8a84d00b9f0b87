//! Certificate objects: CKO_CERTIFICATE with CKC_X_509 (PKCS#11 v3.1 section 4.6).

use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use super::codes::Fault;
use super::pkcs11::Token;
use super::{Hsm, Named, find};
use crate::certificate::Certificate;
use crate::error::{Error, Kind, Result};
use crate::id::ObjectId;

/// A certificate in a token.
#[derive(Debug, Clone)]
pub struct CertificateInfo {
    /// CKA_ID: that of its key pair, where it has one here. Other programs may leave it empty.
    pub id: Option<ObjectId>,
    /// CKA_LABEL.
    pub label: String,
    /// CKA_VALUE.
    pub certificate: Certificate,
}

/// A token that keeps certificates.
pub trait Certificates: Hsm {
    /// Every X.509 certificate in the token that we can read.
    ///
    /// # Errors
    /// Those of the token.
    fn certificates(&self) -> Result<Vec<CertificateInfo>>;

    /// Adds a certificate, for anyone to read.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when the token has the same one; those of the token.
    fn import_certificate(&self, named: Named<'_>, certificate: &Certificate) -> Result<()>;
}

impl Certificates for Token {
    fn certificates(&self) -> Result<Vec<CertificateInfo>> {
        self.pool().read("listing the certificates", |session| {
            let mut found = Vec::new();
            for handle in session.find_objects(&x509())? {
                found.extend(info(session, handle)?);
            }
            Ok(found)
        })
    }

    fn import_certificate(&self, named: Named<'_>, certificate: &Certificate) -> Result<()> {
        let [subject, issuer, serial] = certificate.described()?;
        let same = self.certificates()?.into_iter().find(|known| known.certificate == *certificate);
        if let Some(same) = same {
            return Err(Error::new(Kind::Conflict, "the token holds this certificate already")
                .why(format!("it is \"{}\", fingerprint {}", same.label, certificate.fingerprint()))
                .next("see it: hsm cert list"));
        }
        let mut template = x509().to_vec();
        template.extend([
            Attribute::Private(false),
            Attribute::Id(named.id.as_bytes().to_vec()),
            Attribute::Label(named.label.as_bytes().to_vec()),
            Attribute::Subject(subject),
            Attribute::Issuer(issuer),
            Attribute::SerialNumber(serial),
            Attribute::Value(certificate.der().to_vec()),
        ]);
        self.pool().write("importing the certificate", |session| {
            session.create_object(&template)?;
            Ok(())
        })
    }
}

fn x509() -> [Attribute; 3] {
    [Attribute::Token(true), Attribute::Class(ObjectClass::CERTIFICATE), Attribute::CertificateType(CertificateType::X_509)]
}

/// None for what is no certificate: whoever reaches a token can write public objects.
fn info(session: &Session, handle: ObjectHandle) -> Result<Option<CertificateInfo>, Fault> {
    let attributes = session.get_attributes(handle, &[AttributeType::Id, AttributeType::Label, AttributeType::Value])?;
    let value = attributes.iter().find_map(|attribute| match attribute {
        Attribute::Value(der) => Certificate::from_der(der).ok(),
        _ => None,
    });
    Ok(value.map(|certificate| CertificateInfo { id: find::id_of(&attributes), label: find::label_of(&attributes), certificate }))
}
