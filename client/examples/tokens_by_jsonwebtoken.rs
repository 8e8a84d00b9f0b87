//! JSON Web Tokens of a program that uses the crate `jsonwebtoken`: signed in the token, checked by that crate.
//!
//!     cargo run -p hsm-client --features examples --example tokens_by_jsonwebtoken
//!
//! Prints the token. The program chooses the crate's cryptography for checking (here its feature aws_lc_rs).

mod connect;

use hsm_client::adapter::jsonwebtoken::{JwtKey, decoding_key};
use hsm_client::hsm::KeyKind;
use hsm_client::jwks::Jwks;
use jsonwebtoken::{Validation, decode, decode_header, get_current_timestamp};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    aud: String,
    exp: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let signer = connect::signer()?;
    let key = JwtKey::new(connect::key(&signer, "jsonwebtoken", KeyKind::Ed25519)?)?;
    let published = Jwks::publish(&signer.keys()?);

    let claims = Claims { sub: "alice".to_owned(), aud: "mail".to_owned(), exp: get_current_timestamp() + 900 };
    let token = key.encode(&key.header(), &claims)?;
    println!("{token}");

    // The other side: the key that the header names, and what it expects.
    let header = decode_header(&token)?;
    let jwk = published.find(header.kid.as_deref())?;
    let mut validation = Validation::new(jsonwebtoken::Algorithm::EdDSA);
    validation.set_audience(&["mail"]);
    let checked = decode::<Claims>(&token, &decoding_key(jwk)?, &validation)?;
    eprintln!("verified: {}", checked.claims.sub);
    Ok(())
}
