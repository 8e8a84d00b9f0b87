//! Named users: people beside the one standard user, with PINs and failure counters of their own, and rights that keep duties apart.
//!
//! The record "users" lists them ([`super::user_list`]). The record "user-ID" has the keys a user's PIN opens, and they are the standard
//! user's: rights are kept by this module, not by cryptography.

use std::sync::Arc;

pub use super::user_list::{NAME, Named, Person};
use super::{
    Login, State, Token,
    header::Stored,
    hex,
    pin::{self, Status},
    revisions::Revisions,
    rights::Rights,
    role::Wrapped,
    seal::Vault,
    telling::Attempt,
    user_list::{ACCOUNT, List, MARK},
};
use crate::{
    audit::{Event, told},
    crypto::derive,
    error::{Result, Rv},
    rng,
    store::{RecordChange, Tell},
};

/// No more users than this.
const MOST: usize = 100;

impl Token {
    /// C_LoginUser with a name. Who that is, the list says; that the list is genuine, the keys the PIN opens.
    pub fn login_user(&self, name: &[u8], pin: &[u8]) -> Result<()> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        match &state.login {
            Login::Public => {}
            Login::User(_, Person::Named(now)) if now.name.as_bytes() == name => {
                return Rv::UserAlreadyLoggedIn.err("logged in already");
            }
            _ => return Rv::UserAnotherAlreadyLoggedIn.err("somebody else is logged in"),
        }
        let Some(named) = self.claimed(name)? else {
            // As long as a wrong PIN takes: who asks does not learn which names there are.
            derive(self.config.argon2_cost(), pin, &[0; 16], &mut [0; 32]).map_err(|_| Rv::DeviceError)?;
            self.tell(None, Event::new("nobody", "pin-wrong").detail("login by a name that is not there"))?;
            return Rv::PinIncorrect.err("no user of that name, or a wrong PIN");
        };
        let (account, by) = (named.account(), format!("user {}", named.name));
        let claim = Attempt { account: &account, by: &by, purpose: "login", told: true };
        let (keys, _) = self.open_with_pin(&state.stored, claim, pin)?;
        let vault = Vault::user(keys)?;
        let list = List::read(&*self.store, &vault)?;
        let Some(named) = list.find(&named.name).filter(|genuine| genuine.id == named.id) else {
            return Rv::PinIncorrect.err("the user was removed at this moment");
        };
        self.forget(true);
        state.login = Login::User(Arc::new(vault), Person::Named(Arc::new(named.clone())));
        Ok(())
    }

    /// Makes a try when it is this user's turn.
    pub fn in_turn_of<T>(&self, name: &[u8], attempt: impl FnOnce() -> Result<T>) -> Result<T> {
        match self.claimed(name)? {
            Some(named) => self.in_turn(&named.account(), attempt),
            None => attempt(),
        }
    }

    /// The user of a name, by a list that nobody has checked yet.
    fn claimed(&self, name: &[u8]) -> Result<Option<Named>> {
        let (_, claimed) = List::claimed(&*self.store)?;
        let users = claimed.map(|claim| claim.list.users).unwrap_or_default();
        Ok(users.into_iter().find(|user| user.name.as_bytes() == name))
    }

    /// Adds a user. The standard user does, as all that follows.
    pub fn add_user(&self, name: &str, pin: &[u8], rights: Rights) -> Result<()> {
        check_name(name)?;
        pin::check_new(pin)?;
        let id = hex::encode(&rng::public::<8>()?);
        let event = Event::new("user", "user-added").detail(format!("{name}: {}", rights.names().join(", ")));
        self.change_users(event, |list| {
            if list.find(name).is_some() {
                return Rv::ActionProhibited.err(format!("there is a user named {name:?}"));
            }
            if list.users.len() >= MOST {
                return Rv::DeviceMemory.err(format!("the token has {MOST} users"));
            }
            let named = Named { id, name: name.to_owned(), rights };
            let keys = Keys::Under(named.account(), pin);
            list.users.push(named);
            Ok(keys)
        })
    }

    /// Removes a user: nothing opens with their PIN any more. Whoever is logged in at that moment stays so.
    pub fn remove_user(&self, name: &str) -> Result<()> {
        self.change_users(Event::new("user", "user-removed").detail(name), |list| {
            let position = list.position(name)?;
            Ok(Keys::Gone(vec![list.users.remove(position).account()]))
        })
    }

    /// Removes all users, also where the list was damaged: no record of theirs opens with a PIN any more.
    pub fn remove_all_users(&self) -> Result<()> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        let (stored, vault) = standard(&state)?;
        let record = self.store.record(NAME)?.map_or(0, |record| record.revision);
        let number = Revisions::read(&*self.store, vault, true)?.of(MARK);
        let accounts = self.store.names(ACCOUNT)?;
        let note = self.note(&state.login, vec![Event::new("user", "users-removed")])?;
        self.write_users(stored, vault, &List { record, number, users: vec![] }, &Keys::Gone(accounts.clone()), told(&note))?;
        accounts.iter().try_for_each(|account| self.store.clear(Some(stored.guard()), account, None))
    }

    /// Gives a user other rights, from their next login on.
    pub fn set_user_rights(&self, name: &str, rights: Rights) -> Result<()> {
        let event = Event::new("user", "user-rights").detail(format!("{name}: {}", rights.names().join(", ")));
        self.change_users(event, |list| {
            let position = list.position(name)?;
            list.users[position].rights = rights;
            Ok(Keys::Same)
        })
    }

    /// Gives a user another PIN, and forgets wrong tries.
    pub fn set_user_pin(&self, name: &str, pin: &[u8]) -> Result<()> {
        pin::check_new(pin)?;
        let mut account = String::new();
        self.change_users(Event::new("user", "user-pin-set").detail(name), |list| {
            account = list.users[list.position(name)?].account();
            Ok(Keys::Under(account.clone(), pin))
        })?;
        self.store.clear(None, &account, None)
    }

    /// All named users, and where their PINs stand.
    pub fn users(&self) -> Result<Vec<(Named, Status)>> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        let Login::User(vault, _) = &state.login else { return Rv::UserNotLoggedIn.err("users see the list of users") };
        let list = List::read(&*self.store, vault)?;
        let status = |named: Named| {
            let status = pin::status(&*self.store, &state.stored, &named.account())?;
            Ok((named, status))
        };
        list.users.into_iter().map(status).collect()
    }

    /// Changes the list; `change` says what becomes of whose keys.
    fn change_users<'p>(&self, event: Event, change: impl FnOnce(&mut List) -> Result<Keys<'p>>) -> Result<()> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        let (stored, vault) = standard(&state)?;
        let mut list = List::read(&*self.store, vault)?;
        let keys = change(&mut list)?;
        let note = self.note(&state.login, vec![event])?;
        self.write_users(stored, vault, &list, &keys, told(&note))
    }

    /// Writes the list, its mark, and somebody's keys, in one step.
    fn write_users(&self, stored: &Stored, vault: &Vault, list: &List, keys: &Keys<'_>, told: Option<&dyn Tell>) -> Result<()> {
        let (number, bytes) = list.next(vault)?;
        let revisions = Revisions::read(&*self.store, vault, true)?;
        let marks = revisions.with(&[(MARK, number)], vault)?;
        let accounts = self.accounts(stored, vault, keys)?;
        let mut records = vec![RecordChange { name: NAME, expected: list.record, bytes: &bytes }, revisions.change(&marks)];
        for (account, wrapped) in &accounts {
            let expected = self.store.record(account)?.map_or(0, |record| record.revision);
            records.push(RecordChange { name: account, expected, bytes: wrapped });
        }
        self.change(stored, &records, told)
    }

    /// The records that change, and what they become.
    fn accounts(&self, stored: &Stored, vault: &Vault, keys: &Keys<'_>) -> Result<Vec<(String, Vec<u8>)>> {
        Ok(match keys {
            Keys::Same => vec![],
            Keys::Gone(accounts) => accounts.iter().map(|account| (account.clone(), vec![])).collect(),
            Keys::Under(account, pin) => {
                let keys = vault.keys().ok_or(Rv::UserNotLoggedIn.because("no user's keys are at hand"))?;
                let wrapped = Wrapped::seal(account, &keys, pin, self.config.argon2_cost(), &stored.bytes)?;
                vec![(account.clone(), wrapped)]
            }
        })
    }
}

/// What becomes of the keys of users with these records.
enum Keys<'p> {
    Same,
    /// No PIN opens them any more.
    Gone(Vec<String>),
    Under(String, &'p [u8]),
}

/// The token's header and the user's keys, while the standard user is logged in.
fn standard(state: &State) -> Result<(&Stored, &Vault)> {
    match &state.login {
        Login::User(vault, Person::Standard) => Ok((&state.stored, vault)),
        _ => Rv::UserNotLoggedIn.err("the standard user alone adds and changes users"),
    }
}

/// A name people can type and read: neither control characters nor such as are not seen, and no blanks at its ends.
fn check_name(name: &str) -> Result<()> {
    hsm_shares::text::check_name(name).map_err(|error| Rv::ArgumentsBad.because(error.to_string()))
}

hsm_shares::concealed!(Keys<'_>);
