//! One process per test: the test binary runs itself again for that test alone, with a token directory of its own.

use crate::home::{Home, SUBJECT};
use crate::subject::Subject;
use crate::tool::{loudly, skip};
use std::any::type_name;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// Runs `body` in a child process on the module under test. Call it with a closure written in the test function itself:
/// the child finds the test by the closure's path.
#[track_caller]
pub fn isolated<F: FnOnce(&Home)>(body: F) {
    match Home::inherited() {
        Some(home) => body(&home),
        None => run_child::<F>(&Subject::under_test()),
    }
}

/// The same on the module that `choose` gives; skips loudly if that is none.
#[track_caller]
pub fn isolated_on<F: FnOnce(&Home)>(choose: impl FnOnce() -> Option<Subject>, body: F) {
    match (Home::inherited(), choose()) {
        (Some(home), _) => body(&home),
        (None, Some(subject)) => run_child::<F>(&subject),
        (None, None) => skip(&test_name::<F>(), "its module is not installed"),
    }
}

/// The same on the module under test and then on SoftHSMv2.
#[track_caller]
pub fn on_each<F: FnOnce(&Home)>(body: F) {
    if let Some(home) = Home::inherited() {
        return body(&home);
    }
    run_child::<F>(&Subject::under_test());
    match Subject::softhsm() {
        Some(softhsm) => run_child::<F>(&softhsm),
        None => skip(&test_name::<F>(), "SoftHSMv2 is not installed"),
    }
}

#[track_caller]
fn run_child<F>(subject: &Subject) {
    let name = test_name::<F>();
    let home = Home::create(subject, &name);
    let log = home.path().join("output");
    let output = fs::File::create(&log).expect("a file for the test's output");
    let mut command = test_command(&name);
    command.env(SUBJECT, subject.path()).envs(home.environment());
    command.stdin(Stdio::null());
    command.stdout(output.try_clone().expect("a second handle")).stderr(output);
    let status = wait(&mut command);
    let said = String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()).into_owned();
    // `--exact` with a name that matches nothing succeeds: the mark proves that the body ran.
    let ran = home.ran_mark().exists();
    let verdict = match status {
        Some(status) if status.success() && ran => {
            // The line may begin with what libtest says of the test.
            let skipped = said.lines().filter_map(|line| line.find("SKIPPED: ").map(|at| &line[at..]));
            skipped.for_each(loudly);
            return;
        }
        Some(status) if status.success() => format!("no test is called {name}"),
        Some(status) => ended(status),
        None => format!("hung for {} s and was stopped", patience().as_secs()),
    };
    panic!("{name} on {}: {verdict}\n{said}", file_name(subject.path()));
}

/// A command that runs the test called `name` of this binary, and nothing else.
pub(crate) fn test_command(name: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("the path of this test"));
    command.args([name, "--exact", "--nocapture", "--test-threads=1", "--include-ignored"]);
    command.env("RUST_BACKTRACE", "0");
    command
}

/// The exit status, or none if the child had to be stopped: a deadlock must fail one test, not stop the suite.
fn wait(command: &mut Command) -> Option<ExitStatus> {
    let mut child = command.spawn().expect("the test runs itself");
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child to wait for") {
            return Some(status);
        }
        if start.elapsed() > patience() {
            child.kill().and_then(|()| child.wait()).expect("the child stops");
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn ended(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        Some(signal) => format!("crashed: signal {signal}"),
        None => format!("failed: {status}"),
    }
}

/// "suite::module::test::{{closure}}" names the test "module::test".
fn test_name<F>() -> String {
    let path = type_name::<F>().trim_end_matches("::{{closure}}");
    let (_, name) = path.split_once("::").expect("a path below the suite");
    name.to_owned()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Far beyond any test, so that only a hang meets it; HSM_TESTS_PATIENCE, in seconds, for soaks.
pub(crate) fn patience() -> Duration {
    let named = env::var("HSM_TESTS_PATIENCE").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(named.unwrap_or(300))
}
