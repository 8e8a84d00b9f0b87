//! Is everything in the token what it was when it was written?

use std::collections::HashSet;

use cryptoki_sys::CKA_UNIQUE_ID;

use super::{Login, Token, revisions::Revisions, seal::Vault, told::Told, user_list::List, users::Person};
use crate::{
    audit::{Event, told},
    error::{Error, Result, Rv},
    object::attributes::Lookup,
    store::{Found, Query},
};

/// What a check of a token found.
#[derive(Debug, Default)]
pub struct Soundness {
    /// Objects that were opened.
    pub objects: u64,
    /// Private objects, which the SO cannot open.
    pub unread: u64,
    /// Numbers of objects that do not open, and why.
    pub damaged: Vec<(u64, String)>,
    /// What else is wrong.
    pub findings: Vec<String>,
}

impl Token {
    /// Reads and authenticates all that is stored, with the keys of whoever is logged in.
    pub fn check(&self) -> Result<Soundness> {
        let login = self.state.read().login.clone();
        let (Login::User(vault, _) | Login::So(vault, _)) = &login else {
            return Rv::UserNotLoggedIn.err("only the keys of somebody who is logged in tell what is genuine");
        };
        let mut found = Soundness { findings: self.store.ailments()?, ..Soundness::default() };
        let mut note = |what: &str, outcome: Result<()>| match outcome {
            Ok(()) => (),
            Err(error) => found.findings.push(format!("{what}: {}", error.why)),
        };
        note("public objects", Revisions::read(&*self.store, vault, false).map(drop));
        if vault.tag_key().is_some() {
            note("private objects", Revisions::read(&*self.store, vault, true).map(drop));
            note("users", List::read(&*self.store, vault).map(drop));
        }
        let verdict = self.verify_log().map(Option::unwrap_or_default);
        let broken = verdict.as_ref().map_or_else(|_| vec![], |verdict| verdict.broken.clone());
        note("audit log", verdict.map(drop).or_else(not_to_be_read));
        let tells = |entry| format!("audit log: entry {entry} tells of a break before it, or nothing before it can be read");
        found.findings.extend(broken.into_iter().map(tells));
        let there = self.check_objects(vault, &mut found)?;
        // Who does not see all objects cannot miss any; a log that is broken tells nothing.
        if matches!(login, Login::User(_, Person::Standard))
            && let Ok(told) = Told::by(self)
        {
            found.findings.extend(told.against(&there, found.damaged.len()));
        }
        Ok(found)
    }

    /// A copy of the token as it is at one moment; the log says so first. SO or standard user are logged in.
    pub fn backup(&self, detail: &str) -> Result<Vec<u8>> {
        let (login, guard) = self.logged_in();
        if !matches!(login, Login::So(..) | Login::User(_, Person::Standard)) {
            return Rv::UserNotLoggedIn.err("SO and standard user make backups");
        }
        let note = self.note(&login, vec![Event::new(&login.name(), "backup").detail(detail)])?;
        told(&note).map_or(Ok(()), |told| self.store.append(Some(guard), told))?;
        self.store.snapshot()
    }

    /// CKA_UNIQUE_ID of each that opens.
    fn check_objects(&self, vault: &Vault, found: &mut Soundness) -> Result<HashSet<String>> {
        let (mut lists, mut there) = ([None, None], HashSet::new());
        for Found { id, private } in self.store.find(&Query::default())? {
            if private && vault.tag_key().is_none() {
                found.unread += 1;
                continue;
            }
            match self.opened(id, Some(vault), &mut lists) {
                Ok(attributes) => {
                    found.objects += 1;
                    there.insert(String::from_utf8_lossy(attributes.bytes(CKA_UNIQUE_ID)).into_owned());
                }
                // Destroyed by somebody meanwhile.
                Err(error) if error.rv == Rv::ObjectHandleInvalid => (),
                Err(error) => found.damaged.push((id, error.why.into_owned())),
            }
        }
        Ok(there)
    }
}

/// Named users do not read the log: that is no damage.
fn not_to_be_read(error: Error) -> Result<()> {
    if error.rv == Rv::UserNotLoggedIn { Ok(()) } else { Err(error) }
}
