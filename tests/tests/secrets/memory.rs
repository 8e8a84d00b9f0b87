//! A process uses every kind of key and ends its work; another reads its memory.

use crate::apart::apart;
use crate::known::{Known, word};
use crate::left::{self, Places};
use crate::search::{Found, Search};
use crate::{uses, written};
use hsm_tests::memory::{Region, dump_into, dumped_into, writable};
use hsm_tests::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};

const MARK: &str = "SAID ";

/// Says a line to the process that started this one.
pub fn say(line: &str) {
    println!("{MARK}{line}");
}

/// The process that has the module, and what it told of itself.
struct Host {
    child: Child,
    lines: BufReader<ChildStdout>,
    known: Vec<Known>,
    stacks: Vec<(usize, String)>,
    log: PathBuf,
}

#[test]
fn nothing_is_left() {
    isolated(|home| {
        if home.role().is_some() {
            return host(home);
        }
        let mut host = Host::start(home);
        host.until("in use");
        let used = host.search();
        for (name, places) in by_name(&used) {
            println!("in use: {name}: {places}");
        }
        assert!(used.iter().any(|(_, found)| found.name == "AES-256"), "the search finds what is there");
        written::nothing(home, &host.known);
        host.go_on();
        host.until("closed");
        let closed = host.search();
        host.go_on();
        host.until("finalized");
        let finalized = host.search();
        written::nothing(home, &host.known);
        let search = Search::of(&host.known);
        host.abort();
        let left = [("closed", closed), ("finalized", finalized)];
        let left: Vec<String> = left.iter().flat_map(|(stage, found)| left::unexpected(stage, &places(found))).collect();
        assert!(left.is_empty(), "left of secrets:\n{}", left.join("\n"));
        // Where the system sends core files elsewhere, the memory that was read is what would be in them.
        let dumped: Vec<Found> = dumped_into(home.path()).iter().flatten().flat_map(|segment| search.within(segment)).collect();
        let dumped: BTreeSet<&str> = dumped.iter().map(|found| found.name.as_str()).collect();
        assert!(dumped.is_empty(), "in the core file: {dumped:?}");
    });
}

/// What the other process does.
fn host(home: &Home) {
    let token: &'static Token = Box::leak(Box::new(home.legacy_token()));
    apart("PINs", move || pins(token));
    let session = token.open(true);
    apart("login", move || {
        session.login(CKU_USER, &word("wrong PIN")).expect_err("a wrong PIN");
        session.login(CKU_USER, &word("new user PIN")).expect("C_Login");
    });
    uses::use_all(session);
    pause("in use");
    apart("logout", move || {
        session.logout().expect("C_Logout");
        token.module.close_all(token.slot).expect("C_CloseAllSessions");
    });
    pause("closed");
    apart("finalize", move || token.module.finalize().expect("C_Finalize"));
    pause("finalized");
    dump_into(home.path());
    std::process::abort();
}

/// Every PIN that a token has, set and changed.
fn pins(token: &'static Token) {
    let so = token.so();
    so.set_pin(SO_PIN, &word("SO PIN")).expect("C_SetPIN of the SO");
    so.init_pin(&word("user PIN")).expect("C_InitPIN");
    so.logout().expect("C_Logout");
    so.login(CKU_USER, &word("user PIN")).expect("C_Login");
    so.set_pin(&word("user PIN"), &word("new user PIN")).expect("C_SetPIN");
    let users = Users::of(&token.module);
    users.add(so, "alice", &word("PIN of alice"), users::CREATE | users::USE).expect("a user");
    so.logout().expect("C_Logout");
    so.login_user(CKU_USER, &word("PIN of alice"), "alice").expect("C_LoginUser");
    so.close().expect("C_CloseSession");
}

/// Says where it is and waits until told to go on.
fn pause(stage: &str) {
    say(&format!("stage {stage}"));
    std::io::stdin().read_line(&mut String::new()).expect("to be told");
}

impl Host {
    fn start(home: &Home) -> Host {
        let log = File::create(home.file("log")).expect("a file for the log");
        let mut child = home.spawn("host", |command| {
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).env("HSM_SIM_LOG", "debug");
        });
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        Host { child, lines, known: uses::all(), stacks: Vec::new(), log: home.file("log") }
    }

    /// Hears it until it has come to `stage`.
    #[track_caller]
    fn until(&mut self, stage: &str) {
        let mut line = String::new();
        loop {
            line.clear();
            if self.lines.read_line(&mut line).expect("its output") == 0 {
                panic!("it ended before it was {stage}:\n{}", std::fs::read_to_string(&self.log).expect("its log"));
            }
            let Some((_, said)) = line.trim_end().split_once(MARK) else { continue };
            if said.strip_prefix("stage ").is_some_and(|at| at == stage) {
                return;
            }
            self.known.extend(Known::told(said));
            if let Some((place, name)) = said.strip_prefix("stack ").and_then(|rest| rest.split_once(' ')) {
                self.stacks.push((place.parse().expect("an address"), name.to_owned()));
            }
        }
    }

    fn go_on(&mut self) {
        self.child.stdin.as_mut().expect("a pipe").write_all(b"\n").expect("it listens");
    }

    fn abort(mut self) {
        self.go_on();
        assert_eq!(self.child.wait().expect("its end").signal(), Some(6), "SIGABRT");
    }

    /// All that is found in its memory, and where.
    fn search(&self) -> Vec<(String, Found)> {
        let search = Search::of(&self.known);
        let regions = writable(self.child.id());
        let found = regions.iter().flat_map(|region| {
            let place = self.place(region);
            search.within(&region.bytes).into_iter().map(move |found| (place.clone(), found))
        });
        found.collect()
    }

    fn place(&self, region: &Region) -> String {
        let within = region.start..region.start + region.bytes.len();
        match self.stacks.iter().find(|(place, _)| within.contains(place)) {
            Some((_, name)) => format!("stack of {name}"),
            None if region.name.is_empty() => "heap".to_owned(),
            None => region.name.trim_matches(['[', ']']).to_owned(),
        }
    }
}

fn places(found: &[(String, Found)]) -> Places {
    let mut places = Places::new();
    for (place, found) in found {
        let (count, longest) = places.entry((found.name.clone(), place.clone())).or_insert((0, 0));
        *count += 1;
        *longest = found.len.max(*longest);
    }
    places
}

fn by_name(found: &[(String, Found)]) -> BTreeMap<String, String> {
    let mut names = BTreeMap::<String, String>::new();
    for ((name, place), (count, _)) in places(found) {
        *names.entry(name).or_default() += &format!("{place} x{count}, ");
    }
    names
}
