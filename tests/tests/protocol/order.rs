//! 5.8 to 5.15: the order of Init, single call, Update and Final; what ends an operation and what does not.

use hsm_tests::*;

fn cbc() -> Mechanism {
    Mechanism::bytes(CKM_AES_CBC, &[0; 16])
}

fn hmac() -> Mechanism {
    Mechanism::bare(CKM_SHA256_HMAC)
}

const DATA: [u8; 32] = [5; 32];

#[test]
fn nothing_continues_without_init() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("CKR_OPERATION_NOT_INITIALIZED");
        for step in [
            Step::Encrypt,
            Step::EncryptUpdate,
            Step::EncryptFinal,
            Step::Decrypt,
            Step::DecryptUpdate,
            Step::DecryptFinal,
            Step::Digest,
            Step::DigestFinal,
            Step::Sign,
            Step::SignFinal,
        ] {
            for room in [None, Some(64)] {
                let (rv, _, _) = session.step(step, &DATA, room);
                tally.row(format!("{step:?} into {room:?}"), rv, &[CKR_OPERATION_NOT_INITIALIZED]);
            }
        }
        for begin in [Begin::Digest, Begin::Sign, Begin::Verify] {
            tally.row(format!("{begin:?}Update"), session.update(begin, &DATA), &[CKR_OPERATION_NOT_INITIALIZED]);
        }
        let key = session.aes(16);
        tally.row("DigestKey", session.digest_key(key), &[CKR_OPERATION_NOT_INITIALIZED]);
        tally.row("Verify", session.check(&DATA, &[0; 32]), &[CKR_OPERATION_NOT_INITIALIZED]);
        tally.row("VerifyFinal", session.check_final(&[0; 32]), &[CKR_OPERATION_NOT_INITIALIZED]);
        tally.row("FindObjects", session.find_next(1), &[CKR_OPERATION_NOT_INITIALIZED]);
        tally.row("FindObjectsFinal", session.find_final(), &[CKR_OPERATION_NOT_INITIALIZED]);
    });
}

/// A second Init is refused, and the first operation goes on.
#[test]
fn init_twice() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (key, secret) = (session.aes(16), session.secret_of(&[1; 32]));
        let expected = session.sign(&hmac(), secret, &DATA).expect("a MAC");
        let mut tally = Tally::new("CKR_OPERATION_ACTIVE");
        let cases = [
            (Begin::Encrypt, cbc(), key, Step::Encrypt),
            (Begin::Decrypt, cbc(), key, Step::Decrypt),
            (Begin::Digest, Mechanism::bare(CKM_SHA256), key, Step::Digest),
            (Begin::Sign, hmac(), secret, Step::Sign),
        ];
        for (begin, mechanism, key, step) in cases {
            session.begin(begin, &mechanism, key).expect("the first Init");
            tally.row(format!("{begin:?}Init"), session.begin(begin, &mechanism, key), &[CKR_OPERATION_ACTIVE]);
            tally.row(format!("{step:?} afterwards"), session.run(step, &DATA), &[CKR_OK]);
        }
        session.begin(Begin::Verify, &hmac(), secret).expect("the first Init");
        tally.row("VerifyInit", session.begin(Begin::Verify, &hmac(), secret), &[CKR_OPERATION_ACTIVE]);
        tally.row("Verify afterwards", session.check(&DATA, &expected), &[CKR_OK]);
        session.find_init(&Template::new()).expect("the first Init");
        tally.row("FindObjectsInit", session.find_init(&Template::new()), &[CKR_OPERATION_ACTIVE]);
        tally.row("FindObjects afterwards", session.find_next(10), &[CKR_OK]);
    });
}

/// "MUST be called after C_EncryptInit without intervening C_EncryptUpdate calls", and so for the others.
#[test]
fn single_part_does_not_end_multi_part() {
    isolated(|home| {
        let token = home.token();
        let (key, secret) = (|s: Session<'_>| s.aes(16), |s: Session<'_>| s.secret_of(&[1; 32]));
        let refusals = [CKR_OPERATION_NOT_INITIALIZED, CKR_OPERATION_ACTIVE];
        let mut tally = Tally::new("a single-part call after an Update");
        let user = token.user();
        for (begin, update, whole) in
            [(Begin::Encrypt, Step::EncryptUpdate, Step::Encrypt), (Begin::Decrypt, Step::DecryptUpdate, Step::Decrypt)]
        {
            let session = token.open(true);
            session.begin(begin, &cbc(), key(session)).expect("Init");
            session.run(update, &DATA).expect("Update");
            tally.row(format!("{whole:?}"), session.run(whole, &DATA), &refusals);
            session.close().expect("C_CloseSession");
        }
        for (begin, whole) in [(Begin::Digest, Step::Digest), (Begin::Sign, Step::Sign)] {
            let session = token.open(true);
            let mechanism = if begin == Begin::Digest { Mechanism::bare(CKM_SHA256) } else { hmac() };
            session.begin(begin, &mechanism, secret(session)).expect("Init");
            session.update(begin, &DATA).expect("Update");
            tally.row(format!("{whole:?}"), session.run(whole, &DATA), &refusals);
            session.close().expect("C_CloseSession");
        }
        let session = token.open(true);
        session.begin(Begin::Verify, &hmac(), secret(session)).expect("Init");
        session.update(Begin::Verify, &DATA).expect("Update");
        tally.row("Verify", session.check(&DATA, &[0; 32]), &refusals);
        user.logout().expect("C_Logout");
    });
}

/// "A call to C_Encrypt always terminates the active operation unless" it told a length.
#[test]
fn output_ends_the_operation() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (key, secret) = (session.aes(16), session.secret_of(&[1; 32]));
        let mut tally = Tally::new("an operation that gave its output is over");
        let cases = [
            (Begin::Encrypt, cbc(), key, Step::Encrypt),
            (Begin::Decrypt, cbc(), key, Step::Decrypt),
            (Begin::Encrypt, cbc(), key, Step::EncryptFinal),
            (Begin::Decrypt, cbc(), key, Step::DecryptFinal),
            (Begin::Digest, Mechanism::bare(CKM_SHA256), key, Step::Digest),
            (Begin::Digest, Mechanism::bare(CKM_SHA256), key, Step::DigestFinal),
            (Begin::Sign, hmac(), secret, Step::Sign),
            (Begin::Sign, hmac(), secret, Step::SignFinal),
        ];
        for (begin, mechanism, key, step) in cases {
            session.begin(begin, &mechanism, key).expect("Init");
            let (rv, _, _) = session.step(step, &DATA, Some(64));
            tally.row(format!("{step:?}"), rv, &[CKR_OK]);
            let (rv, _, _) = session.step(step, &DATA, Some(64));
            tally.row(format!("{step:?} again"), rv, &[CKR_OPERATION_NOT_INITIALIZED]);
        }
    });
}

/// An error ends it too: bad data, a bad signature.
#[test]
fn failure_ends_the_operation() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (key, secret) = (session.aes(16), session.secret_of(&[1; 32]));
        let gcm = Mechanism::gcm(&[1; 12], b"", 128);
        let mut tally = Tally::new("an operation that failed is over");
        for (mechanism, data) in [(&gcm, [0; 32].as_slice()), (&cbc(), &[0; 15])] {
            session.begin(Begin::Decrypt, mechanism, key).expect("Init");
            let bad = [CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE];
            tally.row("Decrypt", session.step(Step::Decrypt, data, Some(64)).0, &bad);
            let again = session.step(Step::Decrypt, data, Some(64)).0;
            tally.row("Decrypt again", again, &[CKR_OPERATION_NOT_INITIALIZED]);
        }
        session.begin(Begin::Encrypt, &cbc(), key).expect("Init");
        tally.row("Encrypt", session.step(Step::Encrypt, &[0; 15], Some(64)).0, &[CKR_DATA_LEN_RANGE]);
        let again = session.step(Step::Encrypt, &[0; 16], Some(64)).0;
        tally.row("Encrypt again", again, &[CKR_OPERATION_NOT_INITIALIZED]);
        session.begin(Begin::Verify, &hmac(), secret).expect("Init");
        tally.row("Verify", session.check(&DATA, &[0; 32]), &[CKR_SIGNATURE_INVALID]);
        tally.row("Verify again", session.check(&DATA, &[0; 32]), &[CKR_OPERATION_NOT_INITIALIZED]);
        session.begin(Begin::Verify, &hmac(), secret).expect("Init");
        tally.row("Verify, short", session.check(&DATA, &[0; 31]), &[CKR_SIGNATURE_LEN_RANGE]);
        tally.row("Verify, short, again", session.check(&DATA, &[0; 31]), &[CKR_OPERATION_NOT_INITIALIZED]);
        session.begin(Begin::Verify, &hmac(), secret).expect("Init");
        tally.row("VerifyFinal", session.check_final(&[0; 32]), &[CKR_SIGNATURE_INVALID]);
        tally.row("VerifyFinal again", session.check_final(&[0; 32]), &[CKR_OPERATION_NOT_INITIALIZED]);
    });
}

/// An Init that fails leaves nothing behind.
#[test]
fn a_refused_init_begins_nothing() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(16);
        assert_eq!(session.begin(Begin::Sign, &hmac(), key), refused(CKR_KEY_TYPE_INCONSISTENT));
        assert_eq!(session.step(Step::Sign, &DATA, None).0, Rv(CKR_OPERATION_NOT_INITIALIZED));
        let short_iv = Mechanism::bytes(CKM_AES_CBC, &[0; 8]);
        assert_eq!(session.begin(Begin::Encrypt, &short_iv, key), refused(CKR_MECHANISM_PARAM_INVALID));
        assert_eq!(session.begin(Begin::Encrypt, &cbc(), key), Ok(()));
    });
}

/// v3.0 5.8.1: NULL instead of a mechanism terminates the active operation.
#[test]
fn a_null_mechanism_cancels() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (key, secret) = (session.aes(16), session.secret_of(&[1; 32]));
        let mut tally = Tally::new("5.8.1: NULL mechanism");
        let cases = [
            (Begin::Encrypt, cbc(), key),
            (Begin::Decrypt, cbc(), key),
            (Begin::Digest, Mechanism::bare(CKM_SHA256), key),
            (Begin::Sign, hmac(), secret),
            (Begin::Verify, hmac(), secret),
        ];
        for (begin, mechanism, key) in cases {
            session.begin(begin, &mechanism, key).expect("Init");
            tally.row(format!("{begin:?}Init of NULL"), session.begin_null(begin, key), &[CKR_OK]);
            tally.row(format!("{begin:?}Init after it"), session.begin(begin, &mechanism, key), &[CKR_OK]);
            tally.row(format!("{begin:?}Init of NULL again"), session.begin_null(begin, key), &[CKR_OK]);
            let idle = [CKR_OK, CKR_OPERATION_NOT_INITIALIZED, CKR_ARGUMENTS_BAD];
            tally.row(format!("{begin:?}Init of NULL, nothing active"), session.begin_null(begin, key), &idle);
        }
    });
}
