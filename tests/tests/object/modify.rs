//! 4.4: CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE: CKR_ACTION_PROHIBITED (5.1.6).

use crate::aes_template;
use hsm_tests::*;

#[test]
fn prohibitions() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let label = Template::new().bytes(CKA_LABEL, b"new");
        let mut tally = Tally::new("5.1.6 CKR_ACTION_PROHIBITED");
        for class in [aes_template(), Template::of(CKO_DATA)] {
            let with = |attribute| session.create(&class.clone().bool(attribute, false)).expect("an object");
            let [fixed, single, lasting] = [CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE].map(with);
            let no = &[CKR_ACTION_PROHIBITED];
            tally.row("modify the unmodifiable", session.set(fixed, &label), no);
            tally.row("copy the unmodifiable", session.copy(fixed, &Template::new()), &[CKR_OK]);
            tally.row("destroy the unmodifiable", session.destroy(fixed), &[CKR_OK]);
            tally.row("modify the uncopyable", session.set(single, &label), &[CKR_OK]);
            tally.row("copy the uncopyable", session.copy(single, &Template::new()), no);
            tally.row("destroy the uncopyable", session.destroy(single), &[CKR_OK]);
            tally.row("modify the undestroyable", session.set(lasting, &label), &[CKR_OK]);
            tally.row("copy the undestroyable", session.copy(lasting, &Template::new()), &[CKR_OK]);
            tally.row("destroy the undestroyable", session.destroy(lasting), no);
            tally.equal("it is still there", session.attribute(lasting, CKA_LABEL), Ok(b"new".to_vec()));
        }
    });
}

/// 4.4: COPYABLE "can't be set to TRUE once it is set to FALSE".
#[test]
fn copyable_is_one_way() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.create(&aes_template()).expect("a key");
        let copyable = |yes| session.set(key, &Template::new().bool(CKA_COPYABLE, yes));
        assert_eq!(copyable(false), Ok(()));
        let back = Rv::from(copyable(true));
        assert!(
            [Rv(CKR_ATTRIBUTE_READ_ONLY), Rv(CKR_TEMPLATE_INCONSISTENT), Rv(CKR_ATTRIBUTE_VALUE_INVALID)].contains(&back),
            "{back:?}"
        );
        assert_eq!(session.copy(key, &Template::new()), refused(CKR_ACTION_PROHIBITED));
    });
}
