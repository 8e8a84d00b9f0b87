//! Mechanisms: one file per family, one row per mechanism (PKCS#11 v3.2 §6).
//!
//! A row holds a constructor for each use the mechanism has; its CKF_ flags follow from which are there. To add a mechanism, write its
//! constructors in a file here and add its row to [`table`].

pub mod aead;
mod aes;
mod aes_mac;
mod blocks;
mod camellia;
mod ccm;
mod chacha20;
mod data_encryption;
pub mod derivation;
mod des3;
mod dh;
mod digests;
#[cfg(all(test, feature = "aws-lc"))]
mod document;
mod domain_parameters;
mod dsa;
mod ecdh;
mod ecdh_aes_wrap;
mod ecdsa;
mod eddsa;
mod gather;
mod gcm;
mod hash_derivation;
mod hkdf;
mod hmac;
pub mod hotp;
mod ike;
mod key_generation;
mod mac;
mod message;
mod ml_kem;
pub mod nonce;
pub mod offer;
mod pbe;
mod pbkdf2;
mod post_quantum;
mod rc2;
mod rc4;
mod rsa;
mod rsa_aes_wrap;
mod rsa_cipher;
mod rsa_x931;
mod seed;
mod simple_derivation;
mod sp800_108;
mod ssl3_mac;
mod stream;
pub mod table;
mod tls;
mod tls_keys;
mod tls_mac;
mod tls_prf;
mod xts;

use cryptoki_sys::*;
use zeroize::Zeroizing;

pub use self::gather::append;
pub use crate::abi::params::Mechanism;
use crate::{
    crypto::Hash,
    error::{Result, Rv},
    object::{attributes::Draft, key::Key},
    reply::{Reply, Room},
    secret::Secret,
};

pub use crate::crypto::Direction;
use aead::MakeAead;
pub use derivation::{Derive, Derived, Deriving, MakeKeySet};

/// An encryption or decryption under way.
pub trait Cipher: Send {
    /// All in one step.
    fn single(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply>;
    /// A part.
    fn update(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply>;
    /// What is left after the last part.
    fn finish(&mut self, room: Room<'_>) -> Result<Reply>;
    /// What is under way, for one that is begun anew with the same mechanism and key (§5.6.6); `None` where that is not offered.
    fn save(&self) -> Option<Secret> {
        None
    }
    /// Goes on from what was saved; false when that is of another operation.
    fn resume(&mut self, _saved: &[u8]) -> bool {
        false
    }
}

/// A signature or MAC under way.
pub trait Signer: Send {
    /// Length of the signature in bytes.
    fn signature_len(&self) -> usize;
    /// Feeds a part.
    fn update(&mut self, part: &[u8]) -> Result<()>;
    /// Signs what was fed; `output` has exactly [`Signer::signature_len`] bytes.
    fn finish(&mut self, output: &mut [u8]) -> Result<usize>;
    /// What is under way, for one that is begun anew with the same mechanism and key (§5.6.6); `None` where that is not offered.
    fn save(&self) -> Option<Secret> {
        None
    }
    /// Goes on from what was saved; false when that is of another operation.
    fn resume(&mut self, _saved: &[u8]) -> bool {
        false
    }
}

/// A verification under way.
pub trait Verifier: Send {
    /// Feeds a part.
    fn update(&mut self, part: &[u8]) -> Result<()>;
    /// CKR_SIGNATURE_LEN_RANGE or CKR_SIGNATURE_INVALID unless `signature` is right for what was fed.
    fn finish(&mut self, signature: &[u8]) -> Result<()>;
    /// What is under way, for one that is begun anew with the same mechanism and key (§5.6.6); `None` where that is not offered.
    fn save(&self) -> Option<Secret> {
        None
    }
    /// Goes on from what was saved; false when that is of another operation.
    fn resume(&mut self, _saved: &[u8]) -> bool {
        false
    }
}

/// Begins an encryption or decryption with a key.
pub type MakeCipher = fn(&Mechanism<'_>, &Key, Direction) -> Result<Box<dyn Cipher>>;
/// Begins a signature with a key.
pub type MakeSigner = fn(&Mechanism<'_>, &Key) -> Result<Box<dyn Signer>>;
/// Begins a verification with a key.
pub type MakeVerifier = fn(&Mechanism<'_>, &Key) -> Result<Box<dyn Verifier>>;
/// Makes the value of a secret key, given the caller's template.
pub type Generate = fn(&Draft) -> Result<Zeroizing<Vec<u8>>>;
/// Makes a public and a private key, given the public and the private template.
pub type GeneratePair = fn(&Draft, &Draft) -> Result<(Key, Key)>;
/// Completes a draft of domain parameters.
pub type GenerateParameters = fn(&Mechanism<'_>, &mut Draft) -> Result<()>;

/// Begins to recover data from signatures with a key.
pub type MakeRecovery = fn(&Mechanism<'_>, &Key) -> Result<Box<dyn Cipher>>;
/// Makes the value of a secret key of a parameter.
pub struct GenerateFrom {
    /// Type of the key; `None` where the template says it.
    pub key_type: Option<CK_KEY_TYPE>,
    /// Its length in bytes; `None` where the template or the type says it.
    pub len: Option<usize>,
    /// Makes as many bytes as it is told.
    pub make: fn(&Mechanism<'_>, usize) -> Result<Secret>,
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
    /// `keys` counts bytes where [`Key::size`] counts bits: the standard has it so for some key generations.
    pub bytes: bool,
    /// CKF_EC_ flags.
    pub curves: CK_FLAGS,
    /// The parameter holds no pointers: it can be kept for many messages, or in a saved state.
    pub flat: bool,
    /// Offered only where the configuration asks for what is obsolete.
    pub legacy: bool,
    pub cipher: Option<MakeCipher>,
    /// The cipher also wraps and unwraps keys.
    pub wraps: bool,
    /// What is wrapped is filled with zeros to a multiple of so many bytes; 0: it is not. CKA_VALUE_LEN tells how many are the key's.
    pub fills: usize,
    /// For messages, and for keys wrapped with additional data.
    pub aead: Option<MakeAead>,
    /// What wraps in the cipher's place, where its parameter differs.
    pub wrap_cipher: Option<MakeCipher>,
    /// Wraps and unwraps keys, and does nothing else.
    pub key_wrap: Option<MakeCipher>,
    pub digest: Option<Hash>,
    pub sign: Option<MakeSigner>,
    pub verify: Option<MakeVerifier>,
    pub sign_recover: Option<MakeSigner>,
    pub verify_recover: Option<MakeRecovery>,
    pub generate: Option<(CK_KEY_TYPE, Generate)>,
    pub generate_pair: Option<(CK_KEY_TYPE, GeneratePair)>,
    pub generate_from: Option<GenerateFrom>,
    pub generate_parameters: Option<(CK_KEY_TYPE, GenerateParameters)>,
    pub derive: Option<Derive>,
    pub derive_set: Option<MakeKeySet>,
    /// Derives the public key of a private one, and takes no parameter.
    pub derive_public: bool,
    /// What is derived: CKO_SECRET_KEY or CKO_DATA.
    pub derived_class: CK_OBJECT_CLASS,
    /// The base of the derivation may be a data object instead of a key.
    pub from_data: bool,
    pub kem: Option<Kem>,
}

impl Row {
    /// The flags of CK_MECHANISM_INFO.
    pub fn flags(&self) -> CK_FLAGS {
        [
            (self.cipher.is_some(), CKF_ENCRYPT | CKF_DECRYPT),
            (self.wraps || self.key_wrap.is_some(), CKF_WRAP | CKF_UNWRAP),
            (self.aead.is_some(), CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_MULTI_MESSAGE),
            (self.digest.is_some(), CKF_DIGEST),
            (self.sign.is_some(), CKF_SIGN | CKF_MESSAGE_SIGN | CKF_MULTI_MESSAGE),
            (self.verify.is_some(), CKF_VERIFY | CKF_MESSAGE_VERIFY | CKF_MULTI_MESSAGE),
            (self.sign_recover.is_some(), CKF_SIGN_RECOVER),
            (self.verify_recover.is_some(), CKF_VERIFY_RECOVER),
            (self.derive.is_some() || self.derive_set.is_some() || self.derive_public, CKF_DERIVE),
            (self.kem.is_some(), CKF_ENCAPSULATE | CKF_DECAPSULATE),
            (self.generate.is_some() || self.generate_from.is_some() || self.generate_parameters.is_some(), CKF_GENERATE),
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

hsm_shares::concealed!(Derived, Deriving<'_>);
