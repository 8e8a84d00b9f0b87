//! Another process empties the token, or gives the user a new PIN, while this one is logged in: what this one was told is
//! there must be there, so it must not go on as if nothing had happened.

use crate::{Other, data, say};
use hsm_tests::*;

const LOST: &[CK_RV] =
    &[CKR_DEVICE_REMOVED, CKR_DEVICE_ERROR, CKR_SESSION_HANDLE_INVALID, CKR_USER_NOT_LOGGED_IN, CKR_TOKEN_NOT_PRESENT];

#[test]
fn a_token_initialised_again() {
    isolated(|home| {
        if home.role().is_some() {
            let module = home.shared_token().module;
            let slot = module.slots(true).expect("C_GetSlotList")[0];
            module.init_token(slot, SO_PIN, LABEL).expect("C_InitToken");
            set_user_pin(&module);
            return say("emptied");
        }
        let token = home.token();
        let session = token.user();
        session.create(&data("old")).expect("data");
        let mut other = Other::start(home, "empties");
        assert_eq!(other.hear().as_deref(), Some("emptied"));
        other.finish();
        let got = Rv::from(session.create(&data("new")));
        assert!(LOST.contains(&got.0), "{got:?}");
        token.module.finalize().expect("C_Finalize");
        let token = home.shared_token();
        assert_eq!(token.user().find(&Template::new()), Ok(vec![]), "nothing half made");
    });
}

#[test]
fn a_user_pin_set_by_the_so() {
    isolated(|home| {
        if home.role().is_some() {
            set_user_pin(&home.shared_token().module);
            return say("set");
        }
        let token = home.token();
        let session = token.user();
        let mut other = Other::start(home, "sets the PIN");
        assert_eq!(other.hear().as_deref(), Some("set"));
        other.finish();
        let made = session.create(&data("private").bool(CKA_PRIVATE, true));
        token.module.finalize().expect("C_Finalize");
        let token = home.shared_token();
        let found = token.user().find(&data("private")).expect("C_FindObjects").len();
        assert_eq!(found, usize::from(made.is_ok()), "what was acknowledged ({made:?}) is there");
    });
}

fn set_user_pin(module: &Module) {
    let slot = module.slots(true).expect("C_GetSlotList")[0];
    let session = module.open(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION).expect("C_OpenSession");
    session.login(CKU_SO, SO_PIN).expect("C_Login");
    session.init_pin(USER_PIN).expect("C_InitPIN");
}
