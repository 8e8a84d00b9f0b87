//! Several processes on one token: DESIGN 4.3, 4.11.

mod crowd;
mod ends;
mod forked_writer;
mod full;
mod kill;
mod memory;
mod read_only;
mod reinitialised;
mod removed;
mod sharing;
mod storm;
mod writers;

use hsm_tests::*;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

/// A process of the test, and what it says line by line.
struct Other {
    child: Child,
    lines: BufReader<ChildStdout>,
}

const MARK: &str = "SAID ";

impl Other {
    fn start(home: &Home, role: &str) -> Other {
        let pipe = |command: &mut Command| {
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
        };
        let mut child = home.spawn(role, pipe);
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        Other { child, lines }
    }

    /// The next line that it said, or none when it has ended.
    fn hear(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).expect("its output") == 0 {
                return None;
            }
            if let Some((_, said)) = line.split_once(MARK) {
                return Some(said.trim_end().to_owned());
            }
        }
    }

    /// Lets it go on after a [`pause`].
    fn go_on(&mut self) {
        self.tell("");
    }

    /// A line for its standard input.
    fn tell(&mut self, line: &str) {
        use std::io::Write;
        writeln!(self.child.stdin.as_mut().expect("a pipe"), "{line}").expect("it listens");
    }

    /// Tells it something and hears the answer.
    fn ask(&mut self, line: &str) -> Option<String> {
        self.tell(line);
        self.hear()
    }

    #[track_caller]
    fn finish(mut self) {
        self.child.stdin.take();
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).expect("its output");
        let status = self.child.wait().expect("its end");
        assert!(status.success(), "the other process: {status}\n{rest}");
    }

    /// Its end, whatever it is.
    fn end(mut self) -> ExitStatus {
        while self.hear().is_some() {}
        self.child.wait().expect("its end")
    }

    fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("its end");
        std::iter::from_fn(|| self.hear()).collect()
    }
}

/// Says a line to the process that started this one.
fn say(line: &str) {
    println!("{MARK}{line}");
}

/// Says a line and waits until told to go on.
fn pause(line: &str) {
    say(line);
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).expect("to be told");
}

fn data(label: &str) -> Template {
    Template::of(CKO_DATA).bool(CKA_TOKEN, true).bytes(CKA_LABEL, label.as_bytes())
}

/// How long a soak is: HSM_SOAK_ROUNDS, else `usual`.
fn soak_rounds(usual: usize) -> usize {
    std::env::var("HSM_SOAK_ROUNDS").map_or(usual, |rounds| rounds.parse().expect("HSM_SOAK_ROUNDS is a number"))
}
