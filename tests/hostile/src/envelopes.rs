//! The client's formats: envelopes, fields, envelopes with their wrapped key, and the texts around them.

use hsm_client::context::EncryptionContext;
use hsm_client::envelope::{Stream, embedded::format::Prelude, field, format};
use hsm_client::hsm::selector::Selector;
use hsm_client::hsm::uri::Uri;
use hsm_client::id::KeyId;
use hsm_client::keyring::Dek;
use hsm_client::secret::Secret;
use std::io::Read;

/// A ciphertext of any form. The key is one that nothing in the corpus but its genuine messages was made with.
pub fn envelopes(data: &[u8]) {
    headers(data);
    streamed(data);
    fields(data);
    texts(data);
}

fn headers(data: &[u8]) {
    if let Ok(header) = format::Header::parse(data) {
        assert_eq!(header.to_bytes(), data[..format::HEADER_LEN], "a header writes differently");
        if let Ok(geometry) = format::Geometry::of(&header, data.len() as u64) {
            let (start, len) = geometry.sealed_segment(0);
            assert!(start.checked_add(len as u64).is_some_and(|end| end <= data.len() as u64), "a segment outside its envelope");
        }
    }
    if let Ok(prelude) = Prelude::parse(data) {
        let written = prelude.to_bytes();
        assert_eq!(written, data[..written.len()], "a prelude writes differently");
        let _ = (prelude.record(), prelude.created());
    }
}

fn streamed(data: &[u8]) {
    let Ok(mut stream) = Stream::new(data, &EncryptionContext::empty(), |_| Ok(key())) else { return };
    let mut plain = Vec::new();
    if stream.read_to_end(&mut plain).is_err() {
        let mut byte = [0];
        assert!(stream.read(&mut byte).is_err(), "a broken message went on after its error");
    }
    assert!(plain.len() < data.len(), "more came out than went in");
}

fn fields(data: &[u8]) {
    if let Ok((header, _)) = field::format::Header::parse(data) {
        assert_eq!(header.to_bytes()[..], data[..field::format::HEADER_LEN], "a field's header writes differently");
    }
    if let Ok(plain) = field::open(data, &EncryptionContext::empty(), |_| Ok(key())) {
        assert!(plain.len() < data.len(), "more came out than went in");
    }
}

fn texts(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = field::open_text(text, &EncryptionContext::empty(), |_| Ok(key()));
    let _ = (Uri::parse(text), Selector::parse(text), text.parse::<KeyId>());
    if let Ok(context) = EncryptionContext::parse(text.lines()) {
        assert!(context.canonical().len() <= text.len() + 16 * (1 + text.lines().count()), "a context grew");
    }
}

/// The data key of the corpus.
pub fn key() -> Dek {
    Dek { key_id: "0000000000000000000000000000000f".parse().expect("a key id"), version: 1, key: Secret::copy(&[7; 32]) }
}
