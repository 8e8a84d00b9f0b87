//! Shares being collected: each is looked at when it is entered, and a bad one changes nothing.

use subtle::ConstantTimeEq;

use crate::{
    Error, Result,
    envelope::{self, OneTime},
    manifest::Manifest,
    refusal::Refusal,
    secret::Secret,
    share::{SetId, Share, commitment},
    text,
    wire::Progress,
};

/// The shares that are there, and the manifest they are measured by.
pub struct Collecting {
    against: Manifest,
    needed: usize,
    shares: Vec<Share>,
}

/// Whose share it is, or why it is refused.
type Judged = Result<String, (Option<String>, Refusal)>;

impl Collecting {
    /// As many as restore the secret.
    pub fn quorum(against: Manifest) -> Self {
        Self { needed: against.core.policy.quorum().threshold().into(), against, shares: Vec::new() }
    }

    /// Every single one.
    pub fn all(against: Manifest) -> Self {
        Self { needed: against.core.policy.quorum().total().into(), against, shares: Vec::new() }
    }

    /// Takes a share from its text, which may be encrypted to the mailbox.
    ///
    /// # Errors
    /// [`Error::Malformed`] when nobody of that name holds a share.
    pub fn take(&mut self, named: Option<&str>, text: &str, mailbox: &OneTime, others: &[SetId]) -> Result<Judged> {
        let custodians = self.against.core.policy.custodians();
        if let Some(name) = named.filter(|name| custodians.iter().all(|custodian| custodian.name != *name)) {
            return Err(Error::malformed(format!("{} is no custodian of this set", text::quoted(name))));
        }
        let share = match opened(text, mailbox) {
            Ok(share) => share,
            Err(refusal) => return Ok(Err((named.map(str::to_owned), refusal))),
        };
        let owner = self.owner(&share);
        match self.judge(named, owner.as_deref(), &share, others) {
            Ok(name) => {
                self.shares.push(share);
                Ok(Ok(name))
            }
            Err(refusal) => Ok(Err((named.map(str::to_owned).or(owner), refusal))),
        }
    }

    fn judge(&self, named: Option<&str>, owner: Option<&str>, share: &Share, others: &[SetId]) -> Result<String, Refusal> {
        self.against.admit(share, others)?;
        let owner = owner.ok_or(Refusal::WrongIndex(share.part.index))?;
        if self.shares.iter().any(|before| before.part.index == share.part.index) {
            return Err(Refusal::Duplicate(owner.to_owned()));
        }
        if named.is_some_and(|named| named != owner) {
            return Err(Refusal::OtherCustodian(owner.to_owned()));
        }
        Ok(owner.to_owned())
    }

    /// Whose share it says it is, if it is of this set at all.
    fn owner(&self, share: &Share) -> Option<String> {
        let same = share.dealing.set == self.against.core.set && share.dealing.epoch == self.against.core.epoch;
        same.then(|| self.against.core.policy.name(share.part.index)).flatten().map(str::to_owned)
    }

    /// The secret, once enough shares are there.
    ///
    /// # Errors
    /// [`Error::Mismatch`] when it is not the one the manifest commits to.
    pub fn combine(&self) -> Result<Secret> {
        let parts: Vec<_> = self.shares.iter().map(|share| &share.part).collect();
        let secret = self.against.core.policy.quorum().combine(&parts)?;
        if bool::from(commitment(&secret).ct_eq(&self.against.core.commitment)) {
            Ok(secret)
        } else {
            Err(Error::Mismatch("the shares combine to another secret than the manifest commits to".into()))
        }
    }

    /// True when enough are there.
    pub fn complete(&self) -> bool {
        self.shares.len() >= self.needed
    }

    /// The manifest.
    pub fn against(&self) -> &Manifest {
        &self.against
    }

    /// The manifest; the shares are erased.
    pub fn into_against(self) -> Manifest {
        self.against
    }

    /// Whose shares are there.
    pub fn given(&self) -> Vec<String> {
        self.shares.iter().filter_map(|share| self.against.core.policy.name(share.part.index)).map(str::to_owned).collect()
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let given = self.given();
        let names = self.against.core.policy.custodians().iter().map(|custodian| custodian.name.clone());
        Progress { needed: self.needed, missing: names.filter(|name| !given.contains(name)).collect(), given }
    }

    /// What is missing, for people.
    pub fn missing_text(&self) -> String {
        format!("{} of {} shares are there", self.shares.len(), self.needed)
    }
}

fn opened(text: &str, mailbox: &OneTime) -> Result<Share, Refusal> {
    if !envelope::is_encrypted(text) {
        return Share::parse(text);
    }
    let plain = mailbox.open(text).map_err(|_| Refusal::Unreadable)?;
    Share::parse(std::str::from_utf8(plain.expose()).map_err(|_| Refusal::NotAShare)?)
}
