//! Custodians do not depend on us: a program of another language, which shares no code with us, combines our shares.
//!
//! All subsets and not only the first shares: a wrong polynomial of the field, or a wrong order of the bytes, would show up only where
//! both sides do not make the same mistake.

mod house;

use std::process::Command;

use house::{SECRET, Set, payload, program};
use hsm_shares::text::hex;
use serde_json::{Value, json};

/// What the program answers to each request; none where Python is missing.
fn answers(requests: &[Value]) -> Option<Vec<Value>> {
    let python = program::on_path("python3")?;
    let input: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let mut command = Command::new(python);
    let output = program::run(command.arg(program::repository("tests/independent/combine.py")).arg("--each"), input.as_bytes());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<_> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), requests.len());
    Some(answers)
}

fn request(shares: &[&str], set: &Set, with_manifest: bool) -> Value {
    match with_manifest {
        true => json!({ "shares": shares, "manifest": set.manifest.text() }),
        false => json!({ "shares": shares }),
    }
}

#[test]
fn every_quorum_of_a_few_shares_combines_to_the_same_secret() {
    let mut requests = vec![];
    for (threshold, total) in (2..=7).flat_map(|total| (2..=total).map(move |threshold| (threshold, total))) {
        let set = Set::of(&SECRET, threshold, total);
        for mask in (1..1u32 << total).filter(|mask| mask.count_ones() as usize == threshold) {
            let chosen = (0..total).filter(|at| mask >> at & 1 == 1).map(|at| set.shares[at].as_str());
            requests.push(request(&chosen.collect::<Vec<_>>(), &set, mask % 2 == 0));
        }
    }
    for (answer, request) in answers(&requests).iter().flatten().zip(&requests) {
        assert_eq!(*answer, json!({ "secret": hex(&SECRET) }), "{request}");
    }
}

#[test]
fn large_quorums_combine_to_the_same_secret() {
    let below = |bound: usize| getrandom::u64().unwrap() as usize % bound;
    let (mut requests, mut secrets) = (vec![], vec![]);
    for (threshold, total, len) in [(2, 255, 16), (17, 40, 24), (100, 101, 33), (128, 200, 64), (255, 255, 32)] {
        let mut secret = vec![0; len];
        getrandom::fill(&mut secret).unwrap();
        let set = Set::of(&secret, threshold, total);
        let mut left: Vec<&str> = set.shares.iter().map(String::as_str).collect();
        let chosen: Vec<_> = (0..threshold).map(|_| left.swap_remove(below(left.len()))).collect();
        requests.push(request(&chosen, &set, true));
        requests.push(request(&chosen, &set, false));
        // All of them: those beyond the threshold lie on the same polynomials.
        requests.push(request(&set.shares.iter().map(String::as_str).collect::<Vec<_>>(), &set, false));
        secrets.extend([(); 3].map(|()| json!({ "secret": hex(&secret) })));
    }
    let answers = answers(&requests);
    assert!(answers.is_none_or(|answers| answers == secrets));
}

#[test]
fn it_refuses_what_we_refuse() {
    let (set, other, later) = (Set::of(&SECRET, 3, 5), Set::of(&SECRET, 3, 5), Set::of(&[1; 32], 3, 5));
    let rehearsal = Set::rehearsed(3, 5).0;
    let share = |index| set.share(index);
    let forged = |at: usize| payload::forged(share(3), |bytes| bytes[at] ^= 1);
    let mistyped = share(3).replacen(char::is_numeric, "l", 2);
    let with = |third: &str| vec![share(1).to_owned(), share(2).to_owned(), third.to_owned()];
    let cases = [
        ("too few: it takes 3", vec![share(1).into(), share(2).into()], false),
        ("too few", vec![], false),
        ("twice: index 2", with(share(2)), false),
        ("its set is", with(other.share(3)), false),
        ("place 1 does not belong to the manifest: its set is", vec![later.share(3).into()], true),
        ("its rehearsal is True", with(rehearsal.share(3)), false),
        ("is no share", with(&mistyped), false),
        ("checksum", with(&share(3).replacen('q', "p", 1)), false),
        ("version", with(&forged(0)), false),
        ("its epoch is 0", with(&forged(10)), false),
        ("twice: index 2", with(&forged(11)), false),
        ("its threshold is 2", with(&forged(12)), false),
        ("its total is 4", with(&forged(13)), false),
        ("key check value", with(&forged(14)), false),
        ("manifest check", with(&forged(25)), false),
        ("altered; the manifest tells which", with(&forged(26)), false),
        ("not the one that carol was given", with(&forged(26)), true),
        ("has index 0", with(&payload::forged(share(3), |bytes| bytes[11] = 0)), false),
        ("too short or too long", with(&payload::forged(share(3), |bytes| bytes.truncate(41))), false),
        ("its length is 31", with(&payload::forged(share(3), |bytes| bytes.truncate(57))), false),
    ];
    let requests: Vec<_> = cases
        .iter()
        .map(|(_, shares, manifest)| request(&shares.iter().map(String::as_str).collect::<Vec<_>>(), &set, *manifest))
        .collect();
    for (answer, (expected, ..)) in answers(&requests).iter().flatten().zip(&cases) {
        assert!(answer["error"].as_str().is_some_and(|why| why.contains(expected)), "{expected}: {answer}");
    }
}

#[test]
fn it_refuses_an_altered_manifest() {
    let set = Set::of(&SECRET, 2, 3);
    let text = set.manifest.text();
    let altered = [
        ("manifest check", text.replacen("custodian: - alice", "custodian: - mallory", 1)),
        ("manifest check", text.replacen("token: 0", "token: 1", 1)),
        ("2 lines epoch", text.replacen("epoch: 1\n", "epoch: 1\nepoch: 1\n", 1)),
        ("0 lines commitment", text.replacen("\ncommitment: ", "\ncommitted: ", 1)),
        ("2 hashes for 3", text.replacen("\nshare: ", "\nshared: ", 1)),
        ("is none", text.replacen("manifest 1", "manifest 2", 1)),
        ("is none", String::new() + "x"),
    ];
    let request = |manifest: &str| json!({ "shares": [set.share(1), set.share(2)], "manifest": manifest });
    let requests: Vec<_> = altered.iter().map(|(_, manifest)| request(manifest)).collect();
    for (answer, (expected, _)) in answers(&requests).iter().flatten().zip(&altered) {
        assert!(answer["error"].as_str().is_some_and(|why| why.contains(expected)), "{expected}: {answer}");
    }
}

#[test]
fn it_reads_what_custodians_type() {
    let set = Set::of(&SECRET, 2, 3);
    let grouped = hsm_shares::share::grouped(set.share(1));
    let typed = [grouped.to_uppercase(), grouped.replace(' ', "-"), format!("  {}\r\n", *grouped)];
    let requests: Vec<_> = typed.iter().map(|text| json!({ "shares": [text, set.share(3)] })).collect();
    for answer in answers(&requests).iter().flatten() {
        assert_eq!(*answer, json!({ "secret": hex(&SECRET) }));
    }
}
