//! 5.1.6, CKR_ARGUMENTS_BAD: lengths and counts that cannot be, and none at all, in each position of every function.

use crate::stage;
use hsm_tests::*;

/// Beyond any memory: half the address space and more.
const IMPOSSIBLE: [usize; 3] = [isize::MAX as usize + 1, usize::MAX - 7, usize::MAX];

/// Every function with every parameter of the kinds asked for, each on a stage of its own.
fn each(token: &Token, kinds: &[Param], mut row: impl FnMut(&Probe<'_>, Entry, usize)) {
    let _user = token.user();
    for entry in Probe::new(&token.module).entries() {
        let positions = entry.params().enumerate().filter(|(_, param)| kinds.contains(param));
        positions.for_each(|(position, _)| stage::once(token, entry, None, |probe| row(probe, entry, position)));
    }
}

fn leftover(entry: Entry) -> bool {
    // Without the message that these need before, they say so first.
    entry.name.contains("Message") || entry.name.starts_with("C_VerifySignature") || entry.name.starts_with("C_DecryptVerify")
}

#[test]
fn of_inputs() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("5.1.6: an input of impossible length");
        each(&token, &[Param::Input], |probe, entry, position| {
            for length in IMPOSSIBLE {
                let (got, _) = probe.call_twisted(entry, position, Twist::Length(length));
                let what = format!("{} parameter {position} of {length:#x}", entry.name);
                if stage::optional(entry) || leftover(entry) {
                    tally.check(what, got != Rv(CKR_OK) && got.is_known() && got != Rv(CKR_GENERAL_ERROR), got_of(got));
                } else {
                    tally.row(what, got, &[CKR_ARGUMENTS_BAD]);
                }
            }
        });
    });
}

/// 2^60 attributes, and as many as a word can say: not one of them is read.
#[test]
fn of_templates() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("3.4: a template of impossible length");
        each(&token, &[Param::Template], |probe, entry, position| {
            for count in [1 << 60, 1 << 32, isize::MAX as usize, usize::MAX] {
                let (got, _) = probe.call_twisted(entry, position, Twist::Length(count));
                tally.row(format!("{} parameter {position} of {count:#x}", entry.name), got, &[CKR_ARGUMENTS_BAD]);
            }
        });
    });
}

/// A caller may say that there is more room than a module could fill; what is written is what is told.
#[test]
fn of_outputs() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("5.2: room without end");
        each(&token, &[Param::Output, Param::List], |probe, entry, position| {
            let (got, output) = probe.call_twisted(entry, position, Twist::Length(usize::MAX));
            let plain = stage::once(&token, entry, None, |probe| probe.call(entry));
            tally.equal(format!("{} parameter {position}", entry.name), got, plain);
            tally.check(entry.name, output.len() <= 1024, format_args!("told {} bytes", output.len()));
        });
    });
}

/// Nothing is a length like any other: whatever is said of it, it is no defect.
#[test]
fn of_nothing() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("5.1.6: nothing");
        each(&token, &[Param::Input, Param::Write, Param::Template, Param::Output, Param::List], |probe, entry, position| {
            let (got, _) = probe.call_twisted(entry, position, Twist::Length(0));
            let sane = got.is_known() && got != Rv(CKR_GENERAL_ERROR);
            tally.check(format!("{} parameter {position}", entry.name), sane, got_of(got));
        });
    });
}

/// 5.7.8: as many objects as anybody could ask for.
#[test]
fn of_a_search() {
    isolated(|home| {
        let token = home.token();
        let probe = stage::set(&token, Entry::named("C_FindObjects"));
        let (got, _) = probe.call_twisted(Entry::named("C_FindObjects"), 1, Twist::Length(usize::MAX));
        assert_eq!(got, Rv(CKR_OK), "room for every object there could be");
        stage::clear(&token);
        let probe = stage::set(&token, Entry::named("C_GenerateRandom"));
        let (got, _) = probe.call_twisted(Entry::named("C_GenerateRandom"), 1, Twist::Length(usize::MAX));
        assert_eq!(got, Rv(CKR_ARGUMENTS_BAD), "more random bytes than there are addresses");
    });
}

fn got_of(got: Rv) -> String {
    format!("got {got:?}")
}
