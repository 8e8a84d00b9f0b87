//! OpenSC's pkcs11-tool on the module: its own test suite, and what an operator does with it.
//! A command line can only give PINs as arguments here; these are the PINs of a token that lives for one test.

mod certificates;
mod keys;
mod own_tests;

use hsm_tests::*;

/// pkcs11-tool with the module, the token and the user's PIN.
struct Pkcs11Tool {
    tool: Tool,
    module: String,
}

impl Pkcs11Tool {
    /// Makes the test's token and leaves it to the tool; None, loudly, without OpenSC.
    fn with_token(home: &Home) -> Option<Self> {
        let tool = Tool::on_path("pkcs11-tool")?;
        let token = home.token();
        token.module.finalize().expect("C_Finalize");
        let module = home.subject().path().display().to_string();
        Some(Self { tool, module })
    }

    /// Runs it logged in; it must succeed. What it said on both channels.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        self.run_public(&[&["--token-label", LABEL, "--login", "--pin", USER_PIN], arguments].concat())
    }

    /// The same without choosing a token.
    #[track_caller]
    fn run_public(&self, arguments: &[&str]) -> String {
        let all = [&["--module", &self.module], arguments].concat();
        let output = self.tool.run(&all, b"");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(output.status.success(), "pkcs11-tool {arguments:?}: {}\n{said}", output.status);
        said
    }
}
