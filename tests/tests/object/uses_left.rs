//! CKA_HSM_SIM_USES_LEFT (README, "Limits"): a key that is used so often and no more, by all processes together.

use crate::{aes_template, cbc};
use hsm_tests::*;

const CKA_HSM_SIM_USES_LEFT: CK_ATTRIBUTE_TYPE = CKA_VENDOR_DEFINED | 0x4853_0002;

/// How a login ends.
type End = fn(&mut Token);

fn limited(uses: CK_ULONG) -> Template {
    aes_template().ulong(CKA_HSM_SIM_USES_LEFT, uses).bool(CKA_ENCRYPT, true).bool(CKA_WRAP, true).bool(CKA_UNWRAP, true)
}

fn left(session: Session<'_>, key: Object) -> CK_ULONG {
    let value = session.attribute(key, CKA_HSM_SIM_USES_LEFT).expect("the uses left");
    CK_ULONG::from_ne_bytes(value.try_into().expect("a CK_ULONG"))
}

#[test]
fn exhausted_after_so_many_uses_of_all_kinds() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        for stored in [false, true] {
            let key = session.create(&limited(5).bool(CKA_TOKEN, stored)).expect("a key");
            let other = session.aes(32);
            session.encrypt(&cbc(), key, &[0; 16]).expect("one");
            session.decrypt(&cbc(), key, &[0; 16]).expect("two");
            let wrapped = session.wrap(&Mechanism::bare(CKM_AES_KEY_WRAP_KWP), key, other).expect("three");
            let unwrapped = Template::key(CKO_SECRET_KEY, CKK_AES);
            session.unwrap(&Mechanism::bare(CKM_AES_KEY_WRAP_KWP), key, &wrapped, &unwrapped).expect("four");
            session.encrypt(&cbc(), key, &[0; 16]).expect("five");
            assert_eq!(session.encrypt(&cbc(), key, &[0; 16]), refused(CKR_KEY_EXHAUSTED));
            let wrap = session.wrap(&Mechanism::bare(CKM_AES_KEY_WRAP_KWP), key, other);
            assert_eq!(wrap.map(drop), refused(CKR_KEY_EXHAUSTED));
            assert_eq!(left(session, key), 0);
        }
    });
}

/// Each message is a use, not the process of messages.
#[test]
fn messages_count_each() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = session.ec(oid::P256);
        session.set(pair.private, &Template::new().ulong(CKA_HSM_SIM_USES_LEFT, 3)).expect("a limit where there was none");
        let ecdsa = Mechanism::bare(CKM_ECDSA_SHA256);
        session.signed_message_init(false, Some(&ecdsa), pair.private).expect("C_MessageSignInit");
        for _ in 0..3 {
            assert_eq!(session.sign_message(b"data", None).0, Rv(CKR_OK), "a length is no use");
            assert_eq!(session.sign_message(b"data", Some(64)).0, Rv(CKR_OK));
        }
        assert_eq!(session.sign_message(b"data", Some(64)).0, Rv(CKR_KEY_EXHAUSTED));
    });
}

#[test]
fn the_number_is_lowered_and_never_raised_and_a_key_with_one_not_copied() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.create(&limited(10).bool(CKA_TOKEN, true)).expect("a key");
        let set = |uses| session.set(key, &Template::new().ulong(CKA_HSM_SIM_USES_LEFT, uses));
        assert_eq!(
            (set(10), set(11), set(4), set(5)),
            (Ok(()), refused(CKR_ATTRIBUTE_READ_ONLY), Ok(()), refused(CKR_ATTRIBUTE_READ_ONLY))
        );
        assert_eq!(left(session, key), 4);
        assert_eq!(session.copy(key, &Template::new()).map(drop), refused(CKR_ACTION_PROHIBITED));
        let public = Template::of(CKO_DATA).ulong(CKA_HSM_SIM_USES_LEFT, 3);
        assert_eq!(session.create(&public).map(drop), refused(CKR_TEMPLATE_INCONSISTENT), "keys alone have it");
        let short = session.create(&aes_template().bytes(CKA_HSM_SIM_USES_LEFT, &[1]));
        assert_eq!(short.map(drop), refused(CKR_ATTRIBUTE_VALUE_INVALID));
    });
}

/// Uses are taken in blocks, for speed; what is left of a block comes back at a logout, a closed session, C_Finalize.
#[test]
fn a_login_that_ends_gives_back_what_it_did_not_use() {
    isolated(|home| {
        let mut token = home.token();
        let session = token.user();
        session.create(&limited(1000).bool(CKA_TOKEN, true).bytes(CKA_LABEL, b"limited")).expect("a key");
        session.close().expect("C_CloseSession");
        let find = Template::new().bytes(CKA_LABEL, b"limited");
        let ends: [(&str, End); 3] = [
            ("C_Logout", |token| token.open(true).logout().expect("C_Logout")),
            ("C_CloseAllSessions", |token| token.module.close_all(token.slot).expect("C_CloseAllSessions")),
            ("C_Finalize", Token::restart),
        ];
        let mut expected = 1000;
        for (name, end) in ends {
            let session = token.user();
            let key = session.find(&find).expect("C_FindObjects")[0];
            (0..100).for_each(|_| drop(session.encrypt(&cbc(), key, &[0; 16]).expect("a use")));
            assert!(left(session, key) < expected - 100, "{name}: a block was taken");
            end(&mut token);
            expected -= 100;
            let _ = token.module.close_all(token.slot);
            let session = token.user();
            assert_eq!(left(session, session.find(&find).expect("C_FindObjects")[0]), expected, "{name}");
            session.close().expect("C_CloseSession");
        }
    });
}

/// Setting it to 0 ends a key: once, what was left of a block went on, and revived the key at the logout.
#[test]
fn a_key_is_ended_by_zero() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let label = Template::new().bytes(CKA_LABEL, b"ended");
        let key = session.create(&limited(100).bool(CKA_TOKEN, true).bytes(CKA_LABEL, b"ended")).expect("a key");
        (0..4).for_each(|_| drop(session.encrypt(&cbc(), key, &[0; 16]).expect("a use")));
        session.set(key, &Template::new().ulong(CKA_HSM_SIM_USES_LEFT, 0)).expect("C_SetAttributeValue");
        assert_eq!(session.encrypt(&cbc(), key, &[0; 16]), refused(CKR_KEY_EXHAUSTED));
        session.logout().expect("C_Logout");
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        let key = session.find(&label).expect("C_FindObjects")[0];
        assert_eq!((left(session, key), session.encrypt(&cbc(), key, &[0; 16])), (0, refused(CKR_KEY_EXHAUSTED)));
    });
}

/// A digest of key and data is a MAC, and a key derived of all the base's bytes is the base: neither would be counted.
#[test]
fn no_way_around_the_number() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.create(&limited(5).bool(CKA_DERIVE, true)).expect("a key");
        session.begin(Begin::Digest, &Mechanism::bare(CKM_SHA256), Object(0)).expect("C_DigestInit");
        assert_eq!(session.digest_key(key), refused(CKR_KEY_INDIGESTIBLE));
        let extract = Mechanism::words(CKM_EXTRACT_KEY_FROM_KEY, &[0]);
        let made = session.derive(&extract, key, &Template::key(CKO_SECRET_KEY, CKK_AES).ulong(CKA_VALUE_LEN, 32));
        assert_eq!(made.map(drop), refused(CKR_KEY_FUNCTION_NOT_PERMITTED));
        assert_eq!(left(session, key), 5);
    });
}

/// Eight threads of two sessions each: no use is given twice.
#[test]
fn threads_share_the_number() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.create(&limited(500).bool(CKA_TOKEN, true)).expect("a key");
        let used: usize = std::thread::scope(|scope| {
            let work = || {
                let session = token.open(true);
                (0..100).filter(|_| session.encrypt(&cbc(), key, &[0; 16]).is_ok()).count()
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().expect("a thread")).sum()
        });
        assert_eq!((used, left(session, key)), (500, 0));
    });
}

/// A buffer that is too short is answered with the length; once it was a use all the same.
#[test]
fn a_short_buffer_is_no_use() {
    isolated(|home| {
        home.configure("audit = \"uses\"");
        let token = home.token();
        let session = token.user();
        let other = session.aes(32);
        let key = session.create(&limited(3).bool(CKA_TOKEN, true).bool(CKA_SIGN, true)).expect("a key");
        for mechanism in [Mechanism::bare(CKM_AES_KEY_WRAP_KWP), Mechanism::bytes(CKM_AES_CBC_PAD, &[0; 16])] {
            assert_eq!(session.wrap_into(&mechanism, key, other, Some(39)).0, Rv(CKR_BUFFER_TOO_SMALL));
        }
        let mut gcm = GcmMessage::given(&[1; 12]);
        assert_eq!(session.wrap_authenticated(&mut gcm, key, other, b"", Some(31)).0, Rv(CKR_BUFFER_TOO_SMALL));
        session.message_init(Way::Encrypt, Some(&Mechanism::bare(CKM_AES_GCM)), key).expect("C_MessageEncryptInit");
        assert_eq!(session.message(Way::Encrypt, &mut gcm, b"", &[0; 20], Some(19)).0, Rv(CKR_BUFFER_TOO_SMALL));
        session.signed_message_init(false, Some(&Mechanism::bare(CKM_AES_CMAC)), key).expect("C_MessageSignInit");
        assert_eq!(session.sign_message(b"data", Some(15)).0, Rv(CKR_BUFFER_TOO_SMALL));
        assert_eq!(left(session, key), 3);
        let told = Audit::of(&token.module).all(session);
        assert!(told.iter().all(|line| line["event"] != "key-used" && line["event"] != "key-wrapped"), "{told:?}");
        assert_eq!(session.sign_message(b"data", Some(16)).0, Rv(CKR_OK));
        assert_eq!(left(session, key), 2);
    });
}

/// A logout gives back what is left of a block; once it passed by what another thread was just taking, which was lost.
#[test]
fn a_logout_in_between_loses_none() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let find = Template::new().bytes(CKA_LABEL, b"limited");
        let stored = limited(100_000).bool(CKA_TOKEN, true).bool(CKA_PRIVATE, false).bytes(CKA_LABEL, b"limited");
        let key = session.create(&stored).expect("a key");
        let plain = aes_template().bool(CKA_PRIVATE, false).bool(CKA_EXTRACTABLE, true).bool(CKA_SENSITIVE, false);
        let other = session.create(&plain).expect("a key that is no user's");
        let done = std::sync::atomic::AtomicBool::new(false);
        let used: CK_ULONG = std::thread::scope(|scope| {
            let work = || {
                let (session, mut used) = (token.open(true), 0);
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    let wrapped = session.wrap_into(&Mechanism::bare(CKM_AES_KEY_WRAP_KWP), key, other, Some(40));
                    used += CK_ULONG::from(wrapped.0 == Rv(CKR_OK));
                }
                used
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
            for _ in 0..50 {
                std::thread::sleep(std::time::Duration::from_millis(2));
                session.logout().expect("C_Logout");
                session.login(CKU_USER, USER_PIN).expect("C_Login");
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
            threads.into_iter().map(|thread| thread.join().expect("a thread")).sum()
        });
        session.logout().expect("C_Logout");
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        let key = session.find(&find).expect("C_FindObjects")[0];
        assert!(used > 50, "{used}");
        assert_eq!(left(session, key) + used, 100_000);
    });
}
