//! A ceremony under way: who hands in what, and what became of it.

use std::path::{Path, PathBuf};

use hsm_client::ceremony::Recovery;
use hsm_client::ceremony::shares::wire::{
    Approve, Begin, Cancel, Contribute, Dealt, Finish, Kind as Purpose, Open, Report, SecretText, Verdict,
};
use hsm_client::{Error, Kind, Result};

use super::entry;
use super::handout;
use super::waiting::Deadline;
use crate::cli::output;

/// The ceremony, and what it said last.
pub(super) struct Conduct {
    driver: Box<dyn Recovery>,
    report: Report,
    dealt: Option<Dealt>,
    verdicts: Vec<Verdict>,
    pub deadline: Deadline,
    pub quiet: bool,
}

/// What is left of a ceremony.
pub(super) struct Ended {
    /// As it was last told.
    pub ceremony: Option<Open>,
    /// What became of every share.
    pub verdicts: Vec<Verdict>,
    /// New shares were dealt, so that the manifest is new.
    pub dealt: bool,
}

impl Conduct {
    /// Begins one.
    pub(super) fn begin(mut driver: Box<dyn Recovery>, request: &Begin, deadline: Deadline, quiet: bool) -> Result<Self> {
        let report = driver.begin(request)?;
        let mut conduct = Self { driver, report: Report::default(), dealt: None, verdicts: Vec::new(), deadline, quiet };
        conduct.take(report);
        Ok(conduct)
    }

    /// Takes shares until there are enough: those of `files`, or what is typed. `strict` refuses to go on after a bad one.
    pub(super) fn quorum(&mut self, files: &[PathBuf], strict: bool) -> Result<()> {
        if files.is_empty() {
            self.recipient();
            while self.awaits_quorum() && self.type_in()? {}
        } else {
            for file in files {
                if self.awaits_quorum() {
                    self.hand_in(None, entry::share(file)?)?;
                }
            }
            self.enough(strict)?;
        }
        Ok(())
    }

    /// Takes every new share back from its custodian: from the file in `folder` that has their name, or typed.
    pub(super) fn confirm(&mut self, folder: Option<&Path>) -> Result<()> {
        let names: Vec<_> = self.dealt()?.shares.iter().map(|share| (share.index, share.custodian.clone())).collect();
        if folder.is_none() {
            self.recipient();
        }
        for (index, name) in names {
            match folder {
                Some(folder) => {
                    let file = folder.join(handout::file_name(index, &name, "txt"));
                    self.deadline.file(&file, self.quiet)?;
                    self.hand_in(Some(name), entry::share(&file)?)?;
                    // Only this one: the quorum before may have come together in spite of a bad share.
                    let refused = self.verdicts.last().filter(|verdict| !verdict.accepted).map(|verdict| self.told(verdict));
                    Self::none_of(refused.as_slice())?;
                }
                None => self.type_back(&name)?,
            }
        }
        Ok(())
    }

    /// The shares that were dealt.
    pub(super) fn dealt(&self) -> Result<&Dealt> {
        self.dealt.as_ref().ok_or_else(|| Error::new(Kind::Device, "no shares were dealt").why("the token's report has none"))
    }

    /// The ceremony as it was last told.
    pub(super) fn open(&self) -> Result<&Open> {
        self.report.ceremony.as_ref().ok_or_else(|| Error::new(Kind::Device, "the token's report has no ceremony"))
    }

    /// True as long as approvals are missing.
    pub(super) fn awaits_approval(&self) -> bool {
        self.report.state == "approving"
    }

    /// Hands in an approval.
    pub(super) fn approve(&mut self, approver: &str, signature: String) -> Result<()> {
        let report = self.driver.approve(&Approve { approver: approver.to_owned(), signature })?;
        self.take(report);
        self.remark(&format!("approved by {approver}"));
        Ok(())
    }

    /// Carries it out.
    pub(super) fn finish(&mut self, request: &Finish) -> Result<Report> {
        self.driver.finish(request)
    }

    /// Ends it after a failure; its minutes, if they could be had.
    pub(super) fn cancel(mut self) -> Option<String> {
        match self.driver.cancel(&Cancel::default()) {
            Ok(report) => report.transcript,
            // Another program was faster, or its time was over.
            Err(error) if error.kind() == Kind::NotFound => None,
            Err(error) => {
                output::remark(&format!("warning: the ceremony could not be cancelled: {error}; end it: hsm recovery cancel"));
                None
            }
        }
    }

    /// What is left of it when it is over.
    pub(super) fn ended(self) -> Ended {
        Ended { ceremony: self.report.ceremony, verdicts: self.verdicts, dealt: self.dealt.is_some() }
    }

    /// A quorum is being collected, or every share may be tried.
    fn awaits_quorum(&self) -> bool {
        let open = self.report.ceremony.as_ref();
        match self.report.state.as_str() {
            "collecting" => open.is_none_or(|open| !open.confirming),
            "ready" => open.is_some_and(|open| open.kind == Purpose::Verify),
            _ => false,
        }
    }

    /// Asks for one share; false when nobody wants to enter another.
    fn type_in(&mut self) -> Result<bool> {
        let shares = &self.open()?.shares;
        let ready = self.report.state == "ready";
        let prompt = if ready {
            "Another share to try, or Enter to end: ".to_owned()
        } else {
            format!("Share ({} of {}; not yet: {}): ", shares.given.len(), shares.needed, shares.missing.join(", "))
        };
        match entry::hidden(&prompt)? {
            Some(share) => self.hand_in(None, share).map(|()| true),
            None if ready => Ok(false),
            None => Err(given_up()),
        }
    }

    fn type_back(&mut self, name: &str) -> Result<()> {
        loop {
            let shares = &self.open()?.shares;
            let prompt = format!("Share of {name}, to confirm ({} of {}): ", shares.given.len(), shares.needed);
            self.hand_in(Some(name.to_owned()), entry::hidden(&prompt)?.ok_or_else(given_up)?)?;
            if self.verdicts.last().is_some_and(|verdict| verdict.accepted) {
                return Ok(());
            }
        }
    }

    fn hand_in(&mut self, custodian: Option<String>, share: SecretText) -> Result<()> {
        let mut report = self.driver.contribute(&Contribute { custodian, share })?;
        let verdict = report.verdict.take();
        self.take(report);
        let verdict = verdict.ok_or_else(|| Error::new(Kind::Device, "the token's report has no verdict"))?;
        self.remark(&self.told(&verdict));
        self.verdicts.push(verdict);
        Ok(())
    }

    fn told(&self, verdict: &Verdict) -> String {
        let whose = verdict.custodian.as_deref().map_or_else(|| "share".to_owned(), |name| format!("share of {name}"));
        if !verdict.accepted {
            return format!("{whose}: REFUSED, {}", verdict.text.as_deref().unwrap_or("no reason was given"));
        }
        match self.report.ceremony.as_ref().map(|open| &open.shares).filter(|shares| !shares.given.is_empty()) {
            Some(shares) if shares.given.len() > shares.needed => format!("{whose}: accepted, one more than needed"),
            Some(shares) => format!("{whose}: accepted, {} of {}", shares.given.len(), shares.needed),
            None => format!("{whose}: accepted"),
        }
    }

    fn enough(&self, strict: bool) -> Result<()> {
        if strict {
            Self::none_of(&self.refusals())?;
        }
        if self.report.state == "collecting" && self.awaits_quorum() {
            let shares = &self.open()?.shares;
            let refused = self.refusals().join("; ");
            return Err(Error::authentication(format!("only {} of {} shares are there", shares.given.len(), shares.needed))
                .why(refused)
                .next(format!("add --share FILE, of {}", shares.missing.join(" or "))));
        }
        Ok(())
    }

    fn none_of(refused: &[String]) -> Result<()> {
        match refused.join("; ") {
            none if none.is_empty() => Ok(()),
            refused => Err(Error::authentication("a share was refused").why(refused)),
        }
    }

    fn refusals(&self) -> Vec<String> {
        self.verdicts.iter().filter(|verdict| !verdict.accepted).map(|verdict| self.told(verdict)).collect()
    }

    /// Tells where a share can be encrypted to, so that its plain text never comes to this machine.
    fn recipient(&self) {
        if let Some(open) = &self.report.ceremony {
            self.remark(&format!("shares may also come encrypted: age -a -r {} ; then type @FILE", open.recipient));
        }
    }

    fn take(&mut self, mut report: Report) {
        if let Some(dealt) = report.dealt.take() {
            self.dealt = Some(dealt);
        }
        self.report = report;
    }

    fn remark(&self, text: &str) {
        if !self.quiet {
            output::remark(text);
        }
    }
}

fn given_up() -> Error {
    Error::new(Kind::Usage, "the ceremony was given up").why("nothing was entered").next("begin it again when everybody is there")
}
