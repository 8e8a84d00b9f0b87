//! Every kind of key, imported with a known value and used for what it is for.

use crate::apart::apart;
use crate::known::{Known, made, rsa_parts, word};
use crate::memory::say;
use crate::rsa;
use hsm_tests::*;

type Keyed = (&'static str, CK_KEY_TYPE, usize);

/// Secret keys, and how long they are in bytes.
const SECRET: [Keyed; 8] = [
    ("AES-128", CKK_AES, 16),
    ("AES-256", CKK_AES, 32),
    ("AES-XTS", CKK_AES_XTS, 64),
    ("generic secret", CKK_GENERIC_SECRET, 48),
    ("HMAC key", CKK_SHA256_HMAC, 32),
    ("ChaCha20", CKK_CHACHA20, 32),
    ("Camellia", CKK_CAMELLIA, 32),
    ("DES3", CKK_DES3, 24),
];

/// What the tests of this suite know: both processes call it.
pub fn all() -> Vec<Known> {
    let mut all: Vec<Known> = SECRET.iter().map(|(name, _, len)| Known::of(name, &value(name, *len))).collect();
    all.extend(CURVES.iter().map(|(name, _, _, len)| Known::of(name, &scalar(name, *len))));
    all.extend(rsa_parts().iter().map(|(name, part)| Known::of(&format!("RSA {name}"), part)));
    all.extend(SEEDED.iter().map(|(name, _, _, len)| Known::of(name, &made(name, *len))));
    all.extend(["wrapping key", "token key"].map(|name| Known::of(name, &made(name, 32))));
    all.extend(["HOTP", "DH", "DSA"].map(|name| Known::of(name, &made(name, 20))));
    all.extend(PINS.iter().map(|name| Known::of(name, word(name).as_bytes())));
    all
}

/// PINs and passwords.
pub const PINS: [&str; 6] = ["SO PIN", "user PIN", "new user PIN", "wrong PIN", "PIN of alice", "password"];

const CURVES: [(&str, CK_KEY_TYPE, &[u8], usize); 8] = [
    ("P-256", CKK_EC, oid::P256, 32),
    ("P-384", CKK_EC, oid::P384, 48),
    ("P-521", CKK_EC, oid::P521, 66),
    ("P-224", CKK_EC, oid::P224, 28),
    ("secp256k1", CKK_EC, oid::SECP256K1, 32),
    ("brainpoolP256r1", CKK_EC, oid::BRAINPOOL_P256R1, 32),
    ("Ed25519", CKK_EC_EDWARDS, oid::ED25519, 32),
    ("X25519", CKK_EC_MONTGOMERY, oid::X25519, 32),
];

const SEEDED: [(&str, CK_KEY_TYPE, CK_ULONG, usize); 2] =
    [("ML-KEM-768 seed", CKK_ML_KEM, CKP_ML_KEM_768, 64), ("ML-DSA-65 seed", CKK_ML_DSA, CKP_ML_DSA_65, 32)];

/// DES keys have odd parity.
fn value(name: &str, len: usize) -> Vec<u8> {
    let value = made(name, len);
    if name != "DES3" {
        return value;
    }
    value.iter().map(|byte| byte & 0xfe | u8::from((byte >> 1).count_ones().is_multiple_of(2))).collect()
}

/// Below every group's order.
fn scalar(name: &str, len: usize) -> Vec<u8> {
    let mut scalar = made(name, len);
    scalar[0] = if len == 66 { 0 } else { scalar[0] & 0x3f | 0x40 };
    scalar
}

/// Uses everything, each kind apart. The session is logged in.
pub fn use_all(session: Session<'static>) {
    for (name, key_type, len) in SECRET {
        secret(session, name, key_type, len);
    }
    for (name, key_type, curve, len) in CURVES {
        on_curve(session, name, key_type, curve, len);
    }
    for (name, key_type, set, len) in SEEDED {
        apart(name, move || seeded(session, name, key_type, set, len));
    }
    with_rsa(session);
    apart("DH and DSA", move || in_group(session));
    apart("HOTP", move || one_time(session));
    apart("token keys", move || in_the_token(session));
    apart("wrapping", move || wrapping(session));
    apart("derivation", move || derivation(session));
    apart("passwords", move || passwords(session));
    apart("generated", move || generated(session));
    digested(session);
    apart("refused", move || refused_all(session));
}

/// Tells the other process of a value that came about here.
fn tell(session: Session<'_>, name: &str, key: Object, kind: CK_ATTRIBUTE_TYPE) {
    say(&Known::of(name, &session.attribute(key, kind).expect("a value to be shown")).tell());
}

fn aes_of(session: Session<'_>, name: &str) -> Object {
    session.create(&secret_template(CKK_AES).bytes(CKA_VALUE, &made(name, 32))).expect("an AES key")
}

/// Whatever a key of the type can do, each apart: the last call of a thread is the one that uses the key.
fn secret(session: Session<'static>, name: &'static str, key_type: CK_KEY_TYPE, len: usize) {
    let make = move || session.key_of(key_type, &value(name, len));
    apart(name, move || _ = session.copy(make(), &Template::new().bytes(CKA_LABEL, b"a copy")).expect("C_CopyObject"));
    for cipher in ciphers(key_type) {
        let key = make();
        let sealed = session.encrypt(&cipher, key, &[7; 32]).unwrap_or_else(|rv| panic!("{name}, {}: {rv:?}", cipher.name()));
        apart(&format!("{name}, decryption by {}", cipher.name()), {
            let cipher = cipher.clone();
            move || assert_eq!(session.decrypt(&cipher, make(), &sealed).expect("C_Decrypt"), [7; 32])
        });
        apart(&format!("{name}, encryption by {}", cipher.name()), move || {
            _ = session.encrypt(&cipher, make(), &[7; 32]).expect("C_Encrypt")
        });
    }
    // XCBC is of AES-128 only.
    for mac in macs(key_type).into_iter().filter(|mac| *mac != CKM_AES_XCBC_MAC || len == 16).map(Mechanism::bare) {
        apart(&format!("{name}, MAC by {}", mac.name()), move || _ = session.sign(&mac, make(), b"data").expect("C_Sign"));
    }
    if key_type == CKK_AES {
        apart(&format!("{name}, messages"), move || {
            session.message_init(Way::Encrypt, Some(&Mechanism::bare(CKM_AES_GCM)), make()).expect("C_MessageEncryptInit");
            let sealed = session.message(Way::Encrypt, &mut GcmMessage::given(&[3; 12]), b"aad", &[7; 32], Some(32));
            sealed.0.answer().expect("C_EncryptMessage");
            session.message_end(Way::Encrypt).expect("C_MessageEncryptFinal");
        });
    }
}

fn ciphers(key_type: CK_KEY_TYPE) -> Vec<Mechanism> {
    let block = |kind| Mechanism::bytes(kind, &[1; 16]);
    match key_type {
        CKK_AES => vec![
            Mechanism::bare(CKM_AES_ECB),
            block(CKM_AES_CBC),
            block(CKM_AES_CBC_PAD),
            block(CKM_AES_CTS),
            block(CKM_AES_OFB),
            Mechanism::ctr(128, [1; 16]),
            Mechanism::gcm(&[1; 12], b"aad", 128),
            Mechanism::gcm(&[1; 7], b"aad", 96),
            Mechanism::ccm(32, &[1; 12], b"aad", 16),
        ],
        CKK_AES_XTS => vec![block(CKM_AES_XTS)],
        CKK_CHACHA20 => vec![Mechanism::chacha20_poly1305(&[1; 12], 96, b"aad"), Mechanism::chacha20(&[0; 4], &[1; 12])],
        CKK_CAMELLIA => vec![Mechanism::bare(CKM_CAMELLIA_ECB), block(CKM_CAMELLIA_CBC)],
        CKK_DES3 => vec![Mechanism::bare(CKM_DES3_ECB), Mechanism::bytes(CKM_DES3_CBC, &[1; 8])],
        _ => vec![],
    }
}

fn macs(key_type: CK_KEY_TYPE) -> Vec<CK_MECHANISM_TYPE> {
    match key_type {
        CKK_AES => vec![CKM_AES_CMAC, CKM_AES_MAC, CKM_AES_XCBC_MAC],
        CKK_GENERIC_SECRET => vec![CKM_SHA256_HMAC, CKM_SHA512_HMAC, CKM_SHA3_256_HMAC, CKM_SHA_1_HMAC],
        CKK_SHA256_HMAC => vec![CKM_SHA256_HMAC],
        CKK_DES3 => vec![CKM_DES3_CMAC],
        _ => vec![],
    }
}

fn on_curve(session: Session<'static>, name: &'static str, key_type: CK_KEY_TYPE, curve: &'static [u8], len: usize) {
    let template = Template::key(CKO_PRIVATE_KEY, key_type)
        .bool(CKA_DERIVE, key_type != CKK_EC_EDWARDS)
        .bool(CKA_SIGN, key_type != CKK_EC_MONTGOMERY)
        .bool(CKA_EXTRACTABLE, true)
        .bytes(CKA_EC_PARAMS, curve);
    let make = move || session.create(&template.clone().bytes(CKA_VALUE, &scalar(name, len))).expect("a private key");
    if key_type != CKK_EC_MONTGOMERY {
        let sign = Mechanism::bare(if key_type == CKK_EC { CKM_ECDSA } else { CKM_EDDSA });
        let make = make.clone();
        apart(&format!("{name}, signature"), move || _ = session.sign(&sign, make(), &[7; 28]).expect("C_Sign"));
    }
    if key_type != CKK_EC_EDWARDS {
        apart(&format!("{name}, agreement"), move || agree(session, name, make(), key_type, curve));
    }
}

fn agree(session: Session<'_>, name: &str, key: Object, key_type: CK_KEY_TYPE, curve: &[u8]) {
    let generation = if key_type == CKK_EC { CKM_EC_KEY_PAIR_GEN } else { CKM_EC_MONTGOMERY_KEY_PAIR_GEN };
    let public = Template::new().bytes(CKA_EC_PARAMS, curve);
    let other = session.generate_pair(&Mechanism::bare(generation), &public, &Template::new()).expect("a pair").0;
    let point = session.attribute(other, CKA_EC_POINT).expect("CKA_EC_POINT");
    let agree = Mechanism::ecdh(CKM_ECDH1_DERIVE, CKD_NULL, &[], content(&point));
    let template =
        Template::shown().ulong(CKA_CLASS, CKO_SECRET_KEY).ulong(CKA_KEY_TYPE, CKK_GENERIC_SECRET).ulong(CKA_VALUE_LEN, 24);
    let shared = session.derive(&agree, key, &template).expect("C_DeriveKey");
    tell(session, &format!("{name} agreed"), shared, CKA_VALUE);
}

fn seeded(session: Session<'_>, name: &str, key_type: CK_KEY_TYPE, set: CK_ULONG, len: usize) {
    let template = Template::key(CKO_PRIVATE_KEY, key_type).with(&Template::shown()).ulong(CKA_PARAMETER_SET, set);
    let uses = if key_type == CKK_ML_KEM { CKA_DECAPSULATE } else { CKA_SIGN };
    let key = session.create(&template.bool(uses, true).bytes(CKA_SEED, &made(name, len))).expect("a private key");
    if key_type == CKK_ML_DSA {
        session.sign(&Mechanism::bare(CKM_ML_DSA), key, b"data").expect("C_Sign");
        // What follows the public seed in it is secret: FIPS 204, algorithm 24.
        let value = session.attribute(key, CKA_VALUE).expect("CKA_VALUE");
        return say(&Known::of("ML-DSA-65 secrets", &value[32..64]).tell());
    }
    let value = session.attribute(key, CKA_VALUE).expect("CKA_VALUE");
    say(&Known::of("ML-KEM-768 vector", &value[..1152]).tell());
    let template = Template::shown().ulong(CKA_CLASS, CKO_SECRET_KEY).ulong(CKA_KEY_TYPE, CKK_GENERIC_SECRET);
    let shared = session.decapsulate(&Mechanism::bare(CKM_ML_KEM), key, &[9; 1088], &template).expect("C_DecapsulateKey");
    tell(session, "ML-KEM-768 shared", shared, CKA_VALUE);
}

/// The private key of `rsa.rs`.
pub fn rsa_template() -> Template {
    let template = Template::key(CKO_PRIVATE_KEY, CKK_RSA)
        .bytes(CKA_MODULUS, &hex(rsa::MODULUS))
        .bytes(CKA_PUBLIC_EXPONENT, &[1, 0, 1])
        .bool(CKA_SIGN, true)
        .bool(CKA_DECRYPT, true)
        .bool(CKA_UNWRAP, true)
        .bool(CKA_EXTRACTABLE, true);
    let kinds = [CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT];
    kinds.into_iter().zip(rsa_parts()).fold(template, |template, (kind, (_, part))| template.bytes(kind, &part))
}

fn rsa_pair(session: Session<'_>) -> Pair {
    let public = Template::key(CKO_PUBLIC_KEY, CKK_RSA)
        .bytes(CKA_MODULUS, &hex(rsa::MODULUS))
        .bytes(CKA_PUBLIC_EXPONENT, &[1, 0, 1])
        .bool(CKA_ENCRYPT, true)
        .bool(CKA_WRAP, true);
    Pair {
        public: session.create(&public).expect("a public key"),
        private: session.create(&rsa_template()).expect("a private key"),
    }
}

fn oaep() -> Mechanism {
    Mechanism::oaep(CKM_SHA256, CKG_MGF1_SHA256, b"")
}

fn with_rsa(session: Session<'static>) {
    let bare = Mechanism::bare;
    let pss = Mechanism::pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32);
    for mechanism in [bare(CKM_SHA256_RSA_PKCS), bare(CKM_RSA_PKCS), pss] {
        let sign = move || _ = session.sign(&mechanism, rsa_pair(session).private, b"data").expect("C_Sign");
        apart("RSA, signature", sign);
    }
    for mechanism in [oaep(), bare(CKM_RSA_PKCS)] {
        apart("RSA, decryption", move || {
            let pair = rsa_pair(session);
            let sealed = session.encrypt(&mechanism, pair.public, b"data").expect("C_Encrypt");
            session.decrypt(&mechanism, pair.private, &sealed).expect("C_Decrypt");
        });
    }
    // Without its primes, which the module then finds itself.
    let parts = [CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT];
    let without = move || parts.into_iter().fold(rsa_template(), Template::without);
    apart("RSA, without primes", move || _ = session.create(&without()).expect("a private key"));
}

fn in_group(session: Session<'_>) {
    for (name, key_type, uses) in [("DH", CKK_DH, CKA_DERIVE), ("DSA", CKK_DSA, CKA_SIGN)] {
        let template = Template::key(CKO_PRIVATE_KEY, key_type).with(&domain(key_type)).bool(uses, true);
        let key = session.create(&template.bytes(CKA_VALUE, &made(name, 20))).expect("a private key");
        if key_type == CKK_DSA {
            session.sign(&Mechanism::bare(CKM_DSA_SHA256), key, b"data").expect("C_Sign");
            continue;
        }
        let agree = Mechanism::bytes(CKM_DH_PKCS_DERIVE, &hex(OF_B[1]));
        let template = Template::shown().ulong(CKA_CLASS, CKO_SECRET_KEY).ulong(CKA_KEY_TYPE, CKK_GENERIC_SECRET);
        let shared = session.derive(&agree, key, &template).expect("C_DeriveKey");
        tell(session, "DH agreed", shared, CKA_VALUE);
    }
}

fn one_time(session: Session<'_>) {
    let template = Template::key(CKO_OTP_KEY, CKK_HOTP).bool(CKA_TOKEN, true).bytes(CKA_VALUE, &made("HOTP", 20));
    let key = session.create(&template).expect("an HOTP key");
    session.sign(&Mechanism::bare(CKM_HOTP), key, b"").expect("C_Sign");
}

fn in_the_token(session: Session<'_>) {
    let template = secret_template(CKK_AES).bool(CKA_TOKEN, true).bytes(CKA_VALUE, &made("token key", 32));
    let key = session.create(&template.bytes(CKA_LABEL, b"token")).expect("a token key");
    session.encrypt(&Mechanism::bare(CKM_AES_ECB), key, &[7; 16]).expect("C_Encrypt");
    session.set(key, &Template::new().bytes(CKA_LABEL, b"changed")).expect("C_SetAttributeValue");
    session.encrypt(&Mechanism::bare(CKM_AES_ECB), key, &[7; 16]).expect("C_Encrypt");
    let found = session.find(&Template::of(CKO_SECRET_KEY).bytes(CKA_LABEL, b"changed")).expect("C_FindObjects");
    assert_eq!(found, [key]);
    let rsa = session.create(&rsa_template().bool(CKA_TOKEN, true)).expect("a token key");
    session.sign(&Mechanism::bare(CKM_SHA256_RSA_PKCS), rsa, b"data").expect("C_Sign");
}

fn wrapping(session: Session<'_>) {
    let (with, pair) = (aes_of(session, "wrapping key"), rsa_pair(session));
    let key = session.key_of(CKK_AES, &value("AES-256", 32));
    let block = |kind| Mechanism::bytes(kind, &[1; 16]);
    let template = Template::key(CKO_SECRET_KEY, CKK_AES);
    for mechanism in [CKM_AES_KEY_WRAP, CKM_AES_KEY_WRAP_KWP, CKM_AES_KEY_WRAP_PAD]
        .map(Mechanism::bare)
        .into_iter()
        .chain([Mechanism::gcm(&[1; 12], b"aad", 128), block(CKM_AES_CBC_PAD)])
    {
        let wrapped = session.wrap(&mechanism, with, key).unwrap_or_else(|rv| panic!("{}: {rv:?}", mechanism.name()));
        session.unwrap(&mechanism, with, &wrapped, &template).expect("C_UnwrapKey");
    }
    for mechanism in [oaep(), Mechanism::bare(CKM_RSA_PKCS)] {
        let wrapped = session.wrap(&mechanism, pair.public, key).expect("C_WrapKey");
        session.unwrap(&mechanism, pair.private, &wrapped, &template).expect("C_UnwrapKey");
    }
    // Private keys travel as PKCS#8.
    let private = Template::new().ulong(CKA_CLASS, CKO_PRIVATE_KEY);
    let ec = Template::key(CKO_PRIVATE_KEY, CKK_EC).bool(CKA_EXTRACTABLE, true);
    let ec = session.create(&ec.bytes(CKA_EC_PARAMS, oid::P256).bytes(CKA_VALUE, &scalar("P-256", 32))).expect("a private key");
    for mechanism in [Mechanism::bare(CKM_AES_KEY_WRAP_KWP), block(CKM_AES_CBC_PAD)] {
        for (key, key_type) in [(pair.private, CKK_RSA), (ec, CKK_EC)] {
            let wrapped = session.wrap(&mechanism, with, key).expect("C_WrapKey");
            let template = private.clone().ulong(CKA_KEY_TYPE, key_type);
            session.unwrap(&mechanism, with, &wrapped, &template).expect("C_UnwrapKey");
        }
    }
}

fn derivation(session: Session<'_>) {
    let base = session.base_of(&value("generic secret", 48));
    let layout =
        Layout::new().word(0x101_usize).word(CKM_SHA256).word(CKF_HKDF_SALT_NULL).bytes(b"").word(0_usize).bytes(b"info");
    let template = Template::shown().ulong(CKA_CLASS, CKO_SECRET_KEY).ulong(CKA_KEY_TYPE, CKK_AES).ulong(CKA_VALUE_LEN, 32);
    let hkdf = session.derive(&Mechanism::structure(CKM_HKDF_DERIVE, layout), base, &template).expect("C_DeriveKey");
    tell(session, "HKDF derived", hkdf, CKA_VALUE);
    let hashed = session.derive(&Mechanism::bare(CKM_SHA256_KEY_DERIVATION), base, &template).expect("C_DeriveKey");
    tell(session, "SHA-256 derived", hashed, CKA_VALUE);
}

fn passwords(session: Session<'_>) {
    let layout = Layout::new().word(CKZ_SALT_SPECIFIED).bytes(b"salt").word(2_usize).word(CKP_PKCS5_PBKD2_HMAC_SHA256);
    let layout = layout.word(0_usize).word(0_usize).bytes(word("password").as_bytes());
    let template = Template::shown().ulong(CKA_KEY_TYPE, CKK_AES).ulong(CKA_VALUE_LEN, 32);
    let made = session.generate(&Mechanism::structure(CKM_PKCS5_PBKD2, layout), &template).expect("C_GenerateKey");
    tell(session, "PBKDF2 derived", made, CKA_VALUE);
}

/// Keys that the module made, and shows.
fn generated(session: Session<'_>) {
    let shown = Template::shown();
    let aes = Mechanism::bare(CKM_AES_KEY_GEN);
    let key = session.generate(&aes, &shown.clone().ulong(CKA_VALUE_LEN, 32)).expect("C_GenerateKey");
    tell(session, "AES generated", key, CKA_VALUE);
    for (name, mechanism, public) in [
        ("RSA generated", CKM_RSA_PKCS_KEY_PAIR_GEN, Template::new().ulong(CKA_MODULUS_BITS, 2048)),
        ("P-256 generated", CKM_EC_KEY_PAIR_GEN, Template::new().bytes(CKA_EC_PARAMS, oid::P256)),
        ("Ed25519 generated", CKM_EC_EDWARDS_KEY_PAIR_GEN, Template::new().bytes(CKA_EC_PARAMS, oid::ED25519)),
        ("X25519 generated", CKM_EC_MONTGOMERY_KEY_PAIR_GEN, Template::new().bytes(CKA_EC_PARAMS, oid::X25519)),
        ("ML-KEM generated", CKM_ML_KEM_KEY_PAIR_GEN, Template::new().ulong(CKA_PARAMETER_SET, CKP_ML_KEM_512)),
        ("ML-DSA generated", CKM_ML_DSA_KEY_PAIR_GEN, Template::new().ulong(CKA_PARAMETER_SET, CKP_ML_DSA_44)),
    ] {
        let (_, private) = session.generate_pair(&Mechanism::bare(mechanism), &public, &shown).expect("C_GenerateKeyPair");
        match mechanism {
            CKM_RSA_PKCS_KEY_PAIR_GEN => {
                for (part, kind) in [("d", CKA_PRIVATE_EXPONENT), ("p", CKA_PRIME_1), ("q", CKA_PRIME_2), ("dp", CKA_EXPONENT_1)]
                {
                    tell(session, &format!("{name} {part}"), private, kind);
                }
            }
            CKM_ML_KEM_KEY_PAIR_GEN | CKM_ML_DSA_KEY_PAIR_GEN => tell(session, name, private, CKA_SEED),
            _ => tell(session, name, private, CKA_VALUE),
        }
    }
    let set = Template::new().ulong(CKA_PARAMETER_SET, CKP_SLH_DSA_SHA2_128F);
    let made = session.generate_pair(&Mechanism::bare(CKM_SLH_DSA_KEY_PAIR_GEN), &set, &shown).expect("C_GenerateKeyPair");
    session.sign(&Mechanism::bare(CKM_SLH_DSA), made.1, b"data").expect("C_Sign");
    let value = session.attribute(made.1, CKA_VALUE).expect("CKA_VALUE");
    // Two secrets of 16 bytes, then the public key: FIPS 205, figure 15.
    say(&Known::of("SLH-DSA generated", &value[..32]).tell());
}

fn digested(session: Session<'static>) {
    for kind in [CKM_SHA256, CKM_SHA512, CKM_SHA3_256, CKM_SHA_1, CKM_BLAKE2B_256] {
        apart(&format!("digested by {kind:#x}"), move || {
            let key = session.key_of(CKK_GENERIC_SECRET, &value("generic secret", 48));
            session.begin(Begin::Digest, &Mechanism::bare(kind), Object(0)).expect("C_DigestInit");
            session.digest_key(key).expect("C_DigestKey");
            session.run(Step::DigestFinal, b"").expect("C_DigestFinal");
        });
    }
}

/// Calls that fail with secrets in their hands, for what they say of it.
fn refused_all(session: Session<'_>) {
    let aes = value("AES-256", 32);
    for template in [
        secret_template(CKK_AES).bytes(CKA_VALUE, &aes[..31]),
        secret_template(CKK_DES3).bytes(CKA_VALUE, &aes),
        secret_template(CKK_AES).bytes(CKA_VALUE, &aes).ulong(CKA_VALUE_LEN, 16),
        secret_template(CKK_AES).bytes(CKA_VALUE, &aes).bytes(CKA_CHECK_VALUE, &[1, 2, 3]),
        rsa_template().bytes(CKA_PRIME_1, &aes),
        rsa_template().bytes(CKA_PRIVATE_EXPONENT, &hex(rsa::P)),
        Template::key(CKO_PRIVATE_KEY, CKK_EC).bytes(CKA_EC_PARAMS, oid::P256).bytes(CKA_VALUE, &scalar("P-521", 66)),
        secret_template(CKK_AES).bytes(CKA_MODULUS, &aes),
        secret_template(CKK_AES).bytes(CKA_VALUE, &aes).bytes(CKA_ENCRYPT, &aes),
    ] {
        session.create(&template).expect_err("a key that cannot be");
    }
}
