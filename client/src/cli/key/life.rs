//! `hsm key rotate`, `retire`, `revoke`, `purge`: when signing keys sign, and how long they stay published.

use clap::Args;
use hsm_client::Result;
use hsm_client::signer::{Plan, Signer, SigningKey};
use hsm_client::store::signing::Phase;
use hsm_client::time::{Timestamp, parse_duration, parse_time};
use serde_json::json;

use super::described;
use crate::cli::connect::Global;
use crate::cli::output;

/// From when on a new key is used.
#[derive(Args)]
pub(in crate::cli) struct Planned {
    /// Publish it in the JWK set from then on: 2030-01-31T12:00:00Z, or 2h from now
    #[arg(long, value_name = "TIME")]
    publish_at: Option<String>,
    /// Sign with it from then on
    #[arg(long, value_name = "TIME")]
    sign_from: Option<String>,
    /// The longest life of a token it signs, such as 24h: so long it stays published once retired; "unlimited" for always
    #[arg(long, value_name = "DURATION", default_value = "24h")]
    token_life: String,
}

impl Planned {
    pub(super) fn plan(&self) -> Result<Plan> {
        Ok(Plan {
            publish_at: self.publish_at.as_deref().map(parse_time).transpose()?,
            sign_from: self.sign_from.as_deref().map(parse_time).transpose()?,
            token_life: if self.token_life == "unlimited" { None } else { Some(parse_duration(&self.token_life)?) },
        })
    }
}

#[derive(Args)]
pub(in crate::cli) struct Rotate {
    /// Label of the signing key
    #[arg(long)]
    label: String,
    /// How long the new key is published before it signs: longer than others keep a JWK set
    #[arg(long, value_name = "DURATION", default_value = "1h")]
    publish_for: String,
}

#[derive(Args)]
pub(in crate::cli) struct Retire {
    /// Label, kid or id
    #[arg(long, allow_hyphen_values = true)]
    key: String,
    /// When it stops: 2030-01-31T12:00:00Z, or 2h from now; at once if absent
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

#[derive(Args)]
pub(in crate::cli) struct Revoke {
    /// Label, kid or id
    #[arg(long, allow_hyphen_values = true)]
    key: String,
}

pub(super) fn rotate(global: &Global, args: &Rotate) -> Result<()> {
    let made = global.signer()?.rotate(&args.label, parse_duration(&args.publish_for)?)?;
    told(global, &made, |times| {
        let next = "next: publish it now: hsm jwks -o jwks.json --force";
        format!("signing key \"{}\" made: kid {}, signs from {} on\n{next}", made.label, made.kid, times.0)
    })
}

pub(super) fn retire(global: &Global, args: &Retire) -> Result<()> {
    let at = args.at.as_deref().map_or(Ok(Timestamp::now()), parse_time)?;
    let signer = global.signer()?;
    let key = signer.retire(&args.key, at)?;
    warn_without_successor(&signer, &key.label)?;
    told(global, &key, |times| format!("signing key {} signs until {}, and stays published until {}", key.kid, times.1, times.2))
}

pub(super) fn revoke(global: &Global, args: &Revoke) -> Result<()> {
    let signer = global.signer()?;
    let key = signer.revoke(&args.key)?;
    warn_without_successor(&signer, &key.label)?;
    told(global, &key, |_| {
        format!("signing key {} signs no more and is published no more\nnext: hsm jwks -o jwks.json --force", key.kid)
    })
}

pub(super) fn purge(global: &Global) -> Result<()> {
    let gone = global.signer()?.purge()?;
    if global.json {
        return output::json(&json!({ "destroyed": gone.iter().map(described).collect::<Vec<_>>() }));
    }
    gone.iter().try_for_each(|key| output::line(&format!("signing key {} (\"{}\") destroyed", key.kid, key.label)))?;
    output::line(&format!("{} destroyed", gone.len()))
}

/// Says when no key of a label signs, or none will.
fn warn_without_successor(signer: &Signer, label: &str) -> Result<()> {
    let keys: Vec<_> = signer.keys()?.into_iter().filter(|key| key.label == label).collect();
    let lasting = keys.iter().any(|key| key.times.is_none_or(|times| times.retire_at.is_none()));
    let (when, at_once) = match (keys.iter().any(SigningKey::is_active), lasting) {
        (true, true) => return Ok(()),
        (true, false) => ("the last key of that label ends, and none follows", ""),
        (false, _) => ("no key of that label signs now", " --publish-for 0s"),
    };
    output::remark(&format!("note: {when}; make the next one: hsm key rotate --label {label}{at_once}"));
    Ok(())
}

/// What `hsm key list` says of a key's life.
pub(super) fn state(key: &SigningKey) -> String {
    let (from, retires, removed) = written(key);
    match key.phase() {
        Phase::Waiting | Phase::Published => format!("{}, signs from {from}", key.phase().name()),
        Phase::Active if key.times.is_some_and(|times| times.retire_at.is_some()) => format!("active until {retires}"),
        Phase::Retired => format!("retired, published until {removed}"),
        phase => phase.name().to_owned(),
    }
}

/// From when on it signs, until when, and until when it is published.
fn written(key: &SigningKey) -> (String, String, String) {
    let text = |time: Option<Timestamp>| time.map_or_else(|| "revoked".to_owned(), |time| time.to_string());
    let times = key.times;
    (
        text(times.map(|times| times.sign_from)),
        text(times.and_then(|times| times.retire_at)),
        text(times.and_then(|times| times.remove_at)),
    )
}

fn told(global: &Global, key: &SigningKey, says: impl FnOnce((String, String, String)) -> String) -> Result<()> {
    match global.json {
        true => output::json(&described(key)),
        false => output::line(&says(written(key))),
    }
}
