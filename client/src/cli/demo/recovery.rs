//! `hsm demo recovery`: the master key split among five custodians, the token lost, and the key brought back by three of them.

use std::sync::Arc;

use hsm_client::ceremony::host::Host;
use hsm_client::ceremony::shares::transcript::Transcript;
use hsm_client::ceremony::shares::wire::{Begin, Contribute, Dealt, Finish, Kind as Purpose, SecretText, Verdict};
use hsm_client::ceremony::{Recovery, sheet::Sheet, sheet::html, sheet::pdf, vendor};
use hsm_client::context::EncryptionContext;
use hsm_client::envelope;
use hsm_client::hsm::login::Login;
use hsm_client::hsm::module::Module;
use hsm_client::hsm::pkcs11::Token;
use hsm_client::hsm::selector::Selector;
use hsm_client::hsm::{Hsm as _, MekKind, locate};
use hsm_client::id::ObjectId;
use hsm_client::keyring::{Keyring, Recipe, mek};
use hsm_client::store::{SqliteStore, Store};
use hsm_client::{Error, Kind, Result};
use serde_json::json;
use zeroize::Zeroizing;

use super::place::Place;
use super::report::Report;
use super::steps;
use crate::cli::connect::Global;
use policy::policy;

mod policy;

pub(super) fn run(global: &Global, place: &Place) -> Result<()> {
    let mut story =
        Story { global, place, report: Report::new(global.json), store: Arc::new(SqliteStore::open(&place.path("keyring.db"))?) };
    let (dealt, key) = story.deal()?;
    story.encrypt()?;
    story.disaster()?;
    story.restore(&dealt, &key)?;
    story.decrypt()?;
    story.refresh(&dealt, &key)?;
    story.minutes()?;
    story.report.tell("")?;
    story.report.tell(&format!("The sheets are in {}", place.path("sheets").display()))?;
    story.report.finish(&json!({ "directory": place.folder }))
}

struct Story<'a> {
    global: &'a Global,
    place: &'a Place,
    report: Report,
    store: Arc<dyn Store>,
}

impl Story<'_> {
    fn module(&self) -> Result<Arc<Module>> {
        Module::load(&locate::module(self.global.module.as_deref())?)
    }

    /// The token of the demo, with the user logged in.
    fn token(&self, module: &Arc<Module>) -> Result<Arc<Token>> {
        Ok(Arc::new(Token::open(module, &Selector::default(), Some(&self.place.pin("pin")?))?))
    }

    /// Who holds the ceremony: the token, or this machine for tokens that cannot.
    fn driver(&self, module: &Arc<Module>) -> Result<Box<dyn Recovery>> {
        let officer = self.place.pin("so-pin")?;
        if let Some(driver) = vendor::open(module, &Selector::default(), Login::Officer(&officer))? {
            return Ok(Box::new(driver));
        }
        Ok(Box::new(Host::new(Some(self.token(module)?), LABEL)))
    }

    fn deal(&mut self) -> Result<(Dealt, ObjectId)> {
        let module = self.module()?;
        let token = steps::token(&module, self.place, &mut self.report)?;
        let own = vendor::offered(&module)?;
        let made = if own {
            self.report.step("A master encryption key (MEK), made in the token")?;
            self.report.command(&format!("mek create --label {LABEL}"))?;
            Some(mek::create(token.as_ref(), self.store.as_ref(), LABEL, MekKind::Aes256)?.info.id)
        } else {
            None
        };
        drop(token);
        self.report.step("It is dealt to five custodians, any three of whom restore it")?;
        if !own {
            self.report
                .tell("this token has no ceremonies of its own: the key is made on this machine, dealt, imported and erased")?;
        }
        self.report.command("recovery deal --threshold 3 --custodian alice ... --sheets sheets -o manifest.txt")?;
        let mut driver = self.driver(&module)?;
        let request = Begin {
            key: made.as_ref().map(ObjectId::to_string),
            policy: Some(policy()?),
            user_pin: Some(self.consent()?),
            ..begin(Purpose::Deal)
        };
        let begun = driver.begin(&request)?;
        let dealt = begun.dealt.ok_or_else(|| Error::new(Kind::Device, "no shares were dealt"))?;
        self.sheets(&dealt, &begun.ceremony.map(|open| open.id).unwrap_or_default())?;
        let mistyped = give(driver.as_mut(), &mistyped(&dealt.shares[0].share))?;
        self.refused("a typing error in a share is noticed when it is entered", &mistyped, "mistyped")?;
        let early = driver.finish(&Finish::default());
        self.report.check_refused(
            "the set is not in force before all five have entered their shares again",
            Kind::Conflict,
            early,
        )?;
        for handed in &dealt.shares {
            self.accepted(&give(driver.as_mut(), handed.share.expose())?)?;
        }
        let done = driver.finish(&Finish::default())?;
        self.place.write("minutes-deal.txt", done.transcript.unwrap_or_default().as_bytes())?;
        let manifest = done.manifest.unwrap_or_default();
        self.place.write("manifest.txt", manifest.as_bytes())?;
        drop(driver);
        let token = self.token(&module)?;
        let key = made
            .or(token.meks()?.pop().map(|mek| mek.id))
            .ok_or_else(|| Error::new(Kind::MekMissing, "no master key was made"))?;
        mek::adopt(token.as_ref(), self.store.as_ref(), &key)?;
        self.report.check("the set is in force, and its manifest is the one on the sheets", manifest == dealt.manifest)?;
        Ok((dealt, key))
    }

    fn encrypt(&mut self) -> Result<()> {
        self.report.step("Real data, encrypted under a data key that the master key wraps")?;
        self.report.command("dek create --name mail; hsm encrypt --dek mail message -o message.hsm")?;
        let keyring = self.keyring(&self.module()?)?;
        keyring.create("mail", &Recipe::default())?;
        let dek = keyring.open(&keyring.active("mail")?)?;
        let mut sealed = Vec::new();
        envelope::seal(&dek, &EncryptionContext::empty(), steps::read(self.place, "message")?.as_slice(), &mut sealed, |_| {})?;
        self.place.write("message.hsm", &sealed)
    }

    fn disaster(&mut self) -> Result<()> {
        self.report.step("Fire: everything the token kept is deleted")?;
        self.place.lose_tokens()?;
        let gone = !self.module()?.tokens()?.iter().any(|token| token.initialized);
        self.report.check("the token is gone", gone)
    }

    fn restore(&mut self, dealt: &Dealt, key: &ObjectId) -> Result<()> {
        self.report.step("A new token, three sheets and the printed manifest")?;
        let module = self.module()?;
        module.init_token("demo again", &self.place.pin("so-pin")?, &self.place.pin("pin")?)?;
        self.report.command("token init --label \"demo again\"")?;
        self.report.command("recovery restore --manifest manifest.txt --share sheets/5-erin.txt ...")?;
        let manifest = String::from_utf8_lossy(&steps::read(self.place, "manifest.txt")?).into_owned();
        let mut driver = self.driver(&module)?;
        driver.begin(&Begin { manifest: Some(manifest), user_pin: Some(self.consent()?), ..begin(Purpose::Restore) })?;
        for at in [4, 1] {
            self.accepted(&give(driver.as_mut(), dealt.shares[at].share.expose())?)?;
        }
        let twice = give(driver.as_mut(), dealt.shares[4].share.expose())?;
        self.refused("the same share twice does not count", &twice, "duplicate")?;
        let early = driver.finish(&Finish::default());
        self.report.check_refused("two shares restore nothing", Kind::Conflict, early)?;
        self.accepted(&give(driver.as_mut(), dealt.shares[2].share.expose())?)?;
        let done = driver.finish(&Finish::default())?;
        self.place.write("minutes-restore.txt", done.transcript.unwrap_or_default().as_bytes())?;
        drop(driver);
        let token = self.token(&module)?;
        let back = token.meks()?.into_iter().find(|mek| mek.id == *key);
        mek::adopt(token.as_ref(), self.store.as_ref(), key)?;
        self.report.check("the master key is back, under its old id", back.is_some())
    }

    fn decrypt(&mut self) -> Result<()> {
        self.report.step("What was encrypted before the fire, decrypted after it")?;
        self.report.command("decrypt message.hsm -o message.out")?;
        let keyring = self.keyring(&self.module()?)?;
        let plain = steps::open(&keyring, &steps::read(self.place, "message.hsm")?, &EncryptionContext::empty())?;
        self.place.write("message.out", &plain)?;
        let same = plain == steps::read(self.place, "message")?;
        self.report.check("the decrypted file equals the original byte for byte", same)
    }

    fn refresh(&mut self, dealt: &Dealt, key: &ObjectId) -> Result<()> {
        self.report.step("New shares of the same key; the old ones are retired")?;
        self.report.command("recovery refresh --sheets new-sheets")?;
        let manifest = String::from_utf8_lossy(&steps::read(self.place, "manifest.txt")?).into_owned();
        let module = self.module()?;
        let mut driver = self.driver(&module)?;
        // The token knows the set by its key; for ceremonies on this machine the manifest is what is known.
        let known = if vendor::offered(&module)? { (Some(key.to_string()), None) } else { (None, Some(manifest)) };
        driver.begin(&Begin { key: known.0.clone(), manifest: known.1, ..begin(Purpose::Refresh) })?;
        let mut fresh = None;
        for handed in &dealt.shares[..3] {
            let report =
                driver.contribute(&Contribute { custodian: None, share: SecretText::new(copy(handed.share.expose())) })?;
            fresh = fresh.or(report.dealt);
        }
        let fresh = fresh.ok_or_else(|| Error::new(Kind::Device, "no shares were dealt"))?;
        for handed in &fresh.shares {
            self.accepted(&give(driver.as_mut(), handed.share.expose())?)?;
        }
        let done = driver.finish(&Finish::default())?;
        self.place.write("manifest-2.txt", done.manifest.clone().unwrap_or_default().as_bytes())?;
        let known = if known.0.is_some() { (known.0, None) } else { (None, done.manifest) };
        driver.begin(&Begin { key: known.0, manifest: known.1, ..begin(Purpose::Verify) })?;
        let old = give(driver.as_mut(), dealt.shares[0].share.expose())?;
        self.refused("a retired share is refused, and its custodian named", &old, "retired-epoch")?;
        for handed in &fresh.shares[2..] {
            give(driver.as_mut(), handed.share.expose())?;
        }
        let verified = driver.finish(&Finish::default());
        self.report.check("three of the new shares prove that they work", verified.is_ok())
    }

    fn minutes(&mut self) -> Result<()> {
        self.report.step("The minutes of the ceremonies, verified without any token")?;
        self.report.command("recovery verify-transcript minutes-restore.txt")?;
        let minutes = String::from_utf8_lossy(&steps::read(self.place, "minutes-restore.txt")?).into_owned();
        let transcript = Transcript::parse(&minutes);
        for (time, what) in transcript.iter().flat_map(|transcript| &transcript.events) {
            self.report.tell(&format!("{time} {what}"))?;
        }
        self.report.check("the minutes are signed and whole", transcript.is_ok())?;
        let altered = Transcript::parse(&minutes.replace("share of carol accepted", "share of mallory accepted"));
        self.report.check("altered minutes are noticed", altered.is_err())
    }

    fn keyring(&self, module: &Arc<Module>) -> Result<Keyring> {
        Ok(Keyring::new(self.token(module)?, Arc::clone(&self.store)))
    }

    fn consent(&self) -> Result<SecretText> {
        let pin = self.place.pin("pin")?;
        Ok(SecretText::new(copy(std::str::from_utf8(pin.expose()).unwrap_or_default())))
    }

    /// Writes a sheet for each custodian.
    fn sheets(&mut self, dealt: &Dealt, ceremony: &str) -> Result<()> {
        let folder = self.place.path("sheets");
        std::fs::create_dir(&folder).map_err(|error| Error::io(folder.display(), &error))?;
        for handed in &dealt.shares {
            let sheet = Sheet::new(&dealt.manifest, handed, ceremony)?;
            let name = format!("sheets/{}-{}", handed.index, handed.custodian);
            self.place.write(&format!("{name}.html"), html::page(&sheet).as_bytes())?;
            self.place.write(&format!("{name}.pdf"), &pdf::document(&sheet))?;
        }
        self.report.tell(&format!("{} sheets to print, each with a share as text and as a QR code", dealt.shares.len()))
    }

    fn accepted(&mut self, verdict: &Verdict) -> Result<()> {
        let name = verdict.custodian.as_deref().unwrap_or("somebody");
        match verdict.accepted {
            true => self.report.tell(&format!("share of {name}: accepted")),
            false => self.report.check(&format!("the share of {name} is accepted"), false),
        }
    }

    fn refused(&mut self, claim: &str, verdict: &Verdict, reason: &str) -> Result<()> {
        self.report.tell(&format!("refused: {}", verdict.text.as_deref().unwrap_or_default()))?;
        self.report.check(claim, !verdict.accepted && verdict.reason.as_deref() == Some(reason))
    }
}

fn begin(kind: Purpose) -> Begin {
    Begin { kind, key: None, policy: None, manifest: None, user_pin: None, timeout: None }
}

fn give(driver: &mut dyn Recovery, share: &str) -> Result<Verdict> {
    let report = driver.contribute(&Contribute { custodian: None, share: SecretText::new(copy(share)) })?;
    report.verdict.ok_or_else(|| Error::new(Kind::Device, "the ceremony gave no verdict"))
}

fn copy(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

/// The share with its last character exchanged.
fn mistyped(share: &SecretText) -> Zeroizing<String> {
    let mut text = copy(share.expose());
    let last = if text.pop() == Some('q') { 'p' } else { 'q' };
    text.push(last);
    text
}

const LABEL: &str = "main";
