//! What a test owns: a directory, the configuration that points the module at it, and the module.

use crate::isolate::test_command;
use crate::module::Module;
use crate::subject::Subject;
use crate::token::Token;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::{env, fs};
use tempfile::TempDir;

/// A test's own directory and module.
pub struct Home {
    path: PathBuf,
    subject: Subject,
    test: String,
    _owned: Option<TempDir>,
}

pub(crate) const SUBJECT: &str = "HSM_TESTS_SUBJECT";
const HOME: &str = "HSM_TESTS_HOME";
const TEST: &str = "HSM_TESTS_NAME";
const ROLE: &str = "HSM_TESTS_ROLE";

impl Home {
    /// A new directory with the module's configuration in it.
    pub(crate) fn create(subject: &Subject, test: &str) -> Home {
        let owned = TempDir::with_prefix("hsm-tests-").expect("a temporary directory");
        let home =
            Home { path: owned.path().to_path_buf(), subject: subject.clone(), test: test.to_owned(), _owned: Some(owned) };
        fs::create_dir(home.token_dir()).expect("a token directory");
        let (_, file) = subject.configuration(&home.token_dir());
        fs::write(home.configuration(), file).expect("a configuration file");
        home
    }

    /// The home that the parent process made, if this is a child.
    pub(crate) fn inherited() -> Option<Home> {
        let home = Home {
            path: env::var_os(HOME)?.into(),
            subject: Subject::at(env::var_os(SUBJECT)?),
            test: env::var(TEST).ok()?,
            _owned: None,
        };
        fs::write(home.ran_mark(), "").expect("the test's mark");
        Some(home)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path in the home.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file in the home and gives its path.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.file(name);
        fs::write(&path, bytes).expect("a file in the home");
        path
    }

    pub fn token_dir(&self) -> PathBuf {
        self.path.join("tokens")
    }

    pub fn configuration(&self) -> PathBuf {
        self.path.join("module.conf")
    }

    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The module, loaded and not initialised.
    pub fn module(&self) -> Module {
        Module::load(self.subject.path())
    }

    /// The module initialised, with a fresh token in it that has a user PIN.
    pub fn token(&self) -> Token {
        Token::fresh(self.module())
    }

    /// The same with what is obsolete offered too: `legacy = true`. SoftHSMv2 asks no leave for it.
    pub fn legacy_token(&self) -> Token {
        if !self.subject.is_softhsm() {
            self.configure("legacy = true");
        }
        self.token()
    }

    /// Adds a line to the configuration, which C_Initialize reads.
    pub fn configure(&self, line: &str) {
        let file = fs::read_to_string(self.configuration()).expect("the configuration");
        fs::write(self.configuration(), format!("{file}{line}\n")).expect("the configuration");
    }

    /// The module initialised, with the token that another process of this test made.
    pub fn shared_token(&self) -> Token {
        Token::existing(self.module())
    }

    /// What a process of this test's own is for, if it is one of [`Home::spawn`].
    pub fn role(&self) -> Option<String> {
        env::var(ROLE).ok()
    }

    /// A second process of the same test, in the same home, with `role`; `set_up` may add to the command.
    pub fn spawn(&self, role: &str, set_up: impl FnOnce(&mut std::process::Command)) -> Child {
        let mut command = test_command(&self.test);
        command.env(ROLE, role).env(SUBJECT, self.subject.path());
        command.envs(self.environment());
        set_up(&mut command);
        command.spawn().expect("a second process of the test")
    }

    /// The variables that a process needs to see this home's tokens.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let (variable, _) = self.subject.configuration(&self.token_dir());
        vec![(variable, self.configuration()), (HOME, self.path.clone()), (TEST, PathBuf::from(&self.test))]
    }

    pub(crate) fn ran_mark(&self) -> PathBuf {
        self.path.join("ran")
    }
}
