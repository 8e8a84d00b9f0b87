use std::sync::Arc;

use super::*;
use crate::envelope::vectors::Vector;
use crate::id::KeyId;

fn dek(fill: u8) -> Dek {
    Dek { key_id: KeyId::from_bytes([7; 16]), version: 1, key: Secret::copy(&[fill; 32]) }
}

fn place(pairs: &[&str]) -> EncryptionContext {
    EncryptionContext::parse(pairs).unwrap()
}

const HERE: &[&str] = &["column=email", "id=42", "table=users"];

fn opened(field: &[u8], pairs: &[&str]) -> Result<Vec<u8>> {
    Ok(open(field, &place(pairs), |_| Ok(dek(1)))?.expose().to_vec())
}

fn refusal(field: &[u8]) -> Kind {
    opened(field, HERE).expect_err("altered").kind()
}

#[test]
fn every_length_has_the_stated_overhead() {
    const { assert!(OVERHEAD < 100) };
    for len in [0, 1, 15, 16, 17, 1000, 70_000] {
        let value: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
        let field = seal(&dek(1), &place(HERE), &value).unwrap();
        assert_eq!(field.len(), len + OVERHEAD);
        assert_eq!(opened(&field, HERE).unwrap(), value);
    }
}

/// Each bit of a short field, each place it can be cut off, and one byte more.
#[test]
fn every_bit_is_authenticated() {
    let field = seal(&dek(1), &place(HERE), b"hello").unwrap();
    for at in 0..field.len() * 8 {
        let mut altered = field.clone();
        altered[at / 8] ^= 1 << (at % 8);
        let kind = refusal(&altered);
        assert!(matches!(kind, Kind::Malformed | Kind::Authentication), "bit {at}: {kind:?}");
    }
    for len in 0..field.len() {
        assert!(matches!(refusal(&field[..len]), Kind::Malformed | Kind::Authentication), "cut to {len}");
    }
    assert_eq!(refusal(&[&field[..], &[0]].concat()), Kind::Authentication);
}

#[test]
fn values_cannot_be_moved() {
    let field = seal(&dek(1), &place(HERE), b"hello").unwrap();
    for pairs in [
        &[][..],
        &["column=email", "id=43", "table=users"],
        &["column=phone", "id=42", "table=users"],
        &["column=email", "id=42"],
        &["column=email", "id=42", "table=users", "x=1"],
    ] {
        assert_eq!(opened(&field, pairs).unwrap_err().kind(), Kind::ContextMismatch, "{pairs:?}");
    }
    // Neither does the body of one row open with the header of another.
    let other = seal(&dek(1), &place(HERE), b"world").unwrap();
    let mixed = [&field[..format::HEADER_LEN], &other[format::HEADER_LEN..]].concat();
    assert_eq!(refusal(&mixed), Kind::Authentication);
}

#[test]
fn another_key_is_refused() {
    let field = seal(&dek(1), &place(HERE), b"hello").unwrap();
    let named = |id: u8, version, fill| Dek { key_id: KeyId::from_bytes([id; 16]), version, ..dek(fill) };
    for wrong in [named(7, 1, 2), named(8, 1, 1), named(7, 2, 1)] {
        let refused = open(&field, &place(HERE), |_| Ok(wrong)).err().unwrap();
        assert_eq!(refused.kind(), Kind::Authentication);
    }
    let lost = open(&field, &place(HERE), |_| Err::<Dek, _>(Error::new(Kind::NotFound, "gone")));
    assert_eq!(lost.err().unwrap().kind(), Kind::NotFound);
}

#[test]
fn the_key_may_be_owned_shared_or_borrowed() {
    let (owned, shared) = (dek(1), Arc::new(dek(1)));
    let text = seal_text(&shared, &place(HERE), b"hello").unwrap();
    assert_eq!(text.len(), (5 + OVERHEAD) * 4 / 3);
    assert!(text.starts_with('8'), "the first byte is known");
    for value in [
        open_text(&text, &place(HERE), |_| Ok(Arc::clone(&shared))),
        open_text(&text, &place(HERE), |_| Ok(&owned)),
        open_text(&text, &place(HERE), |header| Ok(Dek { key_id: header.key_id, ..dek(1) })),
    ] {
        assert_eq!(value.unwrap().expose(), b"hello");
    }
}

/// One field has one text: padding, other alphabets and bits that mean nothing are refused.
#[test]
fn texts_are_strict() {
    let text = seal_text(&dek(1), &place(HERE), b"four").unwrap();
    assert_eq!(text.len() % 4, 3, "its last character carries two bits that mean nothing");
    let last = text.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next = alphabet.chars().nth(alphabet.find(last).unwrap() + 1).unwrap();
    let altered = format!("{}{next}", &text[..text.len() - 1]);
    for wrong in [altered, format!("{text}="), format!("{text} "), text.replacen('8', "+", 1), "é".to_owned()] {
        let refused = open_text(&wrong, &place(HERE), |_| Ok(dek(1))).err().unwrap();
        assert_eq!(refused.kind(), Kind::Malformed, "{wrong}");
    }
}

#[test]
fn too_long_a_value_is_sent_elsewhere() {
    let refused = seal(&dek(1), &place(HERE), &vec![0; MAX_LEN + 1]).unwrap_err();
    assert_eq!(refused.kind(), Kind::Usage);
    assert!(refused.next_step().contains("envelope"));
}

#[test]
fn vectors_of_the_format_document() {
    let vectors = Vector::all("Field vector");
    assert_eq!(vectors.len(), 2);
    for vector in vectors {
        let field = seal_with(&vector.dek(), &vector.context(), vector.array("salt"), &vector.bytes("value")).unwrap();
        assert_eq!(field, vector.bytes("field"));
        assert_eq!(URL_SAFE_NO_PAD.encode(&field), vector.text("text"));
        assert_eq!(open(&field, &vector.context(), |_| Ok(vector.dek())).unwrap().expose(), vector.bytes("value"));
    }
}
