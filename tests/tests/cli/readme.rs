//! What the READMEs tell a reader to type is true.
//!
//! Every line of every `sh` block runs, in order, in one shell for each README, and must end with 0. Exceptions:
//! - [`NOT_RUN`] lists lines with the reason;
//! - a line that needs a program which is not installed is skipped, loudly, with the rest of its block;
//! - `cargo` is a stand-in that does nothing: what it would build was built for this test.
//!
//! The shell stands in what looks like a fresh clone after the build, with a home of its own and the reader's files
//! ([`FILES`]); it asks for no PIN, since HSM_PIN_SOURCE and HSM_SO_PIN_SOURCE say where they are.

use hsm_tests::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Lines that begin so, and why they do not run.
const NOT_RUN: [(&str, &str); 1] = [("tests/run", "this test is part of it")];

/// Lines that hold this need the program.
const NEEDS: [(&str, &str); 4] =
    [("softhsm", "softhsm2-util"), ("pkcs11-tool", "pkcs11-tool"), ("openssl", "openssl"), ("age-keygen", "age-keygen")];

/// Where the READMEs suppose SoftHSMv2; the test runs it where it is.
const SOFTHSM: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// What a reader has: names and contents.
const FILES: [(&str, &str); 2] = [("letter.txt", "a letter\n"), ("folder/note", "a note\n")];

#[test]
fn every_command_of_the_readme() {
    isolated(|home| {
        let Some(clone) = Clone::make(home) else { return };
        clone.follow("README.md");
        assert_eq!(clone.read("letter.out"), FILES[0].1);
    });
}

#[test]
fn every_command_of_the_clients_readme() {
    isolated(|home| {
        let Some(clone) = Clone::make(home) else { return };
        clone.follow("client/README.md");
        assert_eq!((clone.read("letter.out").as_str(), clone.read("folder/note").as_str()), (FILES[0].1, FILES[1].1));
    });
}

/// What stands where a reader has built the project.
struct Clone<'h> {
    root: PathBuf,
    home: &'h Home,
}

impl<'h> Clone<'h> {
    /// None, loudly, if `hsm` is not built, or on a module that the READMEs do not speak of.
    fn make(home: &'h Home) -> Option<Self> {
        if home.subject().is_softhsm() {
            skip("the READMEs' commands", "they are for libhsm_sim.so");
            return None;
        }
        let hsm = Tool::built("hsm")?;
        let clone = Clone { root: home.file("clone"), home };
        for folder in ["target/release", "client", "folder", "stand-in", "softhsm-config", "tmp"] {
            fs::create_dir_all(clone.path(folder)).expect("a folder");
        }
        for name in ["README.md", "client/README.md", "softhsm-config/make-token.sh", "softhsm-config/softhsm2.conf"] {
            fs::copy(project().join(name), clone.path(name)).expect("a file of the project");
        }
        for (name, content) in FILES.into_iter().chain([("pin", USER_PIN), ("so-pin", SO_PIN), ("stand-in/cargo", "#!/bin/sh\n")])
        {
            fs::write(clone.path(name), content).expect("a file");
            fs::set_permissions(clone.path(name), fs::Permissions::from_mode(0o700)).expect("its rights");
        }
        // Copied, not linked: the command looks for its module beside the file that it is.
        fs::copy(hsm.path(), clone.path("target/release/hsm")).expect("the command");
        symlink(home.subject().path(), clone.path("target/release/libhsm_sim.so")).expect("the module");
        Some(clone)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Runs what the README called `name` says.
    fn follow(&self, name: &str) {
        let lines = runnable(&self.read(name));
        assert!(lines.len() > 5, "{name} has commands: {lines:?}");
        let script: String = lines.iter().map(|line| format!("{line}\n{CHECKED}")).collect();
        let output = self.shell().arg(script).output().expect("a shell");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {}; the last line that begins with + failed\n{said}", output.status);
    }

    /// A shell that tells what it runs and stops at the first failure.
    fn shell(&self) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let pin = |name| format!("file:{}", self.path(name).display());
        let mut shell = Command::new("sh");
        shell.arg("-euxc").current_dir(&self.root).stdin(Stdio::null()).env_clear();
        shell.env("PATH", format!("{}:{path}", self.path("stand-in").display()));
        shell.env("HOME", self.home.path()).env("TMPDIR", self.path("tmp"));
        shell.env("HSM_PIN_SOURCE", pin("pin")).env("HSM_SO_PIN_SOURCE", pin("so-pin"));
        shell
    }
}

/// `sh -e` lets `false && true` pass.
const CHECKED: &str = "{ [ $? = 0 ] || exit 1; } 2> /dev/null\n";

/// The lines to run of a document.
fn runnable(document: &str) -> Vec<String> {
    let blocks = document.split("\n```sh\n").skip(1).map(|rest| rest.split("\n```").next().unwrap_or_default());
    blocks.flat_map(|block| block.lines().filter(|line| wanted(line)).map_while(possible)).collect()
}

fn wanted(line: &str) -> bool {
    !line.trim().is_empty() && !NOT_RUN.iter().any(|(start, _)| line.starts_with(start))
}

/// None, loudly, if the line needs what is not here.
fn possible(line: &str) -> Option<String> {
    for (word, program) in NEEDS {
        if line.contains(word) {
            Tool::on_path(program)?;
        }
    }
    match Subject::softhsm() {
        Some(softhsm) => Some(line.replace(SOFTHSM, &softhsm.path().display().to_string())),
        None if line.contains("softhsm") => {
            skip(line, "SoftHSMv2 is not installed");
            None
        }
        None => Some(line.to_owned()),
    }
}

fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
