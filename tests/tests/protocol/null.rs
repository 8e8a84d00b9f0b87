//! 5.1.6, CKR_ARGUMENTS_BAD: NULL in each position where a pointer must be.

use crate::stage;
use hsm_tests::*;

#[test]
fn null_in_each_position() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("5.1.6: NULL pointers");
        for entry in Probe::new(&token.module).entries() {
            positions(&token, entry, &mut tally);
        }
    });
}

fn positions(token: &Token, entry: Entry, tally: &mut Tally) {
    for (position, param) in entry.params().enumerate() {
        if param.required_pointer().is_none() || cancels(entry, param) || more_follows(entry, param) {
            continue;
        }
        let probe = stage::set(token, entry);
        let got = probe.call_null(entry, position);
        let allowed: &[CK_RV] = if stage::optional(entry) {
            &[CKR_ARGUMENTS_BAD, CKR_FUNCTION_NOT_SUPPORTED, CKR_OPERATION_NOT_INITIALIZED, CKR_RANDOM_SEED_NOT_SUPPORTED]
        } else {
            &[CKR_ARGUMENTS_BAD]
        };
        tally.row(format!("{} parameter {position} ({param:?})", entry.name), got, allowed);
        stage::clear(token);
    }
}

/// 5.14.4: a NULL length says that it is not the last part.
fn more_follows(entry: Entry, param: Param) -> bool {
    param == Param::Output && entry.name == "C_SignMessageNext"
}

/// Since v3.0 a NULL mechanism in an Init function cancels the operation: `order` tests that.
fn cancels(entry: Entry, param: Param) -> bool {
    param == Param::Mechanism && entry.name.ends_with("Init")
}

/// 3.4 and DESIGN 4.11: an attribute that claims a length without a pointer is refused, not read.
#[test]
fn null_attribute_with_a_length() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let allowed = [CKR_ARGUMENTS_BAD, CKR_ATTRIBUTE_VALUE_INVALID];
        let mut tally = Tally::new("3.4: pValue NULL, ulValueLen not 0");
        for attribute in [CKA_LABEL, CKA_VALUE, CKA_TOKEN, CKA_CLASS, CKA_WRAP_TEMPLATE] {
            let data = Template::of(CKO_DATA).without(attribute).null(attribute, 16);
            tally.row(format!("create {attribute:#x}"), session.create(&data), &allowed);
            let search = Template::new().null(attribute, 16);
            let found = session.find_init(&search);
            tally.row(format!("find {attribute:#x}"), found, &allowed);
            if found.is_ok() {
                session.find_final().expect("C_FindObjectsFinal");
            }
        }
    });
}

/// The same for mechanism parameters: a length without a pointer.
#[test]
fn null_parameter_with_a_length() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        let allowed = [CKR_ARGUMENTS_BAD, CKR_MECHANISM_PARAM_INVALID];
        let mut tally = Tally::new("3.5: pParameter NULL, ulParameterLen not 0");
        for mechanism in [CKM_AES_CBC, CKM_AES_CBC_PAD, CKM_AES_CTR, CKM_AES_GCM, CKM_RSA_PKCS_OAEP] {
            for length in [1, 16, size_of::<CK_GCM_PARAMS>()] {
                let null = Mechanism::null(mechanism, length as CK_ULONG);
                let got = session.begin(Begin::Encrypt, &null, key);
                tally.row(format!("{mechanism:#x} of {length}"), got, &allowed);
            }
        }
    });
}
