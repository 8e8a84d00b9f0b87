//! Attribute templates of the objects we make (PKCS#11 v3.1 section 4). Every usage flag is written out: defaults differ.

mod imported;

use cryptoki::object::{Attribute, KeyType, MlKemParameterSetType, ObjectClass};

use super::{KeyKind, Leaving, Named};
use crate::id::ObjectId;

pub(super) use imported::*;

/// Bytes of a data key and of an AES master key.
pub(super) const KEY_BYTES: usize = 32;

/// DER of the name of Ed25519, as OBJECT IDENTIFIER and, where tokens accept no other, as PrintableString.
pub(super) const ED25519_OID: [u8; 5] = [0x06, 0x03, 0x2b, 0x65, 0x70];
pub(super) const ED25519_NAME: &[u8; 14] = b"\x13\x0cedwards25519";

/// An AES-256 master key: wraps and unwraps, nothing else, and never leaves.
pub(super) fn aes_mek(id: &ObjectId, label: &str) -> Vec<Attribute> {
    let mut template = named(id, label);
    template.extend(secret_key());
    template.extend(usage(&[Use::Wrap, Use::Unwrap], &SECRET_USES));
    template.extend([Attribute::Sensitive(true), Attribute::Extractable(false), length(), Attribute::Private(true)]);
    template
}

/// A master key that comes from outside, with what its manifest says of it (PKCS#11 attribute types and values), and the types
/// that were left out because this token's binding has no way to say them. Its length comes with its value.
pub(super) fn imported_mek(id: &ObjectId, described: &[(u64, Vec<u8>)]) -> (Vec<Attribute>, Vec<u64>) {
    let mut template = vec![Attribute::Token(true), Attribute::Id(id.as_bytes().to_vec())];
    template.extend(secret_key());
    template.extend(locked_in());
    let usual = [Use::Wrap, Use::Unwrap];
    let told = |flag: &Use| described.iter().find(|(kind, _)| *kind == flag.number()).map(|(_, value)| value == &[1]);
    let allowed: Vec<_> = SECRET_USES.into_iter().filter(|flag| told(flag).unwrap_or_else(|| usual.contains(flag))).collect();
    template.extend(usage(&allowed, &SECRET_USES));
    let mut left_out = Vec::new();
    for (kind, value) in described {
        match (*kind, value.as_slice()) {
            (LABEL, label) => template.push(Attribute::Label(label.to_vec())),
            (kind, _) if IMPLIED.contains(&kind) || SECRET_USES.iter().any(|flag| flag.number() == kind) => {}
            // Nothing, or a flag that is not set: what a token assumes anyway.
            (_, [] | [0]) => {}
            (kind, _) => left_out.push(kind),
        }
    }
    (template, left_out)
}

/// An RSA pair that lives for one import: the private half opens what was encrypted to the public one.
pub(super) fn passing_pair(bits: usize) -> [Vec<Attribute>; 2] {
    let mut public = vec![Attribute::Token(false), Attribute::Private(false), Attribute::Encrypt(true), Attribute::Wrap(true)];
    public.extend(rsa_size(bits));
    let mut private = vec![Attribute::Token(false), Attribute::Unwrap(true), Attribute::Decrypt(false)];
    private.extend(locked_in());
    [public, private]
}

/// A data key that lives until it is wrapped: leaves only wrapped.
pub(super) fn fresh_dek() -> Vec<Attribute> {
    let mut template = secret_key().to_vec();
    template.extend(usage(&[], &SECRET_USES));
    template.extend([Attribute::Token(false), Attribute::Sensitive(true), Attribute::Extractable(true), length()]);
    template
}

/// A data key that was unwrapped to be wrapped again; its length comes with the wrapped form.
pub(super) fn passing_dek() -> Vec<Attribute> {
    unwrapped(true)
}

/// A data key that was unwrapped to be read.
pub(super) fn readable_dek() -> Vec<Attribute> {
    unwrapped(false)
}

fn unwrapped(sensitive: bool) -> Vec<Attribute> {
    let mut template = secret_key().to_vec();
    template.extend([Attribute::Token(false), Attribute::Sensitive(sensitive), Attribute::Extractable(true)]);
    template
}

/// The public and the private half of a signing pair on the curve or size `kind`; `curve` is CKA_EC_PARAMS.
pub(super) fn signing_pair(Named { id, label }: Named<'_>, kind: KeyKind, curve: &[u8], leaving: Leaving) -> [Vec<Attribute>; 2] {
    let [mut public, mut private] = [named(id, label), named(id, label)];
    public.extend([Attribute::Verify(true), Attribute::Private(false)]);
    match kind {
        KeyKind::Rsa(bits) => {
            public.extend(rsa_size(bits));
            public.extend([Attribute::Encrypt(false), Attribute::Wrap(false)]);
            private.extend([Attribute::Decrypt(false), Attribute::Unwrap(false)]);
        }
        KeyKind::Ec(_) | KeyKind::Ed25519 => public.push(Attribute::EcParams(curve.to_vec())),
    }
    private.extend(secrecy(leaving));
    private.push(Attribute::Sign(true));
    [public, private]
}

/// An ML-KEM-1024 pair: the public half encapsulates, the private one decapsulates, and nothing else.
pub(super) fn kem_pair(Named { id, label }: Named<'_>) -> [Vec<Attribute>; 2] {
    let [mut public, mut private] = [named(id, label), named(id, label)];
    public.push(Attribute::ParameterSet(MlKemParameterSetType::ML_KEM_1024.into()));
    public.extend([Attribute::Encapsulate(true), Attribute::Private(false)]);
    private.extend(locked_in());
    private.push(Attribute::Decapsulate(true));
    [public, private]
}

/// What a pair encapsulated: an AES key that seals one thing, or opens it, and is gone.
pub(super) fn kem_secret() -> Vec<Attribute> {
    let mut template = secret_key().to_vec();
    template.extend(usage(&[Use::Encrypt, Use::Decrypt], &SECRET_USES));
    template.extend([Attribute::Token(false), Attribute::Sensitive(true), Attribute::Extractable(false), length()]);
    template
}

/// An RSA master pair: the public half wraps, the private one unwraps, and signs what binds a row to its key.
pub(super) fn rsa_mek(id: &ObjectId, label: &str, bits: usize) -> [Vec<Attribute>; 2] {
    let [mut public, mut private] = [named(id, label), named(id, label)];
    public.extend(rsa_size(bits));
    public.extend([Attribute::Wrap(true), Attribute::Verify(true)]);
    public.extend([Attribute::Encrypt(false), Attribute::Private(false)]);
    private.extend(locked_in());
    private.extend([Attribute::Unwrap(true), Attribute::Sign(true), Attribute::Decrypt(false)]);
    [public, private]
}

fn named(id: &ObjectId, label: &str) -> Vec<Attribute> {
    vec![Attribute::Token(true), Attribute::Id(id.as_bytes().to_vec()), Attribute::Label(label.as_bytes().to_vec())]
}

fn secret_key() -> [Attribute; 2] {
    [Attribute::Class(ObjectClass::SECRET_KEY), Attribute::KeyType(KeyType::AES)]
}

fn locked_in() -> [Attribute; 3] {
    secrecy(Leaving::Never)
}

fn secrecy(leaving: Leaving) -> [Attribute; 3] {
    [Attribute::Private(true), Attribute::Sensitive(true), Attribute::Extractable(leaving == Leaving::Wrapped)]
}

fn rsa_size(bits: usize) -> [Attribute; 2] {
    let bits = cryptoki::types::Ulong::try_from(bits).unwrap_or_else(|_| 0.into());
    [Attribute::ModulusBits(bits), Attribute::PublicExponent(vec![1, 0, 1])]
}

fn length() -> Attribute {
    Attribute::ValueLen((KEY_BYTES as u64).into())
}

/// CKA_LABEL.
pub(crate) const LABEL: u64 = 0x3;

/// What every imported master key is, or what the token itself finds out: CKA_CLASS, TOKEN, PRIVATE, UNIQUE_ID, KEY_TYPE, ID,
/// SENSITIVE, VALUE_LEN, EXTRACTABLE, LOCAL, NEVER_EXTRACTABLE, ALWAYS_SENSITIVE, KEY_GEN_MECHANISM, and MODIFIABLE, COPYABLE
/// and DESTROYABLE, which are true where nobody says otherwise.
const IMPLIED: [u64; 16] =
    [0x0, 0x1, 0x2, 0x4, 0x100, 0x102, 0x103, 0x161, 0x162, 0x163, 0x164, 0x165, 0x166, 0x170, 0x171, 0x172];

#[derive(PartialEq, Clone, Copy)]
enum Use {
    Wrap,
    Unwrap,
    Encrypt,
    Decrypt,
    Sign,
    Verify,
    Derive,
}

const SECRET_USES: [Use; 7] = [Use::Wrap, Use::Unwrap, Use::Encrypt, Use::Decrypt, Use::Sign, Use::Verify, Use::Derive];

impl Use {
    /// CKA_WRAP and so on.
    fn number(self) -> u64 {
        match self {
            Self::Encrypt => 0x104,
            Self::Decrypt => 0x105,
            Self::Wrap => 0x106,
            Self::Unwrap => 0x107,
            Self::Sign => 0x108,
            Self::Verify => 0x10a,
            Self::Derive => 0x10c,
        }
    }
}

/// What a master key made for this client may do, as a manifest says it: attribute types and values in ascending order.
pub(crate) fn described_mek(label: &str) -> Vec<(u64, Vec<u8>)> {
    let mut described = vec![(LABEL, label.as_bytes().to_vec())];
    let allowed = |flag: Use| u8::from(matches!(flag, Use::Wrap | Use::Unwrap));
    described.extend(SECRET_USES.iter().map(|flag| (flag.number(), vec![allowed(*flag)])));
    described.sort();
    described
}

/// Every flag of `all`, true for those in `allowed`.
fn usage(allowed: &[Use], all: &[Use]) -> Vec<Attribute> {
    all.iter()
        .map(|flag| {
            let on = allowed.contains(flag);
            match flag {
                Use::Wrap => Attribute::Wrap(on),
                Use::Unwrap => Attribute::Unwrap(on),
                Use::Encrypt => Attribute::Encrypt(on),
                Use::Decrypt => Attribute::Decrypt(on),
                Use::Sign => Attribute::Sign(on),
                Use::Verify => Attribute::Verify(on),
                Use::Derive => Attribute::Derive(on),
            }
        })
        .collect()
}
