//! Recovery ceremonies of a token (the interface "Vendor hsm-sim Recovery", `hsm-sim/RECOVERY.md`).
//!
//! The state machine is `hsm_shares::ceremony`; here it meets the token: who may do what, what is written down before anything takes
//! effect, and what a finished ceremony changes. Shares are in memory only: when the process ends, its ceremony is over and
//! whatever was in force before stays in force.

mod begin;
mod escrow;
mod ledger;
mod owner;
mod restored;
mod sets;
mod work;

use hsm_shares::{
    ceremony::Ceremony,
    notary::Notary,
    text,
    time::Time,
    wire::{self, Report},
};
use parking_lot::Mutex;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::{
    error::{Result, Rv},
    log,
    token::{Token, access::Access},
};
use ledger::Ledger;

/// The one ceremony a token may have open in this process.
#[derive(Default)]
pub struct Recovery(Mutex<Option<Open>>);

/// A ceremony, with the keys it was given when it began.
struct Open {
    ceremony: Ceremony,
    notary: Notary,
    so: Access,
    user: Option<Access>,
}

/// Room for what does not depend on how many take part, bytes.
const REPLY_BASE: usize = 16 * 1024;
/// Room for each custodian and approver: an encrypted share, lines of the manifest, the statement and the minutes.
const REPLY_EACH: usize = 4 * 1024;

/// As many are assumed at least: it covers the people of a set that stands, whom the request does not name.
const REPLY_UNNAMED: usize = 64;

impl Recovery {
    /// An upper bound for the length of a reply to Begin, Approve, Contribute, Finish or Cancel.
    pub fn most(&self, request: &[u8]) -> usize {
        let named = parse::<wire::Begin>(request).ok().and_then(|begin| begin.policy).map(|policy| parties(&policy));
        let open = self.0.lock();
        let (known, written) = open.as_ref().map_or((0, 0), |open| open.ceremony.size());
        REPLY_BASE + REPLY_EACH * known.max(named.unwrap_or(0)).max(REPLY_UNNAMED) + 2 * written
    }

    /// Begin.
    pub fn begin(&self, token: &Token, request: &[u8]) -> Result<Report> {
        let request: wire::Begin = parse(request)?;
        let (so, now) = (token.so_access()?, Time::now());
        let mut open = self.0.lock();
        let mut ledger = Ledger::read(token, &so)?;
        if ledger.is_busy(open.as_ref().map(|open| &open.ceremony), now)? {
            return Rv::OperationActive.err("a ceremony is open on this token; Status tells which, Cancel ends it");
        }
        *open = None;
        ledger.abandon(now);
        let begin::Prepared { opening, user } = begin::prepare(token, &so, request)?;
        let notary = notary(&so)?;
        let (ceremony, dealt) = Ceremony::open(opening, &notary, now)?;
        ledger.open(&ceremony, now);
        ledger.write(token, &so)?;
        let begun = open.insert(Open { ceremony, notary, so, user });
        Ok(Report { dealt, ..begun.report() })
    }

    /// Approve.
    pub fn approve(&self, token: &Token, request: &[u8]) -> Result<Report> {
        let request: wire::Approve = parse(request)?;
        self.step(token, |open, ledger, now| {
            let dealt = open.ceremony.approve(&request.approver, &request.signature, &open.notary, now)?;
            ledger.note(now, open.ceremony.id(), &format!("approved by {}", request.approver));
            Ok(Report { dealt, ..open.report() })
        })
    }

    /// Contribute.
    pub fn contribute(&self, token: &Token, request: &[u8]) -> Result<Report> {
        let request: wire::Contribute = parse(request)?;
        self.step(token, |open, ledger, now| {
            let named = request.custodian.as_deref();
            let (verdict, dealt) = open.ceremony.contribute(named, request.share.expose(), &open.notary, now)?;
            let name = verdict.custodian.as_deref().unwrap_or("somebody");
            ledger.note(
                now,
                open.ceremony.id(),
                &match &verdict.reason {
                    None => format!("share of {name} accepted"),
                    Some(reason) => format!("share of {name} refused: {reason}"),
                },
            );
            Ok(Report { verdict: Some(verdict), dealt, ..open.report() })
        })
    }

    /// Status. Changes nothing.
    pub fn status(&self, token: &Token, request: &[u8]) -> Result<Report> {
        let request: wire::Status = if request.is_empty() { wire::Status::default() } else { parse(request)? };
        let (held, now) = (self.0.lock(), Time::now());
        let is_good = held.as_ref().map_or(Ok(false), |open| token.is_good(&open.so))?;
        let open = held.as_ref().filter(|_| is_good);
        let reading = token.reading_access();
        let access = match (open, &reading) {
            (Some(open), _) => &open.so,
            (None, Ok(reading)) => reading,
            (None, Err(_)) => return status_unverified(token),
        };
        let ledger = Ledger::read(token, access)?;
        let mut report = match open.filter(|open| ledger.holds(&open.ceremony) && now < open.ceremony.expires()) {
            Some(open) => open.report(),
            None => ledger.report(now),
        };
        report.sets = Some(sets::all(token, access)?.into_iter().map(|standing| standing.set).collect());
        report.log = request.log.then(|| ledger.entries(token)).transpose()?;
        report.genuine = true;
        report.signer = Some(text::hex(&notary(access)?.public_key()));
        Ok(report)
    }

    /// Finish: carries out what the ceremony was for.
    pub fn finish(&self, token: &Token, request: &[u8]) -> Result<Report> {
        let request: wire::Finish = if request.is_empty() { wire::Finish::default() } else { parse(request)? };
        conducted_by_so(token)?;
        self.step(token, |open, ledger, now| {
            let writing = work::prepare(token, open, &request, now)?;
            writing.beforehand(token)?;
            ledger.note(now, open.ceremony.id(), "done");
            ledger.close();
            ledger.write_with(token, open.user.as_ref().unwrap_or(&open.so), writing.as_writing())?;
            open.ceremony.note(now, "done");
            let (transcript, manifest) = (open.ceremony.transcript("done", &open.notary), writing.manifest);
            Ok(Report { state: "done".into(), transcript: Some(transcript), manifest, ..Report::default() })
        })
    }

    /// Cancel. Ends the ceremony of this process, or with its id one that another process began.
    pub fn cancel(&self, token: &Token, request: &[u8]) -> Result<Report> {
        let request: wire::Cancel = if request.is_empty() { wire::Cancel::default() } else { parse(request)? };
        let (so, now) = (token.so_access()?, Time::now());
        let mut open = self.0.lock();
        let mut ledger = Ledger::read(token, &so)?;
        let ours = open.as_ref().filter(|open| ledger.holds(&open.ceremony));
        let id = ours.map(|open| text::hex(open.ceremony.id()));
        let wanted = request.ceremony.as_deref().or(id.as_deref());
        if wanted.is_none() || wanted != ledger.open_id() {
            return Rv::OperationNotInitialized.err("no such ceremony is open; name another process's by its id");
        }
        ledger.cancel(now);
        ledger.write(token, &so)?;
        let transcript = open.take().filter(|open| id.as_deref() == Some(&text::hex(open.ceremony.id()))).map(|mut open| {
            open.ceremony.note(now, "cancelled");
            open.ceremony.transcript("cancelled", &open.notary)
        });
        Ok(Report { state: "cancelled".into(), transcript, ..Report::default() })
    }

    /// Forgets the ceremony of this process, whose token is made anew.
    pub fn forget(&self) {
        *self.0.lock() = None;
    }

    /// One step of the open ceremony. What it did is in the log when this returns; a ceremony whose step cannot be written down
    /// is over, so that nothing happens unrecorded.
    fn step(&self, token: &Token, step: impl FnOnce(&mut Open, &mut Ledger, Time) -> Result<Report>) -> Result<Report> {
        let mut held = self.0.lock();
        let Some(open) = held.as_mut() else { return Rv::OperationNotInitialized.err("no ceremony is open in this process") };
        let now = Time::now();
        if !token.is_good(&open.so)? {
            *held = None;
            return Rv::FunctionCanceled.err("the token was initialised anew, or its user got another key");
        }
        let mut ledger = Ledger::read(token, &open.so)?;
        if !ledger.holds(&open.ceremony) {
            *held = None;
            return Rv::FunctionCanceled.err("the ceremony was cancelled by another process");
        }
        if now >= open.ceremony.expires() {
            ledger.note(now, open.ceremony.id(), "expired");
            ledger.close();
            let written = ledger.write(token, &open.so);
            *held = None;
            return written.and_then(|()| Rv::FunctionCanceled.err("the ceremony's time is over: begin it again"));
        }
        let done = step(open, &mut ledger, now);
        let over = open.ceremony.is_over();
        if over {
            ledger.note(now, open.ceremony.id(), "failed");
            ledger.close();
        }
        let written = if ledger.has_news() { ledger.write(token, &open.so) } else { Ok(()) };
        // While it is held here: once it is let go, another thread may have begun the next.
        let finished = done.is_ok() && !ledger.holds(&open.ceremony);
        if over || finished || written.is_err() {
            *held = None;
        }
        written.and(done)
    }
}

impl Open {
    fn report(&self) -> Report {
        Report { state: self.ceremony.state().into(), ceremony: Some(self.ceremony.report()), ..Report::default() }
    }
}

/// Refuses to make a token anew (C_InitToken) while a key on it may be destroyed with approvals only. A token whose sets cannot be read is
/// not protected: making it anew is how it is mended.
pub fn may_be_made_anew(token: &Token, so: &Access) -> Result<()> {
    let sets = match sets::all(token, so) {
        Ok(sets) => sets,
        Err(error) => {
            log::warn(format_args!("token {}: {}", token.serial(), error.why));
            return Ok(());
        }
    };
    match sets.iter().any(|standing| standing.manifest.core.policy.approval().needed > 0) {
        false => Ok(()),
        true => Rv::ActionProhibited
            .err("a key on the token is destroyed with approvals only: finish a ceremony of kind destroy first"),
    }
}

/// What can be read while nobody is logged in; nobody vouches for it.
fn status_unverified(token: &Token) -> Result<Report> {
    Ok(Report { sets: Some(sets::visible(token)?), ..Ledger::unverified(token)?.report(Time::now()) })
}

/// A reply as JSON.
pub fn document(report: &Report) -> Result<Zeroizing<Vec<u8>>> {
    // Large enough at once: growing would leave copies of shares behind.
    let shares = report.dealt.as_ref().map_or(0, |dealt| dealt.shares.len());
    let mut bytes = Zeroizing::new(Vec::with_capacity(REPLY_BASE + REPLY_EACH * shares));
    serde_json::to_writer(&mut *bytes, report).map_err(|_| Rv::FunctionFailed.because("the reply has no JSON form"))?;
    Ok(bytes)
}

/// The key that signs this token's manifests and transcripts; the same for as long as the token is not initialised anew.
fn notary(access: &Access) -> Result<Notary> {
    Ok(Notary::of_seed(&access.derive(b"hsm-sim recovery notary v1")?)?)
}

fn conducted_by_so(token: &Token) -> Result<()> {
    token.so_access().map(drop)
}

fn parse<T: DeserializeOwned>(request: &[u8]) -> Result<T> {
    serde_json::from_slice(request).map_err(|why| Rv::DataInvalid.because(format!("the request: {}", unquoted(&why.to_string()))))
}

/// The parser's words without the string they may quote: it could be a share or a PIN in a wrong place.
fn unquoted(why: &str) -> String {
    match (why.find("string \""), why.rfind("\", expected")) {
        (Some(from), Some(to)) if from < to => format!("{}a string{}", &why[..from], &why[to + 1..]),
        _ => why.to_owned(),
    }
}

fn parties(policy: &hsm_shares::policy::Policy) -> usize {
    policy.custodians().len() + policy.approval().approvers.len()
}
