//! A share, and its text.
//!
//! The text is bech32m (BIP-350) with the human-readable part `hsmshare`, or `hsmrehearsal` for shares of a throw-away secret. Bytes:
//!
//! | offset | length | what |
//! |---|---|---|
//! | 0 | 1 | version, 1 |
//! | 1 | 8 | set id; its first four bytes tell the token |
//! | 9 | 2 | epoch, big endian, from 1 |
//! | 11 | 1 | index, 1 to total |
//! | 12 | 1 | threshold |
//! | 13 | 1 | total |
//! | 14 | 4 | key check value: the first bytes of the commitment to the secret |
//! | 18 | 8 | manifest check: the first bytes of the SHA-256 of the manifest's core |
//! | 26 | 16 to 64 | the point of the polynomials |

use bech32::{Bech32m, Hrp, primitives::decode::CheckedHrpstring};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    Error, Result,
    refusal::Refusal,
    secret::Secret,
    shamir::{Part, Quorum, SECRET},
};

/// Version of the share format.
pub const VERSION: u8 = 1;
const HEAD: usize = 26;
const REAL: Hrp = Hrp::parse_unchecked("hsmshare");
const REHEARSAL: Hrp = Hrp::parse_unchecked("hsmrehearsal");

/// Tells sets of shares apart; fixed for all epochs of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetId(pub [u8; 8]);

impl SetId {
    /// A fresh id for a token.
    ///
    /// # Errors
    /// [`Error::NoRandomness`].
    pub fn fresh(token_serial: &str) -> Result<Self> {
        let mut id = [0; 8];
        getrandom::fill(&mut id[4..])?;
        id[..4].copy_from_slice(&token_tag(token_serial));
        Ok(Self(id))
    }

    /// True when the set was made by the same token as this one.
    pub fn same_token(self, other: Self) -> bool {
        self.0[..4] == other.0[..4]
    }
}

fn token_tag(serial: &str) -> [u8; 4] {
    let digest = Sha256::digest([b"hsm-sim recovery token\0", serial.as_bytes()].concat());
    std::array::from_fn(|at| digest[at])
}

/// What all shares of one dealing have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dealing {
    /// The throw-away secret of a rehearsal.
    pub rehearsal: bool,
    /// The set.
    pub set: SetId,
    /// Counts the dealings of a set.
    pub epoch: u16,
    /// How many of how many.
    pub quorum: Quorum,
    /// The first bytes of the commitment.
    pub check: [u8; 4],
    /// The first bytes of the manifest's digest.
    pub manifest: [u8; 8],
}

/// One custodian's share.
pub struct Share {
    /// What it has in common with the others.
    pub dealing: Dealing,
    /// Its own point.
    pub part: Part,
}

/// The full-length commitment to a secret: HKDF-SHA-256 without salt, 32 bytes. The secret is as long as a key, and random, so that
/// nobody finds it from this.
pub fn commitment(secret: &Secret) -> [u8; 32] {
    let mut out = [0; 32];
    // 32 bytes are always a length HKDF can give.
    let _ = Hkdf::<Sha256>::new(None, secret.expose()).expand(b"hsm-sim recovery commitment 1", &mut out);
    out
}

impl Share {
    /// The bytes behind the text.
    pub fn payload(&self) -> Zeroizing<Vec<u8>> {
        let Dealing { set, epoch, quorum, check, manifest, .. } = self.dealing;
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEAD + self.part.bytes.len()));
        bytes.push(VERSION);
        bytes.extend_from_slice(&set.0);
        bytes.extend_from_slice(&epoch.to_be_bytes());
        bytes.extend_from_slice(&[self.part.index, quorum.threshold(), quorum.total()]);
        bytes.extend_from_slice(&check);
        bytes.extend_from_slice(&manifest);
        bytes.extend_from_slice(self.part.bytes.expose());
        bytes
    }

    /// What the manifest says of the share: a hash that shows nothing of it.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"hsm-sim recovery share 1\0");
        hash.update(self.payload());
        hash.finalize().into()
    }

    /// The text, in lower case.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a point that is too long.
    pub fn to_text(&self) -> Result<Secret> {
        let hrp = if self.dealing.rehearsal { REHEARSAL } else { REAL };
        // The exact size at once: growing would leave pieces of the share behind.
        let mut text = Zeroizing::new(String::with_capacity(256));
        bech32::encode_to_fmt::<Bech32m, _>(&mut *text, hrp, &self.payload())
            .map_err(|_| Error::malformed("the share is too long for its text"))?;
        Ok(Secret::copy(text.as_bytes()))
    }

    /// Reads the text; blanks, line ends and hyphens between groups do not count, nor does the case.
    ///
    /// # Errors
    /// Why it is no share: not one at all, mistyped, of another version.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let mut plain = Zeroizing::new(String::with_capacity(text.len()));
        plain.extend(text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase));
        // At the first "1": bech32 takes the last, and a "1" typed for an "l" would make another human-readable part.
        let (human, _) = plain.split_once('1').ok_or(Refusal::NotAShare)?;
        let hrp = [REAL, REHEARSAL].into_iter().find(|hrp| hrp.as_str() == human).ok_or(Refusal::NotAShare)?;
        let checked = CheckedHrpstring::new::<Bech32m>(&plain).ok().filter(|checked| checked.hrp() == hrp);
        let checked = checked.ok_or(Refusal::Mistyped)?;
        // BIP-173: fewer than five bits are left over, all zero. A share has one text.
        checked.validate_segwit_padding().map_err(|_| Refusal::WrongLength)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
        bytes.extend(checked.byte_iter());
        Self::from_payload(&bytes, hrp == REHEARSAL)
    }

    fn from_payload(bytes: &[u8], rehearsal: bool) -> Result<Self, Refusal> {
        match bytes.first() {
            Some(&VERSION) => {}
            Some(version) => return Err(Refusal::UnknownVersion(*version)),
            None => return Err(Refusal::NotAShare),
        }
        let Some((head, point)) = bytes.split_first_chunk::<HEAD>() else { return Err(Refusal::WrongLength) };
        if !SECRET.contains(&point.len()) {
            return Err(Refusal::WrongLength);
        }
        let quorum = Quorum::new(head[12].into(), head[13].into()).map_err(|_| Refusal::WrongPolicy)?;
        if head[11] == 0 || head[11] > quorum.total() {
            return Err(Refusal::WrongIndex(head[11]));
        }
        let dealing = Dealing {
            rehearsal,
            set: SetId(field(head, 1)),
            epoch: u16::from_be_bytes(field(head, 9)),
            quorum,
            check: field(head, 14),
            manifest: field(head, 18),
        };
        Ok(Self { dealing, part: Part { index: head[11], bytes: Secret::copy(point) } })
    }
}

/// A share's text in groups of four, for printing and reading aloud.
pub fn grouped(text: &str) -> Zeroizing<String> {
    let mut grouped = Zeroizing::new(String::with_capacity(text.len() * 5 / 4 + 1));
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(c);
    }
    grouped
}

fn field<const N: usize>(head: &[u8; HEAD], at: usize) -> [u8; N] {
    std::array::from_fn(|i| head[at + i])
}
