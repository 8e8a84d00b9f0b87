//! 4.4 and usage guide 2.4: CKA_PRIVATE and CKA_TOKEN decide who sees and who changes.

use hsm_tests::*;

fn object(private: bool, label: &[u8]) -> Template {
    let data = Template::of(CKO_DATA).bool(CKA_TOKEN, true).bool(CKA_PRIVATE, private);
    data.bytes(CKA_LABEL, label)
}

#[test]
fn private_objects_are_invisible_until_login() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let hidden = session.create(&object(true, b"hidden")).expect("a private object");
        session.create(&object(false, b"open")).expect("a public object");
        let count = |template: Template| session.find(&template).map(|found| found.len());
        assert_eq!(count(Template::new()), Ok(2));
        session.logout().expect("C_Logout");
        let mut tally = Tally::new("CKA_PRIVATE");
        tally.equal("find all", count(Template::new()), Ok(1));
        tally.equal("find by label", count(Template::new().bytes(CKA_LABEL, b"hidden")), Ok(0));
        tally.equal("find by PRIVATE", count(Template::new().bool(CKA_PRIVATE, true)), Ok(0));
        let refusals = [CKR_OBJECT_HANDLE_INVALID, CKR_USER_NOT_LOGGED_IN];
        tally.row("read", session.attribute(hidden, CKA_LABEL), &refusals);
        tally.row("size", session.size(hidden), &refusals);
        tally.row("change", session.set(hidden, &Template::new().bytes(CKA_LABEL, b"x")), &refusals);
        tally.row("copy", session.copy(hidden, &Template::new()), &refusals);
        tally.row("destroy", session.destroy(hidden), &refusals);
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        tally.equal("the SO", count(Template::new()), Ok(1));
        session.logout().expect("C_Logout");
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        tally.equal("the user", count(Template::new()), Ok(2));
    });
}

#[test]
fn token_objects_need_a_read_write_session() {
    isolated(|home| {
        let token = home.token();
        let (rw, ro) = (token.user(), token.open(false));
        let label = Template::new().bytes(CKA_LABEL, b"new");
        let mut tally = Tally::new("CKR_SESSION_READ_ONLY");
        for private in [false, true] {
            let kept = rw.create(&object(private, b"kept")).expect("C_CreateObject");
            let no = &[CKR_SESSION_READ_ONLY];
            tally.row("read", ro.attribute(kept, CKA_LABEL), &[CKR_OK]);
            tally.row("create", ro.create(&object(private, b"more")), no);
            tally.row("change", ro.set(kept, &label), no);
            tally.row("destroy", ro.destroy(kept), no);
            tally.row("copy to a session object", ro.copy(kept, &Template::new().bool(CKA_TOKEN, false)), &[CKR_OK]);
            let aes = Template::new().ulong(CKA_VALUE_LEN, 16).bool(CKA_TOKEN, true).bool(CKA_PRIVATE, private);
            tally.row("generate", ro.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &aes), no);
            tally.row("change in read-write", rw.set(kept, &label), &[CKR_OK]);
            tally.row("destroy in read-write", rw.destroy(kept), &[CKR_OK]);
        }
    });
}

/// Keys default to private, and a private key needs a login to be made or used.
#[test]
fn making_private_keys_needs_a_login() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(true);
        let aes = Mechanism::bare(CKM_AES_KEY_GEN);
        let template = |private| Template::new().ulong(CKA_VALUE_LEN, 16).bool(CKA_PRIVATE, private);
        assert_eq!(session.generate(&aes, &template(true)), refused(CKR_USER_NOT_LOGGED_IN));
        assert!(session.generate(&aes, &template(false)).is_ok(), "a public session key");
        let public = Template::new().bytes(CKA_EC_PARAMS, oid::P256);
        let private = Template::new().bool(CKA_PRIVATE, true);
        let pair = session.generate_pair(&Mechanism::bare(CKM_EC_KEY_PAIR_GEN), &public, &private);
        assert_eq!(pair, refused(CKR_USER_NOT_LOGGED_IN));
        assert_eq!(session.find(&Template::of(CKO_PUBLIC_KEY)), Ok(vec![]), "nor half a pair");
    });
}

#[test]
fn a_destroyed_object_is_gone() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        for on_token in [false, true] {
            let object = session.create(&object(true, b"short").bool(CKA_TOKEN, on_token)).expect("C_CreateObject");
            assert_eq!(session.destroy(object), Ok(()));
            assert_eq!(session.destroy(object), refused(CKR_OBJECT_HANDLE_INVALID));
            assert_eq!(session.attribute(object, CKA_LABEL), refused(CKR_OBJECT_HANDLE_INVALID));
            assert_eq!(session.find(&Template::new()), Ok(vec![]));
        }
    });
}

/// Destroying a key that an operation uses: the operation may finish or fail, the module must stand.
#[test]
fn destroying_a_key_in_use() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(16);
        session.begin(Begin::Encrypt, &crate::cbc(), key).expect("C_EncryptInit");
        session.destroy(key).expect("C_DestroyObject");
        let got = session.step(Step::Encrypt, &[0; 16], Some(32)).0;
        assert!([Rv(CKR_OK), Rv(CKR_KEY_HANDLE_INVALID), Rv(CKR_OPERATION_NOT_INITIALIZED)].contains(&got), "{got:?}");
        assert_eq!(session.begin(Begin::Encrypt, &crate::cbc(), key), refused(CKR_KEY_HANDLE_INVALID));
    });
}
