//! Keys and certificates that somebody gives us in files.

use hsm_client::bundle::{Bundle, is_bundle};
use hsm_client::certificate::Certificate;
use hsm_client::keyfile::{self, Content, PrivateKey};
use hsm_client::public::{Curve, PublicKey, ecdsa};
use hsm_client::secret::Secret;
use hsm_client::{Error, Kind};

/// PKCS#8, PKCS#1, SEC 1, SPKI, X.509 and signatures, in DER or PEM. No password is known: what it costs to try one is the file's to say.
pub fn key_files(data: &[u8]) {
    let no_password = || Err(Error::new(Kind::Pin, "no password"));
    if let Ok(Content::Private(key)) = keyfile::read(&Secret::copy(data), no_password) {
        let again = PrivateKey::from_pkcs8(key.pkcs8().expose()).expect("a key that was read reads again");
        assert!(again.public() == key.public(), "a key reads differently the second time");
        let _ = key.numbers();
    }
    // Whether its point is one of the curve is not asked before it is used.
    if let Ok(public) = PublicKey::from_spki(data)
        && let Ok(der) = public.to_der()
    {
        assert!(PublicKey::from_spki(&der).is_ok_and(|again| again == public));
    }
    if let Ok(certificates) = Certificate::read_all(data) {
        certificates.iter().for_each(described);
    }
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        if let Ok(raw) = ecdsa::from_der(curve, data) {
            assert_eq!(ecdsa::to_der(curve, &raw).as_deref().ok(), Some(data), "a signature has two forms");
        }
    }
}

fn described(certificate: &Certificate) {
    let _ = (certificate.subject(), certificate.issuer(), certificate.serial(), certificate.validity(), certificate.public_key());
    let again = Certificate::from_der(certificate.der()).expect("a certificate that was read reads again");
    assert_eq!(again.fingerprint(), certificate.fingerprint());
}

/// PKCS#12 under the password of the corpus.
pub fn bundles(data: &[u8]) {
    let _ = is_bundle(data);
    if let Ok(bundle) = Bundle::open(data, &Secret::copy(b"corpus")) {
        assert!(PrivateKey::from_pkcs8(bundle.key.pkcs8().expose()).is_ok());
        bundle.certificates.iter().for_each(described);
    }
}
