#![deny(unsafe_code)]
pub mod rng;
pub mod secret;
