//! What earlier answers left, and calls with arguments of any sort made from it.

use super::{
    arguments::{Arguments, Output},
    dictionary::NUMBERS,
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
        let mut arguments = Arguments::default();
        for (position, param) in entry.params().enumerate() {
            self.argument(source, &mut arguments, entry, (position, param));
        }
        self.key = None;
        let rv = arguments.invoke(entry);
        self.harvest(entry, rv, &arguments);
        if let Some(told) = arguments.told(rv).filter(|_| !source.once_in(4)) {
            let again = arguments.again(entry, told);
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
