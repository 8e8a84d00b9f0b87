//! The ceremony on this machine, for tokens without the interface: SoftHSMv2, hardware.
//!
//! The key is made or combined here, in memory, and imported into the token so that it never comes out again: this machine is as
//! critical as the key while the ceremony lasts. Such a token keeps nothing of a set; its manifest is a file, or on paper.

use std::sync::Arc;

use hsm_shares::{
    ceremony::{Ceremony, Opening, Task, Work},
    manifest::{Key, Manifest},
    notary::Notary,
    policy::{Approval, Policy},
    secret::Secret as Value,
    share::SetId,
    text,
    time::Time,
    wire::{Approve, Begin, Cancel, Contribute, Dealt, Finish, Kind as Purpose, Report, Status},
};

use super::{Recovery, fault};
use crate::error::{Error, Kind, Result};
use crate::hsm::import::{Import, Incoming};
use crate::hsm::{MekInfo, template};
use crate::id::ObjectId;
use crate::random;
use crate::secret::Secret;

/// Holds ceremonies on this machine.
pub struct Host {
    token: Option<Arc<dyn Import>>,
    label: String,
    running: Option<Running>,
}

struct Running {
    ceremony: Ceremony,
    /// Signs this ceremony's manifest and minutes, and is forgotten with it.
    notary: Notary,
    /// The key that was made for a deal, until it is in the token.
    made: Option<Secret>,
}

impl Host {
    /// Ceremonies for `token`, which must be logged in to for those that make or restore a key; the others work without any.
    /// `label` is what a key that is dealt will be called.
    pub fn new(token: Option<Arc<dyn Import>>, label: &str) -> Self {
        Self { token, label: label.to_owned(), running: None }
    }

    fn serial(&self) -> String {
        self.token.as_ref().map_or_else(|| NO_TOKEN.to_owned(), |token| token.identity().serial.clone())
    }

    fn token(&self) -> Result<&dyn Import> {
        self.token.as_deref().ok_or_else(|| {
            Error::new(Kind::Usage, "this ceremony needs a token to bring the key into")
                .next("name it: --module PATH --token LABEL")
        })
    }

    fn task(&self, request: &Begin) -> Result<(Task, Option<Secret>, Approval)> {
        match request.kind {
            Purpose::Deal => self.deal(policy(request)?),
            Purpose::Rehearse => {
                let token = self.serial();
                let set = SetId::fresh(&token)?;
                Ok((Task::Rehearse { token, set, policy: policy(request)? }, None, Approval::default()))
            }
            Purpose::Verify => Ok((Task::Verify(manifest(request)?), None, Approval::default())),
            Purpose::Restore => self.restore(manifest(request)?),
            Purpose::Refresh => {
                let standing = manifest(request)?;
                let policy = request.policy.clone().unwrap_or_else(|| standing.core.policy.clone());
                // Whoever a policy names first proves so that the keys named are really theirs.
                let stands = Some(standing.core.policy.approval()).filter(|approval| approval.needed > 0);
                let approval = stands.unwrap_or(policy.approval()).clone();
                let token = standing.core.token.clone();
                Ok((Task::Refresh { standing, token, policy }, None, approval))
            }
            Purpose::ResetPin | Purpose::Destroy => Err(Error::new(Kind::Usage, "the token has no such ceremony")
                .why("only a token that holds ceremonies itself can let custodians reset its PIN, or guard a key's end")
                .next("use the token's own tools")),
        }
    }

    fn deal(&self, policy: Policy) -> Result<(Task, Option<Secret>, Approval)> {
        let token = self.token()?;
        if let Some(same) = token.meks()?.into_iter().find(|mek| mek.label == self.label) {
            return Err(Error::new(Kind::Conflict, format!("a master key \"{}\" exists already", self.label))
                .why(format!("it is {}, made in the token; such a token never shows it, so that it cannot be split", same.id))
                .next("choose a label for a key that is made and split: --key LABEL"));
        }
        let (value, serial) = (random::secret(KEY_BYTES)?, self.serial());
        let approval = policy.approval().clone();
        let task = Task::Deal {
            set: SetId::fresh(&serial)?,
            token: serial,
            key: Key {
                id: ObjectId::random()?.as_bytes().to_vec(),
                len: KEY_BYTES,
                attributes: template::described_mek(&self.label),
            },
            secret: Value::copy(value.expose()),
            policy,
        };
        Ok((task, Some(value), approval))
    }

    fn restore(&self, manifest: Manifest) -> Result<(Task, Option<Secret>, Approval)> {
        let id = ObjectId::from_bytes(&manifest.core.key.id)?;
        let there = self.token()?.meks()?.iter().any(|mek| mek.id == id);
        if there {
            return Err(Error::new(Kind::Conflict, format!("the token holds the master key {id} already"))
                .next("use it, or name another token: --token LABEL"));
        }
        Ok((Task::Restore(manifest), None, Approval::default()))
    }

    fn running(&mut self) -> Result<&mut Running> {
        self.running.as_mut().ok_or_else(fault::idle)
    }
}

impl Recovery for Host {
    fn begin(&mut self, request: &Begin) -> Result<Report> {
        if self.running.is_some() {
            return Err(fault::busy());
        }
        let (task, made, approval) = self.task(request)?;
        let notary = Notary::fresh()?;
        let opening = Opening { task, token: self.serial(), approval, others: Vec::new(), timeout: request.timeout };
        let (ceremony, dealt) = Ceremony::open(opening, &notary, Time::now())?;
        let running = self.running.insert(Running { ceremony, notary, made });
        Ok(Report { dealt, ..running.report() })
    }

    fn approve(&mut self, request: &Approve) -> Result<Report> {
        let running = self.running()?;
        let Running { ceremony, notary, .. } = running;
        let dealt = ceremony.approve(&request.approver, &request.signature, notary, Time::now())?;
        Ok(Report { dealt, ..running.report() })
    }

    fn contribute(&mut self, request: &Contribute) -> Result<Report> {
        let running = self.running()?;
        let Running { ceremony, notary, .. } = running;
        let (verdict, dealt): (_, Option<Dealt>) =
            ceremony.contribute(request.custodian.as_deref(), request.share.expose(), notary, Time::now())?;
        Ok(Report { verdict: Some(verdict), dealt, ..running.report() })
    }

    fn status(&mut self, _request: &Status) -> Result<Report> {
        Ok(self.running.as_ref().map_or_else(|| Report { state: "idle".into(), ..Report::default() }, Running::report))
    }

    fn finish(&mut self, _request: &Finish) -> Result<Report> {
        let Some(running) = &mut self.running else { return Err(fault::idle()) };
        let now = Time::now();
        let (manifest, notes) = carry_out(running.ceremony.work(now)?, running.made.as_ref(), self.token.as_deref())?;
        notes.into_iter().for_each(|note| running.ceremony.note(now, note));
        let transcript = running.ceremony.transcript("done", &running.notary);
        let report = Report { state: "done".into(), manifest, transcript: Some(transcript), ..running.report() };
        self.running = None;
        Ok(report)
    }

    fn cancel(&mut self, _request: &Cancel) -> Result<Report> {
        let running = self.running()?;
        running.ceremony.note(Time::now(), "cancelled");
        let transcript = running.ceremony.transcript("cancelled", &running.notary);
        let report = Report { state: "cancelled".into(), transcript: Some(transcript), ..running.report() };
        self.running = None;
        Ok(report)
    }
}

impl Running {
    fn report(&self) -> Report {
        Report {
            state: self.ceremony.state().into(),
            ceremony: Some(self.ceremony.report()),
            signer: Some(text::hex(&self.notary.public_key())),
            ..Report::default()
        }
    }
}

/// Does what the ceremony was for: the manifest now in force, and what the minutes should say.
fn carry_out(work: &Work, made: Option<&Secret>, token: Option<&dyn Import>) -> Result<(Option<String>, Vec<String>)> {
    let told = |manifest: &Manifest| Some(manifest.text().to_owned());
    match work {
        Work::Activate(manifest) => {
            let notes = made.map_or(Ok(Vec::new()), |value| bring_in(token, &manifest.core.key, value))?;
            Ok((told(manifest), notes))
        }
        Work::Restore(manifest, value) => {
            let notes = bring_in(token, &manifest.core.key, &Secret::copy(value.expose()))?;
            Ok((told(manifest), notes))
        }
        Work::Verified(collecting) => Ok((told(collecting.against()), Vec::new())),
        Work::Rehearsed => Ok((None, Vec::new())),
        Work::ResetPin(..) | Work::Destroy(_) => Err(Error::new(Kind::Usage, "the token has no such ceremony")),
    }
}

fn bring_in(token: Option<&dyn Import>, key: &Key, value: &Secret) -> Result<Vec<String>> {
    let token = token.ok_or_else(|| Error::new(Kind::Usage, "there is no token to bring the key into"))?;
    let id = ObjectId::from_bytes(&key.id)?;
    let imported = token.import_mek(&Incoming { id: &id, attributes: &key.attributes, value })?;
    let there = |mek: &MekInfo| mek.id == id;
    if !token.meks()?.iter().any(there) {
        return Err(Error::new(Kind::Device, "the token took a master key and does not list it")
            .why("it may have ignored the usage flags it was given"));
    }
    let mut notes = vec![format!("key imported into token {} by {}", token.identity().serial, imported.route)];
    notes.extend(imported.left_out.iter().map(|kind| format!("attribute {kind:08x} of the manifest was left out")));
    Ok(notes)
}

fn policy(request: &Begin) -> Result<Policy> {
    request.policy.clone().ok_or_else(|| Error::new(Kind::Usage, "this ceremony needs its custodians and their threshold"))
}

fn manifest(request: &Begin) -> Result<Manifest> {
    let text = request.manifest.as_deref().ok_or_else(|| {
        Error::new(Kind::Usage, "this ceremony needs the manifest")
            .why("a token without the recovery interface keeps nothing of a set")
            .next("name its file: --manifest FILE; it is printed on every share's sheet")
    })?;
    Ok(Manifest::parse(text)?)
}

/// Bytes of a master key.
const KEY_BYTES: usize = 32;
/// The serial number of no token.
const NO_TOKEN: &str = "none";

hsm_shares::concealed!(Host, Running);
