//! The state machine of a ceremony.
//!
//! approving -> collecting (-> collecting, when shares are dealt anew) -> ready -> closed. A stage is a type and moving on consumes
//! it. Nothing here touches a token: [`Work`] says what is to be carried out once everybody has done their part.

mod collecting;
mod dealing;
mod task;

pub use collecting::Collecting;
pub use task::Task;

use crate::{
    Error, Result,
    approval::Tally,
    envelope::OneTime,
    manifest::Manifest,
    notary::Notary,
    policy::{Approval, Policy},
    refusal::Refusal,
    secret::Secret,
    share::SetId,
    text,
    time::Time,
    transcript::{self, Minutes},
    wire::{Dealt, Kind, Open, Progress, Verdict},
};

/// Seconds a ceremony may take when nobody says.
pub const USUAL_TIMEOUT: u64 = 3600;
/// Seconds a ceremony may take at most: a week.
pub const MOST_TIMEOUT: u64 = 7 * 24 * 3600;
/// Events a ceremony may have: whoever enters nonsense for ever shall not fill the memory.
pub const MOST_EVENTS: usize = 10_000;

/// What a ceremony begins with.
pub struct Opening {
    /// What is to be done.
    pub task: Task,
    /// Serial number of the token.
    pub token: String,
    /// Who must approve.
    pub approval: Approval,
    /// Other sets of the token, to tell a wrong set from a foreign one.
    pub others: Vec<SetId>,
    /// Seconds; [`USUAL_TIMEOUT`] unless given.
    pub timeout: Option<u64>,
}

/// A ceremony under way.
pub struct Ceremony {
    id: [u8; 32],
    kind: Kind,
    statement: String,
    expires: Time,
    minutes: Minutes,
    others: Vec<SetId>,
    mailbox: OneTime,
    tally: Tally,
    stage: Stage,
}

enum Stage {
    Approving(Task),
    Collecting(Collecting, Then),
    Ready(Work),
    Closed,
}

/// What follows once the shares are there.
enum Then {
    Activate,
    Prove,
    Restore,
    Redeal { token: String, policy: Policy },
    ResetPin,
    Rehearsed,
}

/// What is to be carried out when the ceremony is finished.
pub enum Work {
    /// Put the manifest in force.
    Activate(Manifest),
    /// Note that the shares work.
    Verified(Collecting),
    /// Make the key.
    Restore(Manifest, Secret),
    /// Set a new user PIN.
    ResetPin(Manifest, Secret),
    /// Nothing: it was a rehearsal.
    Rehearsed,
    /// Destroy the key.
    Destroy(Manifest),
}

impl Ceremony {
    /// Begins. Shares come at once when nothing has to be approved first.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a time-out of 0 or more than a week, a serial number that is no name, and a manifest that nothing can be
    /// done with; [`Error::NoRandomness`].
    pub fn open(opening: Opening, notary: &Notary, now: Time) -> Result<(Self, Option<Dealt>)> {
        let timeout = opening.timeout.unwrap_or(USUAL_TIMEOUT);
        if !(1..=MOST_TIMEOUT).contains(&timeout) {
            return Err(Error::malformed(format!("a ceremony takes 1 to {MOST_TIMEOUT} seconds, not {timeout}")));
        }
        text::check_name(&opening.token)?;
        opening.task.check()?;
        let expires = now.plus(timeout);
        let kind = opening.task.kind();
        let statement = opening.task.statement(&opening.token, &opening.approval, expires)?;
        let mut minutes = Minutes::new(statement.clone());
        minutes.note(now, "begun");
        let mut ceremony = Self {
            id: transcript::id(&statement),
            kind,
            statement,
            expires,
            minutes,
            others: opening.others,
            mailbox: OneTime::new(),
            tally: Tally::new(opening.approval),
            stage: Stage::Approving(opening.task),
        };
        let dealt = ceremony.start_if_approved(notary, now)?;
        Ok((ceremony, dealt))
    }

    /// Counts an approval in; shares come with the last one that was missing.
    ///
    /// # Errors
    /// [`Error::Stage`] when none is awaited, and those of [`Tally::add`].
    pub fn approve(&mut self, approver: &str, signature: &str, notary: &Notary, now: Time) -> Result<Option<Dealt>> {
        self.in_time(now)?;
        if !matches!(self.stage, Stage::Approving(_)) {
            return Err(Error::stage("no approval is awaited"));
        }
        self.tally.add(&self.id, approver, signature)?;
        self.minutes.note(now, format!("approved by {approver}"));
        self.start_if_approved(notary, now)
    }

    /// Takes a share, or refuses it. Shares come when this one completes a quorum that deals anew.
    ///
    /// # Errors
    /// [`Error::Stage`] when none is awaited, [`Error::Malformed`] for a custodian of no such name.
    pub fn contribute(
        &mut self,
        named: Option<&str>,
        text: &str,
        notary: &Notary,
        now: Time,
    ) -> Result<(Verdict, Option<Dealt>)> {
        self.in_time(now)?;
        if self.minutes.events() >= MOST_EVENTS {
            return Err(Error::stage(format!("{MOST_EVENTS} events are enough for one ceremony: cancel it and begin again")));
        }
        let collecting = match &mut self.stage {
            Stage::Collecting(collecting, _) | Stage::Ready(Work::Verified(collecting)) => collecting,
            Stage::Approving(_) => return Err(Error::stage("approvals are missing: no share is looked at before")),
            Stage::Ready(_) | Stage::Closed => return Err(Error::stage("no share is awaited")),
        };
        match collecting.take(named, text, &self.mailbox, &self.others)? {
            Ok(name) => {
                self.minutes.note(now, format!("share of {name} accepted"));
                let dealt = self.advance(notary, now)?;
                Ok((Verdict { accepted: true, custodian: Some(name), reason: None, text: None }, dealt))
            }
            Err((name, refusal)) => Ok((self.refused(name, &refusal, now), None)),
        }
    }

    /// What is to be carried out.
    ///
    /// # Errors
    /// [`Error::Stage`], saying what is missing.
    pub fn work(&self, now: Time) -> Result<&Work> {
        self.in_time(now)?;
        match &self.stage {
            Stage::Ready(work) => Ok(work),
            Stage::Approving(_) => Err(Error::stage("approvals are missing")),
            Stage::Collecting(collecting, _) => Err(Error::stage(collecting.missing_text())),
            Stage::Closed => Err(Error::stage("the ceremony is over")),
        }
    }

    /// Notes something in the minutes.
    pub fn note(&mut self, now: Time, what: impl Into<String>) {
        self.minutes.note(now, what);
    }

    /// The signed minutes.
    pub fn transcript(&self, outcome: &str, notary: &Notary) -> String {
        self.minutes.sign(outcome, self.manifest().map(Manifest::digest), notary)
    }

    /// Ends the ceremony: what it holds is erased.
    pub fn close(&mut self) {
        self.stage = Stage::Closed;
    }

    /// True once it has ended: closed, or failed in a way that no further step can mend.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Closed)
    }

    /// The id.
    pub fn id(&self) -> &[u8; 32] {
        &self.id
    }

    /// What for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// When it is over.
    pub fn expires(&self) -> Time {
        self.expires
    }

    /// How large a report can be: how many people take part, and how many bytes of text there are.
    pub fn size(&self) -> (usize, usize) {
        let people = self.tally.approvers().count() + self.statement.lines().count();
        (people, self.minutes.len() + self.manifest().map_or(0, |manifest| manifest.text().len()))
    }

    /// The name of the stage, for [`crate::wire::Report`].
    pub fn state(&self) -> &'static str {
        match self.stage {
            Stage::Approving(_) => "approving",
            Stage::Collecting(..) => "collecting",
            Stage::Ready(_) => "ready",
            Stage::Closed => "closed",
        }
    }

    /// Where it stands. Names, never values.
    pub fn report(&self) -> Open {
        let shares = match &self.stage {
            Stage::Collecting(collecting, _) | Stage::Ready(Work::Verified(collecting)) => collecting.progress(),
            _ => Progress::default(),
        };
        let approvers = self.tally.approvers();
        Open {
            id: text::hex(&self.id),
            kind: self.kind,
            statement: self.statement.clone(),
            expires: self.expires.to_string(),
            approvals: Progress {
                needed: self.tally.needed().into(),
                given: self.tally.given().to_vec(),
                missing: approvers.filter(|name| !self.tally.given().contains(name)).collect(),
            },
            shares,
            confirming: matches!(self.stage, Stage::Collecting(_, Then::Activate | Then::Rehearsed)),
            recipient: self.mailbox.recipient(),
        }
    }

    fn manifest(&self) -> Option<&Manifest> {
        match &self.stage {
            Stage::Collecting(collecting, _) | Stage::Ready(Work::Verified(collecting)) => Some(collecting.against()),
            Stage::Ready(Work::Activate(manifest) | Work::Destroy(manifest)) => Some(manifest),
            Stage::Ready(Work::Restore(manifest, _) | Work::ResetPin(manifest, _)) => Some(manifest),
            Stage::Approving(_) | Stage::Ready(Work::Rehearsed) | Stage::Closed => None,
        }
    }

    fn in_time(&self, now: Time) -> Result<()> {
        if now < self.expires { Ok(()) } else { Err(Error::Expired) }
    }

    fn refused(&mut self, custodian: Option<String>, refusal: &Refusal, now: Time) -> Verdict {
        let name = custodian.as_deref().unwrap_or("somebody");
        self.minutes.note(now, format!("share of {name} refused: {}", refusal.code()));
        Verdict { accepted: false, custodian, reason: Some(refusal.code().into()), text: Some(refusal.to_string()) }
    }

    fn start_if_approved(&mut self, notary: &Notary, now: Time) -> Result<Option<Dealt>> {
        match std::mem::replace(&mut self.stage, Stage::Closed) {
            Stage::Approving(task) if self.tally.complete() => {
                let (stage, dealt) = task.start(notary, now)?;
                self.stage = stage;
                Ok(self.told(dealt, now))
            }
            stage => {
                self.stage = stage;
                Ok(None)
            }
        }
    }

    /// Moves on once enough shares are there.
    fn advance(&mut self, notary: &Notary, now: Time) -> Result<Option<Dealt>> {
        match std::mem::replace(&mut self.stage, Stage::Closed) {
            Stage::Collecting(collecting, then) if collecting.complete() => {
                let secret = collecting.combine().inspect_err(|why| self.minutes.note(now, why.to_string()))?;
                let (stage, dealt) = then.follow(collecting, secret, notary, now)?;
                self.stage = stage;
                Ok(self.told(dealt, now))
            }
            stage => {
                self.stage = stage;
                Ok(None)
            }
        }
    }

    fn told(&mut self, dealt: Option<Dealt>, now: Time) -> Option<Dealt> {
        if let Some(dealt) = &dealt {
            self.minutes.note(now, format!("{} shares dealt", dealt.shares.len()));
        }
        dealt
    }
}

impl Then {
    fn follow(self, collecting: Collecting, secret: Secret, notary: &Notary, now: Time) -> Result<(Stage, Option<Dealt>)> {
        let work = match self {
            Then::Activate => Work::Activate(collecting.into_against()),
            Then::Prove => Work::Verified(collecting),
            Then::Restore => Work::Restore(collecting.into_against(), secret),
            Then::ResetPin => Work::ResetPin(collecting.into_against(), secret),
            Then::Rehearsed => Work::Rehearsed,
            Then::Redeal { token, policy } => {
                let core = dealing::next_epoch(&collecting.into_against().core, token, policy, now)?;
                let (collecting, dealt) = dealing::deal(core, &secret, notary)?;
                return Ok((Stage::Collecting(collecting, Then::Activate), Some(dealt)));
            }
        };
        Ok((Stage::Ready(work), None))
    }
}
