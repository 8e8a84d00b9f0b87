//! One ceremony per token, whichever process; a process that ends takes its ceremony with it, and the old set stays.

use crate::*;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Conducts a ceremony up to a step, says so, and waits to be killed.
fn conduct(home: &Home, steps: usize) {
    let token = home.shared_token();
    let recovery = Recovery::of(&token.module);
    let so = token.so();
    let shares = shares(&recovery.must(so, Call::Begin, &deal_request()));
    hand_in(&recovery, so, &shares[..steps.min(5)]);
    if steps > 5 {
        recovery.must(so, Call::Finish, &json!({}));
    }
    println!("SAID so far");
    loop {
        std::thread::park();
    }
}

/// Starts a process that conducts so many steps.
fn conducting(home: &Home, steps: usize) -> std::process::Child {
    let mut child = home.spawn(&steps.to_string(), |command| {
        command.stdout(Stdio::piped());
    });
    let lines = BufReader::new(child.stdout.take().expect("a pipe"));
    assert!(lines.lines().any(|line| line.expect("its output").contains("SAID")), "it ended early");
    child
}

#[test]
fn killed_at_every_step_there_is_the_old_set_or_the_new_one() {
    isolated(|home| {
        if let Some(steps) = home.role() {
            return conduct(home, steps.parse().expect("a number"));
        }
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let (shares, manifest) = deal(&recovery, so);
        for steps in 0..=6 {
            let mut child = conducting(home, steps);
            child.kill().expect("SIGKILL");
            child.wait().expect("its end");
            let sets = recovery.must(so, Call::Status, &json!({}))["sets"].clone();
            assert_eq!(sets.as_array().map(Vec::len), Some(1), "after {steps} steps");
            assert_eq!(sets[0]["manifest"] == manifest, steps < 6, "after {steps} steps");
        }
        // The ceremony of a process that is gone stands in nobody's way, and the last one did come into force.
        begin(&recovery, so, "verify");
        let old = recovery.must(so, Call::Contribute, &json!({ "share": shares[0] }));
        assert_eq!(old["verdict"]["reason"], "wrong-set");
    });
}

/// A process that was killed is listed by the system until its parent asks for it, and as long it stood in the way.
#[test]
fn a_process_nobody_waited_for_is_gone_too() {
    isolated(|home| {
        if let Some(steps) = home.role() {
            return conduct(home, steps.parse().expect("a number"));
        }
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let mut child = conducting(home, 0);
        child.kill().expect("SIGKILL");
        let stat = format!("/proc/{}/stat", child.id());
        while !std::fs::read_to_string(&stat).expect("its line").contains(") Z ") {
            std::thread::yield_now();
        }
        recovery.must(so, Call::Begin, &deal_request());
        child.wait().expect("its end");
    });
}

#[test]
fn of_two_processes_one_begins() {
    isolated(|home| {
        if let Some(steps) = home.role() {
            return conduct(home, steps.parse().expect("a number"));
        }
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let mut child = conducting(home, 2);
        let (rv, why) = recovery.refused(so, Call::Begin, &deal_request());
        assert_eq!(rv, Rv(CKR_OPERATION_ACTIVE), "{why}");
        let status = recovery.must(so, Call::Status, &json!({}));
        assert_eq!((state(&status), &status["ceremony"]["kind"]), ("elsewhere", &json!("deal")));
        let id = status["ceremony"]["id"].clone();
        assert_eq!(recovery.refused(so, Call::Cancel, &json!({})).0, Rv(CKR_OPERATION_NOT_INITIALIZED), "without its id");
        assert_eq!(state(&recovery.must(so, Call::Cancel, &json!({ "ceremony": id }))), "cancelled");
        deal(&recovery, so);
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
    });
}

/// The race for it: all are told to begin at the same moment.
#[test]
fn of_many_processes_at_once_one_begins() {
    isolated(|home| {
        if home.role().is_some() {
            let token = home.shared_token();
            let recovery = Recovery::of(&token.module);
            let so = token.so();
            println!("SAID ready");
            std::io::stdin().read_line(&mut String::new()).expect("to be told");
            println!("SAID {:?}", recovery.ask(so, Call::Begin, &deal_request()).0);
            loop {
                std::thread::park();
            }
        }
        let (_token, _) = with_master_key(home);
        let mut all: Vec<_> = (0..4).map(|_| racer(home)).collect();
        all.iter_mut().for_each(|(_, lines)| assert_eq!(said(lines), "ready"));
        all.iter_mut().for_each(|(child, _)| {
            std::io::Write::write_all(child.stdin.as_mut().expect("a pipe"), b"\n").expect("it listens");
        });
        let mut answers: Vec<_> = all.iter_mut().map(|(_, lines)| said(lines)).collect();
        for (child, _) in &mut all {
            child.kill().expect("SIGKILL");
            child.wait().expect("its end");
        }
        answers.sort();
        assert_eq!(answers.iter().filter(|answer| *answer == "CKR_OK").count(), 1, "{answers:?}");
        let late = ["CKR_OK", "CKR_OPERATION_ACTIVE", "CKR_FUNCTION_FAILED"];
        assert!(answers.iter().all(|answer| late.contains(&answer.as_str())), "{answers:?}");
    });
}

type Lines = std::io::Lines<BufReader<std::process::ChildStdout>>;

fn racer(home: &Home) -> (std::process::Child, Lines) {
    let mut child = home.spawn("races", |command| {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
    });
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    (child, lines)
}

fn said(lines: &mut Lines) -> String {
    let mut heard = lines.map(|line| line.expect("its output")).filter_map(|line| Some(line.split_once("SAID ")?.1.to_owned()));
    heard.next().expect("it ended early")
}

/// A restore that is killed leaves a token without the key, as before; the next one brings it back.
#[test]
fn a_killed_restore_can_be_done_again() {
    isolated(|home| {
        if let Some(role) = home.role() {
            let token = home.shared_token();
            let recovery = Recovery::of(&token.module);
            let so = token.so();
            recovery.must(so, Call::Begin, &json!({ "kind": "restore", "key": ID_HEX, "user_pin": USER_PIN }));
            hand_in(&recovery, so, &role.split(' ').filter(|share| !share.is_empty()).map(str::to_owned).collect::<Vec<_>>());
            println!("SAID so far");
            loop {
                std::thread::park();
            }
        }
        let (token, print) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let (shares, _) = deal(&recovery, so);
        so.logout().expect("C_Logout");
        so.login(CKU_USER, USER_PIN).expect("C_Login");
        so.destroy(found_key(so).expect("the key")).expect("C_DestroyObject");
        for given in 0..=3 {
            let mut child = home.spawn(&shares[..given].join(" "), |command| {
                command.stdout(Stdio::piped());
            });
            assert_eq!(said(&mut BufReader::new(child.stdout.take().expect("a pipe")).lines()), "so far");
            child.kill().expect("SIGKILL");
            child.wait().expect("its end");
            assert!(found_key(so).is_none(), "after {given} shares");
        }
        so.logout().expect("C_Logout");
        so.login(CKU_SO, SO_PIN).expect("C_Login");
        recovery.must(so, Call::Begin, &json!({ "kind": "restore", "key": ID_HEX, "user_pin": USER_PIN }));
        hand_in(&recovery, so, &shares[2..]);
        recovery.must(so, Call::Finish, &json!({}));
        so.logout().expect("C_Logout");
        so.login(CKU_USER, USER_PIN).expect("C_Login");
        assert_eq!(fingerprint(so, found_key(so).expect("the key")), print);
    });
}

/// The process whose ceremony was cancelled hears so, and changes nothing any more.
#[test]
fn a_ceremony_cancelled_elsewhere_is_over_here() {
    isolated(|home| {
        if home.role().is_some() {
            let token = home.shared_token();
            let recovery = Recovery::of(&token.module);
            let so = token.so();
            let id = recovery.must(so, Call::Status, &json!({}))["ceremony"]["id"].clone();
            recovery.must(so, Call::Cancel, &json!({ "ceremony": id }));
            return;
        }
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let shares = shares(&recovery.must(so, Call::Begin, &deal_request()));
        hand_in(&recovery, so, &shares);
        assert!(home.spawn("cancels", |_| {}).wait().expect("its end").success());
        assert_eq!(recovery.refused(so, Call::Finish, &json!({})).0, Rv(CKR_FUNCTION_CANCELED));
        assert_eq!(recovery.must(so, Call::Status, &json!({}))["sets"], json!([]));
        assert_eq!(recovery.refused(so, Call::Finish, &json!({})).0, Rv(CKR_OPERATION_NOT_INITIALIZED));
    });
}

/// C_Finalize in the middle: the shares are gone with the module, and the next C_Initialize begins anew.
#[test]
fn finalize_ends_the_ceremony() {
    isolated(|home| {
        let (mut token, _) = with_master_key(home);
        let so = token.so();
        Recovery::of(&token.module).must(so, Call::Begin, &deal_request());
        token.restart();
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        assert_eq!(recovery.refused(so, Call::Finish, &json!({})).0, Rv(CKR_OPERATION_NOT_INITIALIZED));
        deal(&recovery, so);
    });
}
