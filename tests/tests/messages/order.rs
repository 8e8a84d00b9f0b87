//! What begins, goes on and ends.

use crate::*;

#[test]
fn nothing_goes_on_that_was_not_begun() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut message = GcmMessage::given(&[7; 12]);
        for way in [Way::Encrypt, Way::Decrypt] {
            let none = Rv(CKR_OPERATION_NOT_INITIALIZED);
            assert_eq!(session.message(way, &mut message, AAD, DATA, Some(64)).0, none, "{way:?}");
            assert_eq!(Rv::from(session.message_start(way, &mut message, AAD)), none, "{way:?}");
            assert_eq!(session.message_part(way, &mut message, DATA, true, Some(64)).0, none, "{way:?}");
            assert_eq!(Rv::from(session.message_end(way)), none, "{way:?}");
            let key = session.aes(32);
            session.message_init(way, Some(&gcm()), key).expect("Init");
            assert_eq!(session.message_part(way, &mut message, DATA, true, Some(64)).0, none, "{way:?}: a part without Begin");
            assert_eq!(session.message_init(way, Some(&gcm()), key), refused(CKR_OPERATION_ACTIVE), "{way:?}");
            session.message_start(way, &mut message, AAD).expect("Begin");
            let busy = Rv(CKR_OPERATION_ACTIVE);
            assert_eq!(session.message(way, &mut message, AAD, DATA, Some(64)).0, busy, "{way:?}: whole within parts");
            assert_eq!(Rv::from(session.message_start(way, &mut message, AAD)), busy, "{way:?}: Begin twice");
            // NULL ends the process, and the message in parts with it.
            session.message_init(way, None, key).expect("cancelled");
            assert_eq!(Rv::from(session.message_end(way)), none, "{way:?}");
        }
        assert_eq!(session.sign_message(DATA, Some(64)).0, Rv(CKR_OPERATION_NOT_INITIALIZED));
        assert_eq!(session.verify_message(DATA, &[0; 32]), refused(CKR_OPERATION_NOT_INITIALIZED));
        assert_eq!(session.verify_signature(DATA, false), refused(CKR_OPERATION_NOT_INITIALIZED));
        assert_eq!(session.verify_signature_final(), refused(CKR_OPERATION_NOT_INITIALIZED));
    });
}

#[test]
fn keys_and_mechanisms_that_do_not_fit() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (aes, secret) = (session.aes(32), session.secret_of(&[1; 32]));
        assert_eq!(session.message_init(Way::Encrypt, Some(&gcm()), secret), refused(CKR_KEY_TYPE_INCONSISTENT));
        let cbc = Mechanism::bytes(CKM_AES_CBC, &[0; 16]);
        assert_eq!(session.message_init(Way::Encrypt, Some(&cbc), aes), refused(CKR_MECHANISM_INVALID));
        let only = Template::key(CKO_SECRET_KEY, CKK_AES).bytes(CKA_VALUE, &[1; 32]).bool(CKA_ENCRYPT, false);
        let only = session.create(&only).expect("a key");
        assert_eq!(session.message_init(Way::Encrypt, Some(&gcm()), only), refused(CKR_KEY_FUNCTION_NOT_PERMITTED));
        session.message_init(Way::Decrypt, Some(&gcm()), only).expect("it may decrypt");
        // Nothing goes on with a key that its user has put away.
        session.logout().expect("C_Logout");
        assert_eq!(session.message_end(Way::Decrypt), refused(CKR_OPERATION_NOT_INITIALIZED));
    });
}
