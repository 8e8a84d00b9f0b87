//! Random numbers: PKCS#11 v3.2 §5.19.

use cryptoki_sys::*;

use super::entry;
use crate::{
    abi::{input::In, output::OutBytes},
    error::Rv,
    rng,
};

entry! {
    /// §5.19.1. The operating system's generator takes no seed from here.
    C_SeedRandom(session: CK_SESSION_HANDLE, seed[seed_len]: In<'_>) |module| {
        module.session(session)?;
        let In(_) = seed;
        Rv::RandomSeedNotSupported.err("the operating system's generator seeds itself")
    }
}

entry! {
    /// §5.19.2
    C_GenerateRandom(session: CK_SESSION_HANDLE, random[random_len]: OutBytes<'_>) |module| {
        module.session(session)?;
        rng::fill(random.0)?;
        Ok(())
    }
}
