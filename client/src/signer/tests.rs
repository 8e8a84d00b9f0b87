//! Signing keys on a fake token.

use std::sync::Arc;

use super::*;
use crate::hsm::fake::FakeHsm;
use crate::hsm::{KeyKind, Leaving};
use crate::jwks::Jwks;
use crate::store::signing::LATE;
use crate::store::{MemoryStore, SqliteStore};

/// The store failed after the pair was made, and the pair stayed: active in `hsm key list` and in the JWK set, beside the
/// one of its label that the store knew.
#[test]
fn a_pair_that_the_store_refuses_is_destroyed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.db");
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TRIGGER full BEFORE INSERT ON signing_key BEGIN SELECT RAISE(FAIL, 'full'); END").unwrap();
    let signer = Signer::new(Arc::new(FakeHsm::default()), store.clone());
    signer.create("jwt", KeyKind::Ed25519, None, false).unwrap_err();
    assert_eq!(signer.keys().unwrap().len(), 0);
    // A token that destroys nothing: the error says what is left, and by which name.
    let mut hsm = FakeHsm::offering(&[]);
    hsm.keeps_pairs = true;
    let signer = Signer::new(Arc::new(hsm), store);
    let error = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap_err();
    let left = signer.keys().unwrap().pop().unwrap();
    assert!(error.next_step().contains(&left.id.to_string()), "{error}: {}", error.next_step());
    assert!(error.reason().contains("CKR_ACTION_PROHIBITED"), "{error}");
}

#[test]
fn one_key_of_a_label_signs_and_the_old_one_stays_known() {
    let signer = Signer::new(Arc::new(FakeHsm::default()), Arc::new(MemoryStore::default()));
    let old = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap();
    let again = signer.create("jwt", KeyKind::Ed25519, None, false);
    assert_eq!(again.unwrap_err().kind(), Kind::Conflict);
    let new = signer.create("jwt", KeyKind::Ed25519, None, true).unwrap();
    assert_eq!(signer.find("jwt").unwrap().kid, new.kid);
    let old = signer.find(&old.kid).unwrap();
    assert_eq!(signer.sign(&old, None, b"x").unwrap_err().kind(), Kind::KeyInactive);
    assert_eq!(signer.keys().unwrap().len(), 2);
    let signature = signer.sign(&new, None, b"x").unwrap();
    new.public.verify(Scheme::EdDsa, b"x", &signature).unwrap();
    assert_eq!(new.public.verify(Scheme::EdDsa, b"y", &signature).unwrap_err().kind(), Kind::Authentication);
    assert_eq!(signer.sign(&new, Some(Scheme::Rs256), b"x").unwrap_err().kind(), Kind::Usage);
    assert_eq!(signer.find("other").unwrap_err().kind(), Kind::NotFound);
}

fn signer() -> Signer {
    Signer::new(Arc::new(FakeHsm::default()), Arc::new(MemoryStore::default()))
}

fn published(signer: &Signer, now: Timestamp) -> Vec<String> {
    Jwks::publish_at(&signer.keys().unwrap(), now).keys.into_iter().filter_map(|key| key.kid).collect()
}

/// Requirement 18: published before use, and exactly as long as a token may live.
#[test]
fn requirement_18_rotation_publishes_first_and_keeps_the_old_key_while_its_tokens_live() {
    let signer = signer();
    let old = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap();
    let new = signer.rotate("jwt", 600).unwrap();
    let takes_over = new.times.unwrap().sign_from;
    let now = Timestamp::now();
    assert!(takes_over >= now.plus(590));
    assert_eq!(signer.find("jwt").unwrap().kid, old.kid, "the old one signs until then");
    assert_eq!(signer.sign(&new, None, b"x").unwrap_err().kind(), Kind::KeyInactive);
    assert_eq!(published(&signer, now).len(), 2);
    let at = |time: Timestamp| -> Vec<_> {
        signer.keys().unwrap().into_iter().filter(|key| key.phase_at(time) == Phase::Active).map(|key| key.kid).collect()
    };
    assert_eq!(at(takes_over.plus(-1)), std::slice::from_ref(&old.kid));
    assert_eq!(at(takes_over), std::slice::from_ref(&new.kid), "never two, never none");
    assert_eq!(published(&signer, takes_over.plus(TOKEN_LIFE + LATE - 1)).len(), 2);
    assert_eq!(published(&signer, takes_over.plus(TOKEN_LIFE + LATE)), std::slice::from_ref(&new.kid));
    // A third one may follow the second, which has not signed yet, but not overtake it.
    assert_eq!(signer.rotate("jwt", 60).unwrap_err().kind(), Kind::Conflict);
    signer.rotate("jwt", 1200).unwrap();
    assert_eq!(at(takes_over.plus(599)), [new.kid]);
}

#[test]
fn a_revoked_key_is_published_no_more_and_can_be_destroyed() {
    let signer = signer();
    let key = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap();
    assert!(signer.purge().unwrap().is_empty());
    signer.revoke("jwt").unwrap();
    assert!(published(&signer, Timestamp::now()).is_empty());
    assert_eq!(signer.sign(&signer.find(&key.kid).unwrap(), None, b"x").unwrap_err().kind(), Kind::KeyInactive);
    assert_eq!(signer.retire(&key.kid, Timestamp::now().plus(60)).unwrap_err().kind(), Kind::Conflict, "it has ended");
    assert_eq!(signer.purge().unwrap().len(), 1);
    assert!(signer.keys().unwrap().is_empty());
    assert_eq!(signer.create("jwt", KeyKind::Ed25519, None, false).unwrap().label, "jwt");
}

#[test]
fn a_retired_key_without_a_successor_leaves_its_label_free() {
    let signer = signer();
    let old = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap();
    let now = Timestamp::now();
    signer.retire("jwt", now).unwrap();
    assert_eq!(signer.find("jwt").unwrap_err().kind(), Kind::NotFound);
    assert_eq!(published(&signer, now), [old.kid], "what it signed can be verified");
    signer.create("jwt", KeyKind::Ed25519, None, false).unwrap();
}

#[test]
fn a_process_that_runs_long_signs_with_the_successor() {
    let current = Current::new(signer(), "jwt");
    assert_eq!(current.key().unwrap_err().kind(), Kind::NotFound);
    let old = current.signer().create("jwt", KeyKind::Ed25519, None, false).unwrap();
    assert_eq!(current.key().unwrap().kid, old.kid);
    let new = current.signer().create("jwt", KeyKind::Ed25519, None, true).unwrap();
    // Half a minute later.
    let later = |current: &Current| current.held.lock().as_mut().unwrap().1 -= std::time::Duration::from_secs(31);
    later(&current);
    assert_eq!(current.key().unwrap().kid, new.kid);
    // Revoked by somebody else: that there is none now is an answer, and no reason to go on with the old one.
    current.signer().revoke(&new.kid).unwrap();
    assert_eq!(current.key().unwrap().kid, new.kid, "not yet looked up");
    later(&current);
    assert_eq!(current.key().unwrap_err().kind(), Kind::NotFound);
    assert_eq!(current.key().unwrap_err().kind(), Kind::NotFound);
}

/// Two keys of a label were active when one was to retire later and another was made: nobody could sign by the label then. Now the other
/// one is its successor, or is refused.
#[test]
fn never_do_two_keys_of_a_label_sign() {
    let signer = signer();
    signer.create("jwt", KeyKind::Ed25519, None, false).unwrap();
    signer.retire("jwt", Timestamp::now().plus(43_200)).unwrap();
    assert_eq!(signer.create("jwt", KeyKind::Ed25519, None, false).unwrap_err().kind(), Kind::Conflict);
    let next = signer.create("jwt", KeyKind::Ed25519, None, true).unwrap();
    assert_eq!(signer.find("jwt").unwrap().kid, next.kid);
    // A planned successor that is revoked leaves an end that lies ahead.
    let planned = signer.rotate("jwt", 3600).unwrap();
    signer.revoke(&planned.kid).unwrap();
    assert_eq!(published(&signer, Timestamp::now()).len(), 2);
    let last = signer.create("jwt", KeyKind::Ed25519, None, true).unwrap();
    assert_eq!(signer.find("jwt").unwrap().kid, last.kid);
}

/// A key was compromised and revoked while its successor waited: nothing signed for an hour, and nothing could be made to.
#[test]
fn after_a_revocation_another_key_can_sign_at_once() {
    let signer = signer();
    let old = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap();
    let planned = signer.rotate("jwt", 3600).unwrap();
    signer.revoke(&old.kid).unwrap();
    assert_eq!(signer.find("jwt").unwrap_err().kind(), Kind::NotFound);
    let refused = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap_err();
    assert!(refused.next_step().contains("--publish-for 0s"), "{}", refused.next_step());
    let new = signer.rotate("jwt", 0).unwrap();
    assert_eq!(signer.find("jwt").unwrap().kid, new.kid);
    assert_eq!(published(&signer, Timestamp::now()), [new.kid], "what never signed need not be published");
    assert_eq!(signer.find(&planned.kid).unwrap().phase(), Phase::Removed);
}

/// A time in the past took a key out of the set while tokens it had just signed were alive.
#[test]
fn what_is_past_ends_a_key_now() {
    let signer = signer();
    let old = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap();
    let past = Timestamp(1_577_836_800);
    let plan = Plan { publish_at: Some(past), sign_from: Some(past), token_life: Some(3600) };
    let recipe = Recipe { label: "jwt", kind: KeyKind::Ed25519, scheme: None, replace: true, leaving: Leaving::Never, plan };
    let new = signer.enlist(&recipe, |named| signer.hsm().create_pair(named, recipe.kind, recipe.leaving)).unwrap();
    assert!(published(&signer, Timestamp::now()).contains(&old.kid));
    signer.retire("jwt", past).unwrap();
    assert!(published(&signer, Timestamp::now()).contains(&new.kid));
}

/// Making an RSA pair takes seconds, in which the one before signs on: its end is counted from then.
#[test]
fn the_time_a_pair_takes_is_the_old_ones() {
    let signer = signer();
    let old = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap();
    let plan = Plan::default();
    let recipe = Recipe { label: "jwt", kind: KeyKind::Ed25519, scheme: None, replace: true, leaving: Leaving::Never, plan };
    let mut done = Timestamp(0);
    signer
        .enlist(&recipe, |named| {
            std::thread::sleep(std::time::Duration::from_millis(1100));
            done = Timestamp::now();
            signer.hsm().create_pair(named, recipe.kind, recipe.leaving)
        })
        .unwrap();
    assert!(signer.find(&old.kid).unwrap().times.unwrap().retire_at.unwrap() >= done);
}

/// The token is gone: who holds a key signs with it no longer than it is published for that.
#[test]
fn an_outage_does_not_prolong_a_key() {
    let hsm = Arc::new(FakeHsm::default());
    let current = Current::new(Signer::new(hsm.clone(), Arc::new(MemoryStore::default())), "jwt");
    current.signer().create("jwt", KeyKind::Ed25519, None, false).unwrap();
    current.key().unwrap();
    hsm.go_away();
    let later = |seconds| current.held.lock().as_mut().unwrap().1 -= std::time::Duration::from_secs(seconds);
    later(31);
    current.key().unwrap();
    later(31);
    assert_eq!(current.key().unwrap_err().kind(), Kind::HsmUnavailable);
    hsm.come_back();
    current.key().unwrap();
}

/// The advice was to revoke the planned key and rotate again; then there was nothing to rotate, and nothing could be created either.
#[test]
fn a_label_can_always_be_rotated() {
    let signer = signer();
    let first = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap();
    let planned = signer.rotate("jwt", 3600).unwrap();
    signer.revoke(&planned.kid).unwrap();
    let next = signer.rotate("jwt", 600).unwrap();
    assert_eq!(signer.find("jwt").unwrap().kid, first.kid);
    signer.revoke(&next.kid).unwrap();
    signer.revoke(&first.kid).unwrap();
    let last = signer.rotate("jwt", 0).unwrap();
    assert_eq!(signer.find("jwt").unwrap().kid, last.kid);
    signer.retire("jwt", Timestamp::now().plus(43_200)).unwrap();
    signer.rotate("jwt", 600).unwrap();
    assert_eq!(signer.rotate("other", 0).unwrap_err().kind(), Kind::NotFound);
}
