//! The port to a hardware security module: the few verbs the rest of the client needs.
//!
//! [`pkcs11`] is the one adapter that reaches a real device; a test supplies its own (`fake`). The verbs are narrow
//! enough that a cloud key service could stand behind them: nothing here knows a slot, a session or a handle.

pub mod around;
pub mod audit;
mod authenticated;
pub mod certificates;
pub(crate) mod codes;
mod document;
mod find;
pub mod import;
mod initialise;
mod interface;
mod kem;
pub mod locate;
pub mod login;
pub mod module;
mod named;
mod passing;
pub mod pkcs11;
mod pool;
pub mod reconnect;
pub mod selector;
pub mod slow;
pub(crate) mod template;
pub mod transfer;
pub mod upkeep;
pub mod uri;
pub mod users;
mod wrapping;

pub(crate) use interface::Interface;

#[cfg(any(test, feature = "fake"))]
#[doc(hidden)]
pub mod fake;

use crate::error::Result;
use crate::id::ObjectId;
use crate::kem::{Encapsulated, KemInfo};
use crate::secret::Secret;

pub use crate::public::{Curve, KeyKind, PublicKey, Scheme};
pub use crate::wrap::{WrapMechanism, Wrapped};

/// A token we are logged in to.
pub trait Hsm: Send + Sync {
    /// Which token this is.
    fn identity(&self) -> &TokenIdentity;

    /// True while the connection to it stands, with the login it was opened with.
    fn is_alive(&self) -> bool {
        true
    }

    /// The wrap mechanisms the token lists for master keys of `kind`, best first. Listed is not yet working:
    /// [`crate::keyring::negotiate`] tries them.
    fn wrap_mechanisms(&self, kind: MekKind) -> Result<Vec<WrapMechanism>>;

    /// Every key in the token that can wrap and unwrap others.
    fn meks(&self) -> Result<Vec<MekInfo>>;

    /// Makes a master key in the token: never extractable, sensitive, allowed to wrap and unwrap only.
    fn create_mek(&self, id: &ObjectId, label: &str, kind: MekKind) -> Result<()>;

    /// Destroys a master key, for good.
    fn destroy_mek(&self, id: &ObjectId) -> Result<()>;

    /// Makes a 256-bit data key in the token and wraps it under the master key. The plaintext key stays inside.
    /// `aad` is authenticated by mechanisms that can ([`WrapMechanism::carries_aad`]) and ignored by the others.
    fn generate_wrapped(&self, mek: &ObjectId, mechanism: WrapMechanism, aad: &[u8]) -> Result<Wrapped>;

    /// Opens a wrapped data key and brings its 32 bytes out.
    fn unwrap(&self, mek: &ObjectId, wrapped: &Wrapped, aad: &[u8]) -> Result<Secret>;

    /// Moves a wrapped data key from one master key to another; the plaintext key stays inside the token.
    fn rewrap(&self, from: Wrapping<'_>, wrapped: &Wrapped, to: Wrapping<'_>, mechanism: WrapMechanism) -> Result<Wrapped>;

    /// Every ML-KEM-1024 pair in the token.
    fn kems(&self) -> Result<Vec<KemInfo>>;

    /// Makes an ML-KEM-1024 pair in the token, and names it by its public half. [`crate::Kind::MechanismRefused`] where it has no such
    /// mechanism.
    fn create_kem(&self, label: &str) -> Result<ObjectId>;

    /// Seals `data` to a pair, with `aad` (`crate::kem`).
    fn kem_seal(&self, kem: &ObjectId, data: &[u8], aad: &[u8]) -> Result<Encapsulated>;

    /// Opens what was sealed to a pair, with the same `aad`.
    fn kem_open(&self, kem: &ObjectId, sealed: &Encapsulated, aad: &[u8]) -> Result<Vec<u8>>;

    /// Every key pair in the token that can sign.
    fn signing_keys(&self) -> Result<Vec<SigningKeyInfo>>;

    /// Makes a signing pair in the token.
    fn create_pair(&self, named: Named<'_>, kind: KeyKind, leaving: Leaving) -> Result<PublicKey>;

    /// Destroys both halves of a signing pair, for good.
    fn destroy_pair(&self, id: &ObjectId) -> Result<()>;

    /// Signs `message` (not its digest). ECDSA answers r and s side by side, as JWS wants it.
    fn sign(&self, key: &ObjectId, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>>;

    /// The public half of the pair or asymmetric master key named `key`.
    fn public_key(&self, key: &ObjectId) -> Result<PublicKey>;
}

/// What a new object is called.
#[derive(Clone, Copy)]
pub struct Named<'a> {
    /// CKA_ID.
    pub id: &'a ObjectId,
    /// CKA_LABEL.
    pub label: &'a str,
}

/// Whether a key may leave its token (CKA_EXTRACTABLE). It is sensitive either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// Never.
    Never,
    /// Wrapped under another key of the token.
    Wrapped,
}

/// A master key with the data that wrapping under it authenticates.
#[derive(Clone, Copy)]
pub struct Wrapping<'a> {
    /// The master key.
    pub mek: &'a ObjectId,
    /// The additional authenticated data.
    pub aad: &'a [u8],
}

/// What a token says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenIdentity {
    /// The label given at initialisation, padding removed.
    pub label: String,
    /// The serial number: what we know a token by.
    pub serial: String,
    /// Who made it.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
}

/// The sort of a master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MekKind {
    /// AES, 256 bits: what this client makes unless told otherwise.
    Aes256,
    /// An RSA pair of so many bits, for tokens that cannot wrap with AES.
    Rsa(usize),
}

/// A master key as the token describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MekInfo {
    /// CKA_ID.
    pub id: ObjectId,
    /// CKA_LABEL.
    pub label: String,
    /// AES or RSA.
    pub kind: MekKind,
    /// The key's value can never leave the token, and never could.
    pub never_extractable: bool,
    /// Always was sensitive.
    pub always_sensitive: bool,
    /// Made in the token, not brought in.
    pub local: bool,
}

impl MekInfo {
    /// True when the token vouches that the key was made inside and never could leave.
    pub fn is_sound(&self) -> bool {
        self.never_extractable && self.always_sensitive && self.local
    }
}

/// A signing pair as the token describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyInfo {
    /// CKA_ID.
    pub id: ObjectId,
    /// CKA_LABEL.
    pub label: String,
    /// The public half.
    pub public: PublicKey,
    /// CKA_EXTRACTABLE of the private half.
    pub extractable: bool,
}
