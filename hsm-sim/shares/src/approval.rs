//! Approvals: Ed25519 signatures of named people over a ceremony's id.
//!
//! What is signed is plain ASCII without a line end, so that any tool can do it: `hsm-sim recovery approval 1 ` and the id in
//! hexadecimal. The id is the SHA-256 of the ceremony's statement, which says in plain text what is about to happen.

use crate::{
    Error, Result, notary,
    policy::{Approval, Approver},
    text,
};

/// The approvals given so far.
pub struct Tally {
    approval: Approval,
    given: Vec<String>,
}

/// What an approver signs.
pub fn message(ceremony: &[u8; 32]) -> String {
    format!("hsm-sim recovery approval 1 {}", text::hex(ceremony))
}

/// The public key of an approver.
///
/// # Errors
/// [`Error::Malformed`], naming the approver.
pub fn key(approver: &Approver) -> Result<[u8; 32]> {
    let what = format!("the key of approver \"{}\"", approver.name);
    let key = text::unhex_array(&approver.key, &what)?;
    // Nothing signed by another one is ever accepted, and a set could never be refreshed.
    if notary::is_key(&key) { Ok(key) } else { Err(Error::malformed(format!("{what} is no Ed25519 public key"))) }
}

impl Tally {
    /// Nothing given yet.
    pub fn new(approval: Approval) -> Self {
        Self { approval, given: Vec::new() }
    }

    /// Counts an approval in.
    ///
    /// # Errors
    /// [`Error::Malformed`] for somebody who is no approver or approved before, [`Error::Mismatch`] for a bad signature.
    pub fn add(&mut self, ceremony: &[u8; 32], name: &str, signature: &str) -> Result<()> {
        let approver = self.approval.approvers.iter().find(|approver| approver.name == name);
        let approver = approver.ok_or_else(|| Error::malformed(format!("{} is no approver", text::quoted(name))))?;
        if self.given.iter().any(|given| given == name) {
            return Err(Error::malformed(format!("\"{name}\" has approved already")));
        }
        let signature = text::unhex_array(signature, "the signature")?;
        if !notary::verify(&key(approver)?, message(ceremony).as_bytes(), &signature) {
            return Err(Error::Mismatch(format!("the signature of \"{name}\" is not good for this ceremony")));
        }
        self.given.push(name.to_owned());
        Ok(())
    }

    /// True when there are enough.
    pub fn complete(&self) -> bool {
        self.given.len() >= self.approval.needed.into()
    }

    /// How many it takes.
    pub fn needed(&self) -> u8 {
        self.approval.needed
    }

    /// Who may approve.
    pub fn approvers(&self) -> impl Iterator<Item = String> {
        self.approval.approvers.iter().map(|approver| approver.name.clone())
    }

    /// Who approved.
    pub fn given(&self) -> &[String] {
        &self.given
    }
}
