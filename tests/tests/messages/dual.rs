//! 5.17: two operations at once give what each alone gives.

use crate::*;

const PART: [u8; 16] = [3; 16];

#[test]
fn both_get_the_same_data() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (aes, secret) = (session.aes(32), session.secret_of(&[1; 32]));
        let (cbc, sha, mac) =
            (Mechanism::bytes(CKM_AES_CBC, &[0; 16]), Mechanism::bare(CKM_SHA256), Mechanism::bare(CKM_SHA256_HMAC));
        let (sealed, hash) = (session.encrypt(&cbc, aes, &PART), session.digest(&sha, &PART));
        let tag = session.sign(&mac, secret, &PART).expect("C_Sign");
        let (sealed, hash) = (sealed.expect("C_Encrypt"), hash.expect("C_Digest"));
        let none = Object(0);

        session.begin(Begin::Encrypt, &cbc, aes).expect("C_EncryptInit");
        let alone = session.step(Step::DigestEncryptUpdate, &PART, Some(16)).0;
        assert_eq!(alone, Rv(CKR_OPERATION_NOT_INITIALIZED), "without a digest");
        session.begin(Begin::Digest, &sha, none).expect("C_DigestInit");
        assert_eq!(session.step(Step::DigestEncryptUpdate, &PART, None).1, 16);
        assert_eq!(session.step(Step::DigestEncryptUpdate, &PART, Some(15)).0, Rv(CKR_BUFFER_TOO_SMALL));
        assert_eq!(session.step(Step::DigestEncryptUpdate, &PART, Some(16)).2, sealed);
        assert_eq!(session.run(Step::DigestFinal, &[]), Ok(hash.clone()), "questions must not feed the digest");
        session.run(Step::EncryptFinal, &[]).expect("C_EncryptFinal");

        session.begin(Begin::Decrypt, &cbc, aes).expect("C_DecryptInit");
        session.begin(Begin::Digest, &sha, none).expect("C_DigestInit");
        assert_eq!(session.step(Step::DecryptDigestUpdate, &sealed, Some(16)).2, PART);
        assert_eq!(session.run(Step::DigestFinal, &[]), Ok(hash));
        session.run(Step::DecryptFinal, &[]).expect("C_DecryptFinal");

        session.begin(Begin::Sign, &mac, secret).expect("C_SignInit");
        session.begin(Begin::Encrypt, &cbc, aes).expect("C_EncryptInit");
        assert_eq!(session.step(Step::SignEncryptUpdate, &PART, Some(16)).2, sealed);
        assert_eq!(session.run(Step::SignFinal, &[]), Ok(tag.clone()));
        session.run(Step::EncryptFinal, &[]).expect("C_EncryptFinal");

        session.begin(Begin::Decrypt, &cbc, aes).expect("C_DecryptInit");
        session.begin(Begin::Verify, &mac, secret).expect("C_VerifyInit");
        assert_eq!(session.step(Step::DecryptVerifyUpdate, &sealed, Some(16)).2, PART);
        session.check_final(&tag).expect("C_VerifyFinal");
    });
}
