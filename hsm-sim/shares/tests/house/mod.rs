//! What the tests share: a token, named custodians, and the shortest way to a set of shares.
#![allow(dead_code)] // Every test file is a crate of its own and uses its part.

pub mod altered;
pub mod field;
pub mod payload;
pub mod program;

use hsm_shares::{
    ceremony::{Ceremony, Opening, Task},
    manifest::{Key, Manifest},
    notary::Notary,
    policy::{Approval, Custodian, Policy},
    secret::Secret,
    share::SetId,
    time::Time,
    wire::{Dealt, Verdict},
};

pub const NOW: Time = Time(1_800_000_000);
pub const TOKEN: &str = "00000000deadbeef";
pub const SECRET: [u8; 32] = *b"a secret of two and thirty bytes";

const NAMES: [&str; 7] = ["alice", "bob", "carol", "dave", "erin", "frank", "grace"];

pub fn notary() -> Notary {
    Notary::of_seed(&Secret::copy(&[42; 32])).unwrap()
}

/// The name of the custodian of an index.
pub fn name(index: usize) -> String {
    NAMES.get(index - 1).map_or_else(|| format!("custodian {index}"), |name| (*name).into())
}

pub fn custodians(total: usize) -> Vec<Custodian> {
    (1..=total).map(|index| Custodian { name: name(index), recipient: None }).collect()
}

pub fn policy(threshold: usize, total: usize) -> Policy {
    Policy::new(threshold, custodians(total), Approval::default(), None).unwrap()
}

/// To deal a secret as a set of a token.
pub fn dealing(secret: &[u8], token: &str, policy: Policy) -> Task {
    let key = Key { id: vec![7; 16], len: secret.len(), attributes: vec![(3, b"main".to_vec())] };
    Task::Deal { token: token.into(), key, secret: Secret::copy(secret), set: SetId::fresh(token).unwrap(), policy }
}

/// An opening that nobody has to approve.
pub fn opening(task: Task) -> Opening {
    Opening { task, token: TOKEN.into(), approval: Approval::default(), others: vec![], timeout: None }
}

/// A ceremony that nobody has to approve.
pub fn open(task: Task) -> (Ceremony, Option<Dealt>) {
    Ceremony::open(opening(task), &notary(), NOW).unwrap()
}

/// What became of a share.
pub fn give(ceremony: &mut Ceremony, named: Option<&str>, text: &str) -> Verdict {
    ceremony.contribute(named, text, &notary(), NOW).unwrap().0
}

/// The code of a refusal.
pub fn code(verdict: &Verdict) -> &str {
    assert_ne!(verdict.accepted, verdict.reason.is_some(), "{verdict:?}");
    verdict.reason.as_deref().unwrap_or("accepted")
}

/// Shares that were dealt, and their manifest.
pub struct Set {
    pub manifest: Manifest,
    pub shares: Vec<String>,
}

impl Set {
    pub fn dealt(dealt: &Dealt) -> Self {
        let shares = dealt.shares.iter().map(|handed| handed.share.expose().to_owned()).collect();
        Self { manifest: Manifest::parse(&dealt.manifest).unwrap(), shares }
    }

    pub fn of(secret: &[u8], threshold: usize, total: usize) -> Self {
        Self::of_token(TOKEN, secret, threshold, total)
    }

    pub fn of_token(token: &str, secret: &[u8], threshold: usize, total: usize) -> Self {
        Self::dealt(&open(dealing(secret, token, policy(threshold, total))).1.unwrap())
    }

    /// A rehearsal's, and the rehearsal, which waits for every share of it.
    pub fn rehearsed(threshold: usize, total: usize) -> (Self, Ceremony) {
        let set = SetId::fresh(TOKEN).unwrap();
        let (rehearsal, dealt) = open(Task::Rehearse { token: TOKEN.into(), set, policy: policy(threshold, total) });
        (Self::dealt(&dealt.unwrap()), rehearsal)
    }

    /// The share of an index.
    pub fn share(&self, index: usize) -> &str {
        &self.shares[index - 1]
    }

    /// A ceremony that restores it.
    pub fn restoring(&self) -> Ceremony {
        open(Task::Restore(self.manifest.clone())).0
    }
}
