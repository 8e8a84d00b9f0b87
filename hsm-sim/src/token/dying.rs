//! The store dies at each step of each kind of change: before a write, before its commit, after its commit, between two writes. What was
//! acknowledged is there afterwards, and what was not is there whole or not at all.

use std::{collections::BTreeMap, sync::Arc};

use cryptoki_sys::*;

use super::{Rights, Role, Token, access::Writing};
use crate::{
    config::Config,
    error::Result,
    object::{
        Object,
        attributes::{Draft, Lookup},
    },
    store::{Outcome, contract::Scratch, directory::Directory, fault::Fault},
};

const SERIAL: &str = "0123456789abcdef";
/// Of everybody, at first.
const OLD: &[u8] = b"old-pin";
const NEW: &[u8] = b"new-pin";

fn object(label: &str, private: bool) -> Arc<Object> {
    let mut draft = Draft::default();
    draft.set_ulong(CKA_CLASS, CKO_DATA);
    draft.set_flag(CKA_TOKEN, true);
    draft.set_flag(CKA_PRIVATE, private);
    draft.set(CKA_LABEL, label.as_bytes());
    Object::new(draft.pack()).unwrap()
}

fn handle(token: &Token, label: &str) -> Result<CK_OBJECT_HANDLE> {
    Ok(token.find(&[(CKA_LABEL, label.as_bytes())])?[0])
}

fn renamed(object: &Object, label: &str) -> Draft {
    let mut draft = object.attributes().draft();
    draft.set(CKA_LABEL, label.as_bytes());
    draft
}

/// The token in a directory, and what makes its store die.
fn opened(place: &Scratch) -> (Token, Arc<Fault>) {
    let store = Directory::new(&place.0).open(SERIAL).unwrap();
    let fault = store.fault();
    (Token::open(Box::new(store), Config::default().into()).unwrap().unwrap(), fault)
}

/// A token with SO and user, the named user alice, a public object and a private one; without the latter the SO gives the user a new key
/// with a new PIN, and with it the SO may set the PIN and keep the key.
fn prepared(place: &Scratch, private: bool) {
    let store = Directory::new(&place.0).create(SERIAL).unwrap();
    let config = Config { so_can_reset_user_pin: private, ..Config::default() };
    let token = Token::create(Box::new(store), config.into(), SERIAL, &[b' '; 32], OLD).unwrap();
    token.login(Role::So, OLD).unwrap();
    token.init_user_pin(OLD).unwrap();
    token.logout().unwrap();
    token.login(Role::User, OLD).unwrap();
    token.add(1, vec![object("first", private), object("public", false)]).unwrap();
    token.add_user("alice", OLD, Rights::USE).unwrap();
}

/// All that can be told of a token: which PINs open it, what is in it, who its users are.
fn told(token: &Token) -> Vec<String> {
    let which = |login: &dyn Fn(&[u8]) -> Result<()>| [OLD, NEW].into_iter().position(|pin| login(pin).is_ok());
    let mut told = vec![];
    told.push(format!("SO: {:?}", which(&|pin| token.login(Role::So, pin))));
    let _ = token.logout();
    told.push(format!("alice: {:?}", which(&|pin| token.login_user(b"alice", pin))));
    let _ = token.logout();
    told.push(format!("user: {:?}", which(&|pin| token.login(Role::User, pin))));
    for handle in token.find::<&[u8]>(&[]).unwrap() {
        let object = token.object(handle).unwrap();
        told.push(String::from_utf8_lossy(object.attributes().bytes(CKA_LABEL)).into_owned());
    }
    let users = token.users().map(|users| users.into_iter().map(|(named, _)| (named.name, named.rights.names())).collect());
    told.push(format!("{:?}", users.unwrap_or_else(|_| vec![])));
    told.push(format!("{:?}", token.record("ceremony").unwrap().map(|record| record.bytes)));
    let _ = token.logout();
    told
}

/// The files as they are.
fn files(place: &Scratch) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let paths = std::fs::read_dir(&place.0).unwrap().map(|entry| entry.unwrap().path());
    let kept = paths.filter(|path| !path.to_string_lossy().ends_with("-shm") && path.extension().unwrap() != "generation");
    kept.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// Does `change` with a store that dies after each number of steps in turn, until it lives long enough. Returns how often it died.
fn at_every_step(role: Role, change: impl Fn(&Token) -> Result<()>) -> u64 {
    of_token(true, role, change)
}

fn of_token(private: bool, role: Role, change: impl Fn(&Token) -> Result<()>) -> u64 {
    let before = Scratch::new();
    prepared(&before, private);
    let as_before = told(&opened(&before).0);
    let as_after = {
        let place = copy(&before);
        let (token, _) = opened(&place);
        token.login(role, OLD).and_then(|()| change(&token)).unwrap();
        drop(token);
        told(&opened(&place).0)
    };
    assert_ne!(as_before, as_after, "a change that can be told");
    let mut steps = 0;
    loop {
        let place = copy(&before);
        let (token, fault) = opened(&place);
        token.login(role, OLD).unwrap();
        let untouched = files(&place);
        let answer = loop {
            fault.after(steps);
            let answer = change(&token);
            if !fault.is_dead() {
                assert!(answer.is_ok());
                return steps;
            }
            steps += 1;
            // Where not even a byte was written, the next round needs no other token.
            if answer.is_ok() || files(&place) != untouched {
                break answer;
            }
        };
        drop(token);
        let now = told(&opened(&place).0);
        assert!(now == as_after || answer.is_err() && now == as_before, "died at step {steps}, {answer:?}:\n{now:#?}");
    }
}

fn copy(from: &Scratch) -> Scratch {
    let to = Scratch::new();
    std::fs::create_dir(&to.0).unwrap();
    for entry in std::fs::read_dir(&from.0).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.0.join(path.file_name().unwrap())).unwrap();
    }
    to
}

#[test]
fn objects_created() {
    let pair = |token: &Token| token.add(1, vec![object("public half", false), object("private half", true)]).map(|_| ());
    assert!(at_every_step(Role::User, |token| token.add(1, vec![object("new", true)]).map(|_| ())) >= 3);
    assert!(at_every_step(Role::User, pair) >= 3);
}

#[test]
fn objects_changed_and_destroyed() {
    for label in ["first", "public"] {
        let change = |token: &Token| token.change_object(handle(token, label)?, &|object| Ok(renamed(object, "renamed")));
        assert!(at_every_step(Role::User, change) >= 5);
    }
    assert!(at_every_step(Role::User, |token| token.destroy(handle(token, "first")?)) >= 4);
}

#[test]
fn pins_changed() {
    assert!(at_every_step(Role::User, |token| token.set_pin(OLD, NEW)) >= 9);
    assert!(at_every_step(Role::So, |token| token.set_pin(OLD, NEW)) >= 9);
    assert!(at_every_step(Role::So, |token| token.init_user_pin(NEW)) >= 6);
    assert!(of_token(false, Role::So, |token| token.init_user_pin(NEW)) >= 9);
}

#[test]
fn users_changed() {
    assert!(at_every_step(Role::User, |token| token.add_user("bob", OLD, Rights::ALL)) >= 5);
    assert!(at_every_step(Role::User, |token| token.set_user_pin("alice", NEW)) >= 6);
    assert!(at_every_step(Role::User, |token| token.remove_all_users()) >= 6);
}

#[test]
fn a_ceremony_writes() {
    let died = at_every_step(Role::So, |token| {
        let access = token.consent(OLD)?;
        let found = |label: &str| token.look(&access, &[(CKA_LABEL, label.as_bytes())]);
        let (first, public) = (found("first")?, found("public")?);
        let next = Object::new(renamed(&first[0].object, "renamed").pack())?;
        let writing = Writing {
            added: vec![object("new", true)],
            changed: vec![(&first[0], next)],
            removed: vec![public[0].id],
            records: vec![("ceremony".into(), 0, b"written".to_vec())],
            marks: vec![(1 << 60, 7)],
            events: vec!["begun".into()],
        };
        match token.carry_out(&access, &writing)? {
            Outcome::Done => Ok(()),
            Outcome::Conflict => panic!("nobody else writes"),
        }
    });
    assert!(died >= 10);
}

/// C_InitToken on a token that is there, and on none: what is left is the old one, the new one, or none.
#[test]
fn tokens_made() {
    assert!(at_every_step(Role::So, |token| token.reinitialize(&[b'x'; 32], OLD, |_, _| Ok(()))) >= 9);
    for steps in 0.. {
        let place = Scratch::new();
        let store = Directory::new(&place.0).create(SERIAL).unwrap();
        let fault = store.fault();
        fault.after(steps);
        let made = Token::create(Box::new(store), Config::default().into(), SERIAL, &[b' '; 32], OLD).map(drop);
        if !fault.is_dead() {
            assert!(made.is_ok() && steps >= 4);
            return;
        }
        let left = Token::open(Box::new(Directory::new(&place.0).open(SERIAL).unwrap()), Config::default().into()).unwrap();
        assert!(left.is_some() || made.is_err(), "an acknowledged token is there");
        left.inspect(|token| token.login(Role::So, OLD).unwrap());
    }
}
