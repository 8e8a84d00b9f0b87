//! The manifest reads as it was written, and any other way it is refused.

mod house;

use house::{NOW, SECRET, TOKEN, altered, code, give, notary, open};
use hsm_shares::{
    Error,
    ceremony::Task,
    manifest::{Core, Key, Manifest},
    notary::Notary,
    policy::{Approval, Approver, Custodian, Policy},
    secret::Secret,
    share::{SetId, Share, commitment},
    time::Time,
};

const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/// A core in which every line occurs.
fn core() -> Core {
    let approver = |name: &str, seed| Approver { name: name.into(), key: hsm_shares::text::hex(&of_seed(seed).public_key()) };
    let approval = Approval { needed: 1, approvers: vec![approver("ivy", 1), approver("judy o", 2)] };
    let recipient = Some(RECIPIENT.to_owned());
    let custodians = vec![
        Custodian { name: "alice".into(), recipient: None },
        Custodian { name: "bob - the 2nd".into(), recipient },
        Custodian { name: "名前: x".into(), recipient: None },
    ];
    Core {
        rehearsal: false,
        set: SetId::fresh(TOKEN).unwrap(),
        epoch: 7,
        nonce: *b"\x00\xffnonce!",
        dealt: NOW,
        token: TOKEN.into(),
        key: Key { id: vec![0, 255], len: 32, attributes: vec![(3, b"main".to_vec()), (0x8000_0001, vec![])] },
        commitment: commitment(&Secret::copy(&SECRET)),
        policy: Policy::new(2, custodians, approval, Some("2028-02-29".into())).unwrap(),
    }
}

fn of_seed(byte: u8) -> Notary {
    Notary::of_seed(&Secret::copy(&[byte; 32])).unwrap()
}

fn signed(core: &Core) -> (Manifest, Vec<Share>) {
    let parts = core.policy.quorum().split(&Secret::copy(&SECRET)).unwrap();
    let shares: Vec<_> = parts.into_iter().map(|part| Share { dealing: core.dealing(), part }).collect();
    (Manifest::sign(core, &shares, &notary()).unwrap(), shares)
}

#[test]
fn it_reads_as_it_was_written() {
    let full = core();
    let (manifest, _) = signed(&full);
    let read = Manifest::parse(manifest.text()).unwrap();
    assert_eq!(read, manifest);
    assert_eq!(read.core, full);
    assert_eq!(*read.signer(), notary().public_key());
    let bare = Core {
        rehearsal: true,
        key: Key { id: vec![], len: 16, attributes: vec![] },
        policy: house::policy(2, 2),
        dealt: Time(0),
        ..full
    };
    assert_eq!(Manifest::parse(signed(&bare).0.text()).unwrap().core, bare);
}

#[test]
fn names_with_odd_characters_stay_what_they_are() {
    let odd = ["- -", "custodian: mallory", "a  b", "a\u{200d}b", "\u{1f511}", "\"'\\n$(x)", "age1 x", "=", "é", "e\u{301}"];
    let custodians = odd.map(|name| Custodian { name: name.into(), recipient: None }).to_vec();
    let policy = Policy::new(2, custodians, Approval::default(), None).unwrap();
    let (manifest, _) = signed(&Core { policy: policy.clone(), token: "a: b".into(), ..core() });
    assert_eq!(Manifest::parse(manifest.text()).unwrap().core.policy, policy);
}

#[test]
fn every_line_removed_doubled_or_exchanged_is_refused() {
    let altered = altered::lines(signed(&core()).0.text());
    assert!(altered.len() > 50);
    for text in altered {
        assert!(Manifest::parse(&text).is_err(), "{text}");
    }
}

#[test]
fn every_changed_byte_is_refused() {
    let (manifest, _) = signed(&core());
    for text in altered::bytes(manifest.text()).chain(altered::lengths(manifest.text())) {
        assert!(Manifest::parse(&text).is_err(), "{text}");
    }
}

#[test]
fn other_texts_are_refused() {
    let (manifest, _) = signed(&core());
    let text = manifest.text();
    let others = [
        String::new(),
        "\n".into(),
        text.replace('\n', "\r\n"),
        text.trim_end().into(),
        format!("\u{feff}{text}"),
        format!("{text}{text}"),
        text.to_uppercase(),
        text.replace("manifest 1", "manifest 2"),
        text.replace("manifest 1", "transcript 1"),
    ];
    for other in others {
        assert!(matches!(Manifest::parse(&other), Err(Error::Malformed(_))), "{other:?}");
    }
}

/// The story: an empty label was written as a blank at the end of a line, which an editor or a typist leaves out.
#[test]
fn no_line_ends_with_a_blank() {
    let full = core();
    let empty = Core { key: Key { id: vec![], ..full.key.clone() }, ..full };
    let (manifest, _) = signed(&empty);
    assert!(manifest.text().contains("\nkey: -\n") && manifest.text().contains("\nattribute: 80000001 -\n"));
    assert!(manifest.text().lines().all(|line| line.trim_end() == line));
    assert_eq!(Manifest::parse(manifest.text()).unwrap().core, empty);
}

#[test]
fn a_refusal_quotes_the_line() {
    let (manifest, _) = signed(&core());
    let wrong = |from: &str, to: &str| Manifest::parse(&manifest.text().replacen(from, to, 1)).unwrap_err().to_string();
    assert!(wrong("\nepoch: ", "\nepoc: ").contains("\"epoc: 7\""));
    assert!(wrong("\nepoch: 7", "\nepoch: 07").contains("the epoch"));
    assert!(wrong("threshold: 2", "threshold: 4").contains("4 of 3"));
    assert!(wrong("rehearsal: no", "rehearsal: yes").contains("altered"));
}

/// Whoever writes a manifest of his own and signs it himself has one that parses: its signer is another, and the shares know it not.
#[test]
fn the_shares_vouch_for_the_manifest() {
    let (_, shares) = signed(&core());
    let text = String::from_utf8(shares[0].to_text().unwrap().expose().to_vec()).unwrap();
    let attacker = of_seed(66);
    let custodians = house::custodians(3);
    let exchanged = [
        Core { policy: Policy::new(2, custodians, Approval::default(), None).unwrap(), ..core() },
        Core { key: Key { id: vec![1], ..core().key }, ..core() },
        Core { dealt: NOW.plus(1), ..core() },
    ];
    for forged in exchanged {
        let forged = Core { set: shares[0].dealing.set, ..forged };
        let manifest = Manifest::sign(&forged, &shares, &attacker).unwrap();
        assert_ne!(*manifest.signer(), notary().public_key());
        let mut ceremony = open(Task::Restore(manifest)).0;
        assert_eq!(code(&give(&mut ceremony, None, &text)), "other-dealing");
    }
}

/// Hashes that are not the shares': each share is refused as altered, whoever signed.
#[test]
fn the_hashes_are_those_of_the_shares() {
    let full = core();
    let (_, mut shares) = signed(&full);
    shares.swap(0, 1);
    let manifest = Manifest::sign(&full, &shares, &notary()).unwrap();
    for share in &shares {
        assert_eq!(
            manifest.admit(share, &[]).map_err(|why| why.code()),
            if share.part.index == 3 { Ok(()) } else { Err("tampered") }
        );
    }
    assert!(Manifest::sign(&full, &shares[..2], &notary()).is_err(), "two hashes for three shares");
}

/// A good signature does not help: what is printed and typed in again must come out the same, so there is one way to write it.
#[test]
fn another_way_to_write_the_same_is_refused() {
    let (manifest, _) = signed(&core());
    let resigned = |from: &str, to: &str| {
        let mut text = hsm_shares::text::Writer::new("hsm-sim recovery manifest 1");
        let lines = manifest.text().lines().skip(1).take_while(|line| !line.starts_with("signed-by"));
        for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
            text.line(name, if value == from { to } else { value });
        }
        notary().sign(text)
    };
    assert_eq!(resigned("", ""), manifest.text());
    for (from, to) in [
        ("00000003 6d61696e", "3 6d61696e"),
        ("00000003 6d61696e", "+0000003 6d61696e"),
        ("80000001 -", "80000001 "),
        ("80000001 -", "080000001 -"),
        ("32", "032"),
        ("no", "NO"),
        ("2028-02-29", "20280229"),
        ("2027-01-15T08:00:00Z", "2027-01-15T08:00:00.0Z"),
        ("2027-01-15T08:00:00Z", "2027-01-15T09:00:00+01:00"),
    ] {
        assert!(manifest.text().contains(from), "{from}");
        assert!(matches!(Manifest::parse(&resigned(from, to)), Err(Error::Malformed(_))), "{to}");
    }
}

#[test]
fn what_cannot_be_written_is_not_signed() {
    let (_, shares) = signed(&core());
    let unwritable = [
        Core { token: "a\nb".into(), ..core() },
        Core { token: String::new(), ..core() },
        Core { dealt: Time(i64::MAX), ..core() },
    ];
    for core in unwritable {
        assert!(Manifest::sign(&core, &shares, &notary()).is_err());
    }
}
