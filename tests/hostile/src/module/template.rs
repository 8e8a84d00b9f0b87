//! Templates: known attributes with values of right and wrong length, twice, nested, too many.

use super::{
    call::World,
    dictionary::{BOOLEANS, BYTES, CLASSES, KEY_TYPES, NUMBERS, TEMPLATES, ULONGS},
    memory::Memory,
};
use crate::source::Source;
use cryptoki_sys::*;
use hsm_tests::oid;

/// A pointer and a count.
pub fn build(world: &World<'_>, source: &mut Source<'_>, memory: &mut Memory) -> [usize; 2] {
    let array = attributes(world, source, memory, true);
    counted(source, memory, &array)
}

/// A template whose values are places to write to (C_GetAttributeValue).
pub fn query(source: &mut Source<'_>, memory: &mut Memory) -> [usize; 2] {
    let count = source.below(12);
    let mut array = Vec::new();
    for _ in 0..count {
        let kind = any_kind(source);
        // Room for a nested template is an array of attributes, and zeros are one: pointers that are NULL.
        let len = if TEMPLATES.contains(&kind) { 24 * source.below(4) } else { source.pick(&[0, 1, 7, 8, 16, 300]) };
        let place = memory.room(len, if TEMPLATES.contains(&kind) { 0 } else { source.below(2) });
        let pointer = if source.once_in(4) { 0 } else { memory.at(place) };
        array.extend([kind as usize, pointer, if pointer == 0 { source.pick(&NUMBERS) as usize } else { len }]);
    }
    counted(source, memory, &array)
}

fn counted(source: &mut Source<'_>, memory: &mut Memory, array: &[usize]) -> [usize; 2] {
    let count = array.len() / 3;
    if count == 0 {
        return [0, if source.once_in(8) { source.pick(&NUMBERS) as usize } else { 0 }];
    }
    let bytes: Vec<u8> = array.iter().flat_map(|word| word.to_ne_bytes()).collect();
    let place = memory.put(&bytes, if source.once_in(16) { 4 } else { 0 });
    [memory.at(place), if source.once_in(16) { 1 << 60 } else { count }]
}

fn attributes(world: &World<'_>, source: &mut Source<'_>, memory: &mut Memory, outer: bool) -> Vec<usize> {
    let mut array = if outer { beginning(source, memory) } else { vec![] };
    let more = if source.once_in(2) { source.below(8) } else { source.below(3) / 2 };
    for _ in 0..more {
        let kind = any_kind(source);
        let [pointer, len] = value(world, source, memory, kind, outer);
        array.extend([kind as usize, pointer, len]);
    }
    if source.once_in(16) && !array.is_empty() {
        let again = array[..3].to_vec();
        array.extend(again);
    }
    array
}

/// Something that leads further than noise: a class, a key type, a value.
fn beginning(source: &mut Source<'_>, memory: &mut Memory) -> Vec<usize> {
    if source.once_in(4) {
        return vec![];
    }
    if source.once_in(2) {
        // What a derived, generated or unwrapped key asks for.
        let mut array = attribute(memory, CKA_VALUE_LEN, &source.pick(&[16_u64, 32, 24]).to_ne_bytes());
        if !source.once_in(3) {
            array.extend(attribute(memory, CKA_KEY_TYPE, &source.pick(&[CKK_AES, CKK_GENERIC_SECRET]).to_ne_bytes()));
        }
        return array;
    }
    let class = source.pick(&CLASSES);
    let mut array = attribute(memory, CKA_CLASS, &class.to_ne_bytes());
    if matches!(class, CKO_SECRET_KEY | CKO_PRIVATE_KEY | CKO_PUBLIC_KEY | CKO_OTP_KEY) {
        let key_type = source.pick(&KEY_TYPES);
        array.extend(attribute(memory, CKA_KEY_TYPE, &key_type.to_ne_bytes()));
    }
    if class == CKO_DATA {
        array.extend(attribute(memory, CKA_VALUE, source.bytes(32)));
    }
    if class == CKO_SECRET_KEY && !source.once_in(4) {
        let mut key = source.bytes(32).to_vec();
        key.resize(source.pick(&[16, 24, 32, 64, 1, 0]), 5);
        array.extend(attribute(memory, CKA_VALUE, &key));
    }
    array
}

fn attribute(memory: &mut Memory, kind: CK_ATTRIBUTE_TYPE, value: &[u8]) -> Vec<usize> {
    let place = memory.put(value, 0);
    vec![kind as usize, memory.at(place), value.len()]
}

fn any_kind(source: &mut Source<'_>) -> CK_ATTRIBUTE_TYPE {
    match source.below(16) {
        0..5 => source.pick(&BOOLEANS),
        5..8 => source.pick(&ULONGS),
        8..14 => source.pick(&BYTES),
        14 => source.pick(&TEMPLATES),
        _ => source.word() & 0x8000_0fff,
    }
}

fn value(world: &World<'_>, source: &mut Source<'_>, memory: &mut Memory, kind: CK_ATTRIBUTE_TYPE, outer: bool) -> [usize; 2] {
    if source.once_in(16) {
        return [0, source.pick(&NUMBERS) as usize];
    }
    if TEMPLATES.contains(&kind) {
        return nested(world, source, memory, outer);
    }
    let bytes = match kind {
        CKA_CLASS => source.pick(&CLASSES).to_ne_bytes().to_vec(),
        CKA_KEY_TYPE => source.pick(&KEY_TYPES).to_ne_bytes().to_vec(),
        // Nothing that takes seconds: what is slow is not therefore wrong.
        CKA_MODULUS_BITS => source.pick(&[1024_u64, 0, 1, 1 << 60]).to_ne_bytes().to_vec(),
        CKA_PRIME_BITS => source.pick(&[0_u64, 1, 100, 1 << 60]).to_ne_bytes().to_vec(),
        CKA_VALUE_LEN => source.pick(&[16_u64, 32, 24, 64, 0, 1, 1 << 13, 1 << 31, 1 << 60]).to_ne_bytes().to_vec(),
        CKA_EC_PARAMS => source.pick(&[oid::P256, oid::P384, oid::ED25519, oid::X25519, oid::SECP256K1, &[0x30, 0x80]]).to_vec(),
        CKA_START_DATE | CKA_END_DATE => source.pick(&[b"20240229", b"20990101", b"00000000", b"2024-1-1"]).to_vec(),
        kind if BOOLEANS.contains(&kind) => vec![source.byte() & 1],
        kind if ULONGS.contains(&kind) => source.pick(&NUMBERS).to_ne_bytes().to_vec(),
        _ => match source.below(4) {
            0 => world.output.clone(),
            _ => source.bytes(300).to_vec(),
        },
    };
    let place = memory.put(&bytes, source.below(2));
    let len = if source.once_in(24) { source.below(bytes.len() + 1) } else { bytes.len() };
    [memory.at(place), if source.once_in(32) { (CK_ULONG::MAX - 7) as usize } else { len }]
}

/// An array of attributes; never bytes that would be read as one.
fn nested(world: &World<'_>, source: &mut Source<'_>, memory: &mut Memory, outer: bool) -> [usize; 2] {
    let array = if outer { attributes(world, source, memory, false) } else { vec![] };
    let place = memory.put_words(&array);
    let odd = if source.once_in(8) && !array.is_empty() { 1 } else { 0 };
    [memory.at(place), 8 * array.len() - odd]
}
