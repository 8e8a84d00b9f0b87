//! ChaCha20, Poly1305 and both together (PKCS#11 v3.2 §6.58, §6.60, §6.61; RFC 8439).

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::{
    Cipher, Direction, Mechanism, Row,
    aead::{Aead, MakeAead},
    aes::{named, plain, sealed},
    aes_mac::{signer, verifier},
    gather::Gather,
    key_generation::random,
    mac::{Gathered, Mac, Running},
    stream::Stream,
    table::{NOTHING, row},
    wrong_key,
};
use crate::{
    abi::message::Shape,
    crypto::{self, CHACHA20_KEY, CHACHA20_TAG, ChaCha20, ChaCha20Poly1305, poly1305},
    error::{Result, Rv},
    object::{
        attributes::{Draft, Lookup},
        key::Key,
    },
    secret::Secret,
};

/// Sizes in bits (§6.58.5).
const CHACHA20: Row = Row { keys: (256, 256), ..NOTHING };
/// Key generation counts in bytes (§6.58.4).
const KEYS: Row = Row { keys: (32, 32), bytes: true, ..NOTHING };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_CHACHA20_KEY_GEN, KEYS, generate: Some((CKK_CHACHA20, generate))),
    row!(CKM_CHACHA20, CHACHA20, cipher: Some(chacha20)),
    row!(CKM_CHACHA20_POLY1305, CHACHA20, cipher: Some(aead), wraps: true, aead: Some(MakeAead { shape: Shape::ChaCha, make: messages })),
    row!(CKM_POLY1305_KEY_GEN, KEYS, generate: Some((CKK_POLY1305, generate))),
    row!(CKM_POLY1305, CHACHA20, sign: Some(|m, k| signer(poly(m, k)?)), verify: Some(|m, k| verifier(poly(m, k)?))),
];

/// CKM_CHACHA20: nonces of 64, 96 or 192 bits, each with its own width of counter.
fn chacha20(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let parameter = mechanism.chacha20()?;
    let block = match (parameter.nonce.len(), parameter.counter.len()) {
        (12, 4) | (8 | 24, 8) => little_endian(parameter.counter),
        _ => return Rv::MechanismParamInvalid.err("ChaCha20: counter and nonce have 64 and 64, 32 and 96, or 64 and 192 bits"),
    };
    let key = typed(key, CKK_CHACHA20)?;
    let mut stream = ChaCha20::new(key.expose(), parameter.nonce, block)?;
    Ok(Stream::boxed(named(direction), move |input, output| stream.process(input, output)))
}

/// As the counter stands in ChaCha20's state (RFC 8439, 2.3).
fn little_endian(counter: &[u8]) -> u64 {
    counter.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// CKM_CHACHA20_POLY1305: nonces of 96 or 192 bits. Which construction one of 64 bits would mean is nowhere said.
fn aead(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let parameter = mechanism.chacha20_poly1305()?;
    if !matches!(parameter.nonce.len(), 12 | 24) {
        return Rv::MechanismParamInvalid.err("ChaCha20-Poly1305: the nonce has 96 or 192 bits");
    }
    let key = ChaCha20Poly1305::new(typed(key, CKK_CHACHA20)?.expose(), parameter.nonce.len())?;
    let (nonce, aad) = (Vec::from(parameter.nonce), Vec::from(parameter.aad));
    Ok(match direction {
        Direction::Encrypt => {
            Gather::boxed(|n| n + CHACHA20_TAG, move |input, output| key.seal(&nonce, &aad, input, output).map_err(plain))
        }
        Direction::Decrypt => Gather::boxed(
            |n: usize| n.saturating_sub(CHACHA20_TAG),
            move |input, output| key.open(&nonce, &aad, input, output).map_err(sealed),
        ),
    })
}

fn messages(key: &Key) -> Result<Box<dyn Aead>> {
    Ok(Box::new(Messages(Secret::copy(typed(key, CKK_CHACHA20)?.expose()))))
}

/// Many messages under one key; the length of the nonce tells which construction.
struct Messages(Secret);

impl Aead for Messages {
    fn check(&self, nonce: usize, tag: usize) -> Result<()> {
        match (nonce, tag) {
            (12 | 24, CHACHA20_TAG) => Ok(()),
            _ => Rv::MechanismParamInvalid.err("ChaCha20-Poly1305: the nonce has 96 or 192 bits"),
        }
    }

    fn seal_joined(&self, nonce: &[u8], aad: &[u8], _: usize, plain: &[u8], output: &mut [u8]) -> crypto::Result<()> {
        ChaCha20Poly1305::new(self.0.expose(), nonce.len())?.seal(nonce, aad, plain, output).map(|_| ())
    }

    fn open_joined(&self, nonce: &[u8], aad: &[u8], _: usize, sealed: &[u8], output: &mut [u8]) -> crypto::Result<()> {
        ChaCha20Poly1305::new(self.0.expose(), nonce.len())?.open(nonce, aad, sealed, output).map(|_| ())
    }
}

/// CKM_POLY1305, for one message under a key.
fn poly(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<impl Running + use<>>> {
    mechanism.none()?;
    let key = Secret::copy(typed(key, CKK_POLY1305)?.expose());
    let tag = move |message: &[u8], tag: &mut [u8]| poly1305(key.expose(), message).map(|whole| tag.copy_from_slice(&whole));
    Ok(Mac::new(Gathered::new(tag), CHACHA20_TAG))
}

/// CKM_CHACHA20_KEY_GEN and CKM_POLY1305_KEY_GEN: 32 bytes.
fn generate(draft: &Draft) -> Result<Zeroizing<Vec<u8>>> {
    let len = CHACHA20_KEY as CK_ULONG;
    match draft.ulong(CKA_VALUE_LEN) {
        Some(told) if told != len => Rv::AttributeValueInvalid.err(format!("CKA_VALUE_LEN {told}: such a key has 32 bytes")),
        _ => random(len),
    }
}

fn typed(key: &Key, wanted: CK_KEY_TYPE) -> Result<&Secret> {
    match key {
        Key::Typed(key_type, value) if *key_type == wanted => Ok(value),
        _ => wrong_key(),
    }
}
