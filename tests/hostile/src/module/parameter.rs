//! Mechanisms with right and wrong parameters. Pointers are always good, as the standard demands of a caller; all else may be wrong.

use super::{
    call::World,
    dictionary::{HASHES, MESSAGES, NUMBERS, shapes},
    memory::{Memory, Place},
    template,
};
use crate::source::Source;
use cryptoki_sys::*;

/// More than any parameter tells a module to write: a nonce, a tag, an IV of TLS.
const ROOM: usize = 1024;

/// A CK_MECHANISM with a parameter for it, mostly.
pub fn mechanism(
    world: &World<'_>,
    source: &mut Source<'_>,
    memory: &mut Memory,
    kind: CK_MECHANISM_TYPE,
    message: bool,
) -> usize {
    let aead = matches!(kind, CKM_AES_GCM | CKM_AES_CCM | CKM_CHACHA20_POLY1305);
    let (pointer, len) = match source.below(24) {
        0 => (0, 0),
        1 => (0, source.pick(&NUMBERS) as usize),
        2 => odd(source, memory),
        _ if message && aead => structure(world, source, memory, of_message(kind)),
        _ => {
            let shapes = shapes(kind);
            let shape = source.pick(shapes);
            structure(world, source, memory, shape)
        }
    };
    let place = memory.put_words(&[kind as usize, pointer, len]);
    memory.at(place)
}

/// A message's parameter: pointer and length.
pub fn message(world: &World<'_>, source: &mut Source<'_>, memory: &mut Memory) -> (usize, usize) {
    match source.below(16) {
        0 => (0, 0),
        1 => odd(source, memory),
        n => structure(world, source, memory, MESSAGES[(n / 2) % 3]),
    }
}

fn of_message(kind: CK_MECHANISM_TYPE) -> &'static str {
    match kind {
        CKM_AES_GCM => MESSAGES[0],
        CKM_AES_CCM => MESSAGES[1],
        _ => MESSAGES[2],
    }
}

/// Bytes of a length that no structure has, since a structure's pointers would be read from them.
fn odd(source: &mut Source<'_>, memory: &mut Memory) -> (usize, usize) {
    let bytes = source.bytes(64);
    let len = if bytes.len() > 8 && bytes.len().is_multiple_of(8) { bytes.len() - 1 } else { bytes.len() };
    let place = memory.put(&bytes[..len], source.below(2));
    (memory.at(place), len)
}

fn structure(world: &World<'_>, source: &mut Source<'_>, memory: &mut Memory, shape: &str) -> (usize, usize) {
    let bytes = laid(world, source, memory, &mut shape.split(' '));
    let place = memory.put(&bytes, usize::from(source.once_in(16)));
    match source.below(32) {
        0 => (memory.at(place), 1 << 60),
        1 => (memory.at(place), bytes.len().saturating_sub(1)),
        _ if bytes.is_empty() => (0, 0),
        _ => (memory.at(place), bytes.len()),
    }
}

/// The bytes of a structure; a bracket opens one that is pointed to, `[` and `{` an array of them.
fn laid(world: &World<'_>, source: &mut Source<'_>, memory: &mut Memory, shape: &mut dyn Iterator<Item = &str>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(member) = shape.next() {
        let (letter, usual) = member.split_at(1);
        let usual: Option<usize> = usual.parse().ok();
        let words = match letter {
            ")" => return bytes,
            "(" => {
                let inner = laid(world, source, memory, shape);
                vec![pointer(source, memory, &inner, 0)]
            }
            "[" | "{" => array(world, source, memory, shape, letter),
            "T" => template::build(world, source, memory).to_vec(),
            "b" => bytes_at(source, memory, usual).to_vec(),
            "B" => bytes_at(source, memory, usual).into_iter().rev().collect(),
            "P" => [point(memory), 65].into_iter().rev().collect(),
            "F" => counter(memory).to_vec(),
            "o" => vec![room(source, memory)],
            "-" => vec![],
            digit if digit.parse::<usize>().is_ok() => {
                let len = member.parse().unwrap_or(0);
                bytes.extend((0..len).map(|_| source.byte()));
                continue;
            }
            letter => vec![value(world, source, letter, usual) as usize],
        };
        bytes.extend(words.iter().flat_map(|word| word.to_ne_bytes()));
    }
    bytes
}

/// The base point of P-256.
fn point(memory: &mut Memory) -> usize {
    let hex = concat!(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    );
    let place = memory.put(&hsm_tests::hex(hex), 0);
    memory.at(place)
}

/// CK_SP800_108_COUNTER_FORMAT of 32 bits, and its length.
fn counter(memory: &mut Memory) -> [usize; 2] {
    let place = memory.put_words(&[0, 32]);
    [memory.at(place), 16]
}

/// Up to three structures of one shape, and their count: behind the pointer for `[`, before it for `{`.
fn array(
    world: &World<'_>,
    source: &mut Source<'_>,
    memory: &mut Memory,
    shape: &mut dyn Iterator<Item = &str>,
    opening: &str,
) -> Vec<usize> {
    let inner: Vec<&str> = shape.take_while(|member| !["]", "}"].contains(member)).collect();
    // One part is what most such lists need, and no further key.
    let count = if source.once_in(4) { source.below(4) } else { usize::from(!inner.contains(&"T")) };
    let items: Vec<u8> = (0..count).flat_map(|_| laid(world, source, memory, &mut inner.iter().copied())).collect();
    let at = pointer(source, memory, &items, 0);
    // A count that nobody can mean; the module must not believe it.
    let count = if source.once_in(32) { 1 << 60 } else { count };
    if opening == "[" { vec![at, count] } else { vec![count, at] }
}

fn value(world: &World<'_>, source: &mut Source<'_>, letter: &str, usual: Option<usize>) -> CK_ULONG {
    let odd = source.once_in(4);
    match (letter, usual) {
        ("n", Some(usual)) if !odd => usual as CK_ULONG,
        ("n", _) => source.pick(&NUMBERS),
        ("w", _) => CK_ULONG::from(source.byte() & 1) | CK_ULONG::from(source.byte() & 1) << 8,
        ("f", _) => CK_ULONG::from(odd),
        ("m", _) => {
            if odd {
                source.pick(&HASHES)
            } else {
                source.pick(&[CKM_SHA256, CKM_SHA256_HMAC])
            }
        }
        ("g", _) => {
            if odd {
                source.pick(&[CKG_MGF1_SHA1, CKG_MGF1_SHA512, CKG_MGF1_SHA3_256, 0, 99])
            } else {
                CKG_MGF1_SHA256
            }
        }
        ("k", _) => source.pick(&[CKD_NULL, CKD_SHA256_KDF, CKD_SHA1_KDF, CKD_SHA256_KDF_SP800, CKD_SHA1_KDF_ASN1, 99]),
        ("i", _) => source.pick(&[1, 2, 100, 0, 1 << 32, 1 << 60]),
        ("h", _) => world.object(source),
        ("z", _) => 0,
        (letter, _) => panic!("no member is written {letter}"),
    }
}

/// A pointer and a length, which is mostly the usual one.
fn bytes_at(source: &mut Source<'_>, memory: &mut Memory, usual: Option<usize>) -> [usize; 2] {
    match source.below(24) {
        0 => [0, 0],
        1 => [0, source.pick(&NUMBERS) as usize],
        2 => [room(source, memory), (CK_ULONG::MAX - 7) as usize],
        n => {
            let mut bytes = source.bytes(if n == 3 { 300 } else { 32 }).to_vec();
            if let Some(usual) = usual.filter(|_| n > 5) {
                bytes.resize(usual, 9);
            }
            [pointer(source, memory, &bytes, n & 1), bytes.len()]
        }
    }
}

fn room(source: &mut Source<'_>, memory: &mut Memory) -> usize {
    if source.once_in(24) {
        return 0;
    }
    let place: Place = memory.room(ROOM, 0);
    memory.at(place)
}

fn pointer(source: &mut Source<'_>, memory: &mut Memory, bytes: &[u8], skew: usize) -> usize {
    if bytes.is_empty() && source.byte() & 1 == 0 {
        return 0;
    }
    let place = memory.put(bytes, skew);
    memory.at(place)
}
