//! The memory of another process, read as a debugger would: proc(5), `maps` and `mem`.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

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

/// From here on an abort of this process leaves a core file in `directory`, unless the system sends them elsewhere: core(5).
pub fn dump_into(directory: &Path) {
    std::env::set_current_dir(directory).expect("the directory");
    let limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: the limit outlives the call. Where it may not be raised there is no core file.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &limit) };
}

/// The memory in the core file that an aborted process left there, segment by segment. Not the registers, which are in its notes: those
/// of a thread that rests hold what was copied last, by whomever.
pub fn dumped_into(directory: &Path) -> Option<Vec<Vec<u8>>> {
    let mut files = fs::read_dir(directory).expect("the directory").map(|entry| entry.expect("an entry").path());
    let core = files.find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("core")))?;
    let core = File::open(core).expect("the core file");
    let word = |at: u64| {
        let mut word = [0; 8];
        core.read_exact_at(&mut word, at).expect("a whole core file");
        u64::from_le_bytes(word)
    };
    // elf(5): the table's place at 32; entries of 56 bytes, as many as 16 bits at 56 say.
    let (table, count) = (word(32), word(56) & 0xffff);
    let loaded = (0..count).map(|number| table + 56 * number).filter(|entry| word(*entry) as u32 == PT_LOAD);
    let read = loaded.map(|entry| {
        let mut bytes = vec![0; word(entry + 32) as usize];
        core.read_exact_at(&mut bytes, word(entry + 8)).expect("a whole core file");
        bytes
    });
    Some(read.collect())
}

/// A segment that is memory.
const PT_LOAD: u32 = 1;

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
