//! Ceremonies at a terminal: shares shown to one custodian at a time, and typed in again; passwords of files. Needs script(1) for the terminal.

mod house;

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use house::{House, in_every_house};
use hsm_client::ceremony::shares::{envelope, manifest::Manifest, share::Share};

const DEAL: [&str; 11] =
    ["recovery", "deal", "--host", "--custodian", "alice", "--custodian", "bob", "--threshold", "2", "-o", "manifest"];

/// The command at a terminal.
struct Terminal {
    child: Child,
    /// What is on the screen and was not looked at yet.
    unread: String,
}

impl Terminal {
    /// None, loudly, without script(1).
    fn open(house: &House, args: &[&str]) -> Option<Self> {
        let mut command = Command::new("script");
        command.current_dir(house.path(".")).env_clear();
        command.envs(house.command(&[]).get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("SHELL", "/bin/sh");
        let line = format!("{} {}", env!("CARGO_BIN_EXE_hsm"), args.join(" "));
        command.args(["-qefc", &line, "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        match command.spawn() {
            Ok(child) => Some(Self { child, unread: String::new() }),
            Err(_) => {
                eprintln!("\n*** SKIPPED: typed ceremonies, because script(1) is not here ***\n");
                None
            }
        }
    }

    /// Reads until `text` is on the screen; what came before it.
    fn until(&mut self, text: &str) -> String {
        loop {
            if let Some((before, after)) = self.unread.split_once(text) {
                let before = before.to_owned();
                self.unread = after.to_owned();
                return before;
            }
            let mut bytes = [0; 4096];
            let read = self.child.stdout.as_mut().unwrap().read(&mut bytes).unwrap();
            assert!(read > 0, "it ended before it said \"{text}\": {}", self.unread);
            self.unread.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    }

    fn enter(&mut self, line: &str) {
        let keys = self.child.stdin.as_mut().unwrap();
        keys.write_all(format!("{line}\n").as_bytes()).unwrap();
        keys.flush().unwrap();
    }

    fn ends(mut self) -> i32 {
        let mut rest = Vec::new();
        self.child.stdout.as_mut().unwrap().read_to_end(&mut rest).unwrap();
        self.child.wait().unwrap().code().unwrap()
    }
}

/// The share on the screen, as somebody would copy it.
fn shown(terminal: &mut Terminal, name: &str) -> String {
    terminal.until(&format!("{name}: come to the screen"));
    terminal.until("Enter shows");
    terminal.enter("");
    terminal.until(&format!("Share of {name}"));
    let screen = terminal.until("Write it down.");
    terminal.enter("");
    // The screen is cleared before the next custodian comes.
    terminal.until("\u{1b}[2J\u{1b}[3J\u{1b}[H");
    screen.trim().to_owned()
}

#[test]
fn shares_are_shown_typed_and_encrypted_to_the_ceremony() {
    in_every_house(|house| {
        let Some(mut terminal) = Terminal::open(house, &DEAL) else { return };
        let [alice, bob] = ["alice", "bob"].map(|name| shown(&mut terminal, name));
        assert_eq!(Share::parse(&bob).unwrap().part.index, 2);
        terminal.until("Share of alice, to confirm (0 of 2): ");
        terminal.enter(&bob);
        terminal.until("share of alice: REFUSED, it is the share of bob");
        terminal.until("Share of alice, to confirm (0 of 2): ");
        terminal.enter(&alice.to_uppercase());
        terminal.until("Share of bob, to confirm (1 of 2): ");
        terminal.enter(&bob);
        assert_eq!(terminal.ends(), 0);
        Manifest::parse(&String::from_utf8(house.read("manifest")).unwrap()).unwrap();
        let left = std::fs::read_dir(house.path(".")).unwrap().flatten();
        let texts = left.filter(|entry| entry.path().is_file()).map(|entry| std::fs::read(entry.path()).unwrap());
        assert!(texts.into_iter().all(|text| !String::from_utf8_lossy(&text).contains("hsmshare1")), "a share was written");

        let verify = ["recovery", "verify", "--host", "--manifest", "manifest"];
        let mut terminal = Terminal::open(house, &verify).unwrap();
        terminal.until("age -a -r ");
        let recipient = terminal.until(" ;");
        house.write("from-bob", envelope::seal(&recipient, bob.as_bytes()).unwrap().as_bytes());
        terminal.until("Share (0 of 2; not yet: alice, bob): ");
        terminal.enter("@from-bob");
        terminal.until("share of bob: accepted, 1 of 2");
        terminal.until("Share (1 of 2; not yet: alice): ");
        terminal.enter(&alice);
        terminal.until("Another share to try, or Enter to end: ");
        terminal.enter("");
        assert_eq!(terminal.ends(), 0);
    });
}

#[test]
fn a_ceremony_that_is_given_up_leaves_nothing() {
    in_every_house(|house| {
        let Some(mut terminal) = Terminal::open(house, &DEAL) else { return };
        for name in ["alice", "bob"] {
            shown(&mut terminal, name);
        }
        terminal.until("Share of alice, to confirm (0 of 2): ");
        terminal.enter("");
        terminal.until("the ceremony was given up");
        assert_eq!(terminal.ends(), 2);
        assert!(!house.path("manifest").exists());
        assert_eq!(house.ok(&["mek", "list", "--json"]).json()["meks"].as_array().unwrap().len(), 0);
    });
}

/// A new password is asked for twice, as a new PIN is; one that opens a file, once. Neither is shown.
#[test]
fn passwords_of_files_are_typed() {
    in_every_house(|house| {
        house.ok(&["key", "create", "--label", "k", "--type", "ec", "--extractable"]);
        let export = ["key", "export", "--key", "k", "-o", "k.pem"];
        let Some(mut terminal) = Terminal::open(house, &export) else { return };
        terminal.until("New password of the file: ");
        terminal.enter("a password");
        terminal.until("The same again: ");
        terminal.enter("another");
        assert!(!terminal.until("the two passwords differ").contains("a password"));
        assert_eq!(terminal.ends(), 6);
        assert!(!house.path("k.pem").exists());

        let mut terminal = Terminal::open(house, &export).unwrap();
        for question in ["New password of the file: ", "The same again: "] {
            terminal.until(question);
            terminal.enter("a password");
        }
        terminal.until("encrypted");
        assert_eq!(terminal.ends(), 0);

        for (typed, code) in [("another", 6), ("a password", 8)] {
            let mut terminal = Terminal::open(house, &["key", "import", "k.pem", "--label", "again"]).unwrap();
            terminal.until("Password of the file: ");
            terminal.enter(typed);
            assert_eq!(terminal.ends(), code, "{typed}");
        }
    });
}
