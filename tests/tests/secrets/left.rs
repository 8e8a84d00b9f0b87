//! What is left all the same, and why.

use std::collections::BTreeMap;

/// A secret, a place, and why it is there: none today. What is found and not in this table fails the test; so does a row that nothing is
/// found for any more.
const LEFT: [(&str, &str, &str); 0] = [];

/// Secret and place, how often and how long at most.
pub type Places = BTreeMap<(String, String), (usize, usize)>;

/// What was found and is not in the table, and what is in the table and was not found.
pub fn unexpected(stage: &str, places: &Places) -> Vec<String> {
    let listed = |name: &str, place: &str| LEFT.iter().any(|row| (row.0, row.1) == (name, place));
    let found = places
        .iter()
        .filter(|((name, place), _)| !listed(name, place))
        .map(|((name, place), (count, longest))| format!("{stage}: {name}: {count} times in {place}, at most {longest} bytes"));
    let gone = LEFT.iter().filter(|row| !places.contains_key(&(row.0.to_owned(), row.1.to_owned())));
    found.chain(gone.map(|(name, place, why)| format!("{stage}: {name} is no longer in {place}: {why}"))).collect()
}
