//! Many writers at once: none is refused, and nothing is lost.

use crate::{Other, data, say};
use hsm_tests::*;

const WRITERS: usize = 4;
const EACH: usize = 40;

#[test]
fn four_writers() {
    isolated(|home| {
        if let Some(name) = home.role() {
            let token = home.shared_token();
            let session = token.user();
            for number in 0..EACH {
                let object = session.create(&data(&format!("{name}-{number}"))).expect("data");
                let changed = Template::new().bytes(CKA_VALUE, b"changed");
                session.set(object, &changed).expect("C_SetAttributeValue");
                if number % 4 == 3 {
                    session.destroy(object).expect("C_DestroyObject");
                }
            }
            return say("done");
        }
        let token = home.token();
        let mut writers: Vec<Other> = (0..WRITERS).map(|n| Other::start(home, &format!("writer {n}"))).collect();
        for writer in &mut writers {
            assert_eq!(writer.hear().as_deref(), Some("done"));
        }
        writers.into_iter().for_each(Other::finish);
        let session = token.user();
        let all = session.find(&Template::of(CKO_DATA)).expect("C_FindObjects");
        assert_eq!(all.len(), WRITERS * EACH * 3 / 4);
        assert!(all.iter().all(|o| session.attribute(*o, CKA_VALUE) == Ok(b"changed".to_vec())));
    });
}

/// Object and list of revisions are read one after the other: what others changed in between passed for an edited token file.
#[test]
fn one_object_and_four_writers() {
    isolated(|home| {
        let one = Template::of(CKO_DATA).bytes(CKA_LABEL, b"one");
        if let Some(name) = home.role() {
            let token = home.shared_token();
            let session = token.user();
            let object = session.find(&one).expect("C_FindObjects")[0];
            for number in 0..5 * EACH {
                let value = format!("{name}-{number:04}");
                session.set(object, &Template::new().bytes(CKA_VALUE, value.as_bytes())).expect("C_SetAttributeValue");
                let found = session.attribute(object, CKA_VALUE).expect("C_GetAttributeValue");
                assert!(found.starts_with(b"writer"));
            }
            return say("done");
        }
        let token = home.token();
        let session = token.user();
        let object = session.create(&data("one")).expect("data");
        let mut writers: Vec<Other> = (0..WRITERS).map(|n| Other::start(home, &format!("writer {n}"))).collect();
        for writer in &mut writers {
            assert_eq!(writer.hear().as_deref(), Some("done"));
        }
        writers.into_iter().for_each(Other::finish);
        let last = session.attribute(object, CKA_VALUE).expect("CKA_VALUE");
        assert!(String::from_utf8_lossy(&last).ends_with(&format!("-{:04}", 5 * EACH - 1)));
    });
}

/// Tokens made at once are all there.
#[test]
fn tokens_made_at_once() {
    isolated(|home| {
        if let Some(name) = home.role() {
            let module = home.module();
            module.initialize().expect("C_Initialize");
            let spare = *module.slots(true).expect("C_GetSlotList").last().expect("a slot");
            module.init_token(spare, SO_PIN, &name).expect("C_InitToken");
            return say("made");
        }
        let mut makers: Vec<Other> = (0..3).map(|n| Other::start(home, &format!("token {n}"))).collect();
        for maker in &mut makers {
            assert_eq!(maker.hear().as_deref(), Some("made"));
        }
        makers.into_iter().for_each(Other::finish);
        let module = home.module();
        module.initialize().expect("C_Initialize");
        let slots = module.slots(true).expect("C_GetSlotList");
        let mut labels: Vec<String> = slots
            .iter()
            .map(|slot| module.token_info(*slot).expect("C_GetTokenInfo").label)
            .map(|label| String::from_utf8_lossy(&label).trim_end().to_owned())
            .collect();
        labels.sort();
        labels.retain(|label| label.starts_with("token"));
        assert_eq!(labels, ["token 0", "token 1", "token 2"]);
    });
}
