//! The `openssl` command as the other side: it verifies what the module signs and opens what it encrypts, and the
//! module what openssl makes. On the module under test and on SoftHSMv2, so that the suite itself is checked.

mod agreement;
mod encryption;
mod signatures;

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
