//! 5.6.5: C_SessionCancel ends the operations that its flags name.

use hsm_tests::*;

#[test]
fn flags_name_operations() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (key, secret) = (session.aes(16), session.secret_of(&[1; 32]));
        let cbc = Mechanism::bytes(CKM_AES_CBC, &[0; 16]);
        let hmac = Mechanism::bare(CKM_SHA256_HMAC);
        let sha256 = Mechanism::bare(CKM_SHA256);
        let mut tally = Tally::new("5.6.5 C_SessionCancel");
        for (begin, mechanism, key, flag, other) in [
            (Begin::Encrypt, &cbc, key, CKF_ENCRYPT, CKF_DECRYPT),
            (Begin::Decrypt, &cbc, key, CKF_DECRYPT, CKF_ENCRYPT),
            (Begin::Digest, &sha256, key, CKF_DIGEST, CKF_SIGN),
            (Begin::Sign, &hmac, secret, CKF_SIGN, CKF_VERIFY),
            (Begin::Verify, &hmac, secret, CKF_VERIFY, CKF_SIGN),
        ] {
            let name = format!("{begin:?}");
            session.begin(begin, mechanism, key).expect("Init");
            tally.row(format!("{name}: another kind"), session.cancel(other), &[CKR_OK]);
            tally.row(format!("{name}: goes on"), session.begin(begin, mechanism, key), &[CKR_OPERATION_ACTIVE]);
            tally.row(format!("{name}: cancel"), session.cancel(flag), &[CKR_OK]);
            tally.row(format!("{name}: is over"), session.begin(begin, mechanism, key), &[CKR_OK]);
            tally.row(
                format!("{name}: all"),
                session.cancel(CKF_ENCRYPT | CKF_DECRYPT | CKF_DIGEST | CKF_SIGN | CKF_VERIFY),
                &[CKR_OK],
            );
        }
        session.find_init(&Template::new()).expect("C_FindObjectsInit");
        tally.row("find: cancel", session.cancel(CKF_FIND_OBJECTS), &[CKR_OK]);
        tally.row("find: is over", session.find_next(1), &[CKR_OPERATION_NOT_INITIALIZED]);
        tally.row("nothing active", session.cancel(CKF_ENCRYPT), &[CKR_OK]);
        tally.row("no flags", session.cancel(0), &[CKR_OK]);
        tally.equal("still logged in", session.state(), CKS_RW_USER_FUNCTIONS);
    });
}

/// An operation begun by the user went on after the logout: the SO, logged in next, encrypted with the user's private key.
#[test]
fn logout_ends_operations() {
    isolated(|home| {
        if home.subject().is_softhsm() {
            return skip("operations after a logout", "5.6.10 leaves them to the token");
        }
        let token = home.token();
        let (session, other) = (token.user(), token.open(true));
        let (key, secret) = (session.aes(16), session.secret_of(&[1; 32]));
        session.begin(Begin::Encrypt, &Mechanism::bytes(CKM_AES_CBC, &[0; 16]), key).expect("C_EncryptInit");
        other.begin(Begin::Sign, &Mechanism::bare(CKM_SHA256_HMAC), secret).expect("C_SignInit");
        session.logout().expect("C_Logout");
        let mut tally = Tally::new("operations of a user who logged out");
        tally.row("encryption", session.run(Step::Encrypt, &[0; 16]).map(|_| ()), &[CKR_OPERATION_NOT_INITIALIZED]);
        tally.row("another session's signature", other.run(Step::Sign, b"data").map(|_| ()), &[CKR_OPERATION_NOT_INITIALIZED]);
    });
}
