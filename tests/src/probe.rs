//! Calls any function of the lists with arguments of the right shape, some of them replaced: the unsafe half of the
//! `protocol` suite.

use crate::answer::Rv;
use crate::entries::{Entry, Param, Since};
use crate::mechanism::Mechanism;
use crate::module::Module;
use crate::object::Object;
use crate::session::Session;
use crate::template::Template;
use crate::words::invoke;
use cryptoki_sys::*;

/// What the arguments of the calls are.
pub struct Probe<'m> {
    words: &'m [usize],
    pub session: CK_SESSION_HANDLE,
    pub slot: CK_SLOT_ID,
    pub object: Object,
    pub mechanism: Mechanism,
    pub template: Template,
    /// What Input parameters hold.
    pub input: Vec<u8>,
    /// What Number parameters are.
    pub number: usize,
}

impl<'m> Probe<'m> {
    /// Probes the newest function list that the module has.
    pub fn new(module: &'m Module) -> Self {
        let newest = [Since::V3_2, Since::V3_0, Since::V2_40];
        let mut found = newest.into_iter().filter_map(|list| Self::of(module, list));
        found.next().expect("the 2.40 list")
    }

    /// Probes one list, if the module has it.
    pub fn of(module: &'m Module, list: Since) -> Option<Self> {
        Some(Self {
            words: module.entries(list)?,
            session: 0,
            slot: 0,
            object: Object(0),
            mechanism: Mechanism::bare(CKM_SHA256),
            template: Template::of(CKO_DATA),
            input: vec![0; 16],
            number: 0,
        })
    }

    pub fn at(mut self, session: Session<'_>, slot: CK_SLOT_ID) -> Self {
        self.session = session.handle;
        self.slot = slot;
        self
    }

    /// The same probe, to be changed.
    pub fn again(&self) -> Self {
        Self { mechanism: self.mechanism.clone(), template: self.template.clone(), input: self.input.clone(), ..*self }
    }

    /// The functions of the list.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + use<> {
        let known = self.words.len();
        Entry::all().filter(move |e| e.index < known)
    }

    /// Whether the list has anything but NULL for the function.
    pub fn has(&self, entry: Entry) -> bool {
        self.words[entry.index] != 0
    }

    /// The call with every argument 0 or NULL.
    pub fn call_zero(&self, entry: Entry) -> Rv {
        let width = entry.params().map(Param::width).sum();
        self.invoke(entry, &vec![0; width])
    }

    /// The call with good arguments.
    pub fn call(&self, entry: Entry) -> Rv {
        self.call_with(entry, |_| {})
    }

    /// The call with good arguments but NULL for the pointer of the parameter at `position`.
    pub fn call_null(&self, entry: Entry, position: usize) -> Rv {
        let before: usize = entry.params().take(position).map(Param::width).sum();
        let param = entry.params().nth(position).expect("a parameter");
        let pointer = before + param.required_pointer().expect("a pointer that must be there");
        self.call_with(entry, |words| words[pointer] = 0)
    }

    /// The call with good arguments that `change` may change: the C arguments as words.
    fn call_with(&self, entry: Entry, change: impl FnOnce(&mut [usize])) -> Rv {
        self.arranged(entry, |words| {
            change(words);
            self.invoke(entry, words)
        })
    }

    /// Good arguments as words, for as long as `body` runs. Inputs, mechanisms and templates lie in room for 16 KiB each.
    pub(crate) fn arranged<T>(&self, entry: Entry, body: impl FnOnce(&mut [usize]) -> T) -> T {
        let mut mechanism = self.mechanism.as_c();
        let mechanism = mechanism.raw();
        let template = self.template.as_c();
        let mut rooms: Vec<Room> = entry.params().map(|_| Room::new()).collect();
        let mut words = Vec::new();
        for (param, room) in entry.params().zip(&mut rooms) {
            match param {
                Param::Session => words.push(self.session as usize),
                Param::Slot => words.push(self.slot as usize),
                Param::Object => words.push(self.object.0 as usize),
                Param::Number => words.push(self.number),
                Param::Optional | Param::Reserved => words.push(0),
                Param::Input => words.extend([room.holding(&self.input), self.input.len()]),
                Param::Output | Param::List => words.extend([room.bytes(), room.length()]),
                Param::Write => words.extend([room.bytes(), 16]),
                Param::Pointer => words.push(room.bytes()),
                Param::Mechanism => words.push(room.holding(std::slice::from_ref(&mechanism))),
                Param::Template if template.count() == 0 => words.extend([0, 0]),
                Param::Template => words.extend([room.holding(template.array()), template.count() as usize]),
            }
        }
        body(&mut words)
    }

    /// Every PKCS#11 argument is a word (the one CK_BBOOL is a word's low byte), so a call is a number of words.
    pub(crate) fn invoke(&self, entry: Entry, a: &[usize]) -> Rv {
        let function = self.words[entry.index];
        assert_ne!(function, 0, "{} is NULL in the list", entry.name);
        // SAFETY: the list holds a function of this name and so of this number of words; every pointer among the arguments is NULL or
        // outlives the call with more room than any PKCS#11 structure has.
        unsafe { invoke(function, a) }
    }
}

/// Aligned room for one parameter, zeroed, and a length.
struct Room {
    bytes: Box<[u64; 2048]>,
    length: CK_ULONG,
}

impl Room {
    fn new() -> Self {
        Self { bytes: Box::new([0; 2048]), length: 1024 }
    }

    fn bytes(&mut self) -> usize {
        self.bytes.as_mut_ptr() as usize
    }

    /// The room with a copy of `items` at its beginning.
    fn holding<T>(&mut self, items: &[T]) -> usize {
        let (from, len) = (items.as_ptr().cast::<u8>(), size_of_val(items));
        assert!(len < size_of_val(&*self.bytes), "more than there is room for");
        // SAFETY: `len` bytes of `items` go into room for more; they do not overlap.
        unsafe { std::ptr::copy_nonoverlapping(from, self.bytes.as_mut_ptr().cast(), len) };
        self.bytes()
    }

    fn length(&mut self) -> usize {
        &raw mut self.length as usize
    }
}
