//! 5.6.6 and 5.6.7: what a session computes goes on in another one.

use hsm_tests::*;

const NO_KEY: Object = Object(0);
const DATA: &[u8] = b"forty-eight bytes of data, which is three blocks";

const HASHES: [CK_MECHANISM_TYPE; 11] = [
    CKM_SHA_1,
    CKM_SHA224,
    CKM_SHA256,
    CKM_SHA384,
    CKM_SHA512,
    CKM_SHA512_224,
    CKM_SHA512_256,
    CKM_SHA3_224,
    CKM_SHA3_256,
    CKM_SHA3_384,
    CKM_SHA3_512,
];

#[test]
fn a_digest_goes_on_wherever_it_was_cut() {
    isolated(|home| {
        let token = home.token();
        let (here, there) = (token.user(), token.open(true));
        for hash in HASHES.map(Mechanism::bare) {
            let whole = here.digest(&hash, DATA).expect("C_Digest");
            for cut in [0, 1, 47] {
                here.begin(Begin::Digest, &hash, NO_KEY).expect("C_DigestInit");
                here.update(Begin::Digest, &DATA[..cut]).expect("C_DigestUpdate");
                let state = here.save_state().expect("C_GetOperationState");
                here.update(Begin::Digest, b"what the saved state does not have").expect("the digest itself goes on");
                here.run(Step::DigestFinal, &[]).expect("C_DigestFinal");
                there.restore_state(&state, NO_KEY, NO_KEY).expect("C_SetOperationState");
                there.update(Begin::Digest, &DATA[cut..]).expect("C_DigestUpdate");
                assert_eq!(there.run(Step::DigestFinal, &[]), Ok(whole.clone()), "{hash:?} cut at {cut}");
            }
        }
    });
}

#[test]
fn what_was_initialised_and_not_fed_may_still_be_one_call() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let hash = Mechanism::bare(CKM_SHA256);
        let whole = session.digest(&hash, DATA).expect("C_Digest");
        session.begin(Begin::Digest, &hash, NO_KEY).expect("C_DigestInit");
        let state = session.save_state().expect("C_GetOperationState");
        session.find_init(&Template::new()).expect("C_FindObjectsInit");
        session.restore_state(&state, NO_KEY, NO_KEY).expect("in place of what is active");
        session.find_final().expect("a search is no cryptographic operation, and goes on");
        assert_eq!(session.run(Step::Digest, DATA), Ok(whole));
    });
}

#[test]
fn operations_with_keys_go_on_with_the_same_keys() {
    isolated(|home| {
        let token = home.token();
        let (here, there) = (token.user(), token.open(true));
        let (aes, mac_key) = (here.aes(32), here.secret_of(&[1; 32]));
        let (cbc, mac) = (Mechanism::bytes(CKM_AES_CBC_PAD, &[9; 16]), Mechanism::bare(CKM_SHA384_HMAC));
        let sealed = here.encrypt(&cbc, aes, DATA).expect("C_Encrypt");
        let tag = here.sign(&mac, mac_key, DATA).expect("C_Sign");

        here.begin(Begin::Encrypt, &cbc, aes).expect("C_EncryptInit");
        here.begin(Begin::Sign, &mac, mac_key).expect("C_SignInit");
        let first = here.run(Step::SignEncryptUpdate, &DATA[..21]).expect("C_SignEncryptUpdate");
        let state = here.save_state().expect("C_GetOperationState");

        there.restore_state(&state, aes, mac_key).expect("C_SetOperationState");
        let next = there.run(Step::SignEncryptUpdate, &DATA[21..]).expect("C_SignEncryptUpdate");
        let last = there.run(Step::EncryptFinal, &[]).expect("C_EncryptFinal");
        assert_eq!([first, next, last].concat(), sealed);
        assert_eq!(there.run(Step::SignFinal, &[]), Ok(tag.clone()));

        here.cancel(CKF_ENCRYPT | CKF_SIGN).expect("C_SessionCancel");
        here.begin(Begin::Decrypt, &cbc, aes).expect("C_DecryptInit");
        here.begin(Begin::Verify, &mac, mac_key).expect("C_VerifyInit");
        let first = here.run(Step::DecryptVerifyUpdate, &sealed[..40]).expect("C_DecryptVerifyUpdate");
        let state = here.save_state().expect("C_GetOperationState");
        there.restore_state(&state, aes, mac_key).expect("C_SetOperationState");
        let next = there.run(Step::DecryptUpdate, &sealed[40..]).expect("C_DecryptUpdate");
        let last = there.run(Step::DecryptFinal, &[]).expect("C_DecryptFinal");
        assert_eq!([&first[..], &next, &last].concat(), DATA);
        there.update(Begin::Verify, &DATA[first.len()..]).expect("C_VerifyUpdate");
        there.check_final(&tag).expect("C_VerifyFinal");
    });
}

#[test]
fn the_wrong_keys_are_refused_by_name_and_change_nothing() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (aes, other) = (session.aes(32), session.aes(32));
        let cbc = Mechanism::bytes(CKM_AES_CBC, &[9; 16]);
        let sealed = session.encrypt(&cbc, aes, DATA).expect("C_Encrypt");
        session.begin(Begin::Encrypt, &cbc, aes).expect("C_EncryptInit");
        let state = session.save_state().expect("C_GetOperationState");
        for (cipher_key, mac_key, code) in [
            (NO_KEY, NO_KEY, CKR_KEY_NEEDED),
            (other, NO_KEY, CKR_KEY_CHANGED),
            (Object(0xdead_0000), NO_KEY, CKR_KEY_HANDLE_INVALID),
            (aes, other, CKR_KEY_NOT_NEEDED),
        ] {
            assert_eq!(session.restore_state(&state, cipher_key, mac_key), refused(code));
        }
        assert_eq!(session.run(Step::Encrypt, DATA), Ok(sealed), "the operation that was active still is");
    });
}

#[test]
fn altered_cut_foreign_and_older_states_are_refused() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        session.begin(Begin::Digest, &Mechanism::bare(CKM_SHA256), NO_KEY).expect("C_DigestInit");
        let state = session.save_state().expect("C_GetOperationState");
        for at in [0, 12, state.len() - 1] {
            let mut altered = state.clone();
            altered[at] ^= 1;
            assert_eq!(session.restore_state(&altered, NO_KEY, NO_KEY), refused(CKR_SAVED_STATE_INVALID), "byte {at}");
        }
        for len in [0, 11, 27, state.len() - 1] {
            assert_eq!(session.restore_state(&state[..len], NO_KEY, NO_KEY), refused(CKR_SAVED_STATE_INVALID), "{len} bytes");
        }
        token.module.close_all(token.slot).expect("C_CloseAllSessions");
        token.module.init_token(token.slot, SO_PIN, LABEL).expect("C_InitToken");
        let session = token.open(true);
        assert_eq!(session.restore_state(&state, NO_KEY, NO_KEY), refused(CKR_SAVED_STATE_INVALID), "of the token before");
        token.module.finalize().expect("C_Finalize");
        token.module.initialize().expect("C_Initialize");
        let session = token.open(true);
        assert_eq!(session.restore_state(&state, NO_KEY, NO_KEY), refused(CKR_SAVED_STATE_INVALID), "after C_Finalize");
    });
}

#[test]
fn what_cannot_be_saved_says_so_and_goes_on() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        assert_eq!(session.save_state(), refused(CKR_OPERATION_NOT_INITIALIZED));
        let gcm = Mechanism::gcm(&[7; 12], &[], 128);
        session.begin(Begin::Encrypt, &gcm, session.aes(32)).expect("C_EncryptInit");
        assert_eq!(session.save_state(), refused(CKR_STATE_UNSAVEABLE));
        session.run(Step::Encrypt, DATA).expect("the operation goes on");
        let (one, other, mac) = (session.secret_of(&[1; 32]), session.secret_of(&[2; 32]), Mechanism::bare(CKM_SHA256_HMAC));
        session.begin(Begin::Sign, &mac, one).expect("C_SignInit");
        session.begin(Begin::Verify, &mac, other).expect("C_VerifyInit");
        assert_eq!(session.save_state(), refused(CKR_STATE_UNSAVEABLE), "there is but one key to give again");
        session.cancel(CKF_SIGN | CKF_VERIFY).expect("C_SessionCancel");

        session.begin(Begin::Digest, &Mechanism::bare(CKM_SHA256), NO_KEY).expect("C_DigestInit");
        let (_, length, _) = session.saved_state(None);
        assert_eq!(session.saved_state(Some(length - 1)).0, Rv(CKR_BUFFER_TOO_SMALL));
        assert_eq!(session.saved_state(Some(length)).0, Rv(CKR_OK));
    });
}
