//! Eight processes of four threads each, all on one token: three threads make, find, use, rename and destroy keys of their own while
//! the fourth does what it is told and is asked what it sees. No call may be refused, no key lost, and what one process was answered every
//! other sees at its next call.

use crate::{Other, say, soak_rounds};
use hsm_tests::*;
use std::io::BufRead;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const PROCESSES: usize = 8;
const WORKERS: usize = 3;

#[test]
fn eight_processes_of_four_threads() {
    isolated(|home| crowd(home, 2));
}

#[test]
#[ignore = "a soak of a minute or more: HSM_SOAK_ROUNDS"]
fn eight_processes_of_four_threads_for_long() {
    isolated(|home| crowd(home, soak_rounds(200)));
}

fn crowd(home: &Home, rounds: usize) {
    if let Some(name) = home.role() {
        return member(home, &name);
    }
    let token = home.token();
    let mut members: Vec<Other> = (0..PROCESSES).map(|n| Other::start(home, &format!("member-{n}"))).collect();
    members.iter_mut().for_each(|member| assert_eq!(member.hear().as_deref(), Some("ready")));
    for round in 0..rounds {
        told_and_seen(&mut members, round);
    }
    let mut kept: Vec<String> = members.iter_mut().flat_map(|member| member.ask("stop").map(leave)).flatten().collect();
    members.into_iter().for_each(Other::finish);
    let session = token.user();
    let mut there: Vec<String> = session
        .find(&Template::of(CKO_SECRET_KEY))
        .expect("C_FindObjects")
        .into_iter()
        .map(|key| String::from_utf8(session.attribute(key, CKA_LABEL).expect("CKA_LABEL")).expect("a label"))
        .collect();
    kept.sort();
    there.sort();
    assert!(kept.len() >= PROCESSES, "{kept:?}");
    assert_eq!(there, kept, "what is there, and what was acknowledged and not destroyed");
    kept.iter().for_each(|label| assert!(works(session, label), "{label}"));
}

/// One makes a key, another renames it, a third destroys it; after each answer all are asked.
fn told_and_seen(members: &mut [Other], round: usize) {
    let (name, renamed) = (format!("told-{round}"), format!("renamed-{round}"));
    let mut tell = |who: usize, what: String, seen: &str| {
        assert_eq!(members[(round + who) % PROCESSES].ask(&what).as_deref(), Some("done"), "{what}");
        members.iter_mut().for_each(|member| member.tell(&format!("count {name} {renamed}")));
        for (number, member) in members.iter_mut().enumerate() {
            assert_eq!(member.hear().as_deref(), Some(seen), "process {number} after {what:?}");
        }
    };
    tell(0, format!("make {name}"), "1 0");
    tell(3, format!("rename {name} {renamed}"), "0 1");
    tell(5, format!("destroy {renamed}"), "0 0");
}

/// The labels in what a member says when it stops.
fn leave(said: String) -> Vec<String> {
    said.split_whitespace().map(str::to_owned).collect()
}

fn member(home: &Home, name: &str) {
    let token = home.shared_token();
    let session = token.user();
    let over = AtomicBool::new(false);
    let kept = thread::scope(|scope| {
        let work = |number| {
            let (token, over) = (&token, &over);
            scope.spawn(move || worker(token, &format!("{name}-{number}"), over))
        };
        let workers: Vec<_> = (0..WORKERS).map(work).collect();
        say("ready");
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                ["stop"] => break,
                ref order => say(&obey(session, order)),
            }
        }
        over.store(true, Ordering::Relaxed);
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker")).collect::<Vec<String>>()
    });
    say(&kept.join(" "));
}

fn obey(session: Session<'_>, order: &[&str]) -> String {
    let named = |label: &str| session.find(&key(label)).expect("C_FindObjects");
    match order {
        ["count", one, other] => return format!("{} {}", named(one).len(), named(other).len()),
        ["make", label] => _ = session.create(&usable(label)).expect("C_CreateObject"),
        ["rename", from, to] => session.set(named(from)[0], &labelled(to)).expect("C_SetAttributeValue"),
        ["destroy", label] => session.destroy(named(label)[0]).expect("C_DestroyObject"),
        _ => panic!("{order:?}"),
    }
    "done".into()
}

/// Works on keys of its own until it is over; the labels of those it leaves.
fn worker(token: &Token, name: &str, over: &AtomicBool) -> Vec<String> {
    let session = token.open(true);
    let mut kept = Vec::new();
    for number in 0.. {
        let label = format!("{name}-{number}");
        let made = session.create(&usable("new")).expect("C_CreateObject");
        session.set(made, &labelled(&label)).expect("C_SetAttributeValue");
        assert!(works(session, &label), "{label}");
        look_at_others(session, number);
        if number % 8 != 0 {
            session.destroy(made).expect("C_DestroyObject");
            assert_eq!(session.find(&key(&label)), Ok(vec![]), "{label} after it was destroyed");
            assert_eq!(session.begin(Begin::Encrypt, &ecb(), made), refused(CKR_KEY_HANDLE_INVALID), "{label}");
        } else {
            kept.push(label);
        }
        if over.load(Ordering::Relaxed) {
            break;
        }
    }
    kept
}

/// Keys of others may be destroyed between one call and the next, and that is all that may happen.
fn look_at_others(session: Session<'_>, number: usize) {
    let found = session.find(&Template::of(CKO_SECRET_KEY).bool(CKA_TOKEN, true)).expect("C_FindObjects");
    for key in found.iter().cycle().skip(number * 5).take(found.len().min(2)).copied() {
        let got = Rv::from(session.encrypt(&ecb(), key, &[0; 16]));
        assert!([CKR_OK, CKR_KEY_HANDLE_INVALID].map(Rv).contains(&got), "a key of another process: {got:?}");
    }
}

/// The one key of that label encrypts as its value says.
fn works(session: Session<'_>, label: &str) -> bool {
    let found = session.find(&key(label)).expect("C_FindObjects");
    let of_value = session.aes_of(&[5; 16]);
    let expected = session.encrypt(&ecb(), of_value, &[0; 16]);
    session.destroy(of_value).expect("C_DestroyObject");
    found.len() == 1 && session.encrypt(&ecb(), found[0], &[0; 16]) == expected
}

fn key(label: &str) -> Template {
    Template::key(CKO_SECRET_KEY, CKK_AES).bool(CKA_TOKEN, true).bytes(CKA_LABEL, label.as_bytes())
}

fn usable(label: &str) -> Template {
    key(label).bool(CKA_ENCRYPT, true).bytes(CKA_VALUE, &[5; 16])
}

fn labelled(label: &str) -> Template {
    Template::new().bytes(CKA_LABEL, label.as_bytes())
}

fn ecb() -> Mechanism {
    Mechanism::bare(CKM_AES_ECB)
}
