//! Calls with one argument twisted in a way that C allows and the standard does not: the unsafe half of `protocol/hostile`.

use crate::answer::Rv;
use crate::entries::{Entry, Param};
use crate::probe::Probe;
use cryptoki_sys::{CK_ULONG, CKR_OK};

/// What is wrong with a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Twist {
    /// Its length or count is this; it has room for 1024 bytes.
    Length(usize),
    /// Its pointer is off by a byte; what it points to is the same.
    Crooked,
    /// The pointer to its length is.
    CrookedLength,
    /// It is an output, and begins so many bytes inside the input before it.
    Over(usize),
}

impl Probe<'_> {
    /// The call with good arguments, but for the parameter at `position`; and what was given back, where that is an output.
    pub fn call_twisted(&self, entry: Entry, position: usize, twist: Twist) -> (Rv, Vec<u8>) {
        let at: usize = entry.params().take(position).map(Param::width).sum();
        let param = entry.params().nth(position).expect("a parameter");
        self.arranged(entry, |words| {
            match (twist, param) {
                (Twist::Length(length), Param::Output | Param::List) => put(words[at + 1], length),
                (Twist::Length(length), _) => words[at + 1] = length,
                (Twist::Crooked, Param::Input | Param::Mechanism | Param::Template) => words[at] = moved(words[at]),
                (Twist::Crooked, _) => words[at] += 1,
                (Twist::CrookedLength, _) => words[at + 1] += 1,
                (Twist::Over(by), _) => words[at] = words[at - 2] + by,
            }
            let rv = self.invoke(entry, words);
            let whole = param == Param::Output && rv == Rv(CKR_OK) && !matches!(twist, Twist::CrookedLength);
            (rv, if whole { given(words[at], words[at + 1]) } else { vec![] })
        })
    }
}

fn put(length: usize, value: usize) {
    // SAFETY: the probe's own length, alive during the call that is being prepared.
    unsafe { *(length as *mut CK_ULONG) = value as CK_ULONG };
}

/// Moves what is there up by a byte.
fn moved(at: usize) -> usize {
    let from = at as *mut u8;
    // SAFETY: the probe's own room, of 16 KiB.
    unsafe { std::ptr::copy(from, from.add(1), 1 << 13) };
    at + 1
}

fn given(at: usize, length: usize) -> Vec<u8> {
    // SAFETY: the probe's own buffer and length; the module said that it wrote so much, and there is room for 16 KiB.
    unsafe {
        let length = (*(length as *const CK_ULONG) as usize).min(1 << 13);
        std::slice::from_raw_parts(at as *const u8, length).to_vec()
    }
}
