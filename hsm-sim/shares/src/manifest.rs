//! The manifest: everything public about a set of shares, as text that can be printed and typed in again, and signed.
//!
//! Its *core*, which is all up to the custodians' names, is what every share carries eight bytes of the digest of: whoever would
//! exchange the manifest would have to exchange the shares too. The hashes of the shares and the signature follow.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    Error, Result, notary,
    notary::Notary,
    policy::{Approval, Approver, Custodian, Policy},
    refusal::Refusal,
    shamir::SECRET,
    share::{Dealing, SetId, Share},
    text::{self, Reader, Writer},
    time::Time,
};

const TITLE: &str = "hsm-sim recovery manifest 1";

/// The key the shares restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// CKA_ID.
    pub id: Vec<u8>,
    /// Length of the value, bytes.
    pub len: usize,
    /// The other attributes it is restored with: PKCS#11 attribute type and value, in ascending order.
    pub attributes: Vec<(u64, Vec<u8>)>,
}

/// CKA_ID and attributes of a key, bytes at most: whoever waits for a manifest has made room for so much.
pub const MOST_KEY: usize = 2048;

impl Key {
    /// Refuses a key whose manifest would be too long.
    ///
    /// # Errors
    /// [`Error::Malformed`], telling how long.
    pub fn check(&self) -> Result<()> {
        // An attribute's type, and what is around it, take as much room as 16 bytes of its value.
        let size = self.id.len() + self.attributes.iter().map(|(_, value)| 16 + value.len()).sum::<usize>();
        if size <= MOST_KEY {
            return Ok(());
        }
        Err(Error::malformed(format!("the key's CKA_ID, label and other attributes have {size} bytes, more than {MOST_KEY}")))
    }
}

/// What the core says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Core {
    /// Of a rehearsal.
    pub rehearsal: bool,
    /// The set.
    pub set: SetId,
    /// Counts its dealings, from 1.
    pub epoch: u16,
    /// Random: tells a dealing from one of the same epoch that was cancelled, also within the same second.
    pub nonce: [u8; 8],
    /// When the shares were dealt.
    pub dealt: Time,
    /// Serial number of the token that dealt them.
    pub token: String,
    /// The key.
    pub key: Key,
    /// The commitment to the key's value.
    pub commitment: [u8; 32],
    /// Who holds the shares, and who approves.
    pub policy: Policy,
}

/// A manifest whose signature is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The core.
    pub core: Core,
    digest: [u8; 32],
    hashes: Vec<[u8; 32]>,
    signer: [u8; 32],
    text: String,
}

impl Core {
    fn write(&self) -> Writer {
        let mut text = Writer::new(TITLE);
        text.line("rehearsal", if self.rehearsal { "yes" } else { "no" });
        text.line("set", text::hex(&self.set.0));
        text.line("epoch", self.epoch);
        text.line("nonce", text::hex(&self.nonce));
        text.line("dealt", self.dealt);
        text.line("token", &self.token);
        text.line("key", text::hex_or_dash(&self.key.id));
        text.line("key-bytes", self.key.len);
        for (kind, value) in &self.key.attributes {
            text.line("attribute", format_args!("{kind:08x} {}", text::hex_or_dash(value)));
        }
        text.line("commitment", text::hex(&self.commitment));
        text.line("threshold", self.policy.quorum().threshold());
        if let Some(day) = self.policy.expires() {
            text.line("expires", day);
        }
        let approval = self.policy.approval();
        text.line("approvals", approval.needed);
        approval.approvers.iter().for_each(|approver| text.line("approver", format_args!("{} {}", approver.key, approver.name)));
        for custodian in self.policy.custodians() {
            let recipient = custodian.recipient.as_deref().unwrap_or("-");
            text.line("custodian", format_args!("{recipient} {}", custodian.name));
        }
        text
    }

    fn read(text: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            rehearsal: match text.line("rehearsal")? {
                "yes" => true,
                "no" => false,
                other => return Err(Error::malformed(format!("rehearsal is \"{}\"", other.escape_debug()))),
            },
            set: SetId(text::unhex_array(text.line("set")?, "the set id")?),
            epoch: text::number(text.line("epoch")?, "the epoch")?,
            nonce: text::unhex_array(text.line("nonce")?, "the nonce")?,
            dealt: Time::parse(text.line("dealt")?)?,
            token: text.line("token").and_then(|token| text::check_name(token).map(|()| token.to_owned()))?,
            key: read_key(text)?,
            commitment: text::unhex_array(text.line("commitment")?, "the commitment")?,
            policy: read_policy(text)?,
        })
    }

    /// What the shares of this manifest have in common.
    pub fn dealing(&self) -> Dealing {
        let digest = Sha256::digest(self.write().as_str());
        Dealing {
            rehearsal: self.rehearsal,
            set: self.set,
            epoch: self.epoch,
            quorum: self.policy.quorum(),
            check: std::array::from_fn(|at| self.commitment[at]),
            manifest: std::array::from_fn(|at| digest[at]),
        }
    }
}

impl Manifest {
    /// The manifest of shares just dealt, in the order of their indices.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the core cannot be written so that it reads the same.
    pub fn sign(core: &Core, shares: &[Share], notary: &Notary) -> Result<Self> {
        let mut text = core.write();
        for share in shares {
            text.line("share", text::hex(&share.hash()));
        }
        Self::parse(&notary.sign(text))
    }

    /// Reads a manifest and checks its signature. Whether the signer is to be trusted is the caller's question.
    ///
    /// # Errors
    /// [`Error::Malformed`], quoting the line; [`Error::Mismatch`] when it was altered.
    pub fn parse(text: &str) -> Result<Self> {
        let mut reader = Reader::new(text, TITLE)?;
        let core = Core::read(&mut reader)?;
        let digest = Sha256::digest(reader.before()).into();
        let hash = |digits| text::unhex_array(digits, "the hash of a share");
        let hashes = reader.lines("share").into_iter().map(hash).collect::<Result<Vec<_>>>()?;
        if hashes.len() != usize::from(core.policy.quorum().total()) {
            return Err(Error::malformed(format!("{} hashes for {} shares", hashes.len(), core.policy.quorum().total())));
        }
        let signer = notary::check(reader)?;
        if core.write().as_str().len() > text.len() || !text.starts_with(core.write().as_str()) {
            return Err(Error::malformed("the manifest is not written as this program writes it"));
        }
        Ok(Self { core, digest, hashes, signer, text: text.to_owned() })
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The public key of the signer.
    pub fn signer(&self) -> &[u8; 32] {
        &self.signer
    }

    /// The SHA-256 of the whole text, which transcripts name it by.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.text).into()
    }

    /// Looks whether a share belongs to this very dealing. `others` are the other sets of the token.
    ///
    /// # Errors
    /// Why it does not.
    pub fn admit(&self, share: &Share, others: &[SetId]) -> Result<(), Refusal> {
        let (found, mine) = (&share.dealing, &self.core);
        match (found.rehearsal, mine.rehearsal) {
            (true, false) => return Err(Refusal::Rehearsal),
            (false, true) => return Err(Refusal::NotRehearsal),
            _ => {}
        }
        if found.set != mine.set {
            let here = found.set.same_token(mine.set) || others.contains(&found.set);
            return Err(if here { Refusal::WrongSet } else { Refusal::OtherToken });
        }
        if found.epoch < mine.epoch {
            return Err(Refusal::RetiredEpoch { share: found.epoch, current: mine.epoch });
        }
        if found.epoch > mine.epoch || found.manifest[..] != self.digest[..8] {
            return Err(Refusal::OtherDealing);
        }
        self.fits(share)
    }

    fn fits(&self, share: &Share) -> Result<(), Refusal> {
        let (found, mine) = (&share.dealing, &self.core);
        if found.quorum != mine.policy.quorum() {
            return Err(Refusal::WrongPolicy);
        }
        if found.check[..] != mine.commitment[..4] {
            return Err(Refusal::WrongKey);
        }
        if share.part.bytes.len() != mine.key.len {
            return Err(Refusal::WrongLength);
        }
        let at = usize::from(share.part.index).checked_sub(1);
        let hash = at.and_then(|at| self.hashes.get(at)).ok_or(Refusal::WrongIndex(share.part.index))?;
        if bool::from(hash.ct_eq(&share.hash())) { Ok(()) } else { Err(Refusal::Tampered) }
    }
}

fn read_key(text: &mut Reader<'_>) -> Result<Key> {
    let id = text::unhex_or_dash(text.line("key")?, "the key's id")?;
    let len = text::number(text.line("key-bytes")?, "the key's length")?;
    if !SECRET.contains(&len) {
        return Err(Error::malformed(format!("no key of {len} bytes can be split: 16 to 64")));
    }
    let attribute = |line: &str| {
        let (kind, value) = line.split_once(' ').ok_or_else(|| Error::malformed("an attribute has a type and a value"))?;
        let kind = u64::from_str_radix(kind, 16).map_err(|_| Error::malformed("an attribute's type is hexadecimal"))?;
        Ok((kind, text::unhex_or_dash(value, "an attribute's value")?))
    };
    let attributes = text.lines("attribute").into_iter().map(attribute).collect::<Result<_>>()?;
    Ok(Key { id, len, attributes })
}

fn read_policy(text: &mut Reader<'_>) -> Result<Policy> {
    let threshold = text::number(text.line("threshold")?, "the threshold")?;
    let expires = text.optional("expires").map(str::to_owned);
    let needed = text::number(text.line("approvals")?, "the number of approvals")?;
    let pair = |line: &'_ str| {
        let (first, name) = line.split_once(' ').ok_or_else(|| Error::malformed("a line lacks its name"))?;
        Ok((first.to_owned(), name.to_owned()))
    };
    let approvers = text.lines("approver").into_iter().map(pair).map(|pair| pair.map(|(key, name)| Approver { name, key }));
    let approval = Approval { needed, approvers: approvers.collect::<Result<_>>()? };
    let custodian = |(recipient, name): (String, String)| Custodian { name, recipient: (recipient != "-").then_some(recipient) };
    let custodians = text.lines("custodian").into_iter().map(pair).map(|pair| pair.map(custodian)).collect::<Result<_>>()?;
    Policy::new(threshold, custodians, approval, expires)
}
