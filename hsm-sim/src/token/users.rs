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
const NUMBER: usize = 8;
/// Beginning of the names of their records.
const ACCOUNT: &str = "user-";
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
        format!("{ACCOUNT}{}", self.id)
    }
}

/// The list, as it was read. Its number rises with every change and stands in the list of revisions, so that no list comes back that
/// was replaced; the revision of its record is for the store alone.
struct List {
    record: u64,
    number: u64,
    users: Vec<Named>,
}

/// What a record of the list holds: its number, JSON, and a MAC over both.
struct Claim {
    list: List,
    json: Vec<u8>,
    tag: [u8; MAC],
}

impl List {
    /// What the record says, which nobody vouches for yet; `None` when there is no list.
    fn claimed(store: &dyn TokenStore) -> Result<(u64, Option<Claim>)> {
        let Some(record) = store.record(NAME)?.filter(|record| !record.bytes.is_empty()) else {
            return Ok((store.record(NAME)?.map_or(0, |record| record.revision), None));
        };
        let parts = record.bytes.split_first_chunk::<NUMBER>();
        let Some((number, rest)) = parts else { return damaged() };
        let Some((json, tag)) = rest.split_last_chunk::<MAC>() else { return damaged() };
        let users = serde_json::from_slice(json).or_else(|_| damaged())?;
        let list = List { record: record.revision, number: u64::from_be_bytes(*number), users };
        Ok((record.revision, Some(Claim { list, json: json.to_vec(), tag: *tag })))
    }

    /// The list, checked. Without users its mark is that of an object that never changed.
    fn read(store: &dyn TokenStore, vault: &Vault) -> Result<Self> {
        loop {
            let (record, claim) = Self::claimed(store)?;
            let number = Revisions::read(store, vault, true)?.of(MARK);
            match claim {
                None if number == 1 => return Ok(Self { record, number, users: vec![] }),
                Some(claim) if claim.list.number == number && claim.is_genuine(vault)? => return Ok(claim.list),
                _ => {}
            }
            // Another process may have changed both between the two readings.
            if store.record(NAME)?.map_or(0, |record| record.revision) == record {
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
        let (_, claimed) = List::claimed(&*self.store)?;
        let users = claimed.map(|claim| claim.list.users).unwrap_or_default();
        let Some(named) = users.into_iter().find(|user| user.name.as_bytes() == name) else {
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
        self.write_users(stored, vault, &List { record, number, users: vec![] }, &Keys::Gone(accounts.clone()))?;
        accounts.iter().try_for_each(|account| self.store.clear(account))
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
        let number = list.number.checked_add(1).ok_or(Rv::DeviceError.because("the list of users was changed too often"))?;
        let bytes = [&number.to_be_bytes()[..], &json, &vault.mac(true, &bound(number, &json))?].concat();
        let revisions = Revisions::read(&*self.store, vault, true)?;
        let marks = revisions.with(&[(MARK, number)], vault)?;
        let accounts = self.accounts(stored, vault, keys)?;
        let mut records = vec![RecordChange { name: NAME, expected: list.record, bytes: &bytes }, revisions.change(&marks)];
        for (account, wrapped) in &accounts {
            let expected = self.store.record(account)?.map_or(0, |record| record.revision);
            records.push(RecordChange { name: account, expected, bytes: wrapped });
        }
        self.change(stored, &records)
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

impl Claim {
    fn is_genuine(&self, vault: &Vault) -> Result<bool> {
        Ok(vault.mac(true, &bound(self.list.number, &self.json))?.ct_eq(&self.tag).into())
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

fn bound(number: u64, json: &[u8]) -> Vec<u8> {
    [b"hsm-sim users v1\0", &number.to_be_bytes()[..], json].concat()
}

fn damaged<T>() -> Result<T> {
    Rv::DeviceError.err("the list of users fails authentication: the token file was edited")
}
