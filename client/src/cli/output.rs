//! Answers: a table or a JSON document on standard output, an error on standard error.

use std::io::{ErrorKind, Write};

use hsm_client::{Error, Result};
use serde_json::{Value, json};

use super::exit;

/// Prints one JSON document.
pub(super) fn json(value: &Value) -> Result<()> {
    line(&format!("{value:#}"))
}

/// Prints one line. A reader that has seen enough and left (`| head`) is no failure.
pub(super) fn line(text: &str) -> Result<()> {
    match writeln!(std::io::stdout(), "{}", harmless(text, true)) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::io("standard output", &error)),
        _ => Ok(()),
    }
}

/// Prints a line on standard error, beside the answer; with --json it begins with `note:` or `warning:`.
pub(super) fn remark(text: &str) {
    // If standard error is gone there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "{}", harmless(text, false));
}

/// `text` with control characters escaped: a key id or a label of somebody else's choice must not steer the terminal.
fn harmless(text: &str, lines: bool) -> String {
    let plain = |c: char| !c.is_control() || (lines && matches!(c, '\n' | '\t'));
    text.chars().map(|c| if plain(c) { c.to_string() } else { c.escape_unicode().to_string() }).collect()
}

/// Prints rows under a heading, in columns as wide as their widest cell.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heading[column].len()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let print = |cells: [&str; N]| {
        let padded: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!("{:width$}", harmless(cell, false))).collect();
        line(padded.join("  ").trim_end())
    };
    print(heading)?;
    rows.iter().try_for_each(|row| print(std::array::from_fn(|column| row[column].as_str())))
}

/// Prints `name: value` lines.
pub(super) fn facts(facts: &[(&str, String)]) -> Result<()> {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 1;
    facts.iter().try_for_each(|(name, value)| line(&format!("{:width$} {value}", format!("{name}:"))))
}

/// Reports a failure: what, why, and the next step.
pub(super) fn error(error: &Error, json: bool) {
    let mut out = std::io::stderr().lock();
    // If standard error is gone there is nobody left to tell.
    let _ = if json {
        let report = json!({ "error": {
            "code": exit::code(error.kind()),
            "kind": format!("{:?}", error.kind()),
            "what": error.what(),
            "why": error.reason(),
            "next": error.next_step(),
        }});
        writeln!(out, "{report:#}")
    } else {
        let part = |name: &str, text: &str| match text {
            "" => String::new(),
            text => format!("\n  {name}: {}", harmless(text, false)),
        };
        writeln!(
            out,
            "error: {}{}{}",
            harmless(error.what(), false),
            part("why", error.reason()),
            part("next", error.next_step())
        )
    };
}
