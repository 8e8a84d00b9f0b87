//! The `openssl` command and Python as the other side: it verifies what the module signs and opens what it encrypts, and the
//! module what openssl makes; both derive the same keys. On the module under test and on SoftHSMv2, so that the suite itself is checked.

mod agreement;
mod derivation;
mod encryption;
mod python;
mod signatures;
mod symmetric;

use hsm_tests::*;

/// openssl, or a loud skip.
fn openssl() -> Option<Tool> {
    Tool::on_path("openssl")
}

fn path(home: &Home, name: &str) -> String {
    home.file(name).display().to_string()
}

/// Splits a command line at its blanks.
fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}
