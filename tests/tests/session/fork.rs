//! 2.6 and DESIGN 4.10: "a child sees CKR_CRYPTOKI_NOT_INITIALIZED until it calls C_Initialize, and harms nothing of
//! its parent".

use hsm_tests::*;

#[test]
fn a_child_begins_anew() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        let gcm = Mechanism::gcm(&[1; 12], b"", 128);
        session.begin(Begin::Digest, &Mechanism::bare(CKM_SHA256), key).expect("C_DigestInit");
        session.update(Begin::Digest, b"before ").expect("C_DigestUpdate");
        let child = in_fork(|| {
            assert_eq!(Rv::from(token.module.info()), Rv(CKR_CRYPTOKI_NOT_INITIALIZED));
            assert_eq!(Rv::from(session.info()), Rv(CKR_CRYPTOKI_NOT_INITIALIZED));
            assert_eq!(token.module.initialize(), Ok(()));
            assert_eq!(Rv::from(session.info()), Rv(CKR_SESSION_HANDLE_INVALID), "the parent's session");
            let own = token.user();
            let key = own.aes(32);
            let cipher = own.encrypt(&gcm, key, b"in the child").expect("C_Encrypt");
            assert_eq!(own.decrypt(&gcm, key, &cipher), Ok(b"in the child".to_vec()));
            let data = Template::of(CKO_DATA).bool(CKA_TOKEN, true).bytes(CKA_LABEL, b"of the child");
            own.create(&data).expect("a token object");
            assert_eq!(token.module.finalize(), Ok(()));
        });
        assert_eq!(child, Ok(()));
        session.update(Begin::Digest, b"and after").expect("C_DigestUpdate");
        let digest = session.run(Step::DigestFinal, &[]).expect("C_DigestFinal");
        let sha256 = Mechanism::bare(CKM_SHA256);
        assert_eq!(Ok(digest), session.digest(&sha256, b"before and after"), "the parent goes on");
        assert_eq!(session.state(), CKS_RW_USER_FUNCTIONS);
        assert!(session.encrypt(&gcm, key, b"in the parent").is_ok());
        let found = session.find(&Template::new().bytes(CKA_LABEL, b"of the child"));
        assert_eq!(found.map(|f| f.len()), Ok(1), "the child's token object");
    });
}

/// A child that never calls the module must leave as if it had not been loaded; C_Finalize in it is refused.
#[test]
fn a_child_may_do_nothing() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        assert_eq!(in_fork(|| {}), Ok(()));
        let finalizes = in_fork(|| assert_eq!(token.module.finalize(), refused(CKR_CRYPTOKI_NOT_INITIALIZED)));
        assert_eq!(finalizes, Ok(()));
        assert_eq!(session.state(), CKS_RW_USER_FUNCTIONS);
        assert!(session.random(32).is_ok());
    });
}

/// DESIGN 4.2, trap 1: parent and child must not draw the same random bytes.
#[test]
fn random_differs_after_fork() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(true);
        session.random(32).expect("warm up");
        let file = home.file("random of the child");
        let child = in_fork(|| {
            token.module.initialize().expect("C_Initialize");
            let bytes = token.open(true).random(32).expect("C_GenerateRandom");
            std::fs::write(&file, bytes).expect("a file");
        });
        assert_eq!(child, Ok(()));
        let of_the_child = std::fs::read(&file).expect("the child's bytes");
        assert_ne!(session.random(32), Ok(of_the_child));
    });
}

/// A grandchild, and two children at once.
#[test]
fn forks_of_forks() {
    isolated(|home| {
        let token = home.token();
        token.user();
        let family = in_fork(|| {
            token.module.initialize().expect("C_Initialize");
            token.user();
            let grandchild = in_fork(|| {
                assert_eq!(Rv::from(token.module.info()), Rv(CKR_CRYPTOKI_NOT_INITIALIZED));
                token.module.initialize().expect("C_Initialize");
                assert_eq!(token.user().state(), CKS_RW_USER_FUNCTIONS);
            });
            assert_eq!(grandchild, Ok(()));
            assert_eq!(token.open(true).state(), CKS_RW_USER_FUNCTIONS);
        });
        assert_eq!(family, Ok(()));
        assert_eq!(token.open(true).state(), CKS_RW_USER_FUNCTIONS);
    });
}
