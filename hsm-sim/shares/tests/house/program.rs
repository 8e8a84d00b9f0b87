//! Other programs that tests compare with, and skipping where they are missing.

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The program of that name on the PATH. Without it the test says loudly that it is skipped, or fails where nothing may be.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file());
    if found.is_none() {
        // Past the capture of cargo test, which would keep it quiet.
        let told = writeln!(std::io::stderr(), "SKIPPED: what needs {name}, because it is not installed");
        told.expect("standard error");
        assert_ne!(env::var("HSM_TESTS_REQUIRE_ALL").as_deref(), Ok("1"), "{name} is missing and nothing may be skipped");
    }
    found
}

/// Runs it to its end, with `input` on its standard input.
pub fn run(command: &mut Command, input: &[u8]) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // Beside the reading of its output: both pipes are small.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // A program that refuses its arguments does not read.
    let _ = writer.join().unwrap();
    output
}

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}
