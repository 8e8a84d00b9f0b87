//! A progress bar on a terminal, for input that takes a while.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use super::connect::Global;

/// Input shorter than this shows no bar, bytes.
const LONG: u64 = 8 << 20;

/// A bar for `len` bytes, or a counter when the length is unknown; nothing for scripts and short input.
pub(super) fn bar(global: &Global, len: Option<u64>) -> ProgressBar {
    if global.quiet || global.json || !std::io::stderr().is_terminal() || len.is_some_and(|len| len < LONG) {
        return ProgressBar::hidden();
    }
    match len {
        Some(len) => styled(ProgressBar::new(len), "{bar:40} {bytes} of {total_bytes}, {eta} to go"),
        None => styled(ProgressBar::new_spinner(), "{spinner} {bytes}, {bytes_per_sec}"),
    }
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
