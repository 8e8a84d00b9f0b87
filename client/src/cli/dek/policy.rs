//! `hsm dek policy`: when a data key rotates, and what still decrypts.

use clap::{ArgAction, Args};
use hsm_client::Result;
use hsm_client::keyring::policy;
use hsm_client::store::Policy;
use hsm_client::time::parse_duration;
use serde_json::json;

use super::life::store;
use crate::cli::connect::Global;
use crate::cli::output;

#[derive(Args)]
pub(in crate::cli) struct Rules {
    /// Name of the data key
    #[arg(long)]
    name: String,
    /// Age at which the version that encrypts is due for rotation, such as 90d; 0 for never
    #[arg(long, value_name = "DURATION")]
    rotate_every: Option<String>,
    /// Messages that one version encrypts at most; 0 for no limit
    #[arg(long, value_name = "N")]
    rotate_messages: Option<u64>,
    /// Bytes that one version encrypts at most; 0 for no limit
    #[arg(long, value_name = "N")]
    rotate_bytes: Option<u64>,
    /// Versions that `hsm dek purge` keeps; 0 for all
    #[arg(long, value_name = "N")]
    max_versions: Option<u32>,
    /// The oldest version that still decrypts; 0 for all
    #[arg(long, value_name = "N")]
    min_decrypt_version: Option<u32>,
    /// Whether to encrypt makes the next version when this one is due, used up or expired
    #[arg(long, value_name = "BOOL", action = ArgAction::Set)]
    auto_rotate: Option<bool>,
}

/// Shows the rules, changed by those that were given.
pub(super) fn run(global: &Global, args: &Rules) -> Result<()> {
    let store = store(global)?;
    let every = args.rotate_every.as_deref().map(parse_duration).transpose()?;
    let lineage = policy::change(&*store, &args.name, |before| changed(before, every, args))?;
    if global.json {
        return output::json(&json!({ "name": lineage.name, "epoch": lineage.epoch, "policy": lineage.policy }));
    }
    told(&lineage.policy)
}

fn changed(before: &Policy, every: Option<i64>, args: &Rules) -> Policy {
    Policy {
        rotate_after: every.unwrap_or(before.rotate_after),
        rotate_messages: args.rotate_messages.unwrap_or(before.rotate_messages),
        rotate_bytes: args.rotate_bytes.unwrap_or(before.rotate_bytes),
        max_versions: args.max_versions.unwrap_or(before.max_versions),
        min_decrypt_version: args.min_decrypt_version.unwrap_or(before.min_decrypt_version),
        auto_rotate: args.auto_rotate.unwrap_or(before.auto_rotate),
    }
}

fn told(rules: &Policy) -> Result<()> {
    let or = |value: u64, none: &str| if value == 0 { none.to_owned() } else { value.to_string() };
    let age = match rules.rotate_after {
        0 => "never".to_owned(),
        seconds if seconds % 86_400 == 0 => format!("{} days", seconds / 86_400),
        seconds => format!("{seconds} seconds"),
    };
    output::facts(&[
        ("due for rotation after", age),
        ("messages of one version", or(rules.rotate_messages, "no limit")),
        ("bytes of one version", or(rules.rotate_bytes, "no limit")),
        ("versions that purge keeps", or(rules.max_versions.into(), "all")),
        ("decrypts from version", or(rules.min_decrypt_version.into(), "1")),
        ("rotates by itself", if rules.auto_rotate { "yes" } else { "no" }.to_owned()),
    ])
}
