//! What a ceremony is asked to do, and the statement that says so in plain text.

use super::{Collecting, Stage, Then, Work, dealing};
use crate::{
    Error, Result,
    manifest::{Core, Key, Manifest},
    notary::Notary,
    policy::{Approval, Policy},
    secret::Secret,
    share::{SetId, commitment},
    text::{self, Writer},
    time::Time,
    wire::{Dealt, Kind},
};

const TITLE: &str = "hsm-sim recovery statement 1";
/// Length of a rehearsal's throw-away secret, bytes.
const REHEARSED: usize = 32;

/// What is to be done.
pub enum Task {
    /// Split a key.
    Deal {
        /// Serial number of the token.
        token: String,
        /// The key.
        key: Key,
        /// Its value.
        secret: Secret,
        /// The set to be.
        set: SetId,
        /// Who takes part.
        policy: Policy,
    },
    /// Practise.
    Rehearse {
        /// Serial number of the token.
        token: String,
        /// The set to be.
        set: SetId,
        /// Who takes part.
        policy: Policy,
    },
    /// Prove that the shares work.
    Verify(Manifest),
    /// Bring the key back.
    Restore(Manifest),
    /// New shares.
    Refresh {
        /// The dealing in force.
        standing: Manifest,
        /// Serial number of the token.
        token: String,
        /// Who takes part from now on.
        policy: Policy,
    },
    /// A new user PIN.
    ResetPin(Manifest),
    /// Destroy the key.
    Destroy(Manifest),
}

impl Task {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Deal { .. } => Kind::Deal,
            Self::Rehearse { .. } => Kind::Rehearse,
            Self::Verify(_) => Kind::Verify,
            Self::Restore(_) => Kind::Restore,
            Self::Refresh { .. } => Kind::Refresh,
            Self::ResetPin(_) => Kind::ResetPin,
            Self::Destroy(_) => Kind::Destroy,
        }
    }

    /// Refuses what could only fail after everybody has entered a share.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a rehearsal's manifest, whose secret is no key, for a key that takes too much to describe, and for a set
    /// that cannot be refreshed again.
    pub fn check(&self) -> Result<()> {
        if let Self::Deal { key, .. } = self {
            key.check()?;
        }
        let (Self::Verify(standing)
        | Self::Restore(standing)
        | Self::Refresh { standing, .. }
        | Self::ResetPin(standing)
        | Self::Destroy(standing)) = self
        else {
            return Ok(());
        };
        if standing.core.rehearsal {
            return Err(Error::malformed("the manifest is of a rehearsal, whose shares restore nothing"));
        }
        standing.core.key.check()?;
        if matches!(self, Self::Refresh { .. }) {
            dealing::epoch_after(&standing.core)?;
        }
        Ok(())
    }

    /// What is about to happen, as text; its SHA-256 is the ceremony's id. A nonce makes it unique.
    pub fn statement(&self, token: &str, approval: &Approval, expires: Time) -> Result<String> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce)?;
        let mut text = Writer::new(TITLE);
        text.line("kind", self.kind());
        text.line("nonce", text::hex(&nonce));
        text.line("token", token);
        text.line("until", expires);
        let (set, epoch, key, policy) = self.subject();
        text.line("set", text::hex(&set.0));
        text.line("epoch", epoch);
        text.line("key", text::hex_or_dash(key));
        text.line("threshold", policy.quorum().threshold());
        for custodian in policy.custodians() {
            text.line("custodian", format_args!("{} {}", custodian.recipient.as_deref().unwrap_or("-"), custodian.name));
        }
        if let Some(day) = policy.expires() {
            text.line("expires", day);
        }
        text.line("approvals-then", policy.approval().needed);
        for approver in &policy.approval().approvers {
            text.line("approver-then", format_args!("{} {}", approver.key, approver.name));
        }
        text.line("approvals", approval.needed);
        for approver in &approval.approvers {
            text.line("approver", format_args!("{} {}", approver.key, approver.name));
        }
        Ok(text.finish())
    }

    /// Set, epoch, key and policy as they will be.
    fn subject(&self) -> (SetId, u16, &[u8], &Policy) {
        match self {
            Self::Deal { key, set, policy, .. } => (*set, 1, &key.id, policy),
            Self::Rehearse { set, policy, .. } => (*set, 1, &[], policy),
            Self::Refresh { standing, policy, .. } => {
                (standing.core.set, standing.core.epoch.saturating_add(1), &standing.core.key.id, policy)
            }
            Self::Verify(standing) | Self::Restore(standing) | Self::ResetPin(standing) | Self::Destroy(standing) => {
                (standing.core.set, standing.core.epoch, &standing.core.key.id, &standing.core.policy)
            }
        }
    }

    /// Goes to work.
    pub(super) fn start(self, notary: &Notary, now: Time) -> Result<(Stage, Option<Dealt>)> {
        let collect = |standing, then| Ok((Stage::Collecting(Collecting::quorum(standing), then), None));
        match self {
            Self::Deal { token, key, secret, set, policy } => {
                let core = core(false, token, key, &secret, set, policy, now)?;
                let (collecting, dealt) = dealing::deal(core, &secret, notary)?;
                Ok((Stage::Collecting(collecting, Then::Activate), Some(dealt)))
            }
            Self::Rehearse { token, set, policy } => {
                let secret = Secret::filled(REHEARSED, getrandom::fill)?;
                let key = Key { id: vec![], len: REHEARSED, attributes: vec![] };
                let core = core(true, token, key, &secret, set, policy, now)?;
                let (collecting, dealt) = dealing::deal(core, &secret, notary)?;
                Ok((Stage::Collecting(collecting, Then::Rehearsed), Some(dealt)))
            }
            Self::Verify(standing) => collect(standing, Then::Prove),
            Self::Restore(standing) => collect(standing, Then::Restore),
            Self::Refresh { standing, token, policy } => collect(standing, Then::Redeal { token, policy }),
            Self::ResetPin(standing) => collect(standing, Then::ResetPin),
            Self::Destroy(standing) => Ok((Stage::Ready(Work::Destroy(standing)), None)),
        }
    }
}

fn core(rehearsal: bool, token: String, key: Key, secret: &Secret, set: SetId, policy: Policy, now: Time) -> Result<Core> {
    let nonce = dealing::nonce()?;
    Ok(Core { rehearsal, set, epoch: 1, nonce, dealt: now, token, key, commitment: commitment(secret), policy })
}
