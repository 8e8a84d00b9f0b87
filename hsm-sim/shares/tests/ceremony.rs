//! Whole ceremonies, without any token.

mod house;

use house::{NOW, SECRET, Set, code, dealing, give, open, policy};
use hsm_shares::{
    Error,
    ceremony::{Ceremony, MOST_EVENTS, Task, Work},
    manifest::Manifest,
    notary::Notary,
    secret::Secret,
    share::Share,
    transcript::Transcript,
};

#[test]
fn a_set_comes_into_force_when_every_share_was_entered_again() {
    let (mut ceremony, dealt) = open(dealing(&SECRET, house::TOKEN, policy(3, 5)));
    let dealt = dealt.expect("nothing has to be approved");
    assert!(ceremony.report().confirming);
    for handed in &dealt.shares {
        assert!(ceremony.work(NOW).is_err(), "ready before every share was entered");
        assert!(give(&mut ceremony, Some(&handed.custodian), handed.share.expose()).accepted);
    }
    assert!(matches!(ceremony.work(NOW), Ok(Work::Activate(manifest)) if manifest.text() == dealt.manifest));
    let notary = Notary::fresh().unwrap();
    let transcript = Transcript::parse(&ceremony.transcript("done", &notary)).unwrap();
    assert_eq!(transcript.signer, notary.public_key());
}

#[test]
fn a_quorum_restores_and_no_further_share_is_awaited() {
    let set = Set::of(&SECRET, 3, 5);
    let mut ceremony = set.restoring();
    for index in [4, 1, 5] {
        assert!(give(&mut ceremony, None, set.share(index)).accepted);
    }
    assert!(ceremony.contribute(None, set.share(2), &house::notary(), NOW).is_err());
    assert!(matches!(ceremony.work(NOW), Ok(Work::Restore(_, secret)) if secret.expose() == SECRET));
}

#[test]
fn a_proof_takes_as_many_shares_as_there_are() {
    let set = Set::of(&SECRET, 2, 4);
    let (mut ceremony, _) = open(Task::Verify(set.manifest.clone()));
    for index in 1..=4 {
        assert_eq!(ceremony.work(NOW).is_ok(), index > 2);
        assert!(give(&mut ceremony, None, set.share(index)).accepted);
        assert_eq!(code(&give(&mut ceremony, None, set.share(index))), "duplicate");
    }
    assert_eq!(ceremony.report().shares.given.len(), 4);
    assert!(matches!(ceremony.work(NOW), Ok(Work::Verified(_))));
}

#[test]
fn a_quorum_sets_a_new_pin() {
    let set = Set::of(&SECRET, 2, 3);
    let (mut ceremony, _) = open(Task::ResetPin(set.manifest.clone()));
    assert!(give(&mut ceremony, None, set.share(3)).accepted);
    assert!(ceremony.work(NOW).is_err());
    assert!(give(&mut ceremony, None, set.share(1)).accepted);
    assert!(matches!(ceremony.work(NOW), Ok(Work::ResetPin(_, secret)) if secret.expose() == SECRET));
}

#[test]
fn a_closed_ceremony_does_nothing_more() {
    let set = Set::of(&SECRET, 2, 3);
    let mut ceremony = set.restoring();
    give(&mut ceremony, None, set.share(1));
    give(&mut ceremony, None, set.share(2));
    assert!(ceremony.work(NOW).is_ok());
    ceremony.close();
    assert!(ceremony.work(NOW).is_err() && ceremony.contribute(None, set.share(3), &house::notary(), NOW).is_err());
}

/// A dealer who lies: the shares are those of the manifest, but the secret is not the one it commits to. The four bytes of the key check
/// value agree; only the whole commitment tells. The story: the minutes ended with a share accepted, as if nothing had happened.
#[test]
fn another_secret_than_the_manifest_commits_to_is_not_given_out() {
    let mut core = Set::of(&SECRET, 2, 3).manifest.core;
    core.commitment[31] ^= 1;
    let parts = core.policy.quorum().split(&Secret::copy(&SECRET)).unwrap();
    let shares: Vec<_> = parts.into_iter().map(|part| Share { dealing: core.dealing(), part }).collect();
    let manifest = Manifest::sign(&core, &shares, &house::notary()).unwrap();
    let mut ceremony = open(Task::Restore(manifest)).0;
    let text = |at: usize| String::from_utf8(shares[at].to_text().unwrap().expose().to_vec()).unwrap();
    assert!(give(&mut ceremony, None, &text(0)).accepted);
    let last = ceremony.contribute(None, &text(1), &house::notary(), NOW);
    assert!(matches!(last, Err(Error::Mismatch(_))));
    assert!(ceremony.work(NOW).is_err());
    let minutes = Transcript::parse(&ceremony.transcript("failed", &house::notary())).unwrap();
    assert!(minutes.events.last().unwrap().1.contains("another secret than the manifest commits to"));
}

#[test]
fn time_runs_out() {
    let set = Set::of(&SECRET, 2, 3);
    let mut ceremony = set.restoring();
    give(&mut ceremony, None, set.share(1));
    give(&mut ceremony, None, set.share(2));
    let last = hsm_shares::time::Time(ceremony.expires().0 - 1);
    assert!(ceremony.work(last).is_ok());
    assert_eq!(ceremony.work(ceremony.expires()).err(), Some(Error::Expired));
}

/// Whoever enters nonsense for ever would fill the host's memory with the minutes of it.
#[test]
fn a_ceremony_has_an_end_to_its_patience() {
    let set = house::Set::of(&house::SECRET, 2, 3);
    let mut ceremony = set.restoring();
    let nonsense = |ceremony: &mut Ceremony| ceremony.contribute(None, "nonsense", &house::notary(), house::NOW);
    let refused = (0..MOST_EVENTS).take_while(|_| nonsense(&mut ceremony).is_ok()).count();
    assert!((MOST_EVENTS - 2..MOST_EVENTS).contains(&refused), "{refused}");
    assert!(matches!(nonsense(&mut ceremony), Err(Error::Stage(_))));
}
