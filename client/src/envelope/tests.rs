use std::io::{Read, Seek, SeekFrom};

use super::format::{HEADER_LEN, TAG_LEN};
use super::*;
use crate::context::EncryptionContext;
use crate::error::{Kind, Result};
use crate::id::KeyId;
use crate::keyring::Dek;
use crate::secret::Secret;

fn dek(fill: u8) -> Dek {
    Dek { key_id: KeyId::from_bytes([7; 16]), version: 1, key: Secret::copy(&[fill; 32]) }
}

fn context(pairs: &[&str]) -> EncryptionContext {
    EncryptionContext::parse(pairs).unwrap()
}

/// Small segments, so that short tests cross several.
fn sealed(message: &[u8]) -> Vec<u8> {
    let mut envelope = Vec::new();
    seal::seal_with(&dek(1), &context(&["a=1"]), (12, [9; 32]), message, &mut envelope, |_| {}).unwrap();
    envelope
}

fn opened(dek: &Dek, pairs: &[&str], envelope: &[u8]) -> Result<Vec<u8>> {
    let mut input = envelope;
    let header = read_header(&mut input)?;
    let mut message = Vec::new();
    open(dek, &context(pairs), &header, input, &mut message, |_| {})?;
    Ok(message)
}

fn refusal(envelope: &[u8]) -> Kind {
    opened(&dek(1), &["a=1"], envelope).expect_err("altered").kind()
}

fn message(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8).collect()
}

#[test]
fn every_length_around_a_border_survives() {
    for len in [0, 1, 4095, 4096, 4097, 8192, 10_000] {
        let envelope = sealed(&message(len));
        assert_eq!(opened(&dek(1), &["a=1"], &envelope).unwrap(), message(len));
        assert_eq!(envelope.len(), HEADER_LEN + len + len.div_ceil(4096).max(1) * TAG_LEN);
    }
}

#[test]
fn every_header_byte_is_authenticated() {
    let envelope = sealed(b"hello");
    for at in 0..HEADER_LEN {
        let mut altered = envelope.clone();
        altered[at] ^= 1;
        assert!(matches!(refusal(&altered), Kind::Malformed | Kind::Authentication), "byte {at}");
    }
}

#[test]
fn every_body_byte_is_authenticated() {
    let envelope = sealed(b"hello");
    for at in HEADER_LEN..envelope.len() {
        let mut altered = envelope.clone();
        altered[at] ^= 0x80;
        assert_eq!(refusal(&altered), Kind::Authentication, "byte {at}");
    }
}

#[test]
fn requirement_4_cut_off_added_to_and_shuffled() {
    let full = 4096 + TAG_LEN;
    let envelope = sealed(&message(10_000));
    for len in [HEADER_LEN, HEADER_LEN + full, HEADER_LEN + 2 * full, envelope.len() - 1, HEADER_LEN + 3, 40, 0] {
        assert!(matches!(refusal(&envelope[..len]), Kind::Malformed | Kind::Authentication), "cut to {len}");
    }
    let mut longer = envelope.clone();
    longer.push(0);
    assert_eq!(refusal(&longer), Kind::Authentication);
    let mut swapped = envelope[..HEADER_LEN].to_vec();
    swapped.extend(&envelope[HEADER_LEN + full..HEADER_LEN + 2 * full]);
    swapped.extend(&envelope[HEADER_LEN..HEADER_LEN + full]);
    swapped.extend(&envelope[HEADER_LEN + 2 * full..]);
    assert_eq!(refusal(&swapped), Kind::Authentication);
    // A tag of an empty last segment, as an attacker without the key would add after a full one.
    let mut exact = sealed(&message(4096));
    exact.extend([0; TAG_LEN]);
    assert!(matches!(refusal(&exact), Kind::Malformed | Kind::Authentication));
}

#[test]
fn nothing_of_a_bad_segment_is_written() {
    let mut envelope = sealed(&message(10_000));
    let at = HEADER_LEN + 4096 + TAG_LEN + 5;
    envelope[at] ^= 1;
    let mut input = envelope.as_slice();
    let header = read_header(&mut input).unwrap();
    let mut out = Vec::new();
    open(&dek(1), &context(&["a=1"]), &header, input, &mut out, |_| {}).unwrap_err();
    assert_eq!(out, message(4096), "only the genuine first segment");
}

#[test]
fn another_context_or_key() {
    let envelope = sealed(b"hello");
    for pairs in [&[][..], &["a=2"], &["a=1", "b=2"], &["A=1"]] {
        assert_eq!(opened(&dek(1), pairs, &envelope).unwrap_err().kind(), Kind::ContextMismatch);
    }
    assert_eq!(opened(&dek(2), &["a=1"], &envelope).unwrap_err().kind(), Kind::Authentication);
    let other = Dek { key_id: KeyId::from_bytes([8; 16]), ..dek(1) };
    assert_eq!(opened(&other, &["a=1"], &envelope).unwrap_err().kind(), Kind::Authentication);
    let newer = Dek { version: 2, ..dek(1) };
    assert_eq!(opened(&newer, &["a=1"], &envelope).unwrap_err().kind(), Kind::Authentication);
}

#[test]
fn two_envelopes_of_one_message_differ() {
    let make = || {
        let mut envelope = Vec::new();
        seal(&dek(1), &EncryptionContext::empty(), &b"hello"[..], &mut envelope, |_| {}).unwrap();
        envelope
    };
    let (one, two) = (make(), make());
    assert_ne!(one[32..64], two[32..64]);
    assert_ne!(one[HEADER_LEN..], two[HEADER_LEN..]);
}

#[test]
fn read_at_any_place() {
    let plain = message(10_000);
    let envelope = sealed(&plain);
    let reader = |bytes: Vec<u8>| Reader::new(std::io::Cursor::new(bytes), &context(&["a=1"]), |_| Ok(dek(1)));
    let mut file = reader(envelope.clone()).unwrap();
    assert_eq!(file.len(), 10_000);
    for (at, len) in [(0, 10), (4090, 20), (9_990, 10), (8_192, 1_808), (0, 10_000)] {
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        let mut piece = vec![0; len];
        file.read_exact(&mut piece).unwrap();
        assert_eq!(piece, plain[at..at + len]);
    }
    assert_eq!(file.seek(SeekFrom::End(-1)).unwrap(), 9_999);
    assert!(file.seek(SeekFrom::Current(-10_000)).is_err());
    // Cut at a segment's border: only the last-segment flag tells.
    assert!(reader(envelope[..HEADER_LEN + 2 * (4096 + TAG_LEN)].to_vec()).is_err());
    assert!(reader(sealed(b"")).unwrap().is_empty());
}

#[test]
fn vectors_of_the_format_document() {
    let vectors = vectors::Vector::all("Vector");
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let (key, context) = (vector.dek(), vector.context());
        let message = match vector.text("message").split_once(" bytes of ") {
            Some((count, byte)) => vec![u8::from_str_radix(byte, 16).unwrap(); count.parse().unwrap()],
            None => vector.bytes("message"),
        };
        let chosen = (vector.number("segment size") as u8, vector.array("salt"));
        let mut envelope = Vec::new();
        let header = seal::seal_with(&key, &context, chosen, message.as_slice(), &mut envelope, |_| {}).unwrap();
        let hash = |bytes: &[u8]| crate::id::hex(&<sha2::Sha256 as sha2::Digest>::digest(bytes));
        let computed = format!(
            "context digest = {}\ncommitment = {}\nenvelope sha256 = {}\n",
            crate::id::hex(&header.context_digest),
            crate::id::hex(&header.commitment),
            hash(&envelope)
        );
        assert!(vector.whole().contains(&computed), "{} should say\n{computed}", vector.whole());
        assert!(vector.find("envelope").is_none_or(|whole| whole == crate::id::hex(&envelope)));
        let mut input = envelope.as_slice();
        let header = read_header(&mut input).unwrap();
        let mut plain = Vec::new();
        open(&key, &context, &header, input, &mut plain, |_| {}).unwrap();
        assert_eq!(plain, message);
    }
}
