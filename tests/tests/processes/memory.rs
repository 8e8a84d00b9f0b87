//! Issue 2, done when 6: "the memory of a token with 10,000 AES keys stays under 40 MB".

use crate::{Other, say};
use hsm_tests::*;

const KEYS: usize = 10_000;

#[test]
fn ten_thousand_keys() {
    isolated(|home| {
        if home.role().is_some() {
            let before = resident();
            let token = home.shared_token();
            let session = token.user();
            let found = session.find(&Template::of(CKO_SECRET_KEY)).expect("C_FindObjects");
            assert_eq!(found.len(), KEYS);
            let cbc = Mechanism::bytes(CKM_AES_CBC, &[0; 16]);
            for key in &found {
                assert_eq!(session.begin(Begin::Encrypt, &cbc, *key), Ok(()));
                session.run(Step::Encrypt, &[0; 16]).expect("C_Encrypt");
            }
            return say(&(resident() - before).to_string());
        }
        let token = home.token();
        let session = token.user();
        let aes = Mechanism::bare(CKM_AES_KEY_GEN);
        let template = Template::new().ulong(CKA_VALUE_LEN, 32).bool(CKA_TOKEN, true).bool(CKA_ENCRYPT, true);
        for number in 0..KEYS {
            let id = (number as u32).to_be_bytes();
            session.generate(&aes, &template.clone().bytes(CKA_ID, &id)).expect("a token key");
        }
        let mut other = Other::start(home, "uses them all");
        let grown: usize = other.hear().expect("a number").parse().expect("a number");
        other.finish();
        assert!(grown < 40_000, "{grown} kB for {KEYS} keys");
    });
}

/// Resident memory of this process in kB, the module's code included.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).expect("VmRSS");
    line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
}
