//! Named users: people beside the one standard user, with PINs and failure counters of their own, and rights that keep duties apart.
//!
//! The record "users" lists them: JSON, then an HMAC-SHA-256 under the user's key. Its revision stands in the list of changed private
//! objects, so that an older list does not pass for the current one. The record "user-ID" has the keys a user's PIN opens, and they
//! are the standard user's: rights are kept by this module, not by cryptography.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::{
    Login, State, Token,
    header::Stored,
    hex,
    pin::{self, Status},
    revisions::Revisions,
    rights::Rights,
    role::Wrapped,
    seal::Vault,
};
use crate::{
    crypto::derive,
    error::{Result, Rv},
    rng,
    store::{ObjectId, RecordChange, TokenStore},
};

/// Name of the list.
pub const NAME: &str = "users";
/// The list's number among the changed private objects; objects begin at 1.
const MARK: ObjectId = 0;
const MAC: usize = 32;
/// No more users than this.
const MOST: usize = 100;

/// A user that was added.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    id: String,
    pub name: String,
    pub rights: Rights,
}

/// Who is logged in as user.
#[derive(Clone)]
pub enum Person {
    Standard,
    Named(Arc<Named>),
}

impl Person {
    /// What they may do.
    pub fn rights(&self) -> Rights {
        match self {
            Person::Standard => Rights::ALL,
            Person::Named(named) => named.rights,
        }
    }

    /// The name of their record and of their failure counter.
    pub fn account(&self) -> Cow<'static, str> {
        match self {
            Person::Standard => super::Role::User.name().into(),
            Person::Named(named) => named.account().into(),
        }
    }
}

impl Named {
    fn account(&self) -> String {
        format!("user-{}", self.id)
    }
}

/// The list, as it was read.
struct List {
    revision: u64,
    users: Vec<Named>,
}

impl List {
    /// What the record says, which nobody vouches for yet.
    fn claimed(store: &dyn TokenStore) -> Result<(Self, Vec<u8>, Option<[u8; MAC]>)> {
        let Some(record) = store.record(NAME)? else { return Ok((Self { revision: 0, users: vec![] }, vec![], None)) };
        let revision = record.revision;
        if record.bytes.is_empty() {
            return Ok((Self { revision, users: vec![] }, vec![], None));
        }
        let Some((json, tag)) = record.bytes.split_last_chunk::<MAC>() else { return damaged() };
        let users = serde_json::from_slice(json).or_else(|_| damaged())?;
        Ok((Self { revision, users }, json.to_vec(), Some(*tag)))
    }

    /// The list, checked. Without users its mark is that of an object that never changed.
    fn read(store: &dyn TokenStore, vault: &Vault) -> Result<Self> {
        loop {
            let (list, json, tag) = Self::claimed(store)?;
            let mark = Revisions::read(store, vault, true)?.of(MARK);
            let genuine = match tag {
                None => mark == 1,
                Some(tag) => mark == list.revision + 1 && bool::from(vault.mac(true, &bound(list.revision, &json))?.ct_eq(&tag)),
            };
            if genuine {
                return Ok(list);
            }
            // Another process may have changed both between the two readings.
            if store.record(NAME)?.map_or(0, |record| record.revision) == list.revision {
                return damaged();
            }
        }
    }

    fn find(&self, name: &str) -> Option<&Named> {
        self.users.iter().find(|user| user.name == name)
    }

    fn position(&self, name: &str) -> Result<usize> {
        let position = self.users.iter().position(|user| user.name == name);
        position.ok_or_else(|| Rv::UserTypeInvalid.because(format!("the token has no user named {:?}", name)))
    }
}

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
        let (claimed, ..) = List::claimed(&*self.store)?;
        let Some(named) = claimed.users.into_iter().find(|user| user.name.as_bytes() == name) else {
            // As long as a wrong PIN takes: who asks does not learn which names there are.
            derive(self.config.argon2_cost(), pin, &[0; 16], &mut [0; 32]).map_err(|_| Rv::DeviceError)?;
            return Rv::PinIncorrect.err("no user of that name, or a wrong PIN");
        };
        let (keys, _) = pin::open(&*self.store, &state.stored, &named.account(), pin)?;
        let vault = Vault::user(keys)?;
        let list = List::read(&*self.store, &vault)?;
        let Some(named) = list.find(&named.name).filter(|genuine| genuine.id == named.id) else {
            return Rv::PinIncorrect.err("the user was removed at this moment");
        };
        self.forget(true);
        state.login = Login::User(Arc::new(vault), Person::Named(Arc::new(named.clone())));
        Ok(())
    }

    /// Adds a user. The standard user does, as all that follows.
    pub fn add_user(&self, name: &str, pin: &[u8], rights: Rights) -> Result<()> {
        check_name(name)?;
        pin::check_new(pin)?;
        let id = hex::encode(&rng::public::<8>()?);
        self.change_users(|list| {
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
        self.change_users(|list| {
            let position = list.position(name)?;
            Ok(Keys::Gone(list.users.remove(position).account()))
        })
    }

    /// Removes all users, also where the list was damaged.
    pub fn remove_all_users(&self) -> Result<()> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        let (stored, vault) = standard(&state)?;
        let revision = self.store.record(NAME)?.map_or(0, |record| record.revision);
        self.write_users(stored, vault, &List { revision, users: vec![] }, &Keys::Same)
    }

    /// Gives a user other rights, from their next login on.
    pub fn set_user_rights(&self, name: &str, rights: Rights) -> Result<()> {
        self.change_users(|list| {
            let position = list.position(name)?;
            list.users[position].rights = rights;
            Ok(Keys::Same)
        })
    }

    /// Gives a user another PIN, and forgets wrong tries.
    pub fn set_user_pin(&self, name: &str, pin: &[u8]) -> Result<()> {
        pin::check_new(pin)?;
        let mut account = String::new();
        self.change_users(|list| {
            account = list.users[list.position(name)?].account();
            Ok(Keys::Under(account.clone(), pin))
        })?;
        self.store.clear(&account)
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
    fn change_users<'p>(&self, change: impl FnOnce(&mut List) -> Result<Keys<'p>>) -> Result<()> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        let (stored, vault) = standard(&state)?;
        let mut list = List::read(&*self.store, vault)?;
        let keys = change(&mut list)?;
        self.write_users(stored, vault, &list, &keys)
    }

    /// Writes the list, its mark, and somebody's keys, in one step.
    fn write_users(&self, stored: &Stored, vault: &Vault, list: &List, keys: &Keys<'_>) -> Result<()> {
        let json = serde_json::to_vec(&list.users).map_err(|_| Rv::FunctionFailed.because("the users have no JSON form"))?;
        let bytes = [&json[..], &vault.mac(true, &bound(list.revision + 1, &json))?].concat();
        let revisions = Revisions::read(&*self.store, vault, true)?;
        let marks = revisions.with(&[(MARK, list.revision + 2)], vault)?;
        let mut records = vec![RecordChange { name: NAME, expected: list.revision, bytes: &bytes }, revisions.change(&marks)];
        let (account, wrapped) = match keys {
            Keys::Same => return self.change(stored, &records),
            Keys::Gone(account) => (account, vec![]),
            Keys::Under(account, pin) => {
                let keys = vault.keys().ok_or(Rv::UserNotLoggedIn.because("no user's keys are at hand"))?;
                (account, Wrapped::seal(account, &keys, pin, self.config.argon2_cost(), &stored.bytes)?)
            }
        };
        let expected = self.store.record(account)?.map_or(0, |record| record.revision);
        records.push(RecordChange { name: account, expected, bytes: &wrapped });
        self.change(stored, &records)
    }
}

/// What becomes of the keys of a user with this record.
enum Keys<'p> {
    Same,
    /// No PIN opens them any more.
    Gone(String),
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

fn bound(revision: u64, json: &[u8]) -> Vec<u8> {
    [b"hsm-sim users v1\0", &revision.to_be_bytes()[..], json].concat()
}

fn damaged<T>() -> Result<T> {
    Rv::DeviceError.err("the list of users fails authentication: the token file was edited")
}
