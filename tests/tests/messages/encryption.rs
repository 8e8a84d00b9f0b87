//! 5.9 and 5.11: what goes out in whole or in parts comes back, and is the same as C_Encrypt gives.

use crate::*;

#[test]
fn a_message_is_what_c_encrypt_makes_of_it() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        let expected = session.encrypt(&Mechanism::gcm(&[7; 12], AAD, 128), key, DATA).expect("C_Encrypt");
        session.message_init(Way::Encrypt, Some(&gcm()), key).expect("C_MessageEncryptInit");
        let mut message = GcmMessage::given(&[7; 12]);
        let (rv, len, _) = session.message(Way::Encrypt, &mut message, AAD, DATA, None);
        assert_eq!((rv, len, &message.tag), (Rv(CKR_OK), DATA.len(), &vec![0; 16]), "a question changes nothing");
        let (rv, len, _) = session.message(Way::Encrypt, &mut message, AAD, DATA, Some(3));
        assert_eq!((rv, len, &message.tag), (Rv(CKR_BUFFER_TOO_SMALL), DATA.len(), &vec![0; 16]));
        let (rv, _, sealed) = session.message(Way::Encrypt, &mut message, AAD, DATA, Some(DATA.len()));
        assert_eq!(rv, Rv(CKR_OK));
        assert_eq!([sealed.clone(), message.tag.clone()].concat(), expected);
        session.message_end(Way::Encrypt).expect("C_MessageEncryptFinal");

        session.message_init(Way::Decrypt, Some(&gcm()), key).expect("C_MessageDecryptInit");
        let (rv, _, plain) = session.message(Way::Decrypt, &mut message, AAD, &sealed, Some(sealed.len()));
        assert_eq!((rv, plain.as_slice()), (Rv(CKR_OK), DATA));
    });
}

/// In parts too, and the parts of an encryption are given at once; the decryption's only when its tag was checked.
#[test]
fn parts_make_the_same_message() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        let expected = session.encrypt(&Mechanism::gcm(&[7; 12], AAD, 128), key, DATA).expect("C_Encrypt");
        session.message_init(Way::Encrypt, Some(&gcm()), key).expect("C_MessageEncryptInit");
        let mut message = GcmMessage::given(&[7; 12]);
        session.message_start(Way::Encrypt, &mut message, AAD).expect("C_EncryptMessageBegin");
        let mut sealed = Vec::new();
        for (at, part) in DATA.chunks(17).enumerate() {
            let last = (at + 1) * 17 >= DATA.len();
            let (rv, len, _) = session.message_part(Way::Encrypt, &mut message, part, last, Some(part.len() - 1));
            assert_eq!((rv, len), (Rv(CKR_BUFFER_TOO_SMALL), part.len()), "goes on after a short buffer");
            let (rv, _, out) = session.message_part(Way::Encrypt, &mut message, part, last, Some(part.len()));
            assert_eq!(rv, Rv(CKR_OK));
            sealed.extend(out);
        }
        assert_eq!([sealed.clone(), message.tag.clone()].concat(), expected);

        session.message_init(Way::Decrypt, Some(&gcm()), key).expect("C_MessageDecryptInit");
        session.message_start(Way::Decrypt, &mut message, AAD).expect("C_DecryptMessageBegin");
        let (rv, len, _) = session.message_part(Way::Decrypt, &mut message, &sealed[..20], false, Some(64));
        assert_eq!((rv, len), (Rv(CKR_OK), 0), "nothing before the tag was checked");
        let (rv, len, _) = session.message_part(Way::Decrypt, &mut message, &sealed[20..], true, Some(3));
        assert_eq!((rv, len), (Rv(CKR_BUFFER_TOO_SMALL), DATA.len()));
        let (rv, _, plain) = session.message_part(Way::Decrypt, &mut message, &sealed[20..], true, Some(DATA.len()));
        assert_eq!((rv, plain.as_slice()), (Rv(CKR_OK), DATA));
    });
}

#[test]
fn what_was_altered_is_refused_and_shows_nothing() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        session.message_init(Way::Encrypt, Some(&gcm()), key).expect("C_MessageEncryptInit");
        let mut message = GcmMessage::given(&[7; 12]);
        let (_, _, sealed) = session.message(Way::Encrypt, &mut message, AAD, DATA, Some(DATA.len()));
        session.message_init(Way::Decrypt, Some(&gcm()), key).expect("C_MessageDecryptInit");
        let flipped = |bytes: &[u8]| [&[bytes[0] ^ 1], &bytes[1..]].concat();
        let altered: [(&str, GcmMessage, Vec<u8>, Vec<u8>); 4] = [
            ("ciphertext", message.clone(), AAD.to_vec(), flipped(&sealed)),
            ("associated data", message.clone(), flipped(AAD), sealed.clone()),
            ("tag", GcmMessage { tag: flipped(&message.tag), ..message.clone() }, AAD.to_vec(), sealed.clone()),
            ("nonce", GcmMessage { iv: flipped(&message.iv), ..message.clone() }, AAD.to_vec(), sealed.clone()),
        ];
        for (what, mut message, aad, sealed) in altered {
            let (rv, _, out) = session.message(Way::Decrypt, &mut message, &aad, &sealed, Some(sealed.len()));
            assert_eq!(rv, Rv(CKR_AEAD_DECRYPT_FAILED), "{what}");
            assert!(!out.windows(8).any(|part| DATA.windows(8).any(|data| data == part)), "{what} shows plaintext");
        }
        // A refusal ends the message, not the process.
        let (rv, _, plain) = session.message(Way::Decrypt, &mut message, AAD, &sealed, Some(sealed.len()));
        assert_eq!((rv, plain.as_slice()), (Rv(CKR_OK), DATA));
    });
}

#[test]
fn parameters_that_make_no_sense() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        session.message_init(Way::Encrypt, Some(&gcm()), key).expect("C_MessageEncryptInit");
        let good = GcmMessage::given(&[7; 12]);
        for (what, mut message) in [
            ("no nonce", GcmMessage { iv: vec![], ..good.clone() }),
            ("a tag of 12 bits", GcmMessage { tag_bits: 12, ..good.clone() }),
            ("a tag of 8 bits", GcmMessage { tag_bits: 8, ..good.clone() }),
            ("a tag beyond all bounds", GcmMessage { tag_bits: CK_ULONG::MAX, ..good.clone() }),
            ("more fixed bits than bits", GcmMessage { fixed_bits: 97, ..good.clone() }),
            ("an unknown generator", GcmMessage { generator: 77, ..good.clone() }),
            ("too few bits to generate", GcmMessage { fixed_bits: 80, generator: CKG_GENERATE, ..good.clone() }),
        ] {
            let (rv, _, _) = session.message(Way::Encrypt, &mut message, AAD, DATA, Some(64));
            assert_eq!(rv, Rv(CKR_MECHANISM_PARAM_INVALID), "{what}");
            assert_eq!(message.tag, vec![0; 16], "{what}");
        }
    });
}
