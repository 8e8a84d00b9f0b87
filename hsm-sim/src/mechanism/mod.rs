//! Mechanisms: one file per family, one row per mechanism (PKCS#11 v3.2 §6).
//!
//! A row holds a constructor for each use the mechanism has; its CKF_ flags follow from which are there. To add a mechanism, write its
//! constructors in a file here and add its row to [`table`].

mod aes;
mod blocks;
mod digests;
mod ecdh;
mod ecdh_aes_wrap;
mod ecdsa;
mod eddsa;
mod gather;
mod gcm;
mod hmac;
mod key_generation;
mod message;
pub mod offer;
mod rsa;
mod rsa_aes_wrap;
mod rsa_cipher;
mod rsa_x931;
mod simple_derivation;
pub mod table;

use std::sync::Arc;

use cryptoki_sys::*;
use zeroize::Zeroizing;

pub use crate::abi::params::Mechanism;
use crate::{
    crypto::Hash,
    error::{Result, Rv},
    object::{Object, attributes::Draft, key::Key},
    reply::{Reply, Room},
    secret::Secret,
};

pub use crate::crypto::Direction;

/// An encryption or decryption under way.
pub trait Cipher: Send {
    /// All in one step.
    fn single(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply>;
    /// A part.
    fn update(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply>;
    /// What is left after the last part.
    fn finish(&mut self, room: Room<'_>) -> Result<Reply>;
}

/// A signature or MAC under way.
pub trait Signer: Send {
    /// Length of the signature in bytes.
    fn signature_len(&self) -> usize;
    /// Feeds a part.
    fn update(&mut self, part: &[u8]) -> Result<()>;
    /// Signs what was fed; `output` has exactly [`Signer::signature_len`] bytes.
    fn finish(&mut self, output: &mut [u8]) -> Result<usize>;
}

/// A verification under way.
pub trait Verifier: Send {
    /// Feeds a part.
    fn update(&mut self, part: &[u8]) -> Result<()>;
    /// CKR_SIGNATURE_LEN_RANGE or CKR_SIGNATURE_INVALID unless `signature` is right for what was fed.
    fn finish(&mut self, signature: &[u8]) -> Result<()>;
}

/// Begins an encryption or decryption with a key.
pub type MakeCipher = fn(&Mechanism<'_>, &Key, Direction) -> Result<Box<dyn Cipher>>;
/// Begins a signature with a key.
pub type MakeSigner = fn(&Mechanism<'_>, &Key) -> Result<Box<dyn Signer>>;
/// Begins a verification with a key.
pub type MakeVerifier = fn(&Mechanism<'_>, &Key) -> Result<Box<dyn Verifier>>;
/// Makes the value of a secret key, given the caller's template.
pub type Generate = fn(&Draft) -> Result<Zeroizing<Vec<u8>>>;
/// Makes a public and a private key, given the public template.
pub type GeneratePair = fn(&Draft) -> Result<(Key, Key)>;

/// Begins to recover data from signatures with a key.
pub type MakeRecovery = fn(&Mechanism<'_>, &Key) -> Result<Box<dyn Cipher>>;
/// Derives the value of a key.
pub type Derive = fn(&Mechanism<'_>, &Deriving<'_>) -> Result<Derived>;

/// What a derivation works with.
pub struct Deriving<'d> {
    pub base: &'d Object,
    /// Bytes the new key shall have, if its template or its type says so.
    pub len: Option<usize>,
    /// Other keys that a parameter names, which must be permitted to derive too.
    pub keys: &'d dyn Fn(CK_OBJECT_HANDLE) -> Result<Arc<Object>>,
}

/// What came of a derivation.
pub struct Derived {
    /// As long as [`Deriving::len`] asks for.
    pub value: Secret,
    /// CKA_SENSITIVE and CKA_EXTRACTABLE of the base key bind the new one (§6.43), and are its defaults.
    pub bound_by_base: bool,
    /// Other keys that bind it likewise.
    pub binding: Vec<Arc<Object>>,
}

/// A key encapsulation mechanism.
pub struct Kem {
    /// Length of a ciphertext for a key, bytes.
    pub ciphertext_len: fn(&Key) -> Result<usize>,
    /// Fills a ciphertext; the shared secret.
    pub encapsulate: fn(&Mechanism<'_>, &Key, &mut [u8]) -> Result<Secret>,
    /// The shared secret of a ciphertext.
    pub decapsulate: fn(&Mechanism<'_>, &Key, &[u8]) -> Result<Secret>,
}

/// A mechanism.
pub struct Row {
    pub kind: CK_MECHANISM_TYPE,
    /// Its name in the standard.
    pub name: &'static str,
    /// Smallest and largest key, in the unit §6 gives for the mechanism: bits for RSA, EC and generic secrets, bytes for AES.
    pub keys: (CK_ULONG, CK_ULONG),
    /// CKF_EC_ flags.
    pub curves: CK_FLAGS,
    /// Offered only where the configuration asks for what is obsolete.
    pub legacy: bool,
    pub cipher: Option<MakeCipher>,
    /// The cipher also wraps and unwraps keys.
    pub wraps: bool,
    /// Wraps and unwraps keys, and does nothing else.
    pub key_wrap: Option<MakeCipher>,
    pub digest: Option<Hash>,
    pub sign: Option<MakeSigner>,
    pub verify: Option<MakeVerifier>,
    pub sign_recover: Option<MakeSigner>,
    pub verify_recover: Option<MakeRecovery>,
    pub generate: Option<(CK_KEY_TYPE, Generate)>,
    pub generate_pair: Option<(CK_KEY_TYPE, GeneratePair)>,
    pub derive: Option<Derive>,
    pub kem: Option<Kem>,
}

impl Row {
    /// The flags of CK_MECHANISM_INFO.
    pub fn flags(&self) -> CK_FLAGS {
        [
            (self.cipher.is_some(), CKF_ENCRYPT | CKF_DECRYPT),
            (self.wraps || self.key_wrap.is_some(), CKF_WRAP | CKF_UNWRAP),
            (self.digest.is_some(), CKF_DIGEST),
            (self.sign.is_some(), CKF_SIGN),
            (self.verify.is_some(), CKF_VERIFY),
            (self.sign_recover.is_some(), CKF_SIGN_RECOVER),
            (self.verify_recover.is_some(), CKF_VERIFY_RECOVER),
            (self.derive.is_some(), CKF_DERIVE),
            (self.kem.is_some(), CKF_ENCAPSULATE | CKF_DECAPSULATE),
            (self.generate.is_some(), CKF_GENERATE),
            (self.generate_pair.is_some(), CKF_GENERATE_KEY_PAIR),
        ]
        .iter()
        .filter(|(has, _)| *has)
        .fold(self.curves, |flags, (_, flag)| flags | flag)
    }
}

/// The row of a mechanism.
pub fn row(kind: CK_MECHANISM_TYPE) -> Result<&'static Row> {
    table::find(kind).ok_or_else(|| Rv::MechanismInvalid.because(format!("mechanism {kind:#x} is not offered")))
}

/// The constructor of one use, or CKR_MECHANISM_INVALID: the mechanism exists but not for this.
pub fn usable<T>(constructor: Option<T>) -> Result<T> {
    constructor.ok_or(Rv::MechanismInvalid.because("the mechanism is not for this use"))
}

/// The key is not of the type the mechanism works with.
fn wrong_key<T>() -> Result<T> {
    Rv::KeyTypeInconsistent.err("the key's type or class does not go with the mechanism")
}
