//! README's first command: the main job, on a real file, every claim verified.

use crate::Hsm;
use hsm_tests::*;

#[test]
fn it_verifies_its_claims() {
    on_each(|home| {
        let Some(hsm) = Tool::built("hsm").map(|tool| Hsm { tool, home }) else { return };
        let file: Vec<u8> = (0..200_000_u32).map(|i| (i % 251) as u8).collect();
        hsm.write("a real file", &file);
        let told = hsm.ok(&["demo", "a real file", "--dir", "demonstration"]);
        let told = String::from_utf8(told).expect("UTF-8");
        assert!(told.contains("verified"), "{told}");
        assert!(!told.contains("FAILED"), "{told}");
        let answer = hsm.ok(&["demo", "a real file", "--dir", "again", "--json"]);
        let answer = String::from_utf8(answer).expect("UTF-8");
        assert!(answer.contains("\"verified\":true") || answer.contains("\"verified\": true"), "{answer}");
    });
}
