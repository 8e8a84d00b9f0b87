//! Which engine serves which operation: one table, decided by measurement (DESIGN 4.2).

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
}

/// What an engine can be asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Digest,
    Gcm,
    /// ECB, CBC, CTR and key wrap.
    BlockModes,
    RsaGenerate,
    RsaPublic,
    RsaPrivate,
    Ecdsa,
    Ed25519Sign,
    Ed25519Verify,
}

/// The engine for `operation` where the caller does not choose.
#[cfg(feature = "aws-lc")]
pub const fn serving(operation: Operation) -> Engine {
    match operation {
        Operation::Digest
        | Operation::Gcm
        | Operation::BlockModes
        | Operation::RsaPublic
        | Operation::RsaPrivate
        | Operation::Ecdsa
        | Operation::Ed25519Sign => Engine::AwsLc,
        // Verifying strictly is no AWS-LC primitive; generating, dalek and RustCrypto win.
        Operation::Ed25519Verify | Operation::RsaGenerate => Engine::Portable,
    }
}

/// The engine for `operation` where the caller does not choose.
#[cfg(not(feature = "aws-lc"))]
pub const fn serving(_operation: Operation) -> Engine {
    Engine::Portable
}
