//! The command `hsm` end to end, on the module under test and on SoftHSMv2: what an operator sees, and the exit codes.

mod demo;
mod envelopes;
mod exit_codes;
mod fields;
mod lifecycle;
mod openssl;
mod readme;
mod server;
mod upkeep;
mod users;
mod wrong_pin;

use hsm_tests::*;
use std::process::Output;

/// `hsm` with a token of its own and a store in the home.
struct Hsm<'h> {
    tool: Tool,
    home: &'h Home,
}

impl<'h> Hsm<'h> {
    /// Makes the token with `hsm token init`; None, loudly, if `hsm` is not built.
    fn with_token(home: &'h Home) -> Option<Self> {
        let hsm = Hsm { tool: Tool::built("hsm")?, home };
        hsm.ok(&["token", "init", "--label", LABEL, "--so-pin-source", "env:TEST_SO_PIN"]);
        Some(hsm)
    }

    /// The same with a master key and the data key "data".
    fn with_keys(home: &'h Home) -> Option<Self> {
        let hsm = Self::with_token(home)?;
        hsm.ok(&["mek", "create"]);
        hsm.ok(&["dek", "create", "--name", "data"]);
        Some(hsm)
    }

    fn run_with(&self, pin: &str, arguments: &[&str]) -> Output {
        let mut command = self.tool.command();
        command.args(arguments).current_dir(self.home.path());
        command.env("HSM_MODULE", self.home.subject().path());
        command.env("HSM_TOKEN", LABEL).env("HSM_STORE", self.home.file("keyring.db"));
        command.env("HSM_PIN_SOURCE", "env:TEST_PIN").env("TEST_PIN", pin);
        command.env("TEST_SO_PIN", SO_PIN);
        command.output().expect("hsm runs")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(USER_PIN, arguments)
    }

    /// It must end with `code`.
    #[track_caller]
    fn ends(&self, code: i32, arguments: &[&str]) -> Output {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "hsm {arguments:?}\n{said}");
        output
    }

    /// It must succeed; its standard output.
    #[track_caller]
    fn ok(&self, arguments: &[&str]) -> Vec<u8> {
        self.ends(0, arguments).stdout
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        self.home.write(name, bytes);
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.home.file(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Changes one bit of a file.
    fn flip(&self, name: &str, at: usize) {
        let mut bytes = self.read(name);
        bytes[at] ^= 1;
        self.write(name, &bytes);
    }
}
