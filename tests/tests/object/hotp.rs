//! 6.53: keys of one-time passwords by counter, and the passwords.

use hsm_tests::users::CREATE;
use hsm_tests::*;
use std::collections::BTreeSet;
use std::thread;

const SECRET: &[u8] = b"12345678901234567890";
/// RFC 4226, appendix D.
const PASSWORDS: [&[u8]; 10] =
    [b"755224", b"287082", b"359152", b"969429", b"338314", b"254676", b"287922", b"162583", b"399871", b"520489"];

fn template() -> Template {
    Template::key(CKO_OTP_KEY, CKK_HOTP).bool(CKA_TOKEN, true).bytes(CKA_VALUE, SECRET)
}

/// CK_OTP_PARAMS of these.
fn with(parameters: &[(CK_OTP_PARAM_TYPE, &[u8])]) -> Mechanism {
    let array = parameters.iter().fold(Layout::new(), |array, (kind, value)| array.word(*kind).bytes(value));
    Mechanism::structure(CKM_HOTP, Layout::new().pointer(array).word(parameters.len()))
}

fn at(counter: u64) -> Mechanism {
    with(&[(CK_OTP_COUNTER, &counter.to_be_bytes())])
}

fn own() -> Mechanism {
    Mechanism::bare(CKM_HOTP)
}

/// The password and the counter that CK_OTP_SIGNATURE_INFO points to, all of it within its own block.
fn told(block: &[u8]) -> (Vec<u8>, u64) {
    let words: Vec<usize> =
        block[..64].chunks_exact(8).map(|word| usize::from_ne_bytes(word.try_into().expect("eight bytes"))).collect();
    let within = |address: usize, len: usize| {
        let start = address - block.as_ptr() as usize;
        block[start..start + len].to_vec()
    };
    assert_eq!((words[0] - block.as_ptr() as usize, words[1]), (16, 2));
    assert_eq!((words[2], words[5]), (CK_OTP_VALUE as usize, CK_OTP_COUNTER as usize));
    let counter = within(words[6], words[7]).try_into().expect("a counter");
    (within(words[3], words[4]), u64::from_be_bytes(counter))
}

fn counter(session: Session<'_>, key: Object) -> u64 {
    u64::from_be_bytes(session.attribute(key, CKA_OTP_COUNTER).expect("CKA_OTP_COUNTER").try_into().expect("eight bytes"))
}

#[test]
fn passwords_of_the_rfc() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.create(&template()).expect("C_CreateObject");
        let mut tally = Tally::new("RFC 4226");
        for (count, password) in (0..).zip(PASSWORDS) {
            tally.equal("given", session.sign(&at(count), key, b"").map(|block| told(&block)), Ok((password.to_vec(), count)));
            tally.equal(
                "the key's own",
                session.sign(&own(), key, b"").map(|block| told(&block)),
                Ok((password.to_vec(), count)),
            );
            tally.row("verified", session.verify(&at(count), key, b"", password), &[CKR_OK]);
            tally.row("of another counter", session.verify(&at(count + 1), key, b"", password), &[CKR_SIGNATURE_INVALID]);
        }
        tally.row("five digits", session.verify(&at(0), key, b"", b"55224"), &[CKR_SIGNATURE_LEN_RANGE]);
        let eight = with(&[(CK_OTP_OUTPUT_LENGTH, &(8 as CK_ULONG).to_ne_bytes()), (CK_OTP_COUNTER, &[0; 8])]);
        tally.equal("eight digits", session.sign(&eight, key, b"").map(|block| told(&block).0), Ok(b"84755224".to_vec()));
        assert_eq!(counter(session, key), 10);
    });
}

#[test]
fn parameters() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.create(&template()).expect("C_CreateObject");
        let outside =
            template().ulong(CKA_OTP_COUNTER_REQUIREMENT, CK_OTP_PARAM_MANDATORY).bool(CKA_OTP_USER_FRIENDLY_MODE, false);
        let outside = session.create(&outside).expect("C_CreateObject");
        let (flags, invalid) = (|bits: CK_FLAGS| bits.to_ne_bytes(), CKR_MECHANISM_PARAM_INVALID);
        let mut tally = Tally::new("CK_OTP_PARAMS");
        for (name, mechanism, key, expected) in [
            ("an empty list", with(&[]), key, CKR_OK),
            ("what is ignored", with(&[(CK_OTP_PIN, b"1234"), (CK_OTP_TIME, b""), (CK_OTP_CHALLENGE, b"x")]), key, CKR_OK),
            ("for people", with(&[(CK_OTP_FLAGS, &flags(CKF_USER_FRIENDLY_OTP | 2 | 8 | 16))]), key, CKR_OK),
            (
                "not for people",
                with(&[(CK_OTP_FLAGS, &flags(CKF_USER_FRIENDLY_OTP)), (CK_OTP_COUNTER, &[0; 8])]),
                outside,
                invalid,
            ),
            ("the next one", with(&[(CK_OTP_FLAGS, &flags(CKF_NEXT_OTP))]), key, invalid),
            ("without a counter", with(&[(CK_OTP_FLAGS, &flags(4))]), key, invalid),
            ("decimal", with(&[(CK_OTP_OUTPUT_FORMAT, &CK_OTP_FORMAT_DECIMAL.to_ne_bytes())]), key, CKR_OK),
            ("hexadecimal", with(&[(CK_OTP_OUTPUT_FORMAT, &CK_OTP_FORMAT_HEXADECIMAL.to_ne_bytes())]), key, invalid),
            ("nine digits", with(&[(CK_OTP_OUTPUT_LENGTH, &(9 as CK_ULONG).to_ne_bytes())]), key, invalid),
            ("a short length", with(&[(CK_OTP_OUTPUT_LENGTH, &[6])]), key, invalid),
            ("a short counter", with(&[(CK_OTP_COUNTER, &[0; 7])]), key, invalid),
            ("a password", with(&[(CK_OTP_VALUE, b"755224")]), key, invalid),
            ("NULL and a count", Mechanism::words(CKM_HOTP, &[0, 1]), key, invalid),
            ("a huge count", Mechanism::words(CKM_HOTP, &[64, usize::MAX]), key, invalid),
            ("the counter is the caller's", own(), outside, invalid),
            ("and is given", at(7), outside, CKR_OK),
            ("no HOTP key", at(7), session.aes(16), CKR_KEY_TYPE_INCONSISTENT),
        ] {
            let before = counter(session, outside);
            tally.row(name, session.sign(&mechanism, key, b""), &[expected]);
            assert_eq!(counter(session, outside), before, "{name}");
        }
        assert_eq!(counter(session, key), 4, "what was refused took no counter");
        tally.row("data", session.sign(&at(0), key, b"data"), &[CKR_DATA_LEN_RANGE]);
        tally.row("verifying without a counter", session.verify(&own(), key, b"", PASSWORDS[4]), &[invalid]);
    });
}

/// 5.2: asking for the length makes nothing; a counter is taken once for all of it.
#[test]
fn a_counter_for_each_password() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.create(&template()).expect("C_CreateObject");
        session.begin(Begin::Sign, &own(), key).expect("C_SignInit");
        let (rv, len, _) = session.step(Step::Sign, b"", None);
        assert_eq!((rv, len), (Rv(CKR_OK), 64 + 6 + 8));
        assert_eq!(session.step(Step::Sign, b"", Some(len - 1)).0, Rv(CKR_BUFFER_TOO_SMALL));
        let (rv, _, block) = session.step(Step::Sign, b"", Some(len));
        assert_eq!((rv, told(&block)), (Rv(CKR_OK), (PASSWORDS[0].to_vec(), 0)));
        let read_only = token.open(false);
        assert_eq!(read_only.sign(&own(), key, b"").map(|block| told(&block).1), Ok(1));

        let taken = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| many(token.open(true), key))).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("a thread")).collect::<BTreeSet<_>>()
        });
        assert_eq!(taken, (2..82).collect());
        assert_eq!(counter(session, key), 82);
    });
}

fn many(session: Session<'_>, key: Object) -> Vec<u64> {
    (0..10).map(|_| told(&session.sign(&own(), key, b"").expect("C_Sign")).1).collect()
}

#[test]
fn keys() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (invalid, odd) = (CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT);
        let mut tally = Tally::new("6.53.2 and 6.53.7");
        for (name, template, expected) in [
            ("as the standard's example", template().bytes(CKA_OTP_COUNTER, &[0; 8]).ulong(CKA_OTP_LENGTH, 6), CKR_OK),
            ("15 bytes", template().bytes(CKA_VALUE, &SECRET[..15]), invalid),
            ("5 digits", template().ulong(CKA_OTP_LENGTH, 5), invalid),
            ("9 digits", template().ulong(CKA_OTP_LENGTH, 9), invalid),
            ("hexadecimal", template().ulong(CKA_OTP_FORMAT, CK_OTP_FORMAT_HEXADECIMAL), invalid),
            ("of the time", template().ulong(CKA_OTP_TIME_REQUIREMENT, CK_OTP_PARAM_MANDATORY), invalid),
            ("a counter of no kind", template().ulong(CKA_OTP_COUNTER_REQUIREMENT, 3), invalid),
            ("a counter of 4 bytes", template().bytes(CKA_OTP_COUNTER, &[0; 4]), invalid),
            ("a secret key", template().ulong(CKA_CLASS, CKO_SECRET_KEY), odd),
            ("an AES key", template().ulong(CKA_KEY_TYPE, CKK_AES).bytes(CKA_VALUE, &[0; 16]), odd),
        ] {
            tally.row(name, session.create(&template), &[expected]);
        }
        let key =
            Template::new().bytes(CKA_LABEL, b"login").ulong(CKA_VALUE_LEN, 20).bytes(CKA_OTP_COUNTER, &[0, 0, 0, 0, 0, 0, 1, 0]);
        let key = session.generate(&Mechanism::bare(CKM_HOTP_KEY_GEN), &key).expect("C_GenerateKey");
        tally.equal("its class", session.number(key, CKA_CLASS), Ok(CKO_OTP_KEY));
        tally.equal("its counter", session.sign(&own(), key, b"").map(|block| told(&block).1), Ok(256));
        tally.row("its value", session.attribute(key, CKA_VALUE), &[CKR_ATTRIBUTE_SENSITIVE]);
        let back = Template::new().bytes(CKA_OTP_COUNTER, &[0; 8]);
        tally.row("its counter put back", session.set(key, &back), &[CKR_ATTRIBUTE_READ_ONLY]);
        let service = Template::new().bytes(CKA_OTP_SERVICE_IDENTIFIER, b"example.com");
        tally.row("its service", session.set(key, &service), &[CKR_OK]);
        tally.equal("found", session.find(&service.ulong(CKA_CLASS, CKO_OTP_KEY)), Ok(vec![key]));
        let open = session.create(&template().bool(CKA_EXTRACTABLE, true)).expect("C_CreateObject");
        let wrapping = session.aes(32);
        tally.row("wrapped", session.wrap(&Mechanism::bare(CKM_AES_KEY_WRAP_KWP), wrapping, open), &[CKR_KEY_NOT_WRAPPABLE]);
        tally.row("digested", session.begin(Begin::Digest, &Mechanism::bare(CKM_SHA256), key), &[CKR_OK]);
        tally.row("digested", session.digest_key(open), &[CKR_KEY_INDIGESTIBLE]);
    });
}

/// What another mechanism was given passed for CK_OTP_PARAMS, pointers and all, and any mechanism made a password.
#[test]
fn other_mechanisms_make_no_passwords() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let allowed = template().mechanisms(CKA_ALLOWED_MECHANISMS, &[CKM_SHA256_HMAC]);
        let keys = [&template(), &allowed].map(|template| session.create(template).expect("C_CreateObject"));
        let mut tally = Tally::new("C_SignInit with an HOTP key");
        for mechanism in token.module.mechanisms(token.slot).expect("C_GetMechanismList") {
            let info = token.module.mechanism_info(token.slot, mechanism).expect("C_GetMechanismInfo");
            if info.flags & CKF_SIGN == 0 || mechanism == CKM_HOTP {
                continue;
            }
            for (key, parameter) in keys.iter().flat_map(|key| [(*key, None), (*key, Some([0x4141_4141_4141_4141_usize, 1]))]) {
                let mechanism = parameter.map_or_else(|| Mechanism::bare(mechanism), |words| Mechanism::words(mechanism, &words));
                let begun = session.begin(Begin::Sign, &mechanism, key);
                let refusals = [CKR_KEY_TYPE_INCONSISTENT, CKR_MECHANISM_PARAM_INVALID];
                tally.row(format!("{mechanism:?}"), begun, &refusals);
            }
        }
        tally.row("not among the allowed", session.begin(Begin::Sign, &own(), keys[1]), &[CKR_MECHANISM_INVALID]);
        assert_eq!(keys.map(|key| counter(session, key)), [0, 0]);
    });
}

/// A key may keep to its own counter; one that counts has no copies.
#[test]
fn a_counter_of_its_own() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let inside = template().ulong(CKA_OTP_COUNTER_REQUIREMENT, CK_OTP_PARAM_IGNORED);
        let key = session.create(&inside).expect("C_CreateObject");
        for count in [0, 1] {
            let signed = session.sign(&at(7), key, b"").map(|block| told(&block));
            assert_eq!(signed, Ok((PASSWORDS[count as usize].to_vec(), count)), "what is given is ignored");
        }
        assert_eq!(session.verify(&at(7), key, b"", PASSWORDS[7]), Ok(()));
        assert_eq!(session.copy(key, &Template::new()), refused(CKR_ACTION_PROHIBITED));
        let outside = template().ulong(CKA_OTP_COUNTER_REQUIREMENT, CK_OTP_PARAM_MANDATORY);
        let outside = session.create(&outside).expect("C_CreateObject");
        let copy = session.copy(outside, &Template::new()).expect("C_CopyObject");
        assert_eq!(session.sign(&at(7), copy, b"").map(|block| told(&block).0), Ok(PASSWORDS[7].to_vec()));
    });
}

/// The counter outlives the process, and moves on for whoever may use the key, and for nobody else.
#[test]
fn the_counter_stays() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        session.create(&template().bytes(CKA_LABEL, b"login")).expect("C_CreateObject");
        Users::of(&token.module).add(session, "maker", "their PIN", CREATE).expect("Users_Add");
        token.module.finalize().expect("C_Finalize");
        drop(token);
        let token = home.shared_token();
        let find = |session: Session<'_>| session.find(&Template::new().bytes(CKA_LABEL, b"login")).expect("C_FindObjects")[0];
        let session = token.open(true);
        session.login_user(CKU_USER, "their PIN", "maker").expect("C_LoginUser");
        let key = find(session);
        assert_eq!(session.sign(&own(), key, b""), refused(CKR_KEY_FUNCTION_NOT_PERMITTED));
        assert_eq!(counter(session, key), 0);
        session.logout().expect("C_Logout");
        session.close().expect("C_CloseSession");
        let session = token.user();
        let key = find(session);
        assert_eq!(session.sign(&own(), key, b"").map(|block| told(&block)), Ok((PASSWORDS[0].to_vec(), 0)));
        assert_eq!(counter(session, key), 1);
    });
}
