//! 4.3 hardware features, 4.13 mechanism objects, profile objects: what every token has.

use hsm_tests::*;

#[test]
fn they_are_found_by_their_class_alone() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("built-in objects");
        for any in [Template::new(), Template::new().bool(CKA_TOKEN, true), Template::new().ulong(CKA_PROFILE_ID, 1)] {
            tally.equal("a search that does not name their class", session.find(&any), Ok(vec![]));
        }
        let profiles = session.find(&Template::of(CKO_PROFILE)).expect("C_FindObjects");
        let ids: Vec<_> = profiles.iter().map(|profile| session.number(*profile, CKA_PROFILE_ID)).collect();
        let claimed = [CKP_BASELINE_PROVIDER, CKP_EXTENDED_PROVIDER, CKP_AUTHENTICATION_TOKEN, CKP_HKDF_TLS_TOKEN];
        tally.equal("profiles", ids, claimed.map(Ok).to_vec());
        let baseline = Template::of(CKO_PROFILE).bool(CKA_TOKEN, true).ulong(CKA_PROFILE_ID, CKP_BASELINE_PROVIDER);
        tally.equal("one profile", session.find(&baseline), Ok(vec![profiles[0]]));
        let complete = Template::of(CKO_PROFILE).ulong(CKA_PROFILE_ID, CKP_COMPLETE_PROVIDER);
        tally.equal("no other profile", session.find(&complete), Ok(vec![]));
        tally.equal("no validation: there is none", session.find(&Template::of(CKO_VALIDATION)), Ok(vec![]));
        let features = session.find(&Template::of(CKO_HW_FEATURE)).map(|found| found.len());
        tally.equal("clock and counter", features, Ok(2));
    });
}

#[test]
fn there_is_an_object_for_each_mechanism() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let listed = token.module.mechanisms(token.slot).expect("C_GetMechanismList");
        let objects = session.find(&Template::of(CKO_MECHANISM)).expect("C_FindObjects");
        let kinds: Answer<Vec<_>> = objects.iter().map(|object| session.number(*object, CKA_MECHANISM_TYPE)).collect();
        assert_eq!(kinds, Ok(listed));
        let gcm = session.find(&Template::of(CKO_MECHANISM).ulong(CKA_MECHANISM_TYPE, CKM_AES_GCM));
        assert_eq!(gcm.map(|found| found.len()), Ok(1));
    });
}

#[test]
fn the_clock_tells_the_time() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(false);
        let clock = feature(session, CKH_CLOCK);
        let value = session.attribute(clock, CKA_VALUE).expect("CKA_VALUE");
        assert!(value.len() == 16 && value.iter().all(u8::is_ascii_digit), "YYYYMMDDhhmmssxx: {value:?}");
        assert_eq!(&value[14..], b"00");
        let info = token.module.token_info(token.slot).expect("C_GetTokenInfo");
        assert_ne!(info.flags & CKF_CLOCK_ON_TOKEN, 0);
        assert!(info.utcTime[..] >= value[..], "the token's time is that of the clock");
    });
}

/// 4.3.4: "guaranteed to increase each time its value is read", in any process, and here also over C_InitToken.
#[test]
fn the_counter_counts_across_restarts() {
    isolated(|home| {
        let token = home.token();
        let read = |token: &Token| {
            let session = token.open(false);
            let value = session.attribute(feature(session, CKH_MONOTONIC_COUNTER), CKA_VALUE).expect("CKA_VALUE");
            session.close().expect("C_CloseSession");
            u64::from_be_bytes(value.try_into().expect("eight bytes"))
        };
        let first = read(&token);
        let session = token.open(false);
        let counter = feature(session, CKH_MONOTONIC_COUNTER);
        session.number(counter, CKA_CLASS).expect("CKA_CLASS");
        session.size(counter).expect("C_GetObjectSize");
        session.close().expect("C_CloseSession");
        assert_eq!(read(&token), first + 1, "reading anything else does not count");
        let second = read(&token);
        assert!(first < second);
        let session = token.open(false);
        let counter = feature(session, CKH_MONOTONIC_COUNTER);
        assert_eq!(session.flag(counter, CKA_RESET_ON_INIT), Ok(false));
        assert_eq!(session.flag(counter, CKA_HAS_RESET), Ok(false));
        session.close().expect("C_CloseSession");

        token.module.finalize().expect("C_Finalize");
        token.module.initialize().expect("C_Initialize");
        let third = read(&token);
        assert!(second < third, "after a restart");
        token.module.init_token(token.slot, SO_PIN, LABEL).expect("C_InitToken");
        assert!(third < read(&token), "after C_InitToken");
    });
}

#[test]
fn nobody_makes_or_changes_them() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("built-in objects are read only");
        for class in [CKO_PROFILE, CKO_MECHANISM, CKO_HW_FEATURE, CKO_VALIDATION] {
            let made = session.create(&Template::of(class));
            tally.row(format!("create class {class}"), made, &[CKR_ATTRIBUTE_VALUE_INVALID]);
        }
        for class in [CKO_PROFILE, CKO_MECHANISM, CKO_HW_FEATURE] {
            let object = session.find(&Template::of(class)).expect("C_FindObjects")[0];
            let label = Template::new().bytes(CKA_LABEL, b"mine");
            tally.row(format!("set, class {class}"), session.set(object, &label), &[CKR_ACTION_PROHIBITED]);
            tally.row(format!("copy, class {class}"), session.copy(object, &label), &[CKR_ACTION_PROHIBITED]);
            tally.row(format!("destroy, class {class}"), session.destroy(object), &[CKR_ACTION_PROHIBITED]);
            let cbc = Mechanism::bytes(CKM_AES_CBC, &[0; 16]);
            tally.row(format!("use, class {class}"), session.begin(Begin::Encrypt, &cbc, object), &[CKR_KEY_HANDLE_INVALID]);
        }
        let stranger = Object(0x7777_0003);
        tally.row("no such object", session.attribute(stranger, CKA_CLASS), &[CKR_OBJECT_HANDLE_INVALID]);
    });
}

fn feature(session: Session<'_>, kind: CK_HW_FEATURE_TYPE) -> Object {
    let template = Template::of(CKO_HW_FEATURE).ulong(CKA_HW_FEATURE_TYPE, kind);
    session.find(&template).expect("C_FindObjects")[0]
}
