//! The minutes of a ceremony: what is in them, what never is, and that they cannot be altered.

mod house;

use house::{NOW, SECRET, Set, altered, give, notary, payload};
use hsm_shares::{
    Error,
    secret::Secret,
    transcript::{self, Minutes, Transcript},
};

/// The minutes of a restore in which a share was refused.
fn written() -> (Set, String) {
    let set = Set::of(&SECRET, 2, 3);
    let mut ceremony = set.restoring();
    give(&mut ceremony, None, set.share(2));
    give(&mut ceremony, Some("carol"), &payload::forged(set.share(3), |bytes| bytes[30] ^= 1));
    give(&mut ceremony, None, "garbage");
    give(&mut ceremony, None, set.share(1));
    let text = ceremony.transcript("done", &notary());
    (set, text)
}

#[test]
fn it_says_who_did_what() {
    let (set, text) = written();
    let transcript = Transcript::parse(&text).unwrap();
    let events: Vec<&str> = transcript.events.iter().map(|(_, what)| what.as_str()).collect();
    let expected = [
        "begun",
        "share of bob accepted",
        "share of carol refused: tampered",
        "share of somebody refused: not-a-share",
        "share of alice accepted",
    ];
    assert_eq!(events, expected);
    assert!(transcript.events.iter().all(|(time, _)| *time == NOW));
    assert_eq!((transcript.outcome.as_str(), transcript.signer), ("done", notary().public_key()));
    assert_eq!(transcript.manifest, Some(set.manifest.digest()));
    assert_eq!(transcript.ceremony, transcript::id(&transcript.statement));
    assert!(transcript.statement.contains("\nkind: restore\n"));
}

#[test]
fn it_holds_no_value() {
    let (set, text) = written();
    let mut secrets: Vec<Vec<u8>> = set.shares.iter().map(|share| payload::decode(share)[26..].to_vec()).collect();
    secrets.push(SECRET.to_vec());
    for secret in secrets {
        assert!(!text.contains(&hsm_shares::text::hex(&secret)[..16]));
    }
    for share in &set.shares {
        assert!(!text.contains(&share["hsmshare1".len()..][..16]));
    }
}

#[test]
fn every_line_removed_doubled_or_exchanged_is_refused() {
    for text in altered::lines(&written().1) {
        assert!(Transcript::parse(&text).is_err(), "{text}");
    }
}

#[test]
fn every_changed_byte_is_refused() {
    let (_, text) = written();
    for text in altered::bytes(&text).chain(altered::lengths(&text)) {
        assert!(Transcript::parse(&text).is_err(), "{text}");
    }
}

#[test]
fn events_with_line_ends_stay_one_line() {
    let mut minutes = Minutes::new("statement\n".into());
    for what in ["a\nevent: b", "\r\n", "outcome: done", "x\u{85}y", ""] {
        minutes.note(NOW, what);
    }
    let read = Transcript::parse(&minutes.sign("failed", None, &notary())).unwrap();
    let events: Vec<&str> = read.events.iter().map(|(_, what)| what.as_str()).collect();
    assert_eq!(events, ["a?event: b", "??", "outcome: done", "x?y", ""]);
    assert_eq!((read.outcome.as_str(), read.manifest), ("failed", None));
}

/// Somebody signs a statement of his own under the id of another ceremony.
#[test]
fn the_id_is_the_digest_of_the_statement() {
    let mut text = hsm_shares::text::Writer::new("hsm-sim recovery transcript 1");
    text.line("ceremony", hsm_shares::text::hex(&transcript::id("another\n")));
    text.line("statement", "this one");
    text.line("outcome", "done");
    let text = notary().sign(text);
    assert!(matches!(Transcript::parse(&text), Err(Error::Mismatch(why)) if why.contains("digest")));
}

#[test]
fn a_signature_is_good_for_its_text_and_key_only() {
    let (_, text) = written();
    let other = hsm_shares::notary::Notary::of_seed(&Secret::copy(&[7; 32])).unwrap().public_key();
    let [mine, other] = [notary().public_key(), other].map(|key| hsm_shares::text::hex(&key));
    assert!(matches!(Transcript::parse(&text.replace(&mine, &other)), Err(Error::Mismatch(_))));
}
