use super::*;
use crate::public::Curve;

fn password() -> Result<Secret> {
    Ok(Secret::copy(b"a password"))
}

fn private(content: Content) -> PrivateKey {
    match content {
        Content::Private(key) => key,
        Content::Public(_) => panic!("the public half alone"),
    }
}

/// Seed and public key of RFC 8032 section 7.1, test 1, as PKCS#8.
fn ed25519() -> Secret {
    let mut der = hex("302e020100300506032b657004220420");
    der.extend(hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
    Secret::take(der)
}

fn hex(text: &str) -> Vec<u8> {
    base16ct::mixed::decode_vec(text).unwrap()
}

#[test]
fn a_key_in_every_form() {
    let der = ed25519();
    let key = private(read(&der, || panic!("no password is needed")).unwrap());
    let point = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_eq!(*key.public(), PublicKey::ed25519_point(&point).unwrap());
    assert!(*key.pkcs8() == der);
    let Ok(Numbers::Ed25519(seed)) = key.numbers() else { panic!("no seed") };
    assert_eq!(seed.expose()[..2], [0x9d, 0x61]);
    for (zeros, good) in [(0, true), (7, true), (15, true), (16, false)] {
        let filled = [der.expose(), &vec![0; zeros]].concat();
        assert_eq!(PrivateKey::from_filled_pkcs8(&filled).is_ok(), good, "{zeros}");
    }
    let sealed = key.to_encrypted_der(&password().unwrap()).unwrap();
    let forms = [to_pem("PRIVATE KEY", &der).unwrap(), to_pem("ENCRYPTED PRIVATE KEY", &sealed).unwrap(), sealed];
    for form in forms {
        assert!(*private(read(&form, password).unwrap()).pkcs8() == der);
    }
    let public = key.public().to_pem().unwrap();
    assert!(matches!(read(&Secret::take(public.into_bytes()), password), Ok(Content::Public(same)) if same == *key.public()));
    // Among other things, as openssl writes them.
    let block = to_pem("PRIVATE KEY", &der).unwrap();
    let text = [b"-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----\n", block.expose()].concat();
    assert!(read(&Secret::take(text), password).is_ok());
}

#[test]
fn every_curve_and_its_older_form() {
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        let scalar = vec![1; curve.field_len()];
        let params = sec1::EcParameters::NamedCurve(Decode::from_der(curve.params()).unwrap());
        let old = sec1::EcPrivateKey { private_key: &scalar, parameters: Some(params), public_key: None };
        let old = Secret::take(pkcs8::der::Encode::to_der(&old).unwrap());
        let key = private(read(&old, password).unwrap());
        let Ok(Numbers::Ec(same, value)) = key.numbers() else { panic!("no scalar") };
        assert_eq!((same, value.expose()), (curve, &scalar[..]));
        let again = private(read(&to_pem("EC PRIVATE KEY", &old).unwrap(), password).unwrap());
        assert!(again.pkcs8() == key.pkcs8());
    }
}

#[test]
fn refusals_say_why_and_repeat_nothing() {
    let sealed = PrivateKey::from_pkcs8(ed25519().expose()).unwrap().to_encrypted_der(&password().unwrap()).unwrap();
    let error = read(&sealed, || Ok(Secret::copy(b"another"))).err().unwrap();
    assert_eq!(error.kind(), Kind::Pin);
    let mut cut = ed25519().expose().to_vec();
    cut.truncate(40);
    let old = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n".to_vec();
    let certificate = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
    // X25519, which signs nothing.
    let mut agreement = ed25519().expose().to_vec();
    agreement[11] = 0x6e;
    for (bytes, why) in [
        (vec![], "neither"),
        (b"hello".to_vec(), "neither"),
        (cut, "neither"),
        (old, "MD5"),
        (certificate, "holds none of"),
        (agreement, "1.3.101.110"),
        (b"-----BEGIN PRIVATE KEY-----\n????\n-----END PRIVATE KEY-----\n".to_vec(), "PRIVATE KEY"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n".to_vec(), "holds none of"),
    ] {
        let error = read(&Secret::take(bytes), password).err().unwrap();
        assert_eq!(error.kind(), Kind::Malformed);
        assert!(error.reason().contains(why), "{error}");
    }
}

#[test]
fn a_dear_password_hash_is_not_tried() {
    let parameters = pkcs8::pkcs5::pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(90_000_000, &[1; 16], [2; 16]).unwrap();
    let info = pkcs8::EncryptedPrivateKeyInfo {
        encryption_algorithm: parameters.into(),
        encrypted_data: pkcs8::der::asn1::OctetString::new([0; 48]).unwrap(),
    };
    let der = Secret::take(pkcs8::der::Encode::to_der(&info).unwrap());
    assert!(read(&der, password).err().unwrap().reason().contains("dearer"));
}
