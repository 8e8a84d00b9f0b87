//! 2.1: C structures are aligned, bytes need not be. A crooked pointer is used, or refused; it is never a crash.

use crate::stage::once;
use hsm_tests::*;

/// Bytes and mechanisms at odd addresses do what they do elsewhere.
#[test]
fn bytes_may_lie_anywhere() {
    isolated(|home| {
        let token = home.token();
        let _user = token.user();
        let mut tally = Tally::new("odd addresses");
        for (entry, position, _) in positions(&token, &[Param::Input, Param::Output, Param::Mechanism]) {
            let plain = once(&token, entry, None, |probe| probe.call(entry));
            let crooked = once(&token, entry, None, |probe| probe.call_twisted(entry, position, Twist::Crooked).0);
            tally.equal(format!("{} parameter {position}", entry.name), crooked, plain);
        }
    });
}

/// What holds words must be aligned, or the call says so.
#[test]
fn structures_may_not() {
    isolated(|home| {
        let token = home.token();
        let _user = token.user();
        let mut tally = Tally::new("crooked structures");
        for (entry, position, param) in positions(&token, &[Param::Template, Param::List, Param::Pointer, Param::Write]) {
            let plain = once(&token, entry, None, |probe| probe.call(entry));
            let got = once(&token, entry, None, |probe| probe.call_twisted(entry, position, Twist::Crooked).0);
            let what = format!("{} parameter {position} ({param:?})", entry.name);
            // Some point to bytes: they may lie anywhere.
            let bytes = got == plain && param != Param::Template;
            tally.check(what, bytes || got == Rv(CKR_ARGUMENTS_BAD), format_args!("got {got:?}, plain {plain:?}"));
        }
    });
}

#[test]
fn lengths_may_not() {
    isolated(|home| {
        let token = home.token();
        let _user = token.user();
        let mut tally = Tally::new("a crooked pointer to a length");
        for (entry, position, _) in positions(&token, &[Param::Output, Param::List]) {
            let got = once(&token, entry, None, |probe| probe.call_twisted(entry, position, Twist::CrookedLength).0);
            tally.row(format!("{} parameter {position}", entry.name), got, &[CKR_ARGUMENTS_BAD]);
        }
    });
}

/// 5.2: output may lie over input. Where it only begins inside of it, the answer is the same as with room of its own.
#[test]
fn outputs_may_lie_over_inputs() {
    isolated(|home| {
        let token = home.token();
        let _user = token.user();
        let mut tally = Tally::new("5.2: overlapping buffers");
        for (entry, position, _) in positions(&token, &[Param::Output]) {
            // C_SignRecover takes a pair that is made anew for every row: what it gives is another each time.
            if entry.params().nth(position - 1) != Some(Param::Input) || entry.name == "C_SignRecover" {
                continue;
            }
            let (plain, apart) =
                once(&token, entry, Some(&[7; 16]), |probe| probe.call_twisted(entry, position, Twist::Length(1024)));
            for by in [0, 1, 8, 15] {
                let over = once(&token, entry, Some(&[7; 16]), |probe| probe.call_twisted(entry, position, Twist::Over(by)));
                tally.equal(format!("{} over its input by {by}", entry.name), over, (plain, apart.clone()));
            }
        }
    });
}

fn positions(token: &Token, kinds: &[Param]) -> Vec<(Entry, usize, Param)> {
    let entries = Probe::new(&token.module).entries();
    let all = entries.flat_map(|entry| entry.params().enumerate().map(move |(position, param)| (entry, position, param)));
    all.filter(|(_, _, param)| kinds.contains(param)).collect()
}
