//! The arguments of one call, and what must hold after it.

use super::{
    dictionary::NUMBERS,
    functions,
    memory::{Memory, Place},
};
use crate::source::Source;
use cryptoki_sys::*;
use hsm_tests::{Entry, Rv};

/// The arguments of a call, as words, and what they lead to.
#[derive(Default)]
pub struct Arguments {
    pub words: Vec<usize>,
    pub memory: Memory,
    pub outputs: Vec<Output>,
    pub handles: Vec<Place>,
}

/// A buffer and its length, in the unit of the parameter.
pub struct Output {
    pub word: usize,
    pub buffer: Option<Place>,
    room: usize,
    pub len: Place,
    pub unit: usize,
}

impl Arguments {
    pub fn place(&mut self, bytes: &[u8]) -> usize {
        let place = self.memory.put(bytes, 0);
        self.memory.at(place)
    }

    pub fn place_words(&mut self, words: &[usize]) -> usize {
        let place = self.memory.put_words(words);
        self.memory.at(place)
    }

    /// NULL to ask, too little room, or enough; and a length pointer that is NULL or crooked.
    pub fn output(&mut self, source: &mut Source<'_>, unit: usize, null: bool) {
        let room = match source.below(8) {
            0..3 => None,
            3 => Some(0),
            4 => Some(source.below(40)),
            _ => Some(2048),
        };
        let buffer = room.map(|room| self.memory.room(unit * room, if unit == 1 { source.below(2) } else { 0 }));
        let len = self.memory.put_words(&[room.unwrap_or_else(|| source.pick(&NUMBERS) as usize)]);
        let crooked = if source.once_in(64) { 1 } else { 0 };
        let pointer = if null { 0 } else { self.memory.at(len) + crooked };
        self.outputs.push(Output { word: self.words.len(), buffer, room: room.unwrap_or(0), len, unit });
        self.words.extend([buffer.map_or(0, |buffer| self.memory.at(buffer)), pointer]);
    }

    /// §5.2: the output over the input before it, where that has room for what is told.
    pub fn overlap(&mut self, source: &mut Source<'_>) {
        let room = self.outputs.last().map_or(0, |output| output.room);
        if let [.., input, len, buffer, _] = &mut self.words[..]
            && *input != 0
            && *buffer != 0
            && (room..=4096).contains(len)
            && source.once_in(4)
        {
            *buffer = *input;
        }
    }

    pub fn write(&mut self, source: &mut Source<'_>, entry: Entry) {
        let unit = if entry.name == "C_FindObjects" { 8 } else { 1 };
        let count = source.below(64);
        let place = self.memory.room(unit * count, 0);
        let huge = source.once_in(64);
        // Too much for any memory: only NULL may go with it, since the rest would be filled.
        self.words.extend(if huge { [0, 1 << 60] } else { [self.memory.at(place), count] });
    }

    pub fn pointer(&mut self, source: &mut Source<'_>, entry: Entry, null: bool) {
        let place = self.memory.room(256, if source.once_in(32) { 1 } else { 0 });
        if entry.name == "C_InitToken" {
            let label = self.memory.put(&[b'x'; 32], 0);
            return self.words.push(if null { 0 } else { self.memory.at(label) });
        }
        self.handles.push(place);
        self.words.push(if null { 0 } else { self.memory.at(place) });
    }

    pub fn invoke(&mut self, entry: Entry) -> Rv {
        // SAFETY: as many words as the function has arguments; every pointer leads into `memory` and has what its length says, but for
        // lengths beyond any memory, which no module may believe.
        let rv = unsafe { functions::call(entry, &self.words) };
        self.memory.check(entry.name);
        judge(entry.name, rv);
        self.outputs.iter().for_each(|output| output.judge(entry, rv, self));
        rv
    }

    /// The length that was told to a question for it.
    pub fn told(&self, rv: Rv) -> Option<usize> {
        let output = self.outputs.first().filter(|output| rv == Rv(CKR_OK) && output.buffer.is_none())?;
        let told = self.memory.word(output.len) as usize;
        (self.words[output.word + 1] != 0 && told < 1 << 16).then_some(told)
    }

    /// The call once more, with as much room as it was told.
    pub fn again(&mut self, entry: Entry, told: usize) -> Rv {
        let output = &self.outputs[0];
        let (word, unit) = (output.word, output.unit);
        let (buffer, len) = (self.memory.room(unit * told, 0), self.memory.put_words(&[told]));
        self.outputs[0] = Output { word, buffer: Some(buffer), room: told, len, unit };
        self.words[word] = self.memory.at(buffer);
        self.words[word + 1] = self.memory.at(len);
        let rv = self.invoke(entry);
        assert_ne!(rv, Rv(CKR_BUFFER_TOO_SMALL), "{} told {told} and then wanted more", entry.name);
        assert_ne!(rv, Rv(CKR_OPERATION_NOT_INITIALIZED), "{}: a question for the length ended the operation", entry.name);
        rv
    }
}

impl Output {
    fn judge(&self, entry: Entry, rv: Rv, arguments: &Arguments) {
        if arguments.words[self.word + 1] == 0 || arguments.words[self.word] == 0 {
            return;
        }
        let told = arguments.memory.word(self.len) as usize;
        match rv.0 {
            CKR_OK => assert!(told <= self.room, "{} gave {told} where there was room for {}", entry.name, self.room),
            CKR_BUFFER_TOO_SMALL => assert!(told > self.room, "{} wants {told} and has {}", entry.name, self.room),
            _ => {}
        }
    }
}

/// A code that the standard knows, and never the one that a caught panic becomes.
pub fn judge(name: &str, rv: Rv) {
    assert!(rv.is_known(), "{name} answered {rv:?}");
    assert_ne!(rv, Rv(CKR_GENERAL_ERROR), "{name}: a defect was caught");
}
