//! How much is told: `audit` in the configuration.

use crate::{key, last};
use hsm_tests::*;

fn cbc() -> Mechanism {
    Mechanism::bytes(CKM_AES_CBC, &[0; 16])
}

/// Uses of a token key: three encryptions, one decryption, one wrapping; and of a session key, which is nobody's business.
fn use_keys(session: Session<'_>) {
    let of_token = session.create(&key("used")).expect("a key");
    for _ in 0..3 {
        session.encrypt(&cbc(), of_token, &[0; 16]).expect("C_Encrypt");
    }
    session.decrypt(&cbc(), of_token, &[0; 16]).expect("C_Decrypt");
    let brief = session.create(&key("brief").bool(CKA_TOKEN, false)).expect("a key");
    session.encrypt(&cbc(), brief, &[0; 16]).expect("C_Encrypt");
    session.wrap(&Mechanism::bare(CKM_AES_KEY_WRAP_KWP), of_token, brief).expect("C_WrapKey");
}

/// What is told of [`use_keys`] and of the login's end: event, detail without ids, and how often.
fn told_by(token: &Token) -> Vec<String> {
    let audit = Audit::of(&token.module);
    let session = token.user();
    let before = last(&audit, session);
    use_keys(session);
    session.logout().expect("C_Logout");
    session.login(CKU_USER, USER_PIN).expect("C_Login");
    let words = |line: &Value| {
        let detail = line["detail"].as_str().unwrap_or_default();
        let detail: Vec<_> = detail.split(' ').filter(|word| word.len() != 36).collect();
        let times = line["times"].as_u64().map(|times| format!(" x{times}")).unwrap_or_default();
        format!("{} {}{times}", line["event"].as_str().expect("an event"), detail.join(" ")).trim_end().to_owned()
    };
    audit.read(session, before, 1000).expect("the log").iter().map(words).collect()
}

#[test]
fn changes() {
    isolated(|home| assert_eq!(told_by(&home.token()), ["object-created", "login"]));
}

/// The first use is told before it happens, so that a process that is killed leaves a trace; how often, when the login ends.
#[test]
fn uses() {
    isolated(|home| {
        home.configure("audit = \"uses\"");
        let told = told_by(&home.token());
        let wanted = [
            "object-created",
            "key-used encrypt CKM_AES_CBC",
            "key-used decrypt CKM_AES_CBC",
            "key-used wrap CKM_AES_KEY_WRAP_KWP",
            "key-wrapped under CKM_AES_KEY_WRAP_KWP",
            "key-used encrypt x3",
            "login",
        ];
        assert_eq!(told, wanted);
    });
}

#[test]
fn every() {
    isolated(|home| {
        home.configure("audit = \"every\"");
        let told = told_by(&home.token());
        let encryptions = told.iter().filter(|line| *line == "key-used encrypt CKM_AES_CBC").count();
        assert_eq!(encryptions, 3, "{told:?}");
    });
}

#[test]
fn off() {
    isolated(|home| {
        home.configure("audit = \"off\"");
        assert_eq!(told_by(&home.token()), Vec::<String>::new());
    });
}

/// How often keys were used is told at C_Finalize too, by an application that never logs out.
#[test]
fn the_end_of_the_module_ends_a_login() {
    isolated(|home| {
        home.configure("audit = \"uses\"");
        let mut token = home.token();
        use_keys(token.user());
        token.restart();
        let lines = Audit::of(&token.module).all(token.user());
        assert!(lines.iter().any(|line| line["detail"] == "encrypt" && line["times"] == 3), "{lines:?}");
    });
}

/// A log that was begun goes on where it was when telling is turned off and on again.
#[test]
fn off_and_on() {
    isolated(|home| {
        let mut token = home.token();
        let configuration = std::fs::read_to_string(home.configuration()).expect("the configuration");
        for (level, grows) in [("off", false), ("changes", true)] {
            let session = token.user();
            let before = last(&Audit::of(&token.module), session);
            session.close().expect("C_CloseSession");
            home.write("module.conf", format!("{configuration}audit = {level:?}\n").as_bytes());
            token.restart();
            let session = token.user();
            session.create(&key("one more")).expect("a key");
            assert_eq!(last(&Audit::of(&token.module), session) > before, grows, "{level}");
            session.close().expect("C_CloseSession");
        }
    });
}

/// A key that is destroyed takes its count with it into the log; once the key itself stayed in memory for that until the logout.
#[test]
fn a_destroyed_key_is_told_with_its_uses() {
    isolated(|home| {
        home.configure("audit = \"uses\"");
        let token = home.token();
        let session = token.user();
        let key = session.create(&key("brief")).expect("a key");
        (0..3).for_each(|_| drop(session.encrypt(&cbc(), key, &[0; 16]).expect("C_Encrypt")));
        session.destroy(key).expect("C_DestroyObject");
        session.logout().expect("C_Logout");
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        let lines = Audit::of(&token.module).all(session);
        let told: Vec<_> = lines.iter().rev().take(4).map(|line| (line["event"].as_str(), line["times"].as_u64())).collect();
        let wanted = [("login", None), ("object-destroyed", None), ("key-used", Some(3)), ("key-used", None)];
        assert_eq!(told, wanted.map(|(event, times)| (Some(event), times)));
    });
}

/// A public session key is nobody's business: nothing is told of it, and nothing keeps it from being used. Once its uses were told as those of
/// whoever logged in later, and it could not be wrapped before a login.
#[test]
fn uses_by_nobody_are_nobodys() {
    isolated(|home| {
        home.configure("audit = \"uses\"");
        let token = home.token();
        let session = token.open(true);
        let uses_left: CK_ATTRIBUTE_TYPE = CKA_VENDOR_DEFINED | 0x4853_0002;
        let public = key("public").bool(CKA_TOKEN, false).bool(CKA_PRIVATE, false);
        let limited = session.create(&public.ulong(uses_left, 10)).expect("a key");
        (0..5).for_each(|_| drop(session.encrypt(&cbc(), limited, &[0; 16]).expect("C_Encrypt")));
        let wrapped = session.wrap(&Mechanism::bare(CKM_AES_KEY_WRAP_KWP), limited, limited);
        assert!(wrapped.is_ok(), "{wrapped:?}");
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        session.logout().expect("C_Logout");
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        let lines = Audit::of(&token.module).all(session);
        assert!(lines.iter().all(|line| line["event"] != "key-used" && line["event"] != "key-wrapped"), "{lines:?}");
        let left = session.attribute(limited, uses_left).expect("the uses left");
        assert_eq!(CK_ULONG::from_ne_bytes(left.try_into().expect("a CK_ULONG")), 4);
    });
}
