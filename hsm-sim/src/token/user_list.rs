//! The list of named users: the record "users" holds its number (8 bytes, big endian), JSON, and an HMAC-SHA-256 over both under the
//! user's key. The number stands in the list of changed private objects, so that no list comes back that was replaced.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::{revisions::Revisions, rights::Rights, seal::Vault};
use crate::{
    error::{Result, Rv},
    store::{ObjectId, TokenStore},
};

/// Name of the list.
pub const NAME: &str = "users";
/// The list's number among the changed private objects; objects begin at 1.
pub const MARK: ObjectId = 0;
/// Beginning of the names of their records.
pub const ACCOUNT: &str = "user-";
const MAC: usize = 32;
const NUMBER: usize = 8;

/// A user that was added.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub id: String,
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
    pub fn account(&self) -> String {
        format!("{ACCOUNT}{}", self.id)
    }
}

/// The list, as it was read. Its number rises with every change and stands in the list of revisions, so that no list comes back that
/// was replaced; the revision of its record is for the store alone.
pub struct List {
    pub record: u64,
    pub number: u64,
    pub users: Vec<Named>,
}

/// What a record of the list holds: its number, JSON, and a MAC over both.
pub struct Claim {
    pub list: List,
    json: Vec<u8>,
    tag: [u8; MAC],
}

impl List {
    /// What the record says, which nobody vouches for yet; `None` when there is no list.
    pub fn claimed(store: &dyn TokenStore) -> Result<(u64, Option<Claim>)> {
        let Some(record) = store.record(NAME)? else { return Ok((0, None)) };
        if record.bytes.is_empty() {
            return Ok((record.revision, None));
        }
        Ok((record.revision, Some(Claim::parse(&record.bytes, record.revision)?)))
    }

    /// The list, checked. Without users its mark is that of an object that never changed.
    pub fn read(store: &dyn TokenStore, vault: &Vault) -> Result<Self> {
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

    /// The bytes of the list with its next number, and that number.
    pub fn next(&self, vault: &Vault) -> Result<(u64, Vec<u8>)> {
        let json = serde_json::to_vec(&self.users).map_err(|_| Rv::FunctionFailed.because("the users have no JSON form"))?;
        let number = self.number.checked_add(1).ok_or(Rv::DeviceError.because("the list of users was changed too often"))?;
        let tag = vault.mac(true, &bound(number, &json))?;
        Ok((number, [&number.to_be_bytes()[..], &json, &tag].concat()))
    }

    pub fn find(&self, name: &str) -> Option<&Named> {
        self.users.iter().find(|user| user.name == name)
    }

    pub fn position(&self, name: &str) -> Result<usize> {
        let position = self.users.iter().position(|user| user.name == name);
        position.ok_or_else(|| Rv::UserTypeInvalid.because(format!("the token has no user named {:?}", name)))
    }
}

impl Claim {
    /// What the bytes of a record at `revision` say.
    pub fn parse(record: &[u8], revision: u64) -> Result<Self> {
        let Some((number, rest)) = record.split_first_chunk::<NUMBER>() else { return damaged() };
        let Some((json, tag)) = rest.split_last_chunk::<MAC>() else { return damaged() };
        let users = serde_json::from_slice(json).or_else(|_| damaged())?;
        let list = List { record: revision, number: u64::from_be_bytes(*number), users };
        Ok(Self { list, json: json.to_vec(), tag: *tag })
    }

    fn is_genuine(&self, vault: &Vault) -> Result<bool> {
        Ok(vault.mac(true, &bound(self.list.number, &self.json))?.ct_eq(&self.tag).into())
    }
}

fn bound(number: u64, json: &[u8]) -> Vec<u8> {
    [b"hsm-sim users v1\0", &number.to_be_bytes()[..], json].concat()
}

fn damaged<T>() -> Result<T> {
    Rv::DeviceError.err("the list of users fails authentication: the token file was edited")
}
