//! 5.2: a length query and a short buffer tell the length and end nothing; then the call with room works.

use crate::rows::{self, DIGESTS, Row};
use hsm_tests::*;

#[test]
fn ciphers_in_one_part() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("5.2 C_Encrypt and C_Decrypt");
        for row in rows::ciphers(session) {
            let name = row.mechanism.name();
            let begin = |what, key| session.begin(what, &row.mechanism, key).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            begin(Begin::Encrypt, row.forward);
            let Some(cipher) = walk(session, Step::Encrypt, &row.data, 0, &mut tally, name) else { continue };
            begin(Begin::Decrypt, row.back);
            let plain = walk(session, Step::Decrypt, &cipher, row.slack, &mut tally, name);
            tally.equal(format!("{name}: round trip"), plain.as_deref(), Some(row.data.as_slice()));
        }
    });
}

#[test]
fn ciphers_in_parts() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("5.2 Update and Final of ciphers");
        for row in rows::ciphers(session).iter().filter(|row| row.multi_part) {
            let parts = (Begin::Encrypt, Step::EncryptUpdate, Step::EncryptFinal);
            let Some(cipher) = in_parts(session, row, row.forward, parts, &row.data, &mut tally) else { continue };
            let parts = (Begin::Decrypt, Step::DecryptUpdate, Step::DecryptFinal);
            let plain = in_parts(session, row, row.back, parts, &cipher, &mut tally);
            tally.equal(format!("{}: round trip", row.mechanism.name()), plain.as_deref(), Some(row.data.as_slice()));
        }
    });
}

/// Two Updates and a Final, each asked for its length and given too little first.
fn in_parts(
    session: Session<'_>,
    row: &Row,
    key: Object,
    (begin, update, last): (Begin, Step, Step),
    input: &[u8],
    tally: &mut Tally,
) -> Option<Vec<u8>> {
    let name = row.mechanism.name();
    session.begin(begin, &row.mechanism, key).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    let mut output = Vec::new();
    // A decryption may hold back a block and a tag, so its queries are looser.
    let slack = 64;
    for part in input.chunks(33) {
        output.extend(walk(session, update, part, slack, tally, name)?);
    }
    output.extend(walk(session, last, &[], slack + input.len(), tally, name)?);
    Some(output)
}

#[test]
fn signatures() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("5.2 C_Sign and C_SignFinal");
        for row in rows::signers(session) {
            let name = row.mechanism.name();
            let begin = |what, key| session.begin(what, &row.mechanism, key).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            begin(Begin::Sign, row.forward);
            let Some(signature) = walk(session, Step::Sign, &row.data, 0, &mut tally, name) else { continue };
            tally.row(format!("{name}: verify"), session.verify(&row.mechanism, row.back, &row.data, &signature), &[CKR_OK]);
            if row.multi_part {
                begin(Begin::Sign, row.forward);
                let updated = row.data.chunks(7).try_for_each(|part| session.update(Begin::Sign, part));
                tally.row(format!("{name}: update"), updated, &[CKR_OK]);
                let signature = walk(session, Step::SignFinal, &[], 0, &mut tally, name);
                begin(Begin::Verify, row.back);
                let updated = row.data.chunks(9).try_for_each(|part| session.update(Begin::Verify, part));
                tally.row(format!("{name}: verify update"), updated, &[CKR_OK]);
                tally.row(format!("{name}: verify final"), session.check_final(&signature.unwrap_or_default()), &[CKR_OK]);
            }
        }
    });
}

#[test]
fn digests() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.open(false);
        let mut tally = Tally::new("5.2 C_Digest and C_DigestFinal");
        for (name, mechanism, length) in DIGESTS {
            let mechanism = Mechanism::bare(mechanism);
            session.begin(Begin::Digest, &mechanism, Object(0)).expect("C_DigestInit");
            let whole = walk(session, Step::Digest, b"abc", 0, &mut tally, name);
            tally.equal(format!("{name}: length"), whole.as_ref().map(Vec::len), Some(length));
            session.begin(Begin::Digest, &mechanism, Object(0)).expect("C_DigestInit");
            for part in [b"a".as_slice(), b"", b"bc"] {
                tally.row(format!("{name}: update"), session.update(Begin::Digest, part), &[CKR_OK]);
            }
            let parts = walk(session, Step::DigestFinal, &[], 0, &mut tally, name);
            tally.equal(format!("{name}: parts"), parts, whole);
        }
    });
}

/// Asks, gives too little, asks again, then takes the output. None if that failed.
fn walk(session: Session<'_>, step: Step, input: &[u8], slack: usize, tally: &mut Tally, name: &str) -> Option<Vec<u8>> {
    let name = format!("{name}: {step:?}");
    let (rv, asked, _) = session.step(step, input, None);
    tally.row(format!("{name}: query"), rv, &[CKR_OK]);
    // A part that may give no output at all cannot have a buffer too short for it.
    if asked > slack {
        for room in [0, asked - slack - 1] {
            let (rv, told, _) = session.step(step, input, Some(room));
            tally.row(format!("{name}: room for {room} of {asked}"), rv, &[CKR_BUFFER_TOO_SMALL]);
            tally.check(format!("{name}: needed"), told > room, format_args!("told {told} for {room}"));
        }
    }
    let (rv, _, output) = session.step(step, input, Some(asked));
    tally.row(format!("{name}: with room for {asked}"), rv, &[CKR_OK]);
    let detail = format_args!("asked {asked}, got {}, slack {slack}", output.len());
    tally.check(format!("{name}: length told"), asked <= output.len() + slack, detail);
    (rv == Rv(CKR_OK)).then_some(output)
}

/// 5.18.3: C_WrapKey follows the same convention.
#[test]
fn wrapping() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (with, key, rsa) = (session.aes(32), session.aes(32), session.rsa(2048));
        let mut tally = Tally::new("5.2 C_WrapKey");
        for (name, mechanism, with, length) in [
            ("AES_KEY_WRAP", Mechanism::bare(CKM_AES_KEY_WRAP), with, 40),
            ("AES_KEY_WRAP_KWP", Mechanism::bare(CKM_AES_KEY_WRAP_KWP), with, 40),
            ("AES_GCM", Mechanism::gcm(&[1; 12], b"aad", 128), with, 48),
            ("RSA_PKCS_OAEP", Mechanism::oaep(CKM_SHA256, CKG_MGF1_SHA256, b""), rsa.public, 256),
        ] {
            let (rv, asked, _) = session.wrap_into(&mechanism, with, key, None);
            tally.row(format!("{name}: query"), rv, &[CKR_OK]);
            for room in [0, length - 1] {
                let (rv, told, _) = session.wrap_into(&mechanism, with, key, Some(room));
                tally.row(format!("{name}: room for {room}"), rv, &[CKR_BUFFER_TOO_SMALL]);
                tally.check(format!("{name}: needed"), told >= length, told);
            }
            let (rv, _, wrapped) = session.wrap_into(&mechanism, with, key, Some(asked));
            tally.row(format!("{name}: with room"), rv, &[CKR_OK]);
            tally.equal(format!("{name}: length"), wrapped.len(), length);
        }
    });
}

/// 5.5.1 and 5.5.5: lists of slots and mechanisms count elements.
#[test]
fn lists() {
    isolated(|home| {
        let token = home.token();
        let module = &token.module;
        let mut tally = Tally::new("5.2 for lists");
        for present in [false, true] {
            let (rv, count) = module.slots_into(present, None);
            tally.row("slots: count", rv, &[CKR_OK]);
            tally.equal("slots: short", module.slots_into(present, Some(count - 1)), (Rv(CKR_BUFFER_TOO_SMALL), count));
            tally.equal("slots: room", module.slots_into(present, Some(count + 5)), (Rv(CKR_OK), count));
        }
        let (rv, count) = module.mechanisms_into(token.slot, None);
        tally.row("mechanisms: count", rv, &[CKR_OK]);
        for (room, rv) in [(0, CKR_BUFFER_TOO_SMALL), (count - 1, CKR_BUFFER_TOO_SMALL), (count, CKR_OK)] {
            tally.equal(format!("mechanisms: {room}"), module.mechanisms_into(token.slot, Some(room)), (Rv(rv), count));
        }
    });
}

/// The last block of CBC_PAD is shorter than a block once its padding is gone: a buffer for just that may be enough, and
/// one too short is told and may be tried again.
#[test]
fn the_last_block_of_cbc_pad() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(16);
        let mechanism = Mechanism::bytes(CKM_AES_CBC_PAD, &[0; 16]);
        let cipher = session.encrypt(&mechanism, key, &[9; 21]).expect("C_Encrypt");
        session.begin(Begin::Decrypt, &mechanism, key).expect("C_DecryptInit");
        let first = session.run(Step::DecryptUpdate, &cipher).expect("C_DecryptUpdate");
        assert_eq!(first, [9; 16], "all that is known not to be padding");
        for _ in 0..2 {
            let (rv, needed, _) = session.step(Step::DecryptFinal, &[], Some(4));
            assert_eq!(rv, Rv(CKR_BUFFER_TOO_SMALL));
            assert!((5..=16).contains(&needed), "{needed}");
        }
        let (rv, _, last) = session.step(Step::DecryptFinal, &[], Some(5));
        assert_eq!((rv, last), (Rv(CKR_OK), vec![9; 5]));
    });
}
