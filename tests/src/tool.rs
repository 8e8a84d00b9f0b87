//! Other programs that tests compare with, and skipping where they are missing.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

/// A program on the machine.
#[derive(Clone, Debug)]
pub struct Tool(PathBuf);

/// Says loudly that `what` was not tested; fails where nothing may be skipped.
pub fn skip(what: &str, why: &str) {
    loudly(&format!("SKIPPED: {what} because {why}"));
    let required = env::var_os("HSM_TESTS_REQUIRE_ALL").is_some_and(|v| v == "1");
    assert!(!required, "{what} must not be skipped (HSM_TESTS_REQUIRE_ALL=1): {why}");
}

/// Past the capture of cargo test, which would keep it quiet when the test passes.
pub(crate) fn loudly(line: &str) {
    let told = writeln!(std::io::stderr(), "{line}");
    told.expect("standard error");
}

impl Tool {
    /// The program of that name on the PATH; without it the test is skipped.
    pub fn on_path(name: &str) -> Option<Tool> {
        let path = env::var_os("PATH").unwrap_or_default();
        let found = env::split_paths(&path).map(|d| d.join(name)).find(|p| p.is_file());
        if found.is_none() {
            skip(name, "it is not installed");
        }
        found.map(Tool)
    }

    /// The program at that path, whether it is there or not.
    pub fn at(path: &str) -> Tool {
        Tool(PathBuf::from(path))
    }

    /// A program that cargo built beside this test; without it the test is skipped.
    pub fn built(name: &str) -> Option<Tool> {
        let path = crate::subject::built_directory().join(name);
        if path.is_file() {
            return Some(Tool(path));
        }
        skip(name, &format!("{} is not built", path.display()));
        None
    }

    /// An example of this package. `cargo test` builds them, unless it was asked for one suite only: then this does.
    pub fn example(name: &str) -> Tool {
        let path = crate::subject::built_directory().join("examples").join(name);
        if !is_fresh(&path) {
            build_examples();
        }
        Tool(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.0);
        command.stdin(Stdio::null());
        command
    }

    /// Runs it to its end, with `input` on its standard input.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A], input: &[u8]) -> Output {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped());
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap_or_else(|e| panic!("{}: {e}", self.0.display()));
        // A program that does not read its input closes the pipe: no error of ours.
        let _ = child.stdin.take().expect("a pipe").write_all(input);
        child.wait_with_output().expect("its output")
    }

    /// The same; it must succeed, and its standard output is given.
    #[track_caller]
    pub fn succeed<A: AsRef<OsStr> + std::fmt::Debug>(&self, arguments: &[A], input: &[u8]) -> Vec<u8> {
        let output = self.run(arguments, input);
        assert!(
            output.status.success(),
            "{} {arguments:?}: {}\n{}{}",
            self.0.display(),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }
}

/// Whether no source is younger; cargo lists them beside the program.
fn is_fresh(program: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    let (list, made) = (fs::read_to_string(program.with_extension("d")).unwrap_or_default(), changed(program));
    let (_, sources) = list.split_once(": ").unwrap_or_default();
    made.is_some() && sources.split_whitespace().all(|source| changed(Path::new(source)) <= made)
}

fn build_examples() {
    let directory = crate::subject::built_directory();
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--quiet", "--examples", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    command.arg("--target-dir").arg(directory.parent().expect("the target directory"));
    if directory.ends_with("release") {
        command.arg("--release");
    }
    assert!(command.status().expect("cargo runs").success(), "the examples do not build");
}
