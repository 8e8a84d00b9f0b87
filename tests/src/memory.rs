//! The memory of another process, read as a debugger would: proc(5), `maps` and `mem`.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// A writable mapping, and what is in it.
pub struct Region {
    pub start: usize,
    /// `[heap]`, `[stack]`, a file, or nothing.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// All that the process can write to. What is not readable (a guard page, the kernel's own) is left out.
pub fn writable(process: u32) -> Vec<Region> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).expect("the mappings");
    let memory = File::open(format!("/proc/{process}/mem")).expect("the memory of a child");
    maps.lines().filter_map(|line| region(line, &memory)).collect()
}

fn region(line: &str, memory: &File) -> Option<Region> {
    let mut fields = line.split_whitespace();
    let (range, rights) = (fields.next()?, fields.next()?);
    let (start, end) = range.split_once('-')?;
    let (start, end) = (usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
    if !rights.starts_with("rw") {
        return None;
    }
    let mut bytes = vec![0; end - start];
    memory.read_exact_at(&mut bytes, start as u64).ok()?;
    Some(Region { start, name: fields.nth(3).unwrap_or_default().to_owned(), bytes })
}
