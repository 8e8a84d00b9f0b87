//! A set of shares that was dealt when version 1 of the formats was frozen, of a throw-away key.
//!
//! It may never be made anew. Custodians keep sheets of paper for ten years; a change after which `fixtures/v1` no longer combines is a
//! change after which theirs do not. Whoever finds these tests failing has broken the formats and must repair the code. A new version
//! of a format gets a fixture of its own, beside this one.

mod house;

use std::{
    fs,
    process::{Command, Output},
};

use house::{NOW, code, give, open, program};
use hsm_shares::{
    approval,
    ceremony::{Task, Work},
    manifest::Manifest,
    notary,
    shamir::Part,
    share::{Share, commitment},
    text::{hex, unhex_array},
    transcript::{self, Transcript},
};

fn file(name: &str) -> String {
    let path = program::repository("hsm-sim/shares/tests/fixtures/v1").join(name);
    fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn shares(name: &str) -> Vec<String> {
    file(name).lines().map(str::to_owned).collect()
}

fn manifest() -> Manifest {
    Manifest::parse(&file("manifest.txt")).unwrap()
}

/// Every three of five.
fn triples() -> impl Iterator<Item = [usize; 3]> {
    (0..5).flat_map(|a| (0..a).flat_map(move |b| (0..b).map(move |c| [a, b, c])))
}

#[test]
fn every_three_restore_the_key() {
    let shares = shares("shares.txt");
    for triple in triples() {
        let mut ceremony = open(Task::Restore(manifest())).0;
        for at in triple {
            let verdict = give(&mut ceremony, None, &shares[at]);
            assert_eq!(code(&verdict), "accepted");
            assert_eq!(verdict.custodian.as_deref(), Some(["alice", "bob", "carol", "Zoë - the 4th", "erin"][at]));
        }
        let Ok(Work::Restore(manifest, secret)) = ceremony.work(NOW) else { panic!("not ready: {triple:?}") };
        assert_eq!(hex(secret.expose()), file("secret.hex").trim());
        assert_eq!(commitment(secret), manifest.core.commitment);
    }
}

#[test]
fn shares_are_written_as_they_were() {
    for name in ["shares.txt", "rehearsal/shares.txt"] {
        for text in shares(name) {
            assert_eq!(Share::parse(&text).unwrap_or_else(|why| panic!("{why}")).to_text().unwrap().expose(), text.as_bytes());
        }
    }
}

#[test]
fn the_rehearsal_combines_and_restores_nothing() {
    let manifest = Manifest::parse(&file("rehearsal/manifest.txt")).unwrap();
    let shares: Vec<Share> = shares("rehearsal/shares.txt").iter().filter_map(|text| Share::parse(text).ok()).collect();
    for triple in triples() {
        let parts: Vec<&Part> = triple.iter().map(|at| &shares[*at].part).collect();
        let secret = manifest.core.policy.quorum().combine(&parts).unwrap();
        assert_eq!(hex(secret.expose()), file("rehearsal/secret.hex").trim());
        assert_eq!(commitment(&secret), manifest.core.commitment);
    }
    assert!(shares.iter().all(|share| manifest.admit(share, &[]).is_ok()));
    let mut ceremony = open(Task::Restore(self::manifest())).0;
    assert_eq!(code(&give(&mut ceremony, None, &self::shares("rehearsal/shares.txt")[0])), "rehearsal");
}

#[test]
fn the_minutes_and_the_approval_are_good() {
    let transcript = Transcript::parse(&file("transcript.txt")).unwrap();
    assert_eq!(transcript.statement, file("statement.txt"));
    assert_eq!(transcript.ceremony, transcript::id(&file("statement.txt")));
    assert_eq!((transcript.manifest, transcript.signer), (Some(manifest().digest()), *manifest().signer()));
    assert_eq!(transcript.events.len(), 8);
    let ivy = approval::key(&manifest().core.policy.approval().approvers[0]).unwrap();
    let signature = unhex_array(file("signature.hex").trim(), "the signature").unwrap();
    assert!(notary::verify(&ivy, approval::message(&transcript.ceremony).as_bytes(), &signature));
}

/// The independent program, with a manifest and shares that it is given on standard input.
fn combined(manifest: &str, shares: &[&str]) -> Option<Output> {
    let mut command = Command::new(program::on_path("python3")?);
    command.arg(program::repository("tests/independent/combine.py")).arg("--manifest");
    command.arg(program::repository("hsm-sim/shares/tests/fixtures/v1").join(manifest));
    Some(program::run(&mut command, shares.join("\n").as_bytes()))
}

#[test]
fn the_independent_program_combines_both_sets() {
    for directory in ["", "rehearsal/"] {
        let [shares, secret] = ["shares.txt", "secret.hex"].map(|name| file(&format!("{directory}{name}")));
        let shares: Vec<&str> = shares.lines().collect();
        for triple in triples() {
            let Some(output) = combined(&format!("{directory}manifest.txt"), &triple.map(|at| shares[at])) else { return };
            assert_eq!(String::from_utf8(output.stdout).unwrap(), secret);
            let silent = output.stderr.is_empty();
            assert!(output.status.success() && silent == directory.is_empty(), "a rehearsal is called one");
        }
        let too_few = combined(&format!("{directory}manifest.txt"), &shares[..2]).unwrap();
        assert!(!too_few.status.success() && too_few.stdout.is_empty());
        assert_eq!(String::from_utf8(too_few.stderr).unwrap(), "combine.py: 2 shares are too few: it takes 3\n");
    }
}
