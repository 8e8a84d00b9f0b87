//! The extensions of what we make (RFC 5280 section 4.2.1).

use x509_cert::TbsCertificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{RequestBuilder, Result};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectAltName, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::Profile;

/// A certificate whose subject is its issuer.
pub(super) struct SelfIssued<'p>(pub(super) &'p Profile);

impl BuilderProfile for SelfIssued<'_> {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.0.subject.0.clone()
    }

    fn build_extensions(
        &self,
        public: SubjectPublicKeyInfoRef<'_>,
        _issuer: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> Result<Vec<Extension>> {
        let mut all = Vec::new();
        let basic = basic(self.0).to_extension(tbs.subject(), &all)?;
        all.push(basic);
        let usage = usage(self.0).to_extension(tbs.subject(), &all)?;
        all.push(usage);
        let identifier = SubjectKeyIdentifier::try_from(public)?.to_extension(tbs.subject(), &all)?;
        all.push(identifier);
        if let Some(names) = names(self.0) {
            let names = names.to_extension(tbs.subject(), &all)?;
            all.push(names);
        }
        Ok(all)
    }
}

/// Asks for them in a request.
pub(super) fn ask(builder: &mut RequestBuilder, profile: &Profile) -> x509_cert::der::Result<()> {
    builder.add_extension(&basic(profile))?;
    builder.add_extension(&usage(profile))?;
    names(profile).map_or(Ok(()), |names| builder.add_extension(&names))
}

fn basic(profile: &Profile) -> BasicConstraints {
    BasicConstraints { ca: profile.authority, path_len_constraint: None }
}

fn usage(profile: &Profile) -> KeyUsage {
    let signs = KeyUsages::DigitalSignature.into();
    KeyUsage(if profile.authority { signs | KeyUsages::KeyCertSign | KeyUsages::CRLSign } else { signs })
}

fn names(profile: &Profile) -> Option<SubjectAltName> {
    let names: Vec<_> = profile.names.iter().map(|name| name.0.clone()).collect();
    (!names.is_empty()).then_some(SubjectAltName(names))
}
