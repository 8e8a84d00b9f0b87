//! Every target on its corpus and on a fixed number of random inputs: what `tests/fuzz` does for hours, for seconds.
//!
//! HSM_HOSTILE_RUNS multiplies the number of random inputs, HSM_HOSTILE_SEED chooses others, HSM_HOSTILE_ONLY names one target.

use hsm_hostile::{Random, TARGETS, Target, leave, memory_in_use};
use std::env;
use std::fs;
use std::path::PathBuf;

/// Random inputs of each target, and as many altered ones for each file of its corpus as make that number again.
const RUNS: usize = 300;

#[test]
fn every_target() {
    let only = env::var("HSM_HOSTILE_ONLY").ok();
    let chosen = TARGETS.iter().filter(|(name, _)| only.as_deref().is_none_or(|only| only == *name));
    chosen.for_each(smoke);
    leave();
}

fn smoke(target: &Target) {
    let (name, body) = target;
    let runs = RUNS * number("HSM_HOSTILE_RUNS", 1);
    let corpus = corpus(name);
    let mut random = Random(number("HSM_HOSTILE_SEED", 1) as u64);
    let run = |input: &[u8]| {
        fs::write(last(name), input).expect("a file for the last input");
        body(input);
    };
    corpus.iter().for_each(|input| run(input));
    let mut warm = 0;
    for i in 0..runs {
        if i == runs / 3 {
            warm = memory_in_use();
        }
        run(&random.bytes(512));
        if let Some(seed) = corpus.get(i % corpus.len().max(1)) {
            run(&random.altered(seed));
        }
    }
    let grown = memory_in_use().saturating_sub(warm);
    assert!(grown < 64 << 20, "{name}: two thirds of {runs} inputs left {grown} bytes behind");
    fs::remove_file(last(name)).expect("the last input");
}

/// The files of a target's corpus, in the order of their names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let place = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(&place).into_iter().flatten().map(|file| file.expect("a file").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a file of the corpus")).collect()
}

/// Where an input is that ended the process.
fn last(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{name}"))
}

fn number(variable: &str, usual: usize) -> usize {
    env::var(variable).map_or(usual, |number| number.parse().expect(variable))
}
