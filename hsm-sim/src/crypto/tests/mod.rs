//! Known answers, other people's attacks, and the two engines against each other.

mod aes;
mod agreement;
mod chacha20;
mod curves;
mod derivation;
mod des3;
mod dh;
mod differential;
mod differential_rsa;
mod dsa;
mod gcm;
mod hashes;
mod kdf;
mod ml_dsa;
mod ml_kem;
mod modes;
mod nonces;
mod primality;
mod rsa;
mod slh_dsa;
mod wycheproof_agreement;
mod wycheproof_modes;
mod wycheproof_rsa;
mod wycheproof_signatures;
mod wycheproof_symmetric;
mod x931;

use super::{Curve, Engine, Hash};

/// Runs a test on every engine of this build, and says which one failed.
fn on_every_engine(mut test: impl FnMut(Engine)) {
    for engine in Engine::ALL {
        println!("on {engine:?}");
        test(*engine);
    }
}

/// The engines of this build that have a curve.
fn engines_with(curve: Curve) -> impl Iterator<Item = Engine> {
    Engine::ALL.iter().copied().filter(move |engine| engine.has(curve))
}

/// Bytes written in hexadecimal, spaces allowed.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|digit| !digit.is_whitespace())
        .map(|digit| digit.to_digit(16).expect("a hexadecimal digit") as u8)
        .collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// A digest as bytes.
fn digest(engine: Engine, hash: Hash, data: &[u8]) -> Vec<u8> {
    let mut digest = super::Digest::with_engine(engine, hash);
    digest.update(data);
    filled(hash.output_len(), |out| Ok(digest.finish(out))).expect("cannot fail")
}

/// What `write` put into a buffer of `room` bytes.
fn filled(room: usize, write: impl FnOnce(&mut [u8]) -> super::Result<usize>) -> super::Result<Vec<u8>> {
    let mut out = vec![0; room];
    let len = write(&mut out)?;
    out.truncate(len);
    Ok(out)
}

/// Keys are shared by sessions on many threads, streams move between them.
#[test]
fn keys_are_shared_and_streams_move() {
    fn shared<T: Send + Sync>() {}
    fn moved<T: Send>() {}
    shared::<super::AesKey>();
    shared::<super::XtsKey>();
    shared::<super::Des3Key>();
    shared::<super::ChaCha20Poly1305>();
    shared::<super::HmacKey>();
    shared::<super::RsaPublicKey>();
    shared::<super::RsaPrivateKey>();
    shared::<super::EcPublicKey>();
    shared::<super::EcPrivateKey>();
    shared::<super::DsaPublicKey>();
    shared::<super::DsaPrivateKey>();
    shared::<super::DhPublicKey>();
    shared::<super::DhPrivateKey>();
    shared::<super::EdPublicKey>();
    shared::<super::EdPrivateKey>();
    shared::<super::MlDsaPublicKey>();
    shared::<super::MlDsaPrivateKey>();
    shared::<super::SlhDsaPublicKey>();
    shared::<super::SlhDsaPrivateKey>();
    shared::<super::MlKemPublicKey>();
    shared::<super::MlKemPrivateKey>();
    shared::<super::XPublicKey>();
    shared::<super::XPrivateKey>();
    moved::<super::Digest>();
    moved::<super::Hmac>();
    moved::<super::Ecb>();
    moved::<super::Cbc>();
    moved::<super::Ctr>();
    moved::<super::Feedback>();
    moved::<super::ChaCha20>();
    moved::<super::Cmac>();
    moved::<super::CbcMac<super::AesKey, 16>>();
    moved::<super::Des3>();
    moved::<super::GcmEncryptor>();
}
