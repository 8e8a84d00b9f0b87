//! Key agreement with openssl on the other side: both must find the same secret.

use crate::{openssl, path, words};
use hsm_tests::*;

/// Name, how openssl makes a key, how the module makes a pair, its curve.
type Case = (&'static str, &'static str, CK_MECHANISM_TYPE, &'static [u8]);

const NIST: [Case; 3] = [
    ("P-256", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", CKM_EC_KEY_PAIR_GEN, oid::P256),
    ("P-384", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384", CKM_EC_KEY_PAIR_GEN, oid::P384),
    ("P-521", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521", CKM_EC_KEY_PAIR_GEN, oid::P521),
];

const OTHERS: [Case; 5] = [
    ("X25519", "genpkey -algorithm X25519", CKM_EC_MONTGOMERY_KEY_PAIR_GEN, oid::X25519),
    ("P-224", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-224", CKM_EC_KEY_PAIR_GEN, oid::P224),
    ("secp256k1", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1", CKM_EC_KEY_PAIR_GEN, oid::SECP256K1),
    (
        "brainpoolP256r1",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1",
        CKM_EC_KEY_PAIR_GEN,
        oid::BRAINPOOL_P256R1,
    ),
    (
        "brainpoolP384r1",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP384r1",
        CKM_EC_KEY_PAIR_GEN,
        oid::BRAINPOOL_P384R1,
    ),
];

#[test]
fn on_nist_curves() {
    on_each(|home| {
        let token = home.token();
        let session = token.user();
        NIST.iter().for_each(|case| agree(home, session, case));
    });
}

#[test]
fn on_others() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        OTHERS.iter().for_each(|case| agree(home, session, case));
    });
}

fn agree(home: &Home, session: Session<'_>, (name, generate, mechanism, curve): &Case) {
    let Some(openssl) = openssl() else { return };
    let public = Template::new().bytes(CKA_EC_PARAMS, curve);
    let private = Template::new().bool(CKA_DERIVE, true);
    let (public, private) = session.generate_pair(&Mechanism::bare(*mechanism), &public, &private).expect(name);
    let ours = home.write("ours.der", &session.public_key_info(public).expect("attributes")).display().to_string();
    let (key, theirs, secret) = (path(home, "key.pem"), path(home, "theirs.der"), path(home, "secret"));
    openssl.succeed(&[&words(generate)[..], &["-out", &key]].concat(), b"");
    openssl.succeed(&words(&format!("pkey -in {key} -pubout -outform DER -out {theirs}")), b"");
    openssl.succeed(&words(&format!("pkeyutl -derive -inkey {key} -peerkey {ours} -peerform DER -out {secret}")), b"");
    let secret = std::fs::read(secret).expect("a secret");
    let info = std::fs::read(theirs).expect("a public key");
    let length = content(&session.attribute(public, CKA_EC_POINT).expect("CKA_EC_POINT")).len();
    let ecdh = Mechanism::ecdh(CKM_ECDH1_DERIVE, CKD_NULL, &[], &info[info.len() - length..]);
    let template = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET)
        .ulong(CKA_VALUE_LEN, secret.len() as CK_ULONG)
        .bool(CKA_SENSITIVE, false)
        .bool(CKA_EXTRACTABLE, true);
    let derived = session.derive(&ecdh, private, &template).expect(name);
    assert_eq!(session.attribute(derived, CKA_VALUE), Ok(secret), "{name}");
}
