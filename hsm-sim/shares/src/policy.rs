//! Who takes part: the custodians and how many of them it takes, and who must approve.

use serde::{Deserialize, Serialize};

use crate::{Error, Result, approval, envelope, shamir::Quorum, text, time};

/// A checked policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Policy {
    quorum: Quorum,
    custodians: Vec<Custodian>,
    approval: Approval,
    expires: Option<String>,
}

/// Someone who holds a share. Their index is their place in the list, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custodian {
    /// 1 to 64 bytes.
    pub name: String,
    /// An age recipient, `age1...`: the share is handed out encrypted to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
}

/// How many of which approvers; none needed is 0 of nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approval {
    /// How many signatures it takes.
    pub needed: u8,
    /// Who may sign.
    pub approvers: Vec<Approver>,
}

/// Someone who may approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approver {
    /// 1 to 64 bytes.
    pub name: String,
    /// An Ed25519 public key: 32 bytes in hexadecimal.
    pub key: String,
}

/// A policy as it is written in JSON.
#[derive(Serialize, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Draft {
    threshold: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
    custodians: Vec<Custodian>,
    #[serde(default, skip_serializing_if = "is_none")]
    approvals: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    approvers: Vec<Approver>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

impl Policy {
    /// Checks everything the parts must fulfil.
    ///
    /// # Errors
    /// [`Error::Malformed`], naming the culprit.
    pub fn new(threshold: usize, custodians: Vec<Custodian>, approval: Approval, expires: Option<String>) -> Result<Self> {
        let quorum = Quorum::new(threshold, custodians.len())?;
        distinct(custodians.iter().map(|custodian| custodian.name.as_str()), "custodian")?;
        custodians.iter().filter_map(|custodian| custodian.recipient.as_deref()).try_for_each(envelope::check_recipient)?;
        distinct(approval.approvers.iter().map(|approver| approver.name.as_str()), "approver")?;
        distinct(approval.approvers.iter().map(|approver| approver.key.as_str()), "approver's key")?;
        approval.approvers.iter().try_for_each(|approver| approval::key(approver).map(drop))?;
        let enough = usize::from(approval.needed) <= approval.approvers.len() && approval.approvers.len() <= 255;
        if !enough || (approval.needed == 0) != approval.approvers.is_empty() {
            return Err(Error::malformed(format!("{} approvals of {} approvers", approval.needed, approval.approvers.len())));
        }
        expires.as_deref().map_or(Ok(()), time::check_day)?;
        Ok(Self { quorum, custodians, approval, expires })
    }

    /// How many of how many.
    pub fn quorum(&self) -> Quorum {
        self.quorum
    }

    /// The custodians, in the order of their indices.
    pub fn custodians(&self) -> &[Custodian] {
        &self.custodians
    }

    /// The name of the custodian of an index.
    pub fn name(&self, index: u8) -> Option<&str> {
        let at = usize::from(index).checked_sub(1)?;
        self.custodians.get(at).map(|custodian| custodian.name.as_str())
    }

    /// Who must approve.
    pub fn approval(&self) -> &Approval {
        &self.approval
    }

    /// The day by which the shares should have been refreshed. Nothing is refused after it: a restore that came too late would
    /// lose the key.
    pub fn expires(&self) -> Option<&str> {
        self.expires.as_deref()
    }
}

impl TryFrom<Draft> for Policy {
    type Error = Error;

    fn try_from(draft: Draft) -> Result<Self> {
        if let Some(total) = draft.total.filter(|total| *total != draft.custodians.len()) {
            return Err(Error::malformed(format!("total is {total}, but {} custodians are named", draft.custodians.len())));
        }
        let approval = Approval { needed: draft.approvals, approvers: draft.approvers };
        Self::new(draft.threshold, draft.custodians, approval, draft.expires)
    }
}

impl From<Policy> for Draft {
    fn from(policy: Policy) -> Self {
        Self {
            threshold: policy.quorum.threshold().into(),
            total: Some(policy.quorum.total().into()),
            custodians: policy.custodians,
            approvals: policy.approval.needed,
            approvers: policy.approval.approvers,
            expires: policy.expires,
        }
    }
}

fn is_none(approvals: &u8) -> bool {
    *approvals == 0
}

fn distinct<'n>(names: impl Iterator<Item = &'n str> + Clone, what: &str) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        text::check_name(name)?;
        if !seen.insert(name) {
            return Err(Error::malformed(format!("two times the {what} \"{name}\"")));
        }
    }
    Ok(())
}
