//! 5.18.6 and 5.18.7: keys wrapped with associated data, and a nonce that the token makes.

use crate::*;

fn extractable(session: Session<'_>) -> Object {
    let key = Template::key(CKO_SECRET_KEY, CKK_AES).bytes(CKA_VALUE, &[9; 32]).bool(CKA_EXTRACTABLE, true);
    session.create(&key).expect("a key")
}

fn wrapping_key(session: Session<'_>) -> Object {
    let key = Template::key(CKO_SECRET_KEY, CKK_AES).bytes(CKA_VALUE, &[5; 32]);
    session.create(&key.bool(CKA_WRAP, true).bool(CKA_UNWRAP, true)).expect("a key")
}

fn print(session: Session<'_>, key: Object) -> Vec<u8> {
    session.encrypt(&Mechanism::bare(CKM_AES_ECB), key, &[1; 16]).expect("C_Encrypt")
}

#[test]
fn a_key_comes_back_only_with_its_associated_data() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (with, key) = (wrapping_key(session), extractable(session));
        let mut message = GcmMessage::generated(&[0; 12], 0, CKG_GENERATE);
        let (rv, len, _) = session.wrap_authenticated(&mut message, with, key, AAD, None);
        assert_eq!((rv, len, &message.iv), (Rv(CKR_OK), 32, &vec![0; 12]), "a question makes no nonce");
        let (rv, _, wrapped) = session.wrap_authenticated(&mut message, with, key, AAD, Some(32));
        assert_eq!(rv, Rv(CKR_OK));
        assert_ne!(message.iv, [0; 12]);
        let template = Template::key(CKO_SECRET_KEY, CKK_AES);
        let back = session.unwrap_authenticated(&mut message, with, &wrapped, &template, AAD).expect("C_UnwrapKeyAuthenticated");
        assert_eq!(print(session, back), print(session, key));
        assert_eq!(session.flag(back, CKA_LOCAL), Ok(false));
        let before = session.find(&Template::of(CKO_SECRET_KEY)).expect("C_FindObjects").len();
        let other = session.unwrap_authenticated(&mut message, with, &wrapped, &template, b"another");
        assert_eq!(other, refused(CKR_WRAPPED_KEY_INVALID));
        message.tag[3] ^= 1;
        assert_eq!(session.unwrap_authenticated(&mut message, with, &wrapped, &template, AAD), refused(CKR_WRAPPED_KEY_INVALID));
        assert_eq!(session.find(&Template::of(CKO_SECRET_KEY)).expect("C_FindObjects").len(), before, "a key appeared");
    });
}

/// What C_WrapKey demands, this demands too.
#[test]
fn the_rules_of_wrapping_hold() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let other = Template::key(CKO_SECRET_KEY, CKK_AES).bytes(CKA_VALUE, &[6; 32]).bool(CKA_EXTRACTABLE, false);
        let (with, other) = (wrapping_key(session), session.create(&other).expect("a key that neither wraps nor leaves"));
        let key = extractable(session);
        let mut message = GcmMessage::given(&[7; 12]);
        let mut wrap = |with, key| session.wrap_authenticated(&mut message, with, key, AAD, Some(64)).0;
        assert_eq!(wrap(other, key), Rv(CKR_KEY_FUNCTION_NOT_PERMITTED));
        assert_eq!(wrap(with, other), Rv(CKR_KEY_UNEXTRACTABLE));
        assert_eq!(wrap(Object(77), key), Rv(CKR_WRAPPING_KEY_HANDLE_INVALID));
        assert_eq!(wrap(with, Object(77)), Rv(CKR_KEY_HANDLE_INVALID));
        assert_eq!(wrap(with, key), Rv(CKR_OK));
    });
}
