//! Dealing: a secret becomes shares, each handed out once.

use zeroize::Zeroizing;

use super::Collecting;
use crate::{
    Error, Result, envelope,
    manifest::{Core, Manifest},
    notary::Notary,
    policy::{Custodian, Policy},
    secret::Secret,
    share::Share,
    time::Time,
    wire::{Dealt, Handed, SecretText},
};

/// Splits `secret` as the core says. What remains here is the manifest, and the wait for every share to be entered again.
pub fn deal(core: Core, secret: &Secret, notary: &Notary) -> Result<(Collecting, Dealt)> {
    let dealing = core.dealing();
    let shares: Vec<_> = core.policy.quorum().split(secret)?.into_iter().map(|part| Share { dealing, part }).collect();
    let manifest = Manifest::sign(&core, &shares, notary)?;
    let handed = shares.iter().zip(core.policy.custodians()).map(|(share, custodian)| hand(share, custodian));
    let dealt = Dealt { manifest: manifest.text().to_owned(), shares: handed.collect::<Result<_>>()? };
    Ok((Collecting::all(manifest), dealt))
}

/// The core of the next dealing of the same secret.
pub fn next_epoch(before: &Core, token: String, policy: Policy, now: Time) -> Result<Core> {
    Ok(Core { epoch: epoch_after(before)?, nonce: nonce()?, dealt: now, token, policy, ..before.clone() })
}

/// What tells a dealing from all others.
pub fn nonce() -> Result<[u8; 8]> {
    let mut nonce = [0; 8];
    getrandom::fill(&mut nonce)?;
    Ok(nonce)
}

/// The epoch of the next dealing.
pub fn epoch_after(before: &Core) -> Result<u16> {
    before.epoch.checked_add(1).ok_or_else(|| Error::malformed("the set was dealt 65,535 times: deal a new one"))
}

fn hand(share: &Share, custodian: &Custodian) -> Result<Handed> {
    let text = share.to_text()?;
    let given = match &custodian.recipient {
        Some(recipient) => envelope::seal(recipient, text.expose())?,
        None => std::str::from_utf8(text.expose()).map_err(|_| Error::malformed("the share is no text"))?.to_owned(),
    };
    Ok(Handed {
        custodian: custodian.name.clone(),
        index: share.part.index,
        encrypted: custodian.recipient.is_some(),
        share: SecretText::new(Zeroizing::new(given)),
    })
}
