//! The crate `jsonwebtoken`: its headers, claims and checks, with keys of a token.
//!
//! Its own `encode` takes the bytes of a private key, which no token gives away, and its provider of cryptography is a function
//! without state, one for the whole process: a key of a token cannot be handed to it. So [`JwtKey::encode`] stands in for
//! `encode`. `decode` works as it is, with [`JwtKey::decoding_key`] or a published JWK set. [`JwtKey`] is a `JwtSigner` too, for
//! programs that have a provider of their own.

use ::jsonwebtoken::crypto::JwtSigner;
use ::jsonwebtoken::errors::{ErrorKind, new_error};
use ::jsonwebtoken::signature;
use ::jsonwebtoken::{Algorithm, DecodingKey, Header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::TokenKey;
use crate::error::{Error, Kind, Result};
use crate::jwks::Jwk;
use crate::jwt::{self, Claims};
use crate::public::Scheme;

/// A key of a token that signs tokens for `jsonwebtoken`, with the key's own algorithm.
#[derive(Debug, Clone)]
pub struct JwtKey {
    key: TokenKey,
    algorithm: Algorithm,
    public: DecodingKey,
}

impl JwtKey {
    /// `key`, to sign tokens with.
    ///
    /// # Errors
    /// [`Kind::Usage`] for P-521 keys: that crate knows no ES512, [`crate::jwt`] does. [`Kind::Malformed`] when the public half is
    /// no key.
    pub fn new(key: TokenKey) -> Result<Self> {
        let scheme = key.key().scheme;
        let row = ALGORITHMS.iter().find(|row| row.0 == scheme);
        let algorithm = row.map(|row| row.1).ok_or_else(|| {
            Error::new(Kind::Usage, format!("jsonwebtoken knows no {scheme}")).next("sign with hsm_client::jwt, or hsm jwt sign")
        })?;
        let public = decoding_key(&Jwk::from(key.key()))?;
        Ok(Self { key, algorithm, public })
    }

    /// A header for it: type, algorithm and `kid`.
    pub fn header(&self) -> Header {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.key.key().kid.clone());
        header
    }

    /// What checks its tokens.
    pub fn decoding_key(&self) -> &DecodingKey {
        &self.public
    }

    /// Signs `claims` in the token, in compact form (RFC 7515 section 7.1).
    ///
    /// # Errors
    /// `InvalidAlgorithm` when the header names another than the key's, `Json` for what cannot be written, `Signing` with our
    /// reason when the token refuses, or the claims would outlive the key's publication as in [`jwt::sign`].
    pub fn encode<T: Serialize>(&self, header: &Header, claims: &T) -> ::jsonwebtoken::errors::Result<String> {
        if header.alg != self.algorithm {
            return Err(new_error(ErrorKind::InvalidAlgorithm));
        }
        let signed = format!("{}.{}", part(header)?, part(claims)?);
        let signature = self.sign(signed.as_bytes()).map_err(|error| new_error(ErrorKind::Signing(error.to_string())))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        jwt::lives_within(&claims(message)?, self.key.key())?;
        self.key.sign(self.key.key().scheme, message)
    }
}

impl signature::Signer<Vec<u8>> for JwtKey {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        self.sign(message).map_err(signature::Error::from_source)
    }
}

impl JwtSigner for JwtKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// A published key as what checks its tokens there.
///
/// # Errors
/// [`Kind::Malformed`] for a key that crate does not know.
pub fn decoding_key(jwk: &Jwk) -> Result<DecodingKey> {
    let malformed = |why: String| Error::new(Kind::Malformed, "jsonwebtoken cannot use the JWK").why(why);
    let theirs: ::jsonwebtoken::jwk::Jwk =
        serde_json::to_value(jwk).and_then(serde_json::from_value).map_err(|error| malformed(error.to_string()))?;
    DecodingKey::from_jwk(&theirs).map_err(|error| malformed(error.to_string()))
}

/// What is signed, header and claims, comes encoded from that crate.
fn claims(message: &[u8]) -> Result<Claims> {
    let malformed = || Error::new(Kind::Malformed, "this is no token to be signed");
    let at = message.iter().position(|byte| *byte == b'.').ok_or_else(malformed)?;
    Claims::parse(&URL_SAFE_NO_PAD.decode(&message[at + 1..]).map_err(|_| malformed())?)
}

fn part<T: Serialize>(value: &T) -> ::jsonwebtoken::errors::Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(value)?))
}

const ALGORITHMS: [(Scheme, Algorithm); 9] = [
    (Scheme::Rs256, Algorithm::RS256),
    (Scheme::Rs384, Algorithm::RS384),
    (Scheme::Rs512, Algorithm::RS512),
    (Scheme::Ps256, Algorithm::PS256),
    (Scheme::Ps384, Algorithm::PS384),
    (Scheme::Ps512, Algorithm::PS512),
    (Scheme::Es256, Algorithm::ES256),
    (Scheme::Es384, Algorithm::ES384),
    (Scheme::EdDsa, Algorithm::EdDSA),
];

#[cfg(test)]
mod tests {
    use ::jsonwebtoken::{Validation, decode, get_current_timestamp};
    use serde_json::{Value, json};

    use super::super::tests::{disguised, ed25519, retired};
    use super::*;
    use crate::jwks::Jwks;
    use crate::jwt::Expected;
    use crate::public::{Curve, PublicKey};

    fn claims() -> Value {
        json!({ "sub": "me", "exp": get_current_timestamp() + 900 })
    }

    #[test]
    fn signed_here_and_checked_by_both() {
        let key = JwtKey::new(ed25519()).unwrap();
        let claims = claims();
        let token = key.encode(&key.header(), &claims).unwrap();
        let checked = decode::<Value>(&token, key.decoding_key(), &Validation::new(Algorithm::EdDSA)).unwrap();
        assert_eq!(checked.claims, claims);
        let jwks = Jwks::publish(&[key.key.key().clone()]);
        assert_eq!(jwt::verify(&token, &jwks, &Expected::default()).unwrap().kid, key.header().kid);
        let other = JwtKey::new(ed25519()).unwrap();
        decode::<Value>(&token, other.decoding_key(), &Validation::new(Algorithm::EdDSA)).unwrap_err();
    }

    #[test]
    fn the_key_decides_the_algorithm() {
        let key = JwtKey::new(ed25519()).unwrap();
        let error = key.encode(&Header::new(Algorithm::HS256), &claims()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidAlgorithm));
        let public = PublicKey::Ec { curve: Curve::P521, x: vec![1; 66], y: vec![2; 66] };
        assert_eq!(JwtKey::new(disguised(public)).unwrap_err().kind(), Kind::Usage);
    }

    #[test]
    fn a_retired_key_signs_none_and_says_why() {
        let key = JwtKey::new(retired()).unwrap();
        let error = key.encode(&key.header(), &claims()).unwrap_err();
        assert!(error.to_string().contains("was retired"), "{error}");
        let signer: &dyn JwtSigner = &key;
        let message = format!("e30.{}", URL_SAFE_NO_PAD.encode(claims().to_string()));
        assert!(signer.try_sign(message.as_bytes()).unwrap_err().to_string().contains("was retired"));
    }

    #[test]
    fn no_token_outlives_its_key() {
        let key = JwtKey::new(ed25519()).unwrap();
        for claims in [json!({ "sub": "me" }), json!({ "exp": get_current_timestamp() + 10 * 86_400 })] {
            let error = key.encode(&key.header(), &claims).unwrap_err();
            assert!(error.to_string().contains("live"), "{error}");
        }
    }
}
