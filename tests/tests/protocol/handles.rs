//! 5.1.2: session handles that name no session; 5.1.6: slots and objects that are not there.

use crate::stage;
use hsm_tests::*;

#[test]
fn every_function_checks_its_session() {
    isolated(|home| {
        let token = home.token();
        let closed = token.open(true);
        closed.close().expect("C_CloseSession");
        let mut tally = Tally::new("5.1.2: CKR_SESSION_HANDLE_INVALID");
        for entry in Probe::new(&token.module).entries().filter(|e| e.takes(Param::Session)) {
            for (name, handle) in [("0", 0), ("all ones", CK_ULONG::MAX), ("closed", closed.handle)] {
                let mut probe = Probe::new(&token.module).at(closed, token.slot);
                probe.session = handle;
                tally.row(format!("{} of session {name}", entry.name), probe.call(entry), allowed(entry));
            }
        }
    });
}

fn allowed(entry: Entry) -> &'static [CK_RV] {
    match entry.name {
        "C_GetFunctionStatus" | "C_CancelFunction" => &[CKR_SESSION_HANDLE_INVALID, CKR_FUNCTION_NOT_PARALLEL],
        _ if stage::optional(entry) => &[CKR_SESSION_HANDLE_INVALID, CKR_FUNCTION_NOT_SUPPORTED],
        _ => &[CKR_SESSION_HANDLE_INVALID],
    }
}

#[test]
fn every_function_checks_its_slot() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("5.5: CKR_SLOT_ID_INVALID");
        for entry in Probe::new(&token.module).entries().filter(|e| e.takes(Param::Slot)) {
            for slot in [0x7ead_beef, CK_SLOT_ID::MAX] {
                let mut probe = Probe::new(&token.module);
                probe.slot = slot;
                probe.number = CKF_SERIAL_SESSION as usize;
                tally.row(format!("{} of slot {slot:#x}", entry.name), probe.call(entry), &[CKR_SLOT_ID_INVALID]);
            }
        }
    });
}

/// A handle of no object: functions that use keys say CKR_KEY_HANDLE_INVALID (or its wrapping kin), others
/// CKR_OBJECT_HANDLE_INVALID.
#[test]
fn every_function_checks_its_object() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("5.1.6: object handles");
        for entry in Probe::new(&token.module).entries().filter(|e| e.takes(Param::Object)) {
            // Whether a saved state needs keys, only the state tells: session/saved_state.rs.
            if entry.name == "C_SetOperationState" {
                continue;
            }
            for handle in [0, CK_OBJECT_HANDLE::MAX] {
                let mut probe = stage::set(&token, entry);
                probe.object = Object(handle);
                let allowed: &[CK_RV] = match entry.name {
                    "C_WrapKey" | "C_WrapKeyAuthenticated" => &[CKR_WRAPPING_KEY_HANDLE_INVALID, CKR_KEY_HANDLE_INVALID],
                    "C_UnwrapKey" | "C_UnwrapKeyAuthenticated" | "C_DecapsulateKey" => &[CKR_UNWRAPPING_KEY_HANDLE_INVALID],
                    name if name.ends_with("Init") || name.ends_with("Key") => &[CKR_KEY_HANDLE_INVALID],
                    _ => &[CKR_OBJECT_HANDLE_INVALID],
                };
                tally.row(format!("{} of object {handle:#x}", entry.name), probe.call(entry), allowed);
                stage::clear(&token);
            }
        }
    });
}

/// 5.1.6, CKR_KEY_HANDLE_INVALID: "a valid handle for an object which is not a key".
#[test]
fn a_data_object_is_no_key() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let data = session.create(&Template::of(CKO_DATA)).expect("a data object");
        let cbc = Mechanism::bytes(CKM_AES_CBC, &[0; 16]);
        let mut tally = Tally::new("5.1.6: CKR_KEY_HANDLE_INVALID");
        for (what, mechanism) in [
            (Begin::Encrypt, &cbc),
            (Begin::Decrypt, &cbc),
            (Begin::Sign, &Mechanism::bare(CKM_SHA256_HMAC)),
            (Begin::Verify, &Mechanism::bare(CKM_SHA256_HMAC)),
        ] {
            tally.row(format!("{what:?}"), session.begin(what, mechanism, data), &[CKR_KEY_HANDLE_INVALID]);
        }
    });
}
