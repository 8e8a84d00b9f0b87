//! 4.9, 4.11: CKA_TRUSTED is the SO's to set (footnote 10); CKA_WRAP_WITH_TRUSTED keys are wrapped by trusted ones only.

use crate::{aes_template, key_wrap};
use hsm_tests::*;

#[test]
fn only_the_so_trusts() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let trusted = Template::new().bool(CKA_TRUSTED, true);
        let no = &[CKR_ATTRIBUTE_READ_ONLY, CKR_USER_NOT_LOGGED_IN, CKR_TEMPLATE_INCONSISTENT];
        let mut tally = Tally::new("footnote 10: CKA_TRUSTED");
        let public = aes_template().bool(CKA_PRIVATE, false).bool(CKA_TOKEN, true).bool(CKA_WRAP, true);
        let wrapping = session.create(&public.clone().bytes(CKA_LABEL, b"wrapping")).expect("a key");
        tally.row("the user creates", session.create(&public.clone().with(&trusted)), no);
        tally.row("the user sets", session.set(wrapping, &trusted), no);
        let size = Template::new().ulong(CKA_VALUE_LEN, 32).with(&trusted);
        tally.row("the user generates", session.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &size), no);
        tally.row("the user says untrusted", session.create(&public.bool(CKA_TRUSTED, false)), &[CKR_OK]);
        session.logout().expect("C_Logout");
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        tally.row("the SO sets", session.set(wrapping, &trusted), &[CKR_OK]);
        tally.equal("it is set", session.flag(wrapping, CKA_TRUSTED), Ok(true));
        session.logout().expect("C_Logout");
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        let careful = aes_template().bool(CKA_WRAP_WITH_TRUSTED, true);
        let careful = session.create(&careful).expect("a key");
        let untrusted = session.aes(32);
        tally.row("wrap by an untrusted key", session.wrap(&key_wrap(), untrusted, careful), &[CKR_KEY_NOT_WRAPPABLE]);
        tally.row("wrap by the trusted key", session.wrap(&key_wrap(), wrapping, careful), &[CKR_OK]);
        let one_way = session.set(careful, &Template::new().bool(CKA_WRAP_WITH_TRUSTED, false));
        tally.row("WRAP_WITH_TRUSTED back to false", one_way, &[CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT]);
    });
}

/// A copy must not carry trust to other hands.
#[test]
fn a_copy_by_the_user_cannot_gain_trust() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.create(&aes_template()).expect("a key");
        let got = Rv::from(session.copy(key, &Template::new().bool(CKA_TRUSTED, true)));
        let refusals = [CKR_ATTRIBUTE_READ_ONLY, CKR_USER_NOT_LOGGED_IN, CKR_TEMPLATE_INCONSISTENT].map(Rv);
        assert!(refusals.contains(&got), "{got:?}");
    });
}
