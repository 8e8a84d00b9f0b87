//! A table's verdict: every row is tried, and the failures are told together.

use crate::answer::Rv;
use cryptoki_sys::CK_RV;
use std::fmt::Display;

/// Collects the failed rows of a table; panics with all of them when it is dropped. A table without rows fails too.
#[must_use]
pub struct Tally {
    table: &'static str,
    rows: usize,
    failures: Vec<String>,
}

impl Tally {
    /// `table` names the section of the standard that the rows come from.
    pub fn new(table: &'static str) -> Self {
        Self { table, rows: 0, failures: Vec::new() }
    }

    /// A row whose answer must be one of `allowed`.
    pub fn row(&mut self, what: impl Display, got: impl Into<Rv>, allowed: &[CK_RV]) {
        let got = got.into();
        let allowed: Vec<Rv> = allowed.iter().copied().map(Rv).collect();
        self.check(what, allowed.contains(&got), format_args!("got {got:?}, expected {allowed:?}"));
    }

    /// A row that holds or not.
    pub fn check(&mut self, what: impl Display, holds: bool, detail: impl Display) {
        self.rows += 1;
        if !holds {
            self.failures.push(format!("{what}: {detail}"));
        }
    }

    /// A row whose value is known.
    pub fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: impl Display, got: T, want: T) {
        let holds = got == want;
        self.check(what, holds, format_args!("got {got:?}, expected {want:?}"));
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.failures.iter().for_each(|f| eprintln!("also: {f}"));
            return;
        }
        assert!(self.rows > 0, "{}: no row was tried", self.table);
        assert!(
            self.failures.is_empty(),
            "{}: {} of {} rows fail\n  {}",
            self.table,
            self.failures.len(),
            self.rows,
            self.failures.join("\n  ")
        );
    }
}
