//! Whether secrets show in how long a call takes, through the C interface:
//!
//!     cargo bench -p hsm-tests --bench timing
//!     HSM_TIMING_ROUNDS=60000 HSM_TEST_MODULE=... cargo bench -p hsm-tests --bench timing
//!
//! The harness stops a process after five minutes.
//!
//! Two classes of input in random order, and Welch's t-test on their times (Reparaz, Balasch, Verbauwhede, "dude, is my code constant
//! time?", DATE 2017): |t| below 4.5 is noise, above 10 the classes differ. It reports and never fails: other load on the machine shows
//! as well. The t of the fastest nine tenths stands beside that of all, since interruptions hide small differences.
//!
//! One row is the test of the test: AES-CBC with padding that is unsound, for which the standard has a code of its own.

#[path = "timing/cases.rs"]
mod cases;
#[path = "timing/welch.rs"]
mod welch;

use hsm_tests::*;
use std::time::Instant;
use welch::{Samples, compare};

/// One measured call: its class is 0 or 1, and the number of the round is its to use.
pub struct Case<'s> {
    name: &'static str,
    /// Of the rounds asked for, one in so many: some calls are slow.
    share: usize,
    /// What is done before the clock runs.
    prepare: Box<dyn FnMut(usize) + 's>,
    call: Box<dyn FnMut(usize) + 's>,
}

fn main() {
    // `cargo test --benches` runs this too: it shall compile and do nothing.
    if !std::env::args().any(|argument| argument == "--bench" || argument == "--exact") {
        return;
    }
    let place = std::env::temp_dir().join(format!("hsm-timing-{}", std::process::id()));
    // The figures are left by the process that has the module.
    isolated(measure);
    print!("{}", std::fs::read_to_string(&place).unwrap_or_default());
    _ = std::fs::remove_file(place);
}

fn measure(home: &Home) {
    let rounds = std::env::var("HSM_TIMING_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20_000);
    let token = home.legacy_token();
    let mut table =
        format!("{:<52} {:>8} {:>10} {:>10} {:>12} {:>12}\n", "two classes", "calls", "t", "t of 90%", "mean ns", "difference");
    for mut case in cases::all(&token) {
        let samples = run(&mut case, rounds);
        let ([all, most], [first, second]) = (compare(&samples), samples.means());
        let count = samples.count();
        table += &format!("{:<52} {count:>8} {all:>10.2} {most:>10.2} {first:>12.0} {:>12.1}\n", case.name, second - first);
    }
    let place = std::env::temp_dir().join(format!("hsm-timing-{}", std::os::unix::process::parent_id()));
    std::fs::write(place, table).expect("a file for the figures");
}

fn run(case: &mut Case<'_>, rounds: usize) -> Samples {
    let mut samples = Samples::default();
    let mut order = welch::Coin::new();
    for _ in 0..rounds / case.share {
        let class = order.toss();
        (case.prepare)(class);
        let begun = Instant::now();
        (case.call)(class);
        samples.add(class, begun.elapsed());
    }
    samples
}
