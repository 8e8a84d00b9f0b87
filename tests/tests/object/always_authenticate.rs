//! 4.10: CKA_ALWAYS_AUTHENTICATE: "the user has to supply the PIN for each use", by C_Login of CKU_CONTEXT_SPECIFIC
//! after the Init call (5.6.8).

use hsm_tests::*;

fn careful_pair(session: Session<'_>) -> Pair {
    let public = Template::new().bytes(CKA_EC_PARAMS, oid::P256).bool(CKA_VERIFY, true);
    let private = Template::new().bool(CKA_SIGN, true).bool(CKA_PRIVATE, true).bool(CKA_ALWAYS_AUTHENTICATE, true);
    let made = session.generate_pair(&Mechanism::bare(CKM_EC_KEY_PAIR_GEN), &public, &private);
    let (public, private) = made.expect("a pair");
    Pair { public, private }
}

#[test]
fn each_use_needs_the_pin() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = careful_pair(session);
        let ecdsa = Mechanism::bare(CKM_ECDSA);
        let sign = || session.step(Step::Sign, &[1; 32], Some(64));
        let mut tally = Tally::new("4.10 CKA_ALWAYS_AUTHENTICATE");
        for _ in 0..2 {
            session.begin(Begin::Sign, &ecdsa, pair.private).expect("C_SignInit");
            tally.row("without the PIN", sign().0, &[CKR_USER_NOT_LOGGED_IN]);
            session.begin_null(Begin::Sign, pair.private).ok();
            session.begin(Begin::Sign, &ecdsa, pair.private).expect("C_SignInit");
            let context = |pin| session.login(CKU_CONTEXT_SPECIFIC, pin);
            tally.row("a wrong PIN", context("wrong-pin"), &[CKR_PIN_INCORRECT]);
            tally.row("the PIN", context(USER_PIN), &[CKR_OK]);
            let (rv, _, signature) = sign();
            tally.row("with the PIN", rv, &[CKR_OK]);
            let verified = session.verify(&ecdsa, pair.public, &[1; 32], &signature);
            tally.row("the signature", verified, &[CKR_OK]);
        }
        tally.equal("the user is still logged in", session.state(), CKS_RW_USER_FUNCTIONS);
    });
}

/// Multi-part: once per operation. A length query is not a use.
#[test]
fn once_per_operation() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = careful_pair(session);
        let ecdsa = Mechanism::bare(CKM_ECDSA_SHA256);
        session.begin(Begin::Sign, &ecdsa, pair.private).expect("C_SignInit");
        session.login(CKU_CONTEXT_SPECIFIC, USER_PIN).expect("C_Login");
        for part in [b"one", b"two"] {
            assert_eq!(session.update(Begin::Sign, part), Ok(()));
        }
        let signature = session.run(Step::SignFinal, &[]).expect("C_SignFinal");
        assert_eq!(session.verify(&ecdsa, pair.public, b"onetwo", &signature), Ok(()));
    });
}

/// Only private keys have it, and only private ones.
#[test]
fn it_needs_a_private_object() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let public = Template::new().bytes(CKA_EC_PARAMS, oid::P256);
        let open = Template::new().bool(CKA_PRIVATE, false).bool(CKA_ALWAYS_AUTHENTICATE, true);
        let got = Rv::from(session.generate_pair(&Mechanism::bare(CKM_EC_KEY_PAIR_GEN), &public, &open));
        assert_eq!(got, Rv(CKR_TEMPLATE_INCONSISTENT));
    });
}

/// "C_Login will return CKR_OPERATION_NOT_INITIALIZED, but the active cryptographic operation will not be affected, if an
/// attempt is made to re-authenticate when CKA_ALWAYS_AUTHENTICATE is set to CK_FALSE."
#[test]
fn other_keys_take_no_pin() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = session.ec(oid::P256);
        session.begin(Begin::Sign, &Mechanism::bare(CKM_ECDSA), pair.private).expect("C_SignInit");
        assert_eq!(session.login(CKU_CONTEXT_SPECIFIC, USER_PIN), refused(CKR_OPERATION_NOT_INITIALIZED));
        assert!(session.run(Step::Sign, &[1; 32]).is_ok(), "the operation goes on");
    });
}

/// Guessing there counts as guessing at the login.
#[test]
fn wrong_pins_count() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = careful_pair(session);
        session.begin(Begin::Sign, &Mechanism::bare(CKM_ECDSA), pair.private).expect("C_SignInit");
        for _ in 0..10 {
            session.login(CKU_CONTEXT_SPECIFIC, "wrong-pin").expect_err("a wrong PIN");
        }
        assert_ne!(token.info().flags & CKF_USER_PIN_LOCKED, 0);
        // "C_Login returns in this case CKR_PIN_LOCKED and this also logs the user out from the token."
        let locked = Rv::from(session.login(CKU_CONTEXT_SPECIFIC, USER_PIN));
        assert!(
            [Rv(CKR_PIN_LOCKED), Rv(CKR_USER_NOT_LOGGED_IN), Rv(CKR_OPERATION_NOT_INITIALIZED)].contains(&locked),
            "{locked:?}"
        );
        assert_eq!(session.state(), CKS_RW_PUBLIC_SESSION);
        assert!(session.run(Step::Sign, &[1; 32]).is_err(), "signed without the PIN");
    });
}

/// Unwrapping is a use: it has no Init call after which the PIN could be given, so such a key cannot unwrap.
#[test]
fn unwrapping_cannot_be_authenticated() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let public = Template::new().ulong(CKA_MODULUS_BITS, 2048).bool(CKA_WRAP, true);
        let private = Template::new().bool(CKA_UNWRAP, true).bool(CKA_PRIVATE, true).bool(CKA_ALWAYS_AUTHENTICATE, true);
        let made = session.generate_pair(&Mechanism::bare(CKM_RSA_PKCS_KEY_PAIR_GEN), &public, &private);
        let (public, private) = made.expect("a pair");
        let oaep = Mechanism::oaep(CKM_SHA256, CKG_MGF1_SHA256, b"");
        let wrapped = session.wrap(&oaep, public, session.aes(32)).expect("C_WrapKey");
        let got = session.unwrap(&oaep, private, &wrapped, &Template::key(CKO_SECRET_KEY, CKK_AES));
        assert_eq!(got, refused(CKR_USER_NOT_LOGGED_IN));
    });
}
