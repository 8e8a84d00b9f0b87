//! Signs files with a key that stays in the token, by code that knows no token: it takes any `signature::Signer`.
//!
//!     cargo run -p hsm-client --features examples --example sign_files -- letter.txt
//!
//! Writes letter.txt.sig (Ed25519, 64 bytes) beside each file, and the public key to standard output.

mod connect;

use std::error::Error;
use std::fs;

use hsm_client::adapter::signature::TypedKey;
use hsm_client::hsm::KeyKind;
use signature::{Keypair, SignatureEncoding, Signer, Verifier};

fn main() -> Result<(), Box<dyn Error>> {
    let key = connect::key(&connect::signer()?, "files", KeyKind::Ed25519)?;
    print!("{}", key.public().to_pem()?);
    let key = TypedKey::<ed25519_dalek::Signature>::new(key)?;
    for path in std::env::args().skip(1) {
        let signature = sign(&key, &fs::read(&path)?)?;
        fs::write(format!("{path}.sig"), signature)?;
    }
    Ok(())
}

/// The same for a key in memory and one in a token.
fn sign<S, K>(key: &K, message: &[u8]) -> Result<Vec<u8>, Box<dyn Error>>
where
    S: SignatureEncoding,
    K: Signer<S> + Keypair,
    K::VerifyingKey: Verifier<S>,
{
    let signature = key.try_sign(message)?;
    key.verifying_key().verify(message, &signature)?;
    Ok(signature.to_vec())
}
