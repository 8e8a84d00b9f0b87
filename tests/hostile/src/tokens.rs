//! JWTs and the key sets they are checked with.

use ed25519_dalek::{Signer, SigningKey};
use hsm_client::jwks::{Jwk, Jwks};
use hsm_client::jwt::{Claims, Expected, verify};
use hsm_client::public::{PublicKey, Scheme};
use std::sync::LazyLock;

/// A token, against the key set of the corpus; claims; a key set, against the token of the corpus.
pub fn jwt(data: &[u8]) {
    let expected = Expected { allow_unlimited: true, ..Expected::default() };
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(verified) = verify(text, &KEYS, &expected)
    {
        assert_eq!(text.trim(), *GENUINE, "a token that was not signed was believed: {verified:?}");
    }
    if let Ok(claims) = Claims::parse(data) {
        let _ = claims.check(&expected);
    }
    if let Ok(set) = Jwks::parse(data) {
        let has_ours = set.keys.iter().any(|jwk| jwk.public_key().is_ok_and(|key| key == public()));
        assert!(verify(&GENUINE, &set, &expected).is_err() || has_ours, "a token was believed by another's key");
    }
}

/// The key set with the one key of the corpus.
pub static KEYS: LazyLock<Jwks> = LazyLock::new(|| Jwks { keys: vec![Jwk::new(&public(), Scheme::EdDsa)] });

/// The one token it signed: {"alg":"EdDSA","typ":"JWT"} . {"sub":"corpus"}
pub static GENUINE: LazyLock<String> = LazyLock::new(|| {
    let signed = "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjb3JwdXMifQ";
    format!("{signed}.{}", base64url(&key().sign(signed.as_bytes()).to_bytes()))
});

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn public() -> PublicKey {
    PublicKey::ed25519_point(key().verifying_key().as_bytes()).expect("a point")
}

fn base64url(bytes: &[u8]) -> String {
    let letter = |value: u32| char::from(LETTERS[value as usize & 63]);
    let of_three = |three: &[u8]| {
        let number = three.iter().chain([0, 0].iter()).take(3).fold(0, |number, byte| number << 8 | u32::from(*byte));
        let letters = [number >> 18, number >> 12, number >> 6, number].map(letter);
        letters.into_iter().take(three.len() + 1).collect::<String>()
    };
    bytes.chunks(3).map(of_three).collect()
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
