//! The demo's narration, and the list of what was verified.

use hsm_client::{Error, Kind, Result};
use serde_json::{Value, json};

use crate::cli::output;

/// Tells the story as it happens, and counts.
pub(super) struct Report {
    silent: bool,
    steps: usize,
    checks: Vec<(String, bool)>,
}

impl Report {
    /// A narrator, or with `silent` only a bookkeeper.
    pub(super) fn new(silent: bool) -> Self {
        Self { silent, steps: 0, checks: Vec::new() }
    }

    /// Begins a step.
    pub(super) fn step(&mut self, title: &str) -> Result<()> {
        self.steps += 1;
        self.say(&format!("\n{}. {title}", self.steps))
    }

    /// Says what the reader could have typed.
    pub(super) fn command(&self, text: &str) -> Result<()> {
        self.say(&format!("   $ hsm {text}"))
    }

    /// Says something.
    pub(super) fn tell(&self, text: &str) -> Result<()> {
        self.say(&format!("   {text}"))
    }

    /// Records whether a claim held.
    pub(super) fn check(&mut self, claim: &str, held: bool) -> Result<()> {
        self.checks.push((claim.to_owned(), held));
        self.say(&format!("   {} {claim}", if held { "verified:" } else { "FAILED:  " }))
    }

    /// Records a claim that holds when `result` is an error of `kind`.
    pub(super) fn check_refused<T>(&mut self, claim: &str, kind: Kind, result: Result<T>) -> Result<()> {
        let error = result.err();
        if let Some(error) = &error {
            self.tell(&format!("refused: {error}"))?;
        }
        self.check(claim, error.is_some_and(|error| error.kind() == kind))
    }

    /// Prints the summary; an error unless every claim held.
    pub(super) fn finish(self, about: &Value) -> Result<()> {
        let failed = self.checks.iter().filter(|(_, held)| !held).count();
        let good = self.checks.len() - failed;
        self.say(&format!("\n{good} of {} claims verified{}", self.checks.len(), if failed == 0 { "." } else { ":" }))?;
        for (claim, held) in &self.checks {
            self.say(&format!("   {} {claim}", if *held { "ok    " } else { "FAILED" }))?;
        }
        if self.silent {
            let claims: Vec<_> = self.checks.iter().map(|(claim, held)| json!({ "claim": claim, "verified": held })).collect();
            output::json(&json!({ "verified": failed == 0, "claims": claims, "about": about }))?;
        }
        if failed == 0 { Ok(()) } else { Err(Error::new(Kind::Authentication, format!("{failed} claims failed"))) }
    }

    fn say(&self, text: &str) -> Result<()> {
        if self.silent { Ok(()) } else { output::line(text) }
    }
}
