//! Shares that travel encrypted: to a custodian's own recipient on the way out, to the ceremony's mailbox on the way back.

mod house;

use age::x25519::Identity;
use house::{NOW, SECRET, Set, TOKEN, code, dealing, give, open, program};
use hsm_shares::{
    ceremony::{Ceremony, Work},
    envelope,
    policy::{Approval, Custodian, Policy},
    share::Share,
    wire::Dealt,
};

/// Two of Alice, who has an age recipient, and Bob, who has none.
fn dealt(alice: &Identity) -> (Ceremony, Dealt) {
    let custodian = |name: &str, recipient| Custodian { name: name.into(), recipient };
    let custodians = vec![custodian("alice", Some(alice.to_public().to_string())), custodian("bob", None)];
    let policy = Policy::new(2, custodians, Approval::default(), None).unwrap();
    let (ceremony, dealt) = open(dealing(&SECRET, TOKEN, policy));
    (ceremony, dealt.unwrap())
}

#[test]
fn a_custodian_with_a_recipient_gets_the_share_encrypted() {
    let alice = Identity::generate();
    let (mut ceremony, dealt) = dealt(&alice);
    let [mine, bobs] = &dealt.shares[..] else { panic!("two shares") };
    assert!(mine.encrypted && !bobs.encrypted);
    assert!(mine.share.expose().starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"));
    assert!(!mine.share.expose().contains("hsmshare"));
    let opened = age::decrypt(&alice, mine.share.expose().as_bytes()).unwrap();
    let opened = String::from_utf8(opened).unwrap();
    assert!(Share::parse(&opened).is_ok_and(|share| share.part.index == 1));
    assert!(age::decrypt(&Identity::generate(), mine.share.expose().as_bytes()).is_err());

    assert_eq!(code(&give(&mut ceremony, Some("alice"), mine.share.expose())), "unreadable", "not encrypted to the ceremony");
    let returned = envelope::seal(&ceremony.report().recipient, opened.as_bytes()).unwrap();
    assert!(give(&mut ceremony, Some("alice"), &returned).accepted);
    assert!(give(&mut ceremony, Some("bob"), bobs.share.expose()).accepted);
    assert!(matches!(ceremony.work(NOW), Ok(Work::Activate(_))));
}

#[test]
fn contributions_to_the_mailbox_are_accepted() {
    let set = Set::of(&SECRET, 2, 3);
    let mut ceremony = set.restoring();
    let mailbox = ceremony.report().recipient;
    let plain = format!("{}\n", hsm_shares::share::grouped(set.share(1)).to_uppercase());
    let sealed = envelope::seal(&mailbox, plain.as_bytes()).unwrap();
    assert!(give(&mut ceremony, None, &format!("\n  {}\r\n", sealed.replace('\n', "\r\n"))).accepted);
    let again = envelope::seal(&mailbox, set.share(1).as_bytes()).unwrap();
    assert_eq!(code(&give(&mut ceremony, None, &again)), "duplicate");
    assert!(give(&mut ceremony, None, &envelope::seal(&mailbox, set.share(3).as_bytes()).unwrap()).accepted);
    assert!(matches!(ceremony.work(NOW), Ok(Work::Restore(_, secret)) if secret.expose() == SECRET));
}

#[test]
fn what_does_not_open_is_unreadable() {
    let set = Set::of(&SECRET, 2, 3);
    let mut ceremony = set.restoring();
    let mailbox = ceremony.report().recipient;
    let sealed = envelope::seal(&mailbox, set.share(1).as_bytes()).unwrap();
    let header = "-----BEGIN AGE ENCRYPTED FILE-----\n";
    let middle = sealed.len() / 2;
    let unreadable = [
        envelope::seal(&set.restoring().report().recipient, set.share(1).as_bytes()).unwrap(),
        sealed[..middle].to_owned(),
        sealed[..sealed.len() - 8].to_owned(),
        format!("{}{}", &sealed[..middle], &sealed[middle + 4..]),
        format!("{header}garbage\n-----END AGE ENCRYPTED FILE-----\n"),
        header.to_owned(),
        format!("{sealed}{sealed}"),
        format!("{header}{}", "A".repeat(1_000_000)),
    ];
    for text in unreadable {
        let verdict = give(&mut ceremony, Some("alice"), &text);
        assert_eq!((code(&verdict), verdict.custodian.as_deref()), ("unreadable", Some("alice")), "{:.200}", text);
    }
    for (inside, expected) in [(&b"garbage"[..], "not-a-share"), (b"\xff\xfe", "not-a-share"), (b"", "not-a-share")] {
        assert_eq!(code(&give(&mut ceremony, None, &envelope::seal(&mailbox, inside).unwrap())), expected);
    }
    assert!(give(&mut ceremony, None, &sealed).accepted);
}

#[test]
fn every_changed_letter_of_a_contribution_is_refused() {
    let set = Set::of(&SECRET, 2, 3);
    let mut ceremony = set.restoring();
    let sealed = envelope::seal(&ceremony.report().recipient, set.share(1).as_bytes()).unwrap();
    let (begin, end) = (sealed.find('\n').unwrap() + 1, sealed.rfind("\n-----END").unwrap());
    for at in (begin..end).filter(|at| sealed.as_bytes()[*at].is_ascii_alphanumeric()) {
        let other = if sealed.as_bytes()[at] == b'B' { "Z" } else { "B" };
        let verdict = give(&mut ceremony, None, &format!("{}{other}{}", &sealed[..at], &sealed[at + 1..]));
        assert_eq!(code(&verdict), "unreadable", "letter {at}");
    }
}

#[test]
fn the_age_command_opens_a_share_and_closes_a_contribution() {
    let Some(command) = program::on_path("age") else { return };
    let age = |arguments: &[&str], input: &str| {
        let output = program::run(std::process::Command::new(&command).args(arguments), input.as_bytes());
        assert!(output.status.success(), "age {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let alice = Identity::generate();
    let (mut ceremony, dealt) = dealt(&alice);
    let directory = tempfile::tempdir().unwrap();
    let identity = directory.path().join("alice.txt");
    std::fs::write(&identity, age::secrecy::ExposeSecret::expose_secret(&alice.to_string())).unwrap();
    let opened = age(&["-d", "-i", identity.to_str().unwrap()], dealt.shares[0].share.expose());
    let returned = age(&["-a", "-r", &ceremony.report().recipient], &opened);
    assert!(give(&mut ceremony, Some("alice"), &returned).accepted);
}
