//! 5.5.7: C_InitToken.

use hsm_tests::*;

#[test]
fn a_session_stops_reinitialisation() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(false);
        assert_eq!(token.module.init_token(token.slot, SO_PIN, LABEL), refused(CKR_SESSION_EXISTS));
        session.close().expect("C_CloseSession");
        assert_eq!(token.module.init_token(token.slot, SO_PIN, LABEL), Ok(()));
    });
}

/// "If the token has already been initialized, ... the SO PIN must be correct"; all that can be destroyed is.
#[test]
fn reinitialisation_takes_the_pin_and_empties() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        session.create(&Template::of(CKO_DATA).bool(CKA_TOKEN, true)).expect("C_CreateObject");
        session.close().expect("C_CloseSession");
        let serial = token.info().serialNumber;
        assert_eq!(token.module.init_token(token.slot, "wrong-pin", LABEL), refused(CKR_PIN_INCORRECT));
        assert_eq!(token.user().find(&Template::new()).map(|f| f.len()), Ok(1), "nothing happened");
        token.module.close_all(token.slot).expect("C_CloseAllSessions");
        token.module.init_token(token.slot, SO_PIN, "renamed").expect("C_InitToken");
        let slots = token.module.slots(true).expect("C_GetSlotList");
        let infos = slots.iter().map(|s| (*s, token.module.token_info(*s).expect("C_GetTokenInfo")));
        let (slot, info) = infos.into_iter().find(|(_, i)| i.label.starts_with(b"renamed ")).expect("the new label");
        assert_eq!(info.flags & CKF_USER_PIN_INITIALIZED, 0, "no user PIN any more");
        assert!(info.serialNumber.iter().any(|b| *b != b' '), "was {serial:?}");
        let session = token.module.open(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION).expect("C_OpenSession");
        assert_eq!(session.login(CKU_USER, USER_PIN), refused(CKR_USER_PIN_NOT_INITIALIZED));
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        assert_eq!(session.find(&Template::new()), Ok(vec![]));
    });
}

/// v3.2: a token in factory state.
#[test]
fn the_spare_token_wants_initialising() {
    isolated(|home| {
        let token = home.token();
        let spare = *token.module.slots(true).expect("C_GetSlotList").last().expect("a slot");
        let info = token.module.token_info(spare).expect("C_GetTokenInfo");
        assert_eq!(info.flags & (CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED), 0);
        let refusals = [CKR_TOKEN_NOT_INITIALIZED, CKR_TOKEN_NOT_RECOGNIZED, CKR_USER_PIN_NOT_INITIALIZED].map(Rv);
        let got = match token.module.open(spare, CKF_SERIAL_SESSION | CKF_RW_SESSION) {
            Ok(session) => Rv::from(session.login(CKU_SO, SO_PIN)),
            Err(rv) => rv,
        };
        assert!(refusals.contains(&got), "{got:?}");
    });
}

/// The SO PIN of a new token has the lengths of any PIN, and the label is kept as it is given.
#[test]
fn labels_and_pins() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("5.5.7 C_InitToken");
        let spare = || *token.module.slots(true).expect("C_GetSlotList").last().expect("a slot");
        for length in [3, 256] {
            let got = token.module.init_token(spare(), &"p".repeat(length), "short or long");
            tally.row(format!("PIN of {length}"), got, &[CKR_PIN_LEN_RANGE, CKR_PIN_INCORRECT]);
        }
        for label in ["", "exactly thirty-two bytes of text", "Schlüssel ☂"] {
            let slot = spare();
            let bytes = format!("{label:32}").into_bytes();
            tally.row(format!("label {label:?}"), token.module.init_token(slot, SO_PIN, label), &[CKR_OK]);
            let slots = token.module.slots(true).expect("C_GetSlotList");
            let named = slots.iter().filter(|s| {
                let info = token.module.token_info(**s).expect("C_GetTokenInfo");
                info.flags & CKF_TOKEN_INITIALIZED != 0 && info.label == bytes[..32]
            });
            tally.equal(format!("tokens called {label:?}"), named.count(), 1);
        }
    });
}
