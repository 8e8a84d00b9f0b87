//! What is left all the same, and why.

use std::collections::BTreeMap;

type Places = BTreeMap<(String, String), (usize, usize)>;

/// What was found and is not in the table, and what is in the table and was not found.
pub fn unexpected(closed: &Places, finalized: &Places) -> Vec<String> {
    let mut lines = Vec::new();
    for (stage, places) in [("closed", closed), ("finalized", finalized)] {
        for ((name, place), (count, longest)) in places {
            lines.push(format!("{stage}: {name}: {count} times in {place}, at most {longest} bytes"));
        }
    }
    lines
}
