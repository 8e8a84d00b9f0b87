//! 5.8.2: "the plaintext and ciphertext can be in the same place, i.e., it is OK if pData and pEncryptedData point to
//! the same location", and so for decryption, parts, digests and signatures.

use crate::rows::{self, DIGESTS};
use hsm_tests::*;

#[test]
fn ciphers_over_their_input() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("5.8.2: same memory");
        for row in rows::ciphers(session) {
            let name = row.mechanism.name();
            session.begin(Begin::Encrypt, &row.mechanism, row.forward).expect("C_EncryptInit");
            let mut buffer = padded(&row.data);
            let rv = session.step_in_place(Step::Encrypt, &mut buffer, row.data.len());
            tally.row(format!("{name}: encrypt"), rv, &[CKR_OK]);
            let length = buffer.len();
            session.begin(Begin::Decrypt, &row.mechanism, row.back).expect("C_DecryptInit");
            let rv = session.step_in_place(Step::Decrypt, &mut buffer, length);
            tally.row(format!("{name}: decrypt"), rv, &[CKR_OK]);
            tally.equal(format!("{name}: round trip"), buffer, row.data);
        }
    });
}

#[test]
fn parts_over_their_input() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("5.8.3: same memory");
        for row in rows::ciphers(session).iter().filter(|row| row.multi_part) {
            let name = row.mechanism.name();
            let expected = session.encrypt(&row.mechanism, row.forward, &row.data).expect("C_Encrypt");
            session.begin(Begin::Encrypt, &row.mechanism, row.forward).expect("C_EncryptInit");
            let mut buffer = padded(&row.data);
            let rv = session.step_in_place(Step::EncryptUpdate, &mut buffer, row.data.len());
            tally.row(format!("{name}: update"), rv, &[CKR_OK]);
            let last = session.run(Step::EncryptFinal, &[]);
            tally.row(format!("{name}: final"), &last, &[CKR_OK]);
            buffer.extend(last.unwrap_or_default());
            tally.equal(format!("{name}: output"), buffer, expected);
        }
    });
}

#[test]
fn signatures_and_digests_over_their_input() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("5.12.2, 5.13.2: same memory");
        for row in rows::signers(session) {
            let name = row.mechanism.name();
            session.begin(Begin::Sign, &row.mechanism, row.forward).expect("C_SignInit");
            let mut buffer = padded(&row.data);
            let rv = session.step_in_place(Step::Sign, &mut buffer, row.data.len());
            tally.row(format!("{name}: sign"), rv, &[CKR_OK]);
            let verified = session.verify(&row.mechanism, row.back, &row.data, &buffer);
            tally.row(format!("{name}: verify"), verified, &[CKR_OK]);
        }
        for (name, mechanism, _) in DIGESTS {
            let mechanism = Mechanism::bare(mechanism);
            let expected = session.digest(&mechanism, b"abc").expect("C_Digest");
            session.begin(Begin::Digest, &mechanism, Object(0)).expect("C_DigestInit");
            let mut buffer = padded(b"abc");
            tally.row(name, session.step_in_place(Step::Digest, &mut buffer, 3), &[CKR_OK]);
            tally.equal(name, buffer, expected);
        }
    });
}

/// The data with room behind it for any output.
fn padded(data: &[u8]) -> Vec<u8> {
    let mut buffer = data.to_vec();
    buffer.resize(data.len() + 512, 0);
    buffer
}
