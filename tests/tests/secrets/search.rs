//! Looks for known values in bytes: any 16 bytes of one, in the orders that big numbers are kept in.

use crate::known::Known;
use std::collections::HashMap;

const WINDOW: usize = 16;

/// What to look for, by windows.
pub struct Search {
    windows: HashMap<u128, usize>,
    names: Vec<String>,
    /// Whether any window begins with these two bytes.
    begins: Vec<bool>,
}

/// Bytes of a known value, where they were found.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    pub name: String,
    pub at: usize,
    pub len: usize,
}

impl Search {
    pub fn of(known: &[Known]) -> Search {
        let mut search = Search { windows: HashMap::new(), names: Vec::new(), begins: vec![false; 1 << 16] };
        for (number, known) in known.iter().enumerate() {
            search.names.push(known.name.clone());
            for form in forms(&known.value()) {
                assert!(form.len() >= WINDOW, "{} is too short to look for", known.name);
                for window in form.windows(WINDOW) {
                    let window = u128::from_le_bytes(window.try_into().expect("a window"));
                    search.windows.insert(window, number);
                    search.begins[usize::from(window as u16)] = true;
                }
            }
        }
        search
    }

    /// Every place, adjoining windows as one.
    pub fn within(&self, bytes: &[u8]) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        let mut at = 0;
        while at + WINDOW <= bytes.len() {
            // Most memory is zero, and no value is.
            if at.is_multiple_of(ZEROS.len()) && bytes[at..].starts_with(&ZEROS) {
                at += ZEROS.len() - WINDOW + 1;
                at = at.next_multiple_of(WINDOW).min(bytes.len());
                continue;
            }
            if self.begins[usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))] {
                let window = u128::from_le_bytes(bytes[at..at + WINDOW].try_into().expect("a window"));
                if let Some(number) = self.windows.get(&window) {
                    self.add(&mut found, *number, at);
                }
            }
            at += 1;
        }
        found
    }

    fn add(&self, found: &mut Vec<Found>, number: usize, at: usize) {
        let name = &self.names[number];
        match found.last_mut() {
            Some(last) if last.name == *name && at < last.at + last.len => last.len = at + WINDOW - last.at,
            _ => found.push(Found { name: name.clone(), at, len: WINDOW }),
        }
    }
}

/// As it was given; backwards, as little-endian numbers are; with each word of eight bytes backwards; and as HMAC pads it (RFC 2104).
fn forms(value: &[u8]) -> [Vec<u8>; 5] {
    let backwards: Vec<u8> = value.iter().rev().copied().collect();
    let words = value.rchunks(8).rev().flat_map(|word| word.iter().rev().copied()).collect();
    let padded = |mask: u8| value.iter().map(|byte| byte ^ mask).collect();
    [value.to_vec(), backwards, words, padded(0x36), padded(0x5c)]
}

/// A page, as most of memory is.
const ZEROS: [u8; 4096] = [0; 4096];
