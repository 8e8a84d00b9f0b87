//! Nonces made by the token, so that nobody has to trust the caller's (CKG_GENERATE and its like, 6.13.3).

use crate::*;
use std::collections::HashSet;

fn nonces(session: Session<'_>, generator: CK_GENERATOR_FUNCTION, fixed_bits: CK_ULONG, count: usize) -> Vec<Vec<u8>> {
    let make = |_| {
        let mut message = GcmMessage::generated(&[0xab; 12], fixed_bits, generator);
        let (rv, _, _) = session.message(Way::Encrypt, &mut message, AAD, DATA, Some(DATA.len()));
        assert_eq!(rv, Rv(CKR_OK));
        message.iv
    };
    (0..count).map(make).collect()
}

#[test]
fn no_nonce_comes_twice_and_the_fixed_part_stays() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        let mut all = HashSet::new();
        for _ in 0..3 {
            // A new process with the same key and the same fixed part, as after a restart.
            session.message_init(Way::Encrypt, Some(&gcm()), key).expect("C_MessageEncryptInit");
            for generator in [CKG_GENERATE, CKG_GENERATE_RANDOM, CKG_GENERATE_COUNTER] {
                for iv in nonces(session, generator, 32, 50) {
                    assert_eq!(iv[..4], [0xab; 4], "generator {generator}");
                    assert!(all.insert(iv), "generator {generator} gave a nonce twice");
                }
            }
            session.message_end(Way::Encrypt).expect("C_MessageEncryptFinal");
        }
        assert_eq!(all.len(), 450);
    });
}

/// As TLS 1.3 does it: the caller's nonce with a count XORed into it.
#[test]
fn a_count_is_xored_into_the_callers_nonce() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        session.message_init(Way::Encrypt, Some(&gcm()), key).expect("C_MessageEncryptInit");
        let made = nonces(session, CKG_GENERATE_COUNTER_XOR, 32, 3);
        let expected = |count: u8| [&[0xab; 11][..], &[0xab ^ count]].concat();
        assert_eq!(made, [expected(0), expected(1), expected(2)]);
    });
}

#[test]
fn a_nonce_made_at_the_beginning_is_the_messages() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        session.message_init(Way::Encrypt, Some(&gcm()), key).expect("C_MessageEncryptInit");
        let mut message = GcmMessage::generated(&[0; 12], 0, CKG_GENERATE);
        session.message_start(Way::Encrypt, &mut message, AAD).expect("C_EncryptMessageBegin");
        let iv = message.iv.clone();
        assert_ne!(iv, [0; 12]);
        let (rv, _, sealed) = session.message_part(Way::Encrypt, &mut message, DATA, true, Some(DATA.len()));
        assert_eq!((rv, &message.iv), (Rv(CKR_OK), &iv));
        let whole = [sealed, message.tag].concat();
        assert_eq!(session.decrypt(&Mechanism::gcm(&iv, AAD, 128), key, &whole).as_deref(), Ok(DATA));
    });
}
