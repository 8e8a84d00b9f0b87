//! `RECOVERY.md` is what somebody reads who has nothing else: its commands work as they stand there, and its examples are true.

mod house;

use std::{fs, path::Path, process::Command};

use house::{NOW, SECRET, TOKEN, dealing, notary, opening, payload, policy, program};
use hsm_shares::{
    approval,
    ceremony::{Ceremony, Opening},
    manifest::Manifest,
    policy::{Approval, Approver},
    share::Share,
    text::hex,
    transcript,
};
use sha2::{Digest, Sha256};

fn document() -> String {
    fs::read_to_string(program::repository("hsm-sim/RECOVERY.md")).unwrap()
}

fn fixture(name: &str) -> String {
    fs::read_to_string(program::repository("hsm-sim/shares/tests/fixtures/v1").join(name)).unwrap()
}

/// The commands under a heading, one string for each block.
fn commands(heading: &str) -> Vec<String> {
    let document = document();
    let (_, section) = document.split_once(&format!("\n### {heading}\n")).expect(heading);
    let section = section.split("\n### ").next().unwrap();
    let blocks = section.split("\n```sh\n").skip(1);
    blocks.map(|block| block.split("\n```").next().unwrap().to_owned()).collect()
}

fn shell(script: &str, directory: &Path) -> String {
    let mut command = Command::new("sh");
    let output = program::run(command.args(["-eu", "-c", script]).current_dir(directory), b"");
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_approver_signs_with_openssl_as_described() {
    if program::on_path("openssl").is_none() {
        return;
    }
    let [make_key, sign] = &commands("Approvals")[..] else { panic!("two blocks of commands") };
    let directory = tempfile::tempdir().unwrap();
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
    shell(make_key, directory.path());
    let approvers = vec![Approver { name: "ivy".into(), key: read("approver.hex") }];
    let approval = Approval { needed: 1, approvers };
    let opening = Opening { approval, ..opening(dealing(&SECRET, TOKEN, policy(2, 3))) };
    let (mut ceremony, _) = Ceremony::open(opening, &notary(), NOW).unwrap();
    fs::write(directory.path().join("statement.txt"), ceremony.report().statement).unwrap();
    shell(sign, directory.path());
    let dealt = ceremony.approve("ivy", &read("signature.hex"), &notary(), NOW).unwrap();
    assert!(dealt.is_some(), "the last approval deals");
}

#[test]
fn the_secret_is_combined_with_python_as_described() {
    if program::on_path("python3").is_none() {
        return;
    }
    let [combine] = &commands("Combining without us")[..] else { panic!("one block of commands") };
    assert_eq!(shell(combine, &program::repository("")), fixture("secret.hex"));
}

#[test]
fn the_examples_are_those_of_the_fixture() {
    let document = document();
    let manifest = Manifest::parse(&fixture("manifest.txt")).unwrap();
    let text = fixture("shares.txt").lines().next().unwrap().to_owned();
    let bytes = payload::decode(&text);
    let share = Share::parse(&text).unwrap_or_else(|why| panic!("{why}"));
    let (core, _) = manifest.text().split_once("share: ").unwrap();
    let mut said = vec![
        hex(&Sha256::digest(core)),
        text,
        hex(&share.hash()),
        fixture("secret.hex").trim().to_owned(),
        hex(&manifest.core.commitment),
        approval::message(&transcript::id(&fixture("statement.txt"))),
    ];
    let fields = [0..1, 1..9, 9..11, 11..12, 12..13, 13..14, 14..18, 18..26, 26..58];
    said.extend(fields.map(|field| format!(" | `{}` |\n", hex(&bytes[field]))));
    for example in said {
        assert!(document.contains(&example), "RECOVERY.md lacks {example}");
    }
}

/// Every line that the fixture's texts have is in the table of its section, in that order.
#[test]
fn the_tables_name_every_line() {
    let document = document();
    for (heading, text) in [
        ("Manifest", fixture("manifest.txt")),
        ("Statement and ceremony id", fixture("statement.txt")),
        ("Transcript", fixture("transcript.txt")),
    ] {
        let section = document.split_once(&format!("\n### {heading}\n")).unwrap().1.split("\n### ").next().unwrap();
        let cells = section.lines().filter(|line| line.starts_with("| `")).map(|line| line.split('|').nth(1).unwrap());
        let described: Vec<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
        let mut written: Vec<&str> = text.lines().map(|line| line.split(": ").next().unwrap()).collect();
        written.dedup();
        assert_eq!(written, described, "{heading}");
    }
}
