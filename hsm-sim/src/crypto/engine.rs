//! Which engine serves which operation: one table, decided by measurement (DESIGN 4.2).

use super::Curve;

/// A body of cryptographic code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// RustCrypto and dalek: pure Rust, always built.
    Portable,
    /// AWS-LC: C and assembly, built with the feature `aws-lc`.
    #[cfg(feature = "aws-lc")]
    AwsLc,
}

impl Engine {
    /// The engines of this build.
    pub const ALL: &[Self] = &[
        Self::Portable,
        #[cfg(feature = "aws-lc")]
        Self::AwsLc,
    ];

    /// True when the engine computes on the curve. AWS-LC has no Brainpool curves.
    pub const fn has(self, curve: Curve) -> bool {
        matches!(self, Self::Portable) || !matches!(curve, Curve::BrainpoolP256r1 | Curve::BrainpoolP384r1)
    }
}

/// What either engine can be asked to do.
///
/// Not listed, because only the portable engine does it: strict verification of Ed25519, which AWS-LC has not; RSA key
/// generation, at which it is faster; HKDF, Argon2id and SLH-DSA; CMAC, XTS, ChaCha20 and Poly1305 each by itself, Triple DES, RC2, RC4
/// and SEED.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Hashes and HMAC; SHA-3, BLAKE2b and MD2 on the portable engine alone.
    Digest,
    Gcm,
    Ecb,
    /// CBC with and without stealing, CTR, OFB, CFB, CCM, CBC-MAC and key wrap.
    BlockModes,
    RsaPublic,
    RsaPrivate,
    ChaCha20Poly1305,
    /// ECDSA and ECDH.
    Ec(Curve),
    Ed25519Sign,
    X25519,
    MlKem,
    /// Powers modulo a prime, for DSA and Diffie-Hellman; primes are the portable engine's to find.
    Ffc,
    /// Hedged signatures and verification; AWS-LC has no deterministic ones.
    MlDsa,
}

/// The engine for `operation` where the caller does not choose.
#[cfg(feature = "aws-lc")]
pub const fn serving(operation: Operation) -> Engine {
    match operation {
        Operation::Ec(curve) if !Engine::AwsLc.has(curve) => Engine::Portable,
        // SHA-256 of 16 bytes takes 0.09 us here and 0.17 there, of 1 MiB the same. AWS-LC has no bulk ECB: 16 times slower.
        Operation::Digest | Operation::Ecb => Engine::Portable,
        // ChaCha20-Poly1305 of 16 bytes, key and all, takes 0.7 us there and 3.1 here, of 64 KiB 81 and 138.
        Operation::Gcm
        | Operation::BlockModes
        | Operation::RsaPublic
        | Operation::RsaPrivate
        | Operation::ChaCha20Poly1305
        | Operation::Ec(_)
        | Operation::Ed25519Sign
        | Operation::X25519
        | Operation::Ffc
        | Operation::MlKem
        | Operation::MlDsa => Engine::AwsLc,
    }
}

/// The engine for `operation` where the caller does not choose.
#[cfg(not(feature = "aws-lc"))]
pub const fn serving(_operation: Operation) -> Engine {
    Engine::Portable
}
