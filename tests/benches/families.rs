//! What the mechanisms cost that the C benchmark does not have, on our module and on SoftHSMv2 in one run:
//!
//!     cargo bench -p hsm-tests --bench families
//!
//! Operations per second of a whole Init and operation, one thread, and the ratio where both can; above 1 ours is ahead.

use hsm_tests::*;
use std::os::unix::process::parent_id;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long each operation is repeated.
const TIME: Duration = Duration::from_millis(400);

fn main() {
    // `cargo test --benches` runs this too: it shall compile and do nothing.
    if !std::env::args().any(|argument| argument == "--bench" || argument == "--exact") {
        return;
    }
    on_each(measure);
    let tables: Vec<Vec<(String, f64)>> = results(std::process::id()).iter().map(read).collect();
    println!("{:<28} {:>12} {:>12} {:>8}", "operations per second", "ours", "SoftHSMv2", "ratio");
    for (name, rate) in tables.first().into_iter().flatten() {
        let theirs = tables.get(1).and_then(|table| table.iter().find(|row| row.0 == *name)).map(|row| row.1);
        let ratio = theirs.map_or("only ours".to_owned(), |theirs| format!("{:.2}x", rate / theirs));
        println!("{name:<28} {rate:>12.0} {:>12} {ratio:>8}", theirs.map_or("-".to_owned(), |theirs| format!("{theirs:.0}")));
    }
    results(std::process::id()).iter().for_each(|file| _ = std::fs::remove_file(file));
}

/// Where the child processes of `parent` leave their figures: ours, then SoftHSMv2's.
fn results(parent: u32) -> [PathBuf; 2] {
    ["ours", "softhsm"].map(|name| std::env::temp_dir().join(format!("hsm-families-{parent}-{name}")))
}

fn read(file: &PathBuf) -> Vec<(String, f64)> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let row = |line: &str| line.split_once('\t').and_then(|(name, rate)| Some((name.to_owned(), rate.parse().ok()?)));
    text.lines().filter_map(row).collect()
}

fn measure(home: &Home) {
    let token = home.legacy_token();
    let session = token.user();
    let mut lines = String::new();
    for (name, operation) in symmetric(session).into_iter().chain(asymmetric(session)).chain(post_quantum(session)) {
        if operation().is_err() {
            continue;
        }
        let (begun, mut done) = (Instant::now(), 0_u32);
        while begun.elapsed() < TIME {
            operation().expect("what worked once");
            done += 1;
        }
        lines += &format!("{name}\t{}\n", f64::from(done) / begun.elapsed().as_secs_f64());
    }
    let file = &results(parent_id())[usize::from(home.subject().is_softhsm())];
    std::fs::write(file, lines).expect("a file for the figures");
}

const XTS_KEY: [u8; 64] = {
    let mut key = [1; 64];
    key[0] = 2;
    key
};

type Case<'s> = (&'static str, Box<dyn Fn() -> Answer + 's>);

fn symmetric(session: Session<'_>) -> Vec<Case<'_>> {
    let (aes, mac) = (session.key_of(CKK_AES, &[9; 32]), session.secret_of(&[7; 32]));
    let data: &'static [u8] = vec![0x5a; 65536].leak();
    let encrypt = move |mechanism: Mechanism, key: Object, len: usize| -> Box<dyn Fn() -> Answer> {
        Box::new(move || session.encrypt(&mechanism, key, &data[..len]).map(|_| ()))
    };
    let sign = move |kind, key: Object, len: usize| -> Box<dyn Fn() -> Answer> {
        Box::new(move || session.sign(&Mechanism::bare(kind), key, &data[..len]).map(|_| ()))
    };
    let iv = |kind| Mechanism::bytes(kind, &[1; 16]);
    let mut cases = vec![
        ("HMAC-SHA256 32 B", sign(CKM_SHA256_HMAC, mac, 32)),
        ("HMAC-SHA512 64 KiB", sign(CKM_SHA512_HMAC, mac, 65536)),
        ("AES-CMAC 32 B", sign(CKM_AES_CMAC, aes, 32)),
        ("AES-CMAC 64 KiB", sign(CKM_AES_CMAC, aes, 65536)),
        ("AES-CBC 1 KiB", encrypt(iv(CKM_AES_CBC), aes, 1024)),
        ("AES-CBC 64 KiB", encrypt(iv(CKM_AES_CBC), aes, 65536)),
        ("AES-CTR 64 KiB", encrypt(Mechanism::ctr(128, [1; 16]), aes, 65536)),
        ("AES-ECB 64 KiB", encrypt(Mechanism::bare(CKM_AES_ECB), aes, 65536)),
        ("AES-CCM 1 KiB", encrypt(Mechanism::ccm(1024, &[1; 12], &[], 16), aes, 1024)),
    ];
    if let Ok(key) = session.create(&secret_template(CKK_AES_XTS).bytes(CKA_VALUE, &XTS_KEY)) {
        cases.push(("AES-XTS 64 KiB", encrypt(iv(CKM_AES_XTS), key, 65536)));
    }
    if let Ok(key) = session.create(&secret_template(CKK_CHACHA20).bytes(CKA_VALUE, &[3; 32])) {
        cases.push(("ChaCha20-Poly1305 1 KiB", encrypt(Mechanism::chacha20_poly1305(&[1; 12], 96, &[]), key, 1024)));
    }
    for (name, kind) in [("SHA3-256 1 KiB", CKM_SHA3_256), ("BLAKE2b-256 1 KiB", CKM_BLAKE2B_256), ("SHA-512 1 KiB", CKM_SHA512)]
    {
        cases.push((name, Box::new(move || session.digest(&Mechanism::bare(kind), &data[..1024]).map(|_| ()))));
    }
    cases
}

fn asymmetric(session: Session<'_>) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    let derive = |mechanism: Mechanism, base: Object| -> Box<dyn Fn() -> Answer> {
        let template = Template::of(CKO_SECRET_KEY).ulong(CKA_KEY_TYPE, CKK_GENERIC_SECRET).ulong(CKA_VALUE_LEN, 32);
        Box::new(move || session.derive(&mechanism, base, &template).and_then(|key| session.destroy(key)))
    };
    for (name, curve) in [("ECDH P-256", oid::P256), ("ECDH P-384", oid::P384), ("ECDH P-521", oid::P521)] {
        let public = Template::new().bytes(CKA_EC_PARAMS, curve);
        let made = session.generate_pair(&Mechanism::bare(CKM_EC_KEY_PAIR_GEN), &public, &Template::new().bool(CKA_DERIVE, true));
        if let Ok((public, private)) = made {
            let point = session.attribute(public, CKA_EC_POINT).expect("CKA_EC_POINT");
            let point = content(&point).to_vec();
            cases.push((name, derive(Mechanism::ecdh(CKM_ECDH1_DERIVE, CKD_NULL, &[], &point), private)));
        }
    }
    for (name, curve, kind) in [("ECDSA P-384 sign", oid::P384, CKM_ECDSA), ("ECDSA P-521 sign", oid::P521, CKM_ECDSA)] {
        let private = session.ec(curve).private;
        cases.push((name, Box::new(move || session.sign(&Mechanism::bare(kind), private, &[7; 32]).map(|_| ()))));
    }
    let pair = session.rsa(3072);
    cases.push((
        "RSA-3072 sign",
        Box::new(move || session.sign(&Mechanism::bare(CKM_SHA256_RSA_PKCS), pair.private, b"message").map(|_| ())),
    ));
    cases
}

fn post_quantum(session: Session<'_>) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    let pair = |kind, set| {
        session.generate_pair(&Mechanism::bare(kind), &Template::new().ulong(CKA_PARAMETER_SET, set), &Template::new())
    };
    for (sign, verify, generation, set, kind) in [
        ("ML-DSA-65 sign", "ML-DSA-65 verify", CKM_ML_DSA_KEY_PAIR_GEN, CKP_ML_DSA_65, CKM_ML_DSA),
        ("SLH-DSA-128f sign", "SLH-DSA-128f verify", CKM_SLH_DSA_KEY_PAIR_GEN, CKP_SLH_DSA_SHA2_128F, CKM_SLH_DSA),
    ] {
        let Ok((public, private)) = pair(generation, set) else { continue };
        let mechanism = Mechanism::bare(kind);
        let signature = session.sign(&mechanism, private, b"message").expect("C_Sign");
        let checked = mechanism.clone();
        cases.push((sign, Box::new(move || session.sign(&mechanism, private, b"message").map(|_| ()))));
        cases.push((verify, Box::new(move || session.verify(&checked, public, b"message", &signature))));
    }
    let Ok((public, private)) = pair(CKM_ML_KEM_KEY_PAIR_GEN, CKP_ML_KEM_768) else { return cases };
    let (kem, template) = (Mechanism::bare(CKM_ML_KEM), Template::of(CKO_SECRET_KEY));
    let (ciphertext, _) = session.encapsulate(&kem, public, &template).expect("C_EncapsulateKey");
    let (opening, other) = (kem.clone(), template.clone());
    cases.push((
        "ML-KEM-768 encapsulate",
        Box::new(move || session.encapsulate(&kem, public, &template).and_then(|(_, key)| session.destroy(key))),
    ));
    cases.push((
        "ML-KEM-768 decapsulate",
        Box::new(move || session.decapsulate(&opening, private, &ciphertext, &other).and_then(|key| session.destroy(key))),
    ));
    cases
}
