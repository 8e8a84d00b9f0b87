//! 5.6.3, 5.6.10 and 4.4: what dies with a session and with a logout.

use hsm_tests::*;

fn data(label: &[u8]) -> Template {
    Template::of(CKO_DATA).bytes(CKA_LABEL, label)
}

/// "When a session is closed, all session objects created by the session are destroyed automatically."
#[test]
fn session_objects_die_with_their_session() {
    isolated(|home| {
        let token = home.token();
        let (owner, other) = (token.user(), token.open(false));
        let object = owner.create(&data(b"mine").bool(CKA_PRIVATE, false)).expect("C_CreateObject");
        assert_eq!(other.attribute(object, CKA_LABEL), Ok(b"mine".to_vec()), "seen by every session");
        owner.close().expect("C_CloseSession");
        assert_eq!(other.attribute(object, CKA_LABEL), refused(CKR_OBJECT_HANDLE_INVALID));
        assert_eq!(other.find(&data(b"mine")), Ok(vec![]));
    });
}

/// 5.6.10: "handles to private objects become invalid (even if a user is later logged back into the token)" and "all
/// private session objects are destroyed".
#[test]
fn logout_takes_private_objects() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let make = |label: &[u8], private, on_token| {
            let template = data(label).bool(CKA_PRIVATE, private).bool(CKA_TOKEN, on_token);
            session.create(&template).expect("C_CreateObject")
        };
        let private_session = make(b"private session", true, false);
        let private_token = make(b"private token", true, true);
        let public_session = make(b"public session", false, false);
        let public_token = make(b"public token", false, true);
        session.logout().expect("C_Logout");
        let mut tally = Tally::new("5.6.10 C_Logout");
        let read = |object| session.attribute(object, CKA_LABEL);
        tally.row("private session object", read(private_session), &[CKR_OBJECT_HANDLE_INVALID]);
        tally.row("private token object", read(private_token), &[CKR_OBJECT_HANDLE_INVALID]);
        tally.row("public session object", read(public_session), &[CKR_OK]);
        tally.row("public token object", read(public_token), &[CKR_OK]);
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        tally.row("private session object later", read(private_session), &[CKR_OBJECT_HANDLE_INVALID]);
        tally.row("private token object later", read(private_token), &[CKR_OBJECT_HANDLE_INVALID]);
        tally.equal("destroyed", session.find(&data(b"private session")), Ok(vec![]));
        let kept = session.find(&data(b"private token")).map(|found| found.len());
        tally.equal("kept under a new handle", kept, Ok(1));
    });
}

/// 5.6.10: after C_Logout "it may or may not be the case that those operations are still active". The module must stand,
/// and the key itself is out of reach.
#[test]
fn operations_across_a_logout() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = session.ec(oid::P256);
        session.begin(Begin::Sign, &Mechanism::bare(CKM_ECDSA), pair.private).expect("C_SignInit");
        session.logout().expect("C_Logout");
        let got = session.step(Step::Sign, &[1; 32], Some(64)).0;
        let either = [CKR_OK, CKR_OPERATION_NOT_INITIALIZED, CKR_USER_NOT_LOGGED_IN, CKR_KEY_HANDLE_INVALID].map(Rv);
        assert!(either.contains(&got), "{got:?}");
        let again = session.begin(Begin::Sign, &Mechanism::bare(CKM_ECDSA), pair.private);
        assert_eq!(again, refused(CKR_KEY_HANDLE_INVALID));
    });
}

#[test]
fn operations_belong_to_their_session() {
    isolated(|home| {
        let token = home.token();
        let (a, b) = (token.user(), token.open(true));
        let sha256 = Mechanism::bare(CKM_SHA256);
        a.begin(Begin::Digest, &sha256, Object(0)).expect("C_DigestInit");
        b.begin(Begin::Digest, &sha256, Object(0)).expect("C_DigestInit in another session");
        a.update(Begin::Digest, b"a").expect("C_DigestUpdate");
        b.update(Begin::Digest, b"b").expect("C_DigestUpdate");
        let (of_a, of_b) = (a.run(Step::DigestFinal, &[]), b.run(Step::DigestFinal, &[]));
        assert_eq!(of_a, a.digest(&sha256, b"a"));
        assert_eq!(of_b, b.digest(&sha256, b"b"));
    });
}

/// C_Finalize closes everything: handles of before mean nothing after.
#[test]
fn finalize_closes_sessions() {
    isolated(|home| {
        let mut token = home.token();
        let handle = token.user().handle;
        token.restart();
        let stale = Session::at(&token.module, handle);
        assert_eq!(Rv::from(stale.info()), Rv(CKR_SESSION_HANDLE_INVALID));
        assert_eq!(token.open(true).state(), CKS_RW_PUBLIC_SESSION, "and the login is gone");
    });
}
