//! The four interfaces of our own, through their C functions: requests from nowhere.

use super::{arguments::judge, functions, memory::Memory, stage};
use crate::source::Source;
use cryptoki_sys::*;
use hsm_tests::Rv;
use std::sync::LazyLock;

static RECOVERY: LazyLock<usize> = LazyLock::new(|| functions::interface(c"Vendor hsm-sim Recovery", (1, 0)));
static USERS: LazyLock<usize> = LazyLock::new(|| functions::interface(c"Vendor hsm-sim Users", (1, 0)));

static AUDIT: LazyLock<usize> = LazyLock::new(|| functions::interface(c"Vendor hsm-sim Audit", (1, 0)));
static UPKEEP: LazyLock<usize> = LazyLock::new(|| functions::interface(c"Vendor hsm-sim Upkeep", (1, 0)));

/// The audit log and the upkeep of token files. The first byte chooses the function, the rest is the request.
pub fn documents(data: &[u8]) {
    let stage = stage::set();
    let session = stage.session() as usize;
    let mut source = Source::new(data);
    let which = source.below(8);
    let room = if source.once_in(2) { None } else { Some(source.below(1 << 12)) };
    match which {
        0 => ask(*AUDIT, 0, &[session], Some(source.rest()), room),
        1 => ask(*AUDIT, 1, &[session], None, room),
        2 => ask(*UPKEEP, 0, &[session], None, room),
        3 => ask(*UPKEEP, 1, &[session], Some(source.rest()), room),
        4 => ask(*UPKEEP, 2, &[], None, room),
        7 => ask(*AUDIT, 2, &[session], Some(source.rest()), room),
        // Repair and Restore, which need no session.
        function => ask(*UPKEEP, function - 2, &[], Some(source.rest()), room),
    }
    // SAFETY: C_CloseSession of a session that is open.
    unsafe { functions::call(hsm_tests::Entry::named("C_CloseSession"), &[session]) };
}

/// The first byte chooses the function, the rest is the request.
pub fn recovery(data: &[u8]) {
    let stage = stage::set();
    let session = stage.session() as usize;
    let mut source = Source::new(data);
    let which = source.below(7);
    let room = if source.once_in(2) { None } else { Some(source.below(1 << 12)) };
    match which {
        6 => users(session, &mut source, room),
        function => ask(*RECOVERY, function, &[session], Some(source.rest()), room),
    }
    // SAFETY: C_CloseSession of a session that is open.
    unsafe { functions::call(hsm_tests::Entry::named("C_CloseSession"), &[session]) };
}

/// A request and a reply; asked for its length, the function gives that much or less, or a reason.
fn ask(list: usize, function: usize, session: &[usize], request: Option<&[u8]>, room: Option<usize>) {
    let mut memory = Memory::default();
    let request = request.map(|request| (memory.put(request, 0), request.len()));
    let request: Vec<_> = request.into_iter().flat_map(|(place, len)| [memory.at(place), len]).collect();
    let words = [session, &request].concat();
    let (rv, told) = reply(&mut memory, list, function, &words, room);
    if rv == Rv(CKR_OK) && room.is_none() {
        let (again, _) = reply(&mut memory, list, function, &words, Some(told));
        assert_ne!(again, Rv(CKR_BUFFER_TOO_SMALL), "function {function} told {told} and then wanted more");
    }
}

fn reply(memory: &mut Memory, list: usize, function: usize, words: &[usize], room: Option<usize>) -> (Rv, usize) {
    let buffer = room.map(|room| memory.room(room, 0));
    let len = memory.put_words(&[room.unwrap_or(0)]);
    let buffer = buffer.map_or(0, |buffer| memory.at(buffer));
    let words = [words, &[buffer, memory.at(len)]].concat();
    let rv = invoke(list, function, &words);
    memory.check("a vendor's function");
    let told = memory.word(len) as usize;
    assert!(rv != Rv(CKR_OK) || room.is_none_or(|room| told <= room), "more than there was room for");
    (rv, told)
}

/// Names and rights; PINs are left alone, since each costs as much as a login.
fn users(session: usize, source: &mut Source<'_>, room: Option<usize>) {
    let mut memory = Memory::default();
    let function = source.below(4);
    let (rights, name) = (source.word() as usize, source.rest());
    let at = memory.put(name, 0);
    let name = [session, memory.at(at), name.len()];
    match function {
        0 => drop(invoke(*USERS, 1, &name)),
        1 => drop(invoke(*USERS, 3, &[&name[..], &[rights]].concat())),
        // A PIN too short to be tried.
        2 => drop(invoke(*USERS, 0, &[&name[..], &[memory.at(at), 3, rights]].concat())),
        _ => drop(reply(&mut memory, *USERS, 5, &[session], room)),
    }
}

fn invoke(list: usize, function: usize, words: &[usize]) -> Rv {
    // SAFETY: each list is a CK_VERSION, padded to a word, and function pointers, of which `function` is one of so many arguments;
    // every pointer among them leads into memory that outlives the call.
    let rv = unsafe { hsm_tests::invoke(*((list as *const usize).add(1 + function)), words) };
    judge("a vendor's function", rv);
    rv
}
