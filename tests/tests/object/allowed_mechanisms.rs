//! 4.8: CKA_ALLOWED_MECHANISMS: "a list of mechanisms allowed to be used with this key".

use crate::{aes_template, cbc, key_wrap};
use hsm_tests::*;

#[test]
fn only_those_listed() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let listed = [CKM_AES_GCM, CKM_AES_KEY_WRAP];
        let template = aes_template().mechanisms(CKA_ALLOWED_MECHANISMS, &listed);
        let flags = [CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP];
        let template = flags.iter().fold(template, |t, f| t.bool(*f, true));
        let key = session.create(&template).expect("a key");
        let other = session.aes(16);
        let gcm = Mechanism::gcm(&[1; 12], b"", 128);
        let no = &[CKR_MECHANISM_INVALID, CKR_KEY_FUNCTION_NOT_PERMITTED];
        let mut tally = Tally::new("4.8 CKA_ALLOWED_MECHANISMS");
        tally.row("listed cipher", session.encrypt(&gcm, key, b"data"), &[CKR_OK]);
        tally.row("other cipher", session.begin(Begin::Encrypt, &cbc(), key), no);
        tally.row("other decipher", session.begin(Begin::Decrypt, &cbc(), key), no);
        tally.row("listed wrap", session.wrap(&key_wrap(), key, other), &[CKR_OK]);
        let kwp = Mechanism::bare(CKM_AES_KEY_WRAP_KWP);
        tally.row("other wrap", session.wrap(&kwp, key, other), no);
        let wrapped = session.wrap(&key_wrap(), key, other).unwrap_or_default();
        let template = Template::key(CKO_SECRET_KEY, CKK_AES);
        tally.row("listed unwrap", session.unwrap(&key_wrap(), key, &wrapped, &template), &[CKR_OK]);
        tally.row("other unwrap", session.unwrap(&kwp, key, &wrapped, &template), no);
        let bytes: Vec<u8> = listed.iter().flat_map(|m| m.to_ne_bytes()).collect();
        tally.equal("it can be read", session.attribute(key, CKA_ALLOWED_MECHANISMS), Ok(bytes));
        let copy = session.copy(key, &Template::new()).expect("C_CopyObject");
        tally.row("a copy keeps it", session.begin(Begin::Encrypt, &cbc(), copy), no);
    });
}

#[test]
fn a_list_of_broken_size() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let template = aes_template().bytes(CKA_ALLOWED_MECHANISMS, &[1, 2, 3]);
        let got = Rv::from(session.create(&template));
        assert!([Rv(CKR_ATTRIBUTE_VALUE_INVALID), Rv(CKR_TEMPLATE_INCONSISTENT)].contains(&got), "{got:?}");
    });
}
