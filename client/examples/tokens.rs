//! JSON Web Tokens: signed in the token, published as a JWK set, checked by one who has that set alone.
//!
//!     cargo run -p hsm-client --features examples --example tokens
//!
//! Prints the token and the set.

mod connect;

use hsm_client::hsm::{Curve, KeyKind};
use hsm_client::jwks::Jwks;
use hsm_client::jwt::{self, Claims, Expected};
use hsm_client::time::Timestamp;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let signer = connect::signer()?;
    let key = connect::key(&signer, "tokens", KeyKind::Ec(Curve::P256))?;

    let now = Timestamp::now();
    let claims = Claims::default().with("iss", "https://issuer.example").with("aud", "mail").with("sub", "alice");
    let claims = claims.with("iat", now.0).with("exp", now.plus(900).0);
    let token = jwt::sign(&signer, key.key(), None, &claims)?;
    println!("{token}");

    // Of all keys those that sign, will sign soon, or signed what may still live.
    let published = serde_json::to_string_pretty(&Jwks::publish(&signer.keys()?))?;
    println!("{published}");

    // The other side.
    let expected =
        Expected { issuer: Some("https://issuer.example".to_owned()), audience: Some("mail".to_owned()), ..Expected::default() };
    let verified = jwt::verify(&token, &Jwks::parse(published.as_bytes())?, &expected)?;
    eprintln!("verified: {:?} with {}", verified.claims.0.get("sub"), verified.scheme);
    Ok(())
}
