//! Writes `MECHANISMS.md` from the rows, and fails when the file in the tree is another. To bring it up to date:
//! `HSM_WRITE_MECHANISMS=1 cargo test -p hsm-sim --lib mechanisms_are_documented`.

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use cryptoki_sys::*;

use super::{
    Row, aes, aes_mac, camellia, ccm, chacha20, data_encryption, des3, dh, digests, domain_parameters, dsa, ecdh, ecdh_aes_wrap,
    ecdsa, eddsa, gcm, hash_derivation, hkdf, hmac, hotp, ike, key_generation, ml_kem, pbe, pbkdf2, post_quantum, rc2, rc4, rsa,
    rsa_aes_wrap, rsa_cipher, rsa_x931, seed, simple_derivation, sp800_108, ssl3_mac, table, tls, tls_keys, tls_mac, tls_prf,
    xts,
};
use crate::crypto::{Curve, Engine, Operation, serving};

type Family = (&'static str, &'static str, &'static [Operation], &'static [Row]);

const CURVES: [Operation; 2] = [Operation::Ec(Curve::P256), Operation::Ec(Curve::BrainpoolP256r1)];
const AGREEMENT: [Operation; 3] = [CURVES[0], CURVES[1], Operation::X25519];
const GENERATION: [Operation; 4] = [CURVES[0], CURVES[1], Operation::Ed25519Sign, Operation::X25519];

/// Title, specification, what the engines are asked for (nothing: the portable one does it by itself), rows.
const FAMILIES: &[Family] = &[
    ("Generation", "§6.1, §6.3, §6.8, §6.13; FIPS 186-5. RSA pairs are the portable engine's", &GENERATION, key_generation::ROWS),
    ("RSA signatures", "§6.1; RFC 8017", &[Operation::RsaPublic, Operation::RsaPrivate], rsa::ROWS),
    ("RSA encryption", "§6.1; RFC 8017", &[Operation::RsaPublic, Operation::RsaPrivate], rsa_cipher::ROWS),
    ("RSA by ANSI X9.31", "§6.1", &[Operation::RsaPublic, Operation::RsaPrivate], rsa_x931::ROWS),
    ("Any key under RSA", "§6.1; RFC 8017, RFC 5649", &[Operation::RsaPrivate, Operation::BlockModes], rsa_aes_wrap::ROWS),
    ("ECDSA", "§6.3; FIPS 186-5", &CURVES, ecdsa::ROWS),
    ("EdDSA", "§6.3; RFC 8032. Verification is the portable engine's", &[Operation::Ed25519Sign], eddsa::ROWS),
    ("ECDH and X25519", "§6.3; SEC 1, SP 800-56A, RFC 7748", &AGREEMENT, ecdh::ROWS),
    ("Any key under ECDH", "§6.3; SEC 1, RFC 5649", &AGREEMENT, ecdh_aes_wrap::ROWS),
    ("AES modes", "§6.10 to §6.12, §6.16; SP 800-38A, -38F", &[Operation::Ecb, Operation::BlockModes], aes::ROWS),
    ("AES-GCM", "§6.13; SP 800-38D", &[Operation::Gcm], gcm::ROWS),
    ("AES-CCM", "§6.13; SP 800-38C", &[Operation::BlockModes], ccm::ROWS),
    ("AES MACs", "§6.10, §6.13, §6.14; SP 800-38B, -38D, RFC 3566", &[Operation::Gcm, Operation::BlockModes], aes_mac::ROWS),
    ("AES-XTS", "§6.15; SP 800-38E", &[], xts::ROWS),
    (
        "ChaCha20 and Poly1305",
        "§6.58 to §6.61; RFC 8439. Each by itself is the portable engine's",
        &[Operation::ChaCha20Poly1305],
        chacha20::ROWS,
    ),
    ("Digests", "§6.20; FIPS 180-4, FIPS 202, RFC 7693, RFC 1319, RFC 1321", &[Operation::Digest], digests::ROWS),
    ("HMAC", "§6.22; FIPS 198-1", &[Operation::Digest], hmac::ROWS),
    ("One-time passwords", "§6.53; RFC 4226", &[Operation::Digest], hotp::ROWS),
    ("ML-KEM", "§6.66; FIPS 203", &[Operation::MlKem], ml_kem::ROWS),
    (
        "ML-DSA and SLH-DSA",
        "§6.67, §6.68; FIPS 204, FIPS 205. SLH-DSA is the portable engine's",
        &[Operation::MlDsa],
        post_quantum::ROWS,
    ),
    ("Joining, XORing and cutting keys", "§6.43", &[], simple_derivation::ROWS),
    ("Keys that are ciphertexts", "§6.17", &[Operation::Ecb, Operation::BlockModes], data_encryption::ROWS),
    (
        "Keys that are digests of keys",
        "§6.21, §6.32; FIPS 180-4, FIPS 202, RFC 7693",
        &[Operation::Digest],
        hash_derivation::ROWS,
    ),
    ("HKDF", "§6.62; RFC 5869", &[Operation::Digest], hkdf::ROWS),
    ("SP 800-108", "§6.42", &[Operation::Digest], sp800_108::ROWS),
    ("Keys from passwords", "§6.37; RFC 8018", &[Operation::Digest], pbkdf2::ROWS),
    (
        "Keys from passwords, of old",
        "v2.40 historical mechanisms; RFC 8018, §6.1, RFC 7292, appendix B",
        &[Operation::Digest],
        pbe::ROWS,
    ),
    ("TLS and SSL 3.0: secrets", "§6.39, §6.40; RFC 5246, RFC 2246, RFC 6101", &[Operation::Digest], tls::ROWS),
    ("TLS and SSL 3.0: keys", "§6.39, §6.40; RFC 5246, RFC 2246, RFC 6101", &[Operation::Digest], tls_keys::ROWS),
    ("TLS 1.2: Finished", "§6.40; RFC 5246", &[Operation::Digest], tls_mac::ROWS),
    ("TLS 1.0 and 1.1: the pseudo random function", "v2.40; RFC 2246", &[Operation::Digest], tls_prf::ROWS),
    ("SSL 3.0: MACs", "§6.39; RFC 6101", &[Operation::Digest], ssl3_mac::ROWS),
    ("IKE", "§6.64; RFC 2409, RFC 7296", &[Operation::Digest], ike::ROWS),
    ("Camellia", "§6.47, §6.48; RFC 3713", &[], camellia::ROWS),
    ("DES and Triple DES", "§6.17, §6.18, §6.19; SP 800-67", &[], des3::ROWS),
    ("SEED", "§6.51, §6.52; RFC 4269", &[], seed::ROWS),
    ("RC2", "v2.40 historical mechanisms; RFC 2268", &[], rc2::ROWS),
    ("RC4", "v2.40 historical mechanisms; RFC 6229", &[], rc4::ROWS),
    ("DSA", "§6.2; FIPS 186-4, RFC 6979", &[Operation::Ffc], dsa::ROWS),
    ("Diffie-Hellman", "§6.4; PKCS #3, ANSI X9.42", &[Operation::Ffc], dh::ROWS),
    ("Domain parameters", "§6.2, §6.4; FIPS 186-4, RFC 7919", &[], domain_parameters::ROWS),
];

const USES: &[(CK_FLAGS, &str)] = &[
    (CKF_GENERATE, "generate"),
    (CKF_GENERATE_KEY_PAIR, "generate a pair"),
    (CKF_ENCRYPT, "encrypt"),
    (CKF_MESSAGE_ENCRYPT, "encrypt messages"),
    (CKF_DIGEST, "digest"),
    (CKF_SIGN, "sign"),
    (CKF_SIGN_RECOVER, "sign with recovery"),
    (CKF_WRAP, "wrap"),
    (CKF_DERIVE, "derive"),
    (CKF_ENCAPSULATE, "encapsulate"),
];

const HEAD: &str = "# Mechanisms\n\n\
    Made from the module's own table by a test; do not edit. A use stands for its pair: who encrypts decrypts, who signs verifies. Key sizes\n\
    are those of `C_GetMechanismInfo`, in the unit that the standard gives for the mechanism. The engine is the one that serves it in the\n\
    default build; built with `--no-default-features` the portable engine serves all. Sections are those of PKCS#11 v3.2.\n";

#[test]
fn mechanisms_are_documented() {
    let documented = FAMILIES.iter().flat_map(|family| family.3).map(|row| row.kind).collect::<BTreeSet<_>>();
    assert_eq!(documented, table::rows().map(|row| row.kind).collect(), "a family without a line in FAMILIES");
    let text = FAMILIES.iter().fold(HEAD.to_owned(), |text, family| text + &section(family));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("MECHANISMS.md");
    if std::env::var_os("HSM_WRITE_MECHANISMS").is_some() {
        fs::write(&path, &text).expect("MECHANISMS.md is written");
    }
    assert!(fs::read_to_string(&path).is_ok_and(|found| found == text), "hsm-sim/MECHANISMS.md is stale: see document.rs");
}

fn section((title, specification, operations, rows): &Family) -> String {
    let engines: BTreeSet<&str> = operations.iter().map(|operation| engine(serving(*operation))).collect();
    let engines = if engines.is_empty() { "portable".to_owned() } else { engines.into_iter().collect::<Vec<_>>().join(" and ") };
    let head =
        format!("\n## {title}\n\n{specification}. Engine: {engines}.\n\n| mechanism | uses | key sizes |\n|---|---|---|\n");
    rows.iter().fold(head, |mut text, row| {
        let uses: Vec<_> = USES.iter().filter(|(flag, _)| row.flags() & flag != 0).map(|(_, name)| *name).collect();
        let legacy = if row.legacy { " (with `legacy = true`)" } else { "" };
        writeln!(text, "| `{}`{legacy} | {} | {} |", row.name, uses.join(", "), sizes(row)).expect("a string takes it");
        text
    })
}

fn engine(engine: Engine) -> &'static str {
    match engine {
        Engine::Portable => "portable",
        Engine::AwsLc => "AWS-LC",
    }
}

fn sizes(row: &Row) -> String {
    match row.keys {
        (0, 0) => String::new(),
        (least, most) if least == most => least.to_string(),
        (least, most) => format!("{least} to {most}"),
    }
}
