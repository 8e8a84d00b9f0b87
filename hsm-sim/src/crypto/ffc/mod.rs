//! Discrete logarithms modulo a prime: DSA (FIPS 186-4) and Diffie-Hellman (PKCS #3, ANSI X9.42). Both are there for what is old.
//!
//! The engines differ in one thing only, b^e mod p: [`Field`]. The rest, which is cheap next to it, is written once, over the numbers
//! of `crypto-bigint`, in constant time where anything is secret.

mod dh;
mod dsa;
mod field;
mod generation;
mod group;
mod named;
mod nonce;
mod number;
mod prime;

pub use dh::{DhPrivateKey, DhPublicKey};
pub use dsa::{DsaPrivateKey, DsaPublicKey};
pub use generation::{Primes, SafePrime};
pub use group::{Group, GroupKind};
#[cfg(test)]
pub(super) use named::{is_named, known};
pub(super) use prime::is_prime;
