//! Arguments that clap refuses, answered like every other error.

use std::ffi::OsString;
use std::process::ExitCode;

use hsm_client::{Error, Kind};

use super::output;

/// Reports why the arguments make no sense; --help and --version are answered here too, with exit code 0.
pub(super) fn answer(refused: &clap::Error) -> ExitCode {
    if refused.use_stderr() && wants_json(std::env::args_os()) {
        output::error(&described(&refused.render().to_string()), true);
    } else {
        // If the stream is gone there is nobody left to tell.
        let _ = refused.print();
    }
    ExitCode::from(u8::try_from(refused.exit_code()).unwrap_or(2))
}

/// The arguments were not understood, so this one is looked for by itself; after `--` all are values.
fn wants_json(arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.take_while(|argument| argument != "--").any(|argument| argument == "--json")
}

/// clap writes paragraphs: `error: what`, perhaps a tip, perhaps `Usage: hsm ...`. Without a command it writes the whole
/// help instead, which has a usage too.
fn described(text: &str) -> Error {
    let paragraph = |prefix: &str| {
        let found = text.split("\n\n").find_map(|part| part.trim_start().strip_prefix(prefix));
        found.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let usage = paragraph("Usage: ");
    let next = paragraph("tip: ").unwrap_or_else(|| {
        let options = |word: &&str| word.starts_with(['-', '[', '<']);
        let words = usage.as_deref().unwrap_or("hsm").split(' ').take_while(|word| !options(word));
        format!("see {} --help", words.collect::<Vec<_>>().join(" "))
    });
    let error = Error::new(Kind::Usage, paragraph("error: ").unwrap_or_else(|| "the command is not complete".to_owned()));
    error.why(usage.map(|usage| format!("the usage is {usage}")).unwrap_or_default()).next(next)
}

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use super::*;
    use clap::Parser;

    #[test]
    fn what_why_and_next() {
        for (line, what, why, next) in [
            ("frobnicate", "unrecognized subcommand 'frobnicate'", "the usage is hsm [OPTIONS] <COMMAND>", "see hsm --help"),
            (
                "dek create",
                "the following required arguments were not provided: --name <NAME>",
                "the usage is hsm dek create --name <NAME>",
                "see hsm dek create --help",
            ),
            (
                "dek lits",
                "unrecognized subcommand 'lits'",
                "the usage is hsm dek [OPTIONS] <COMMAND>",
                "a similar subcommand exists: 'list'",
            ),
            ("token", "the command is not complete", "the usage is hsm token [OPTIONS] <COMMAND>", "see hsm token --help"),
            ("encrypt --dek", "a value is required for '--dek <NAME>' but none was supplied", "", "see hsm --help"),
        ] {
            let refused = Cli::try_parse_from(["hsm"].into_iter().chain(line.split(' '))).err().unwrap();
            let error = described(&refused.render().to_string());
            assert_eq!((error.what(), error.reason(), error.next_step()), (what, why, next), "hsm {line}");
        }
    }

    #[test]
    fn json_is_an_option_not_a_value() {
        let wants = |line: &str| wants_json(line.split(' ').map(OsString::from));
        assert!(wants("hsm frobnicate --json") && wants("hsm --json"));
        assert!(!wants("hsm frobnicate") && !wants("hsm encrypt -- --json x"));
    }
}
