//! A house for one test: a fresh directory, a module that keeps its tokens there, and the real command in it.

// Each file of tests uses its own part of this.
#![allow(dead_code)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A module under test.
#[derive(Clone)]
pub struct Subject {
    pub name: &'static str,
    pub module: PathBuf,
}

/// SoftHSMv2 where it is installed, hsm-sim where it is built; says loudly what is missing.
pub fn subjects() -> Vec<Subject> {
    let target = Path::new(env!("CARGO_BIN_EXE_hsm")).parent().unwrap();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let named = std::env::var_os("HSM_SIM_MODULE").map(PathBuf::from);
    // deps/ first: as a dependency of other packages it is made there, and a copy one level up may be older.
    let built =
        [target.join("deps"), target.to_owned(), target.join("../release"), workspace.join("release"), workspace.join("debug")];
    let ours = named.into_iter().chain(built.map(|folder| folder.join("libhsm_sim.so"))).find(|path| path.is_file());
    let theirs = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.is_file());
    let mut found = Vec::new();
    for (name, module, remedy) in
        [("hsm-sim", ours, "cargo build --release -p hsm-sim"), ("SoftHSMv2", theirs, "apt-get install softhsm2")]
    {
        match module {
            Some(module) => found.push(Subject { name, module }),
            None => eprintln!("\n*** SKIPPED: {name} is not here; to test with it: {remedy} ***\n"),
        }
    }
    found
}

/// Runs `test` in a fresh house for each module, with a token "t" made in it.
pub fn in_every_house(test: impl Fn(&House)) {
    for subject in subjects() {
        eprintln!("--- with {}", subject.name);
        let house = House::new(&subject);
        house.ok(&["token", "init", "--label", "t"]);
        test(&house);
    }
}

/// The directory and the module.
pub struct House {
    folder: tempfile::TempDir,
    pub subject: Subject,
}

/// What a command answered.
pub struct Answer {
    pub code: i32,
    pub out: Vec<u8>,
    pub err: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

impl House {
    pub fn new(subject: &Subject) -> Self {
        let house = Self { folder: tempfile::tempdir().unwrap(), subject: subject.clone() };
        let tokens = house.path("tokens");
        fs::create_dir(&tokens).unwrap();
        fs::write(house.path("hsm-sim.toml"), format!("token_dir = {tokens:?}\n")).unwrap();
        let conf = format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", tokens.display());
        fs::write(house.path("softhsm2.conf"), conf).unwrap();
        for (name, pin) in [("pin", "1234-user"), ("so-pin", "5678-officer"), ("wrong-pin", "0000-wrong")] {
            house.write(name, pin.as_bytes());
        }
        house
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: &[u8]) {
        use std::os::unix::fs::PermissionsExt;
        fs::write(self.path(name), content).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Whether the file system of the house has files without a name (O_TMPFILE).
    #[cfg(target_os = "linux")]
    pub fn knows_unnamed_files(&self) -> bool {
        use rustix::fs::{CWD, Mode, OFlags, openat};
        openat(CWD, self.folder.path(), OFlags::TMPFILE | OFlags::RDWR, Mode::RUSR).is_ok()
    }

    #[cfg(not(target_os = "linux"))]
    pub fn knows_unnamed_files(&self) -> bool {
        false
    }

    /// The command, in this house, without a terminal.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hsm"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("HSM_MODULE", &self.subject.module)
            .env("HSM_SIM_CONF", self.path("hsm-sim.toml"))
            .env("SOFTHSM2_CONF", self.path("softhsm2.conf"))
            .env("HSM_PIN_SOURCE", "file:pin")
            .env("HSM_SO_PIN_SOURCE", "file:so-pin");
        command
    }

    pub fn run(&self, args: &[&str], input: &[u8]) -> Answer {
        let mut child = self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Written beside reading: both pipes are shorter than the longest test. A command that does not read its input
        // closes it; that is its business.
        let (mut pipe, input) = (child.stdin.take().unwrap(), input.to_vec());
        let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        answer(output)
    }

    /// Runs a command that must succeed.
    pub fn ok(&self, args: &[&str]) -> Answer {
        self.ok_with(args, b"")
    }

    pub fn ok_with(&self, args: &[&str], input: &[u8]) -> Answer {
        let answer = self.run(args, input);
        assert_eq!(answer.code, 0, "{} hsm {args:?}: {}", self.subject.name, answer.err);
        answer
    }

    /// Does with the module what `hsm` does not. False, loudly, without pkcs11-tool.
    pub fn pkcs11_tool(&self, args: &[&str]) -> bool {
        let mut tool = Command::new("pkcs11-tool");
        tool.envs(self.command(&[]).get_envs().filter_map(|(name, value)| Some((name, value?))));
        match tool.arg("--module").arg(&self.subject.module).args(args).output() {
            Ok(output) => {
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                true
            }
            Err(_) => {
                eprintln!("\n*** SKIPPED: what needs pkcs11-tool, which is not here ***\n");
                false
            }
        }
    }

    /// Runs a command that must end with `code`, and say what, and what next.
    pub fn fails(&self, code: i32, args: &[&str]) -> Answer {
        let answer = self.run(args, b"");
        assert_eq!(answer.code, code, "{} hsm {args:?}: {}{}", self.subject.name, answer.text(), answer.err);
        assert!(answer.err.contains("error: "), "{args:?}: {}", answer.err);
        assert!(answer.out.is_empty(), "a failure prints no answer: {args:?}: {}", answer.text());
        answer
    }
}

pub fn answer(output: Output) -> Answer {
    Answer {
        code: output.status.code().unwrap_or(-1),
        out: output.stdout,
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
