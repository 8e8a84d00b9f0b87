//! Who takes part, from the command line.

use clap::Args;
use ed25519_dalek::VerifyingKey;
use ed25519_dalek::pkcs8::DecodePublicKey as _;
use hsm_client::ceremony::shares::policy::{Approval, Approver, Custodian, Policy};
use hsm_client::id::hex;
use hsm_client::{Error, Kind, Result};

use super::entry;

/// The options of a policy.
#[derive(Args)]
pub(super) struct PolicyArgs {
    /// Who holds a share: a name, or NAME=age1... to hand it out encrypted to that age recipient; once for each
    #[arg(long = "custodian", value_name = "NAME[=AGE]")]
    custodians: Vec<String>,
    /// How many shares restore the key
    #[arg(long, value_name = "M")]
    threshold: Option<usize>,
    /// Who may approve: NAME=KEY, an Ed25519 public key in hexadecimal or a PEM file; once for each
    #[arg(long = "approver", value_name = "NAME=KEY")]
    approvers: Vec<String>,
    /// How many approvals it takes
    #[arg(long, value_name = "K")]
    approvals: Option<u8>,
    /// The day by which the shares should be refreshed, such as 2027-11-26
    #[arg(long, value_name = "DAY")]
    expires: Option<String>,
}

impl PolicyArgs {
    /// The policy, which must be given.
    pub(super) fn needed(&self) -> Result<Policy> {
        self.given()?.ok_or_else(|| {
            Error::new(Kind::Usage, "nobody is named to hold a share")
                .next("name them: --custodian alice --custodian bob --custodian carol --threshold 2")
        })
    }

    /// The policy, if any part of one is given.
    pub(super) fn given(&self) -> Result<Option<Policy>> {
        let none = self.custodians.is_empty() && self.approvers.is_empty();
        if none && self.threshold.is_none() && self.approvals.is_none() && self.expires.is_none() {
            return Ok(None);
        }
        let threshold = self.threshold.ok_or_else(|| {
            Error::new(Kind::Usage, "nothing says how many shares restore the key").next("say it: --threshold M")
        })?;
        let custodians = self.custodians.iter().map(|text| custodian(text)).collect();
        let approvers = self.approvers.iter().map(|text| approver(text)).collect::<Result<Vec<_>>>()?;
        // All of them, unless it is said how many.
        let needed = self.approvals.unwrap_or(u8::try_from(approvers.len()).unwrap_or(u8::MAX));
        Policy::new(threshold, custodians, Approval { needed, approvers }, self.expires.clone())
            .map(Some)
            .map_err(|error| Error::new(Kind::Usage, "the ceremony cannot be held so").why(error.to_string()))
    }
}

fn custodian(text: &str) -> Custodian {
    match text.rsplit_once('=').filter(|(_, recipient)| recipient.starts_with("age1")) {
        Some((name, recipient)) => Custodian { name: name.to_owned(), recipient: Some(recipient.to_owned()) },
        None => Custodian { name: text.to_owned(), recipient: None },
    }
}

fn approver(text: &str) -> Result<Approver> {
    let (name, key) = text.split_once('=').ok_or_else(|| {
        Error::new(Kind::Usage, format!("\"{text}\" names no approver's key")).next("write NAME=KEY: hexadecimal or a PEM file")
    })?;
    Ok(Approver { name: name.to_owned(), key: key_of(key)? })
}

fn key_of(text: &str) -> Result<String> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text.to_ascii_lowercase());
    }
    let pem = entry::public(text.as_ref())?;
    let key = VerifyingKey::from_public_key_pem(pem.trim()).map_err(|_| {
        Error::new(Kind::Usage, format!("{text} holds no Ed25519 public key in PEM"))
            .next("write one: hsm key public --key NAME, or openssl pkey -pubout")
    })?;
    Ok(hex(key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_contain_an_equals_sign() {
        assert_eq!(custodian("a=b"), Custodian { name: "a=b".into(), recipient: None });
        assert_eq!(custodian("a=b=age1x"), Custodian { name: "a=b".into(), recipient: Some("age1x".into()) });
        assert!(approver("dora").is_err());
        assert_eq!(approver(&format!("dora={}", "AB".repeat(32))).unwrap().key, "ab".repeat(32));
    }
}
