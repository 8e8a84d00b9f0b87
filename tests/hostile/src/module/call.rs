//! One call: arguments for every parameter of a function, the call, and what must hold afterwards.

use super::{
    dictionary::NUMBERS,
    functions,
    memory::{Memory, Place},
    parameter, recipes,
    stage::Stage,
    template,
};
use crate::source::Source;
use cryptoki_sys::*;
use hsm_tests::{Entry, Param, Rv, SO_PIN, USER_PIN};

/// What earlier answers left for later calls.
pub struct World<'s> {
    pub stage: &'s Stage,
    pub sessions: Vec<CK_SESSION_HANDLE>,
    pub objects: Vec<CK_OBJECT_HANDLE>,
    /// The last output: a ciphertext, a signature, a wrapped key, a saved state.
    pub output: Vec<u8>,
    /// The last Init that succeeded, and its session.
    pub begun: Option<(&'static str, CK_SESSION_HANDLE)>,
    /// A key that goes with the mechanism just chosen.
    pub key: Option<CK_OBJECT_HANDLE>,
}

/// The arguments of a call, as words, and what they lead to.
struct Arguments {
    words: Vec<usize>,
    memory: Memory,
    outputs: Vec<Output>,
    handles: Vec<Place>,
}

/// A buffer and its length, in the unit of the parameter.
struct Output {
    word: usize,
    buffer: Option<Place>,
    room: usize,
    len: Place,
    unit: usize,
}

impl World<'_> {
    pub fn session(&self, source: &mut Source<'_>) -> CK_SESSION_HANDLE {
        match source.below(16) {
            0 => source.pick(&NUMBERS),
            1 => source.word(),
            2..6 => self.sessions.get(source.below(self.sessions.len())).copied().unwrap_or(0),
            _ => self.begun.map_or_else(|| self.sessions.first().copied().unwrap_or(0), |(_, session)| session),
        }
    }

    pub fn object(&self, source: &mut Source<'_>) -> CK_OBJECT_HANDLE {
        match source.below(32) {
            0 => source.pick(&NUMBERS),
            1 => source.word(),
            2.. if self.key.is_some() => self.key.unwrap_or(0),
            n if n % 2 == 1 && !self.objects.is_empty() => source.pick(&self.objects),
            _ => source.pick(&self.stage.fixtures),
        }
    }

    /// Calls `entry` with arguments of any sort.
    pub fn call(&mut self, source: &mut Source<'_>, entry: Entry) -> Rv {
        self.call_with(source, entry, |_| {})
    }

    /// The same after `fix` had the words.
    pub fn call_with(&mut self, source: &mut Source<'_>, entry: Entry, fix: impl FnOnce(&mut [usize])) -> Rv {
        let mut arguments = Arguments { words: vec![], memory: Memory::default(), outputs: vec![], handles: vec![] };
        for (position, param) in entry.params().enumerate() {
            self.argument(source, &mut arguments, entry, (position, param));
        }
        self.key = None;
        fix(&mut arguments.words);
        let rv = arguments.invoke(entry);
        self.harvest(entry, rv, &arguments);
        let told = arguments.outputs.first().map(|output| arguments.memory.word(output.len));
        if let (CKR_OK, Some(told @ 0..0x10000)) = (rv.0, told)
            && arguments.outputs[0].buffer.is_none()
            && arguments.words[arguments.outputs[0].word + 1] != 0
            && !source.once_in(4)
        {
            let again = arguments.again(entry, told as usize);
            self.harvest(entry, again, &arguments);
        }
        rv
    }

    fn argument(&mut self, source: &mut Source<'_>, to: &mut Arguments, entry: Entry, (position, param): (usize, Param)) {
        let null = source.once_in(48);
        match param {
            Param::Session => to.words.push(self.session(source) as usize),
            Param::Slot => {
                to.words.push(source.pick(&[self.stage.slot, self.stage.slot, self.stage.slot, 0, CK_ULONG::MAX]) as usize)
            }
            Param::Object => {
                to.words.push(self.object(source) as usize);
                self.key = None;
            }
            Param::Number => to.words.push(number(source, entry, self) as usize),
            Param::Input if message_parameter(entry, position) => {
                let (pointer, len) = parameter::message(self, source, &mut to.memory);
                to.words.extend([pointer, len]);
            }
            Param::Input => self.input(source, to, entry),
            Param::Output => {
                to.output(source, 1, null);
                if entry.params().nth(position - 1) == Some(Param::Input) && !message_parameter(entry, position - 1) {
                    to.overlap(source);
                }
            }
            Param::List => to.output(source, if entry.name == "C_GetInterfaceList" { 24 } else { 8 }, null),
            Param::Write => to.write(source, entry),
            Param::Pointer => to.pointer(source, entry, null),
            Param::Mechanism => {
                let matched = recipes::matched(entry.name, source).filter(|_| !source.once_in(4));
                let kind = matched.map_or_else(|| self.kind(source), |(kind, _)| kind);
                self.key = matched.and_then(|(_, fixture)| self.stage.fixtures.get(fixture).copied());
                let message = entry.name.ends_with("Authenticated");
                let place = parameter::mechanism(self, source, &mut to.memory, kind, message);
                to.words.push(if null { 0 } else { place });
            }
            Param::Template if entry.name == "C_GetAttributeValue" => to.words.extend(template::query(source, &mut to.memory)),
            Param::Template => {
                let words = template::build(self, source, &mut to.memory);
                to.words.extend(words);
            }
            Param::Optional => self.optional(source, to, entry, position),
            Param::Reserved => {
                let word = if null { to.place(&[0; 64]) } else { 0 };
                to.words.push(word);
            }
        }
    }

    fn kind(&self, source: &mut Source<'_>) -> CK_MECHANISM_TYPE {
        if source.once_in(32) { source.word() } else { source.pick(&self.stage.mechanisms) }
    }

    fn input(&self, source: &mut Source<'_>, to: &mut Arguments, entry: Entry) {
        let pins = ["C_InitToken", "C_InitPIN", "C_SetPIN", "C_Login", "C_LoginUser"];
        let bytes = match source.below(8) {
            0 => return to.words.extend([0, if source.once_in(4) { source.pick(&NUMBERS) as usize } else { 0 }]),
            1.. if pins.contains(&entry.name) => source.pick(&[USER_PIN, USER_PIN, SO_PIN, "1234", ""]).into(),
            1..3 => self.output.clone(),
            3..5 => vec![5; 32],
            5 => vec![source.byte(); source.pick(&[0, 1, 15, 16, 17, 32, 127, 128, 129, 256, 4096])],
            _ => source.bytes(200).to_vec(),
        };
        let place = to.memory.put(&bytes, source.below(3));
        let huge = source.once_in(64);
        to.words.extend([to.memory.at(place), if huge { (CK_ULONG::MAX - 7) as usize } else { bytes.len() }]);
    }

    fn optional(&self, source: &mut Source<'_>, to: &mut Arguments, entry: Entry, position: usize) {
        let word = match (entry.name, position) {
            ("C_Initialize", _) => {
                let named = to.place(&self.stage.configuration);
                let functions = if source.once_in(8) { 1 } else { 0 };
                let flags = source.pick(&[2, 2, 2, 0, 1, 3, 1 << 60]);
                to.place_words(&[functions, 0, 0, 0, flags, named])
            }
            ("C_GetInterface", 0) => {
                let name = source.pick(&[&b"PKCS 11\0"[..], b"Vendor hsm-sim Users\0", b"nothing\0", b"\0"]);
                if source.once_in(4) { 0 } else { to.place(name) }
            }
            ("C_GetInterface", _) => {
                if source.once_in(2) {
                    0
                } else {
                    to.place(&[source.byte() % 4, source.byte() % 50])
                }
            }
            // C_OpenSession: an application's own word, and a callback that is never called.
            _ if position == 2 => source.word() as usize,
            _ => 0,
        };
        to.words.push(word);
    }

    /// Keeps what later calls can use.
    fn harvest(&mut self, entry: Entry, rv: Rv, arguments: &Arguments) {
        if rv != Rv(CKR_OK) {
            return;
        }
        if entry.name.ends_with("Init") {
            self.begun = Some((entry.name, arguments.words[0] as CK_SESSION_HANDLE));
        }
        let handles = arguments.handles.iter().map(|place| arguments.memory.word(*place));
        match entry.name {
            "C_OpenSession" => self.sessions.extend(handles),
            "C_CreateObject"
            | "C_CopyObject"
            | "C_GenerateKey"
            | "C_GenerateKeyPair"
            | "C_UnwrapKey"
            | "C_DeriveKey"
            | "C_EncapsulateKey"
            | "C_DecapsulateKey"
            | "C_UnwrapKeyAuthenticated" => self.objects.extend(handles),
            _ => {}
        }
        if let Some(Output { buffer: Some(buffer), len, unit: 1, .. }) = arguments.outputs.first() {
            let len = arguments.memory.word(*len) as usize;
            self.output = arguments.memory.bytes(*buffer)[..len].to_vec();
        }
    }
}

impl Arguments {
    fn place(&mut self, bytes: &[u8]) -> usize {
        let place = self.memory.put(bytes, 0);
        self.memory.at(place)
    }

    fn place_words(&mut self, words: &[usize]) -> usize {
        let place = self.memory.put_words(words);
        self.memory.at(place)
    }

    /// NULL to ask, too little room, or enough; and a length pointer that is NULL or crooked.
    fn output(&mut self, source: &mut Source<'_>, unit: usize, null: bool) {
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
    fn overlap(&mut self, source: &mut Source<'_>) {
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

    fn write(&mut self, source: &mut Source<'_>, entry: Entry) {
        let unit = if entry.name == "C_FindObjects" { 8 } else { 1 };
        let count = source.below(64);
        let place = self.memory.room(unit * count, 0);
        let huge = source.once_in(64);
        // Too much for any memory: only NULL may go with it, since the rest would be filled.
        self.words.extend(if huge { [0, 1 << 60] } else { [self.memory.at(place), count] });
    }

    fn pointer(&mut self, source: &mut Source<'_>, entry: Entry, null: bool) {
        let place = self.memory.room(256, if source.once_in(32) { 1 } else { 0 });
        if entry.name == "C_InitToken" {
            let label = self.memory.put(&[b'x'; 32], 0);
            return self.words.push(if null { 0 } else { self.memory.at(label) });
        }
        self.handles.push(place);
        self.words.push(if null { 0 } else { self.memory.at(place) });
    }

    fn invoke(&mut self, entry: Entry) -> Rv {
        // SAFETY: as many words as the function has arguments; every pointer leads into `memory` and has what its length says, but for
        // lengths beyond any memory, which no module may believe.
        let rv = unsafe { functions::call(entry, &self.words) };
        self.memory.check(entry.name);
        judge(entry.name, rv);
        self.outputs.iter().for_each(|output| output.judge(entry, rv, self));
        rv
    }

    /// The call once more, with as much room as it was told.
    fn again(&mut self, entry: Entry, told: usize) -> Rv {
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

/// The first input of the message functions is a structure with pointers.
fn message_parameter(entry: Entry, position: usize) -> bool {
    position == 1 && (entry.name.contains("Message") && !entry.name.starts_with("C_Message"))
}

fn number(source: &mut Source<'_>, entry: Entry, world: &World<'_>) -> CK_ULONG {
    match entry.name {
        "C_OpenSession" => source.pick(&[6, 6, 6, 4, 2, 0, CK_ULONG::MAX]),
        "C_Login" | "C_LoginUser" => source.pick(&[CKU_USER, CKU_SO, CKU_CONTEXT_SPECIFIC, 99]),
        "C_GetMechanismInfo" => world.kind(source),
        // Without it the call waits for the end.
        "C_WaitForSlotEvent" => CKF_DONT_BLOCK | source.pick(&NUMBERS) << 1,
        "C_SessionCancel" => source.pick(&[0, CKF_ENCRYPT, CKF_SIGN, CKF_FIND_OBJECTS, CK_ULONG::MAX]),
        _ => source.pick(&NUMBERS),
    }
}
