//! Holding a ceremony from its beginning to its end: whatever fails in between, it is cancelled and its minutes are kept.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use hsm_client::ceremony::Recovery;
use hsm_client::ceremony::shares::manifest::Manifest;
use hsm_client::ceremony::shares::transcript::Transcript;
use hsm_client::ceremony::shares::wire::{Begin, Finish, Report};
use hsm_client::ceremony::shares::{ceremony, notary};
use hsm_client::id::hex;
use hsm_client::time::parse_duration;
use hsm_client::{Error, Kind, Result};
use serde_json::{Value, json};

use super::conduct::{Conduct, Ended};
use super::place::PlaceArgs;
use super::waiting::Deadline;
use super::{approve, entry};
use crate::cli::connect::Global;
use crate::cli::files::Output;
use crate::cli::output;

/// The options of every ceremony.
#[derive(Args)]
pub(super) struct HoldArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Write the signed minutes here
    #[arg(long, value_name = "FILE")]
    transcript: Option<PathBuf>,
    /// Where approvals come from: the statement is written to this directory, and NAME.sig is awaited there
    #[arg(long, value_name = "DIRECTORY")]
    approvals_from: Option<PathBuf>,
    /// How long the ceremony may take, such as 90m
    #[arg(long, value_name = "TIME", default_value = "1h")]
    timeout: String,
    /// Replace existing output files
    #[arg(long, short)]
    pub force: bool,
}

/// A ceremony that was held.
pub(super) struct Outcome {
    report: Report,
    ended: Ended,
    transcript: Option<Output>,
    /// What else the answer should say.
    pub facts: Vec<(&'static str, Value)>,
}

/// Begins, lets `steps` lead to where it can be finished, and finishes.
pub(super) fn hold(
    global: &Global,
    args: &HoldArgs,
    driver: Box<dyn Recovery>,
    request: Begin,
    steps: impl FnOnce(&mut Conduct) -> Result<Finish>,
) -> Result<Outcome> {
    let seconds = seconds(&args.timeout)?;
    let transcript = args.transcript.as_deref().map(|path| Output::create(Some(path), args.force)).transpose()?;
    let request = Begin { timeout: Some(seconds), ..request };
    let mut conduct = Conduct::begin(driver, &request, Deadline::after(seconds), global.quiet || global.json)?;
    let done = approve::gather(&mut conduct, args.approvals_from.as_deref(), args.force)
        .and_then(|()| steps(&mut conduct))
        .and_then(|finish| conduct.finish(&finish));
    match done {
        Ok(report) => Ok(Outcome { report, ended: conduct.ended(), transcript, facts: Vec::new() }),
        Err(error) => {
            if let (Some(minutes), Some(file)) = (conduct.cancel(), transcript) {
                // The failure itself is what is reported.
                let _ = write(file, &minutes);
            }
            Err(error)
        }
    }
}

impl Outcome {
    /// The manifest now in force.
    pub(super) fn manifest(&self) -> Option<&str> {
        self.report.manifest.as_deref()
    }

    /// CKA_ID of the key it was about.
    pub(super) fn key(&self) -> Result<hsm_client::id::ObjectId> {
        let text = self.manifest().ok_or_else(|| Error::new(Kind::Device, "the token's report has no manifest"))?;
        hsm_client::id::ObjectId::from_bytes(&Manifest::parse(text)?.core.key.id)
    }

    /// Writes manifest and minutes where they belong, and tells how it ended.
    pub(super) fn tell(mut self, global: &Global, manifest: Option<Output>, next: &str) -> Result<()> {
        let shown = self.ended.dealt && matches!(manifest, None | Some(Output::Stdout));
        let text = self.report.manifest.take();
        let kept = match (manifest, &text) {
            (Some(file @ Output::File { .. }), Some(text)) => write(file, text),
            _ => Ok(()),
        };
        if let (Err(_), Some(text)) = (&kept, &text) {
            // It is in force, and there may be no other copy of it.
            output::line(text.trim_end())?;
        }
        let minutes = self.report.transcript.take();
        let noted = match (self.transcript.take(), &minutes) {
            (Some(file), Some(minutes)) => write(file, minutes),
            _ => Ok(()),
        };
        kept.and(noted)?;
        if global.json {
            return self.json(text.as_deref(), minutes.as_deref());
        }
        output::facts(&self.lines(text.as_deref(), minutes.as_deref())?)?;
        if let Some(text) = text.filter(|_| shown) {
            output::line(&format!("\n{}", text.trim_end()))?;
        }
        if next.is_empty() { Ok(()) } else { output::line(&format!("next: {next}")) }
    }

    fn json(&self, manifest: Option<&str>, minutes: Option<&str>) -> Result<()> {
        let open = self.ended.ceremony.as_ref();
        let mut answer = json!({
            "state": self.report.state,
            "kind": open.map(|open| json!(open.kind)),
            "ceremony": open.map(|open| open.id.clone()),
            "signer": minutes.map(Transcript::parse).transpose()?.map(|minutes| hex(&minutes.signer)),
            "verdicts": self.ended.verdicts,
            "manifest": manifest,
            "transcript": minutes,
        });
        self.facts.iter().for_each(|(name, value)| answer[*name] = value.clone());
        output::json(&answer)
    }

    fn lines(&self, manifest: Option<&str>, minutes: Option<&str>) -> Result<Vec<(&str, String)>> {
        let mut lines = vec![("ceremony", self.report.state.clone())];
        if let Some(manifest) = manifest.map(Manifest::parse).transpose()? {
            let core = &manifest.core;
            let quorum = core.policy.quorum();
            lines.push(("key", hex(&core.key.id)));
            lines.push(("set", format!("{}, dealing {}", hex(&core.set.0), core.epoch)));
            lines.push(("shares", format!("{}, any {} restore", quorum.total(), quorum.threshold())));
            lines.push(("manifest signed by", notary::fingerprint(manifest.signer())));
        }
        if let Some(minutes) = minutes.map(Transcript::parse).transpose()? {
            lines.push(("id", hex(&minutes.ceremony)));
            lines.extend(minutes.events.into_iter().map(|(time, what)| ("minutes", format!("{time} {what}"))));
        }
        lines.extend(self.facts.iter().map(|(name, value)| (*name, plain(value))));
        Ok(lines)
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Reads the manifest a person named.
pub(super) fn manifest(path: Option<&PathBuf>) -> Result<Option<String>> {
    let text = path.map(|path| entry::public(path)).transpose()?;
    text.as_deref().map(Manifest::parse).transpose()?;
    Ok(text)
}

fn write(mut file: Output, text: &str) -> Result<()> {
    file.write_all(text.as_bytes()).map_err(|error| Error::io("writing", &error))?;
    file.commit()
}

fn seconds(text: &str) -> Result<u64> {
    let seconds = u64::try_from(parse_duration(text)?).unwrap_or(0);
    if (1..=ceremony::MOST_TIMEOUT).contains(&seconds) {
        return Ok(seconds);
    }
    Err(Error::new(Kind::Usage, format!("a ceremony cannot take {text}")).why("it takes a second to a week"))
}
