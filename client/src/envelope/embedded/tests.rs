use std::io::{Cursor, SeekFrom};
use std::sync::Arc;

use super::*;
use crate::envelope::vectors::Vector;
use crate::hsm::fake::FakeHsm;
use crate::hsm::import::{Import, Incoming};
use crate::hsm::{MekKind, WrapMechanism};
use crate::id::ObjectId;
use crate::keyring::mek;
use crate::secret::Secret;
use crate::store::MemoryStore;

fn keyring(hsm: FakeHsm) -> Keyring {
    let keyring = Keyring::new(Arc::new(hsm), Arc::new(MemoryStore::default()));
    mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256).unwrap();
    keyring
}

fn context(pairs: &[&str]) -> EncryptionContext {
    EncryptionContext::parse(pairs).unwrap()
}

fn sealed(keyring: &Keyring, message: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    seal(keyring, &Recipe::default(), &context(&["a=1"]), message, &mut whole, |_| {}).unwrap();
    whole
}

fn opened(keyring: &Keyring, pairs: &[&str], whole: &[u8]) -> Result<Vec<u8>> {
    let mut message = Vec::new();
    open(keyring, &context(pairs), whole, &mut message, |_| {})?;
    Ok(message)
}

fn prelude_len(whole: &[u8]) -> usize {
    read_prelude(whole).unwrap().to_bytes().len()
}

/// Each wrap mechanism; a keyring with an empty store opens it, since none is needed.
#[test]
fn no_store_is_needed() {
    for offered in [WrapMechanism::AesGcmAuth, WrapMechanism::AesGcm, WrapMechanism::AesKwp, WrapMechanism::AesKw] {
        let hsm = Arc::new(FakeHsm::offering(&[offered]));
        let keyring = |store| Keyring::new(Arc::clone(&hsm) as Arc<dyn crate::hsm::Hsm>, Arc::<MemoryStore>::new(store));
        let (first, second) = (keyring(MemoryStore::default()), keyring(MemoryStore::default()));
        mek::create(first.hsm(), first.store(), "main", MekKind::Aes256).unwrap();
        let whole = sealed(&first, b"hello");
        assert!(first.store().lineages().unwrap().is_empty());
        assert_eq!(opened(&second, &["a=1"], &whole).unwrap(), b"hello");
        assert!(second.store().meks().unwrap().is_empty(), "opening writes nothing");
    }
}

/// Every bit, each cut, and one byte more, of what each kind of wrapping makes.
#[test]
fn every_bit_is_authenticated() {
    for offered in [WrapMechanism::AesGcm, WrapMechanism::AesKwp] {
        let keyring = keyring(FakeHsm::offering(&[offered]));
        let whole = sealed(&keyring, b"hello");
        let refusal = |bytes: &[u8]| opened(&keyring, &["a=1"], bytes).expect_err("altered").kind();
        let expected = |kind| matches!(kind, Kind::Malformed | Kind::Authentication | Kind::NotFound);
        for at in 0..whole.len() * 8 {
            let mut altered = whole.clone();
            altered[at / 8] ^= 1 << (at % 8);
            let kind = refusal(&altered);
            assert!(expected(kind), "{offered}, bit {at}: {kind:?}");
        }
        assert!((0..whole.len()).all(|len| expected(refusal(&whole[..len]))));
        assert_eq!(refusal(&[&whole[..], &[0]].concat()), Kind::Authentication);
    }
}

#[test]
fn the_context_is_bound_twice() {
    let keyring = keyring(FakeHsm::default());
    let whole = sealed(&keyring, b"hello");
    for pairs in [&[][..], &["a=2"], &["a=1", "b=2"], &["A=1"]] {
        assert_eq!(opened(&keyring, pairs, &whole).unwrap_err().kind(), Kind::Authentication, "{pairs:?}: the wrapping");
    }
    let prelude = read_prelude(&whole[..]).unwrap();
    let dek = unwrap(&keyring, &context(&["a=1"]), &prelude).unwrap();
    let mut body = &whole[prelude_len(&whole)..];
    let header = read_header(&mut body).unwrap();
    let refused = super::super::open(&dek, &context(&["a=2"]), &header, body, Vec::new(), |_| {}).unwrap_err();
    assert_eq!(refused.kind(), Kind::ContextMismatch, "the message");
}

#[test]
fn preludes_cannot_be_swapped() {
    let keyring = keyring(FakeHsm::default());
    let (one, two) = (sealed(&keyring, b"hello"), sealed(&keyring, b"world"));
    let mixed = [&one[..prelude_len(&one)], &two[prelude_len(&two)..]].concat();
    assert_eq!(opened(&keyring, &["a=1"], &mixed).unwrap_err().kind(), Kind::Authentication);
    assert_eq!(Form::read(&mixed[..]).unwrap_err().kind(), Kind::Authentication);
    // Nor can another's wrapped key be written into it.
    let graft = |into: &[u8], from: &[u8]| {
        let mut bytes = into.to_vec();
        let end = prelude_len(into) - 2;
        bytes[end - 48..end].copy_from_slice(&from[end - 48..end]);
        bytes
    };
    assert_eq!(opened(&keyring, &["a=1"], &graft(&one, &two)).unwrap_err().kind(), Kind::Authentication);
    // An envelope whose data key is in a store has no prelude, and is told apart.
    assert_eq!(opened(&keyring, &["a=1"], &one[prelude_len(&one)..]).unwrap_err().kind(), Kind::Malformed);
    assert!(matches!(Form::read(&one[prelude_len(&one)..]), Ok(Form::Stored(_))));
}

#[test]
fn a_master_key_rotates_and_the_envelope_stays() {
    for offered in [WrapMechanism::AesGcmAuth, WrapMechanism::AesKwp] {
        let keyring = keyring(FakeHsm::offering(&[offered]));
        let whole = sealed(&keyring, b"hello");
        let (before, body) = (read_prelude(&whole[..]).unwrap(), &whole[prelude_len(&whole)..]);
        let newer = mek::rotate(keyring.hsm(), keyring.store(), "main").unwrap();
        let after = rewrap(&keyring, &context(&["a=1"]), &before, &newer).unwrap();
        assert_eq!((after.wrapped().mek_version, after.key_id()), (2, before.key_id()));
        assert_ne!(after.wrapped().mek_id, before.wrapped().mek_id);
        let moved = [&after.to_bytes()[..], body].concat();
        assert_eq!(opened(&keyring, &["a=1"], &moved).unwrap(), b"hello");
        assert_eq!(opened(&keyring, &["a=2"], &moved).unwrap_err().kind(), Kind::Authentication, "still bound");
        let refused = rewrap(&keyring, &context(&["a=2"]), &before, &newer).unwrap_err();
        assert_eq!(refused.kind(), Kind::Authentication, "{offered}");
    }
}

#[test]
fn detached_the_prelude_is_the_same() {
    let keyring = keyring(FakeHsm::default());
    let (dek, prelude) = generate(&keyring, &Recipe::default(), &context(&["a=1"])).unwrap();
    let mut envelope = Vec::new();
    super::super::seal(&dek, &context(&["a=1"]), &b"hello"[..], &mut envelope, |_| {}).unwrap();
    let apart = prelude.to_bytes();
    assert_eq!(Prelude::parse(&apart).unwrap(), prelude);
    assert_eq!(opened(&keyring, &["a=1"], &[apart, envelope].concat()).unwrap(), b"hello");
}

#[test]
fn read_at_any_place() {
    let keyring = keyring(FakeHsm::default());
    let message: Vec<u8> = (0..200_000).map(|at| (at % 251) as u8).collect();
    let whole = sealed(&keyring, &message);
    let mut file = reader(&keyring, &context(&["a=1"]), Cursor::new(&whole)).unwrap();
    assert_eq!(file.len(), 200_000);
    file.seek(SeekFrom::Start(65_530)).unwrap();
    let mut piece = [0; 20];
    file.read_exact(&mut piece).unwrap();
    assert_eq!(piece, message[65_530..65_550]);
    assert!(reader(&keyring, &context(&["a=2"]), Cursor::new(&whole)).is_err());
    assert!(reader(&keyring, &context(&["a=1"]), Cursor::new(&whole[..whole.len() - 1])).is_err());
}

#[test]
fn what_nothing_would_keep_is_refused() {
    let keyring = keyring(FakeHsm::default());
    let recipe = Recipe { expires: Some(crate::time::Timestamp::now()), ..Recipe::default() };
    assert_eq!(generate(&keyring, &recipe, &context(&[])).err().unwrap().kind(), Kind::Usage);
}

/// Lengths that a hostile file states: each is refused before it is believed.
#[test]
fn lengths_are_limited() {
    let keyring = keyring(FakeHsm::default());
    let good = generate(&keyring, &Recipe::default(), &context(&[])).unwrap().1.to_bytes();
    let altered = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        Prelude::parse(&bytes).unwrap_err()
    };
    assert_eq!(altered(0, 0), PreludeError::Magic);
    assert_eq!(altered(4, 2), PreludeError::Version(2));
    assert_eq!(altered(5, 1), PreludeError::Reserved);
    assert_eq!(altered(6, 0xff), PreludeError::TooShort);
    assert_eq!(altered(7, 0), PreludeError::TooLong);
    assert_eq!(altered(43, 0), PreludeError::Reserved);
    assert_eq!(altered(55, 0), PreludeError::Reserved);
    assert_eq!(altered(56, 1), PreludeError::Column("algorithm"));
    let (id, serial) = (71, 71 + 16 + 2);
    assert_eq!(altered(id - 1, 0), PreludeError::Column("master key id"));
    assert_eq!(altered(serial - 2, 1), PreludeError::Column("token serial"));
    assert_eq!(Prelude::parse(&[&good[..], &[0]].concat()), Err(PreludeError::TooLong));
    assert_eq!(PreludeError::Column("nonce").to_string(), "no nonce is like this one");
}

#[test]
fn vectors_of_the_format_document() {
    let vectors = Vector::all("Embedded vector");
    assert_eq!(vectors.len(), 1);
    for vector in vectors {
        let hsm = FakeHsm::default();
        let (id, value) =
            (ObjectId::from_bytes(&vector.bytes("master key id")).unwrap(), Secret::take(vector.bytes("master key")));
        hsm.import_mek(&Incoming { id: &id, attributes: &[], value: &value }).unwrap();
        let keyring = Keyring::new(Arc::new(hsm), Arc::new(MemoryStore::default()));
        let (whole, message) = (vector.bytes("whole"), vector.bytes("message"));
        let prelude = read_prelude(&whole[..]).unwrap();
        assert_eq!((prelude.to_bytes(), &prelude), (vector.bytes("prelude"), &Prelude::parse(&vector.bytes("prelude")).unwrap()));
        assert_eq!(prelude.created().0.to_string(), vector.text("created"));
        assert!(unwrap(&keyring, &vector.context(), &prelude).unwrap().key == vector.dek().key);
        let mut plain = Vec::new();
        open(&keyring, &vector.context(), &whole[..], &mut plain, |_| {}).unwrap();
        assert_eq!(plain, message);
    }
}
