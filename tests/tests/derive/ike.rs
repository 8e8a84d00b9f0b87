//! 6.64: IKE. Its definitions, with HMACs that C_Sign makes.

use crate::{long, value};
use hsm_tests::*;

#[test]
fn as_the_text_defines_them() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let hmac = |key: &[u8], data: &[&[u8]]| {
            session.sign(&Mechanism::bare(CKM_SHA256_HMAC), session.secret_of(key), &data.concat()).expect("an HMAC")
        };
        let (base, shared, previous) = (session.base_of(b"base"), session.base_of(b"g^xy"), session.base_of(b"previous"));
        let prf = |layout: Layout| layout.word(CKM_SHA256_HMAC);
        let first = |flags: usize, key: Object| {
            let layout = prf(Layout::new()).word(flags).bytes(b"Ni").bytes(b"Nr").word(key);
            Mechanism::structure(CKM_IKE_PRF_DERIVE, layout)
        };
        let version1 = |has: bool| {
            let layout = prf(Layout::new()).word(has).word(shared).word(previous).bytes(b"CKYi").bytes(b"CKYr").word(5usize);
            Mechanism::structure(CKM_IKE1_PRF_DERIVE, layout)
        };
        let expanding =
            |kind, has: bool, data: &[u8]| Mechanism::structure(kind, prf(Layout::new()).word(has).word(shared).bytes(data));
        let plus = |has, data: &[u8]| expanding(CKM_IKE2_PRF_PLUS_DERIVE, has, data);
        let extended = |has, data: &[u8]| expanding(CKM_IKE1_EXTENDED_DERIVE, has, data);
        let t1 = hmac(b"base", &[b"g^xy", b"seed", &[1]]);
        let t2 = hmac(b"base", &[&t1, b"g^xy", b"seed", &[2]]);
        let k1 = hmac(b"base", &[&[0]]);
        let k2 = hmac(b"base", &[&k1]);
        let quick = hmac(b"base", &[b"data"]);
        let shown = Template::shown();
        let mut tally = Tally::new("6.64");
        for (name, mechanism, template, expected) in [
            ("PRF, data as key", first(1, Object(0)), shown.clone(), Ok(hmac(b"NiNr", &[b"base"]))),
            ("PRF", first(0, Object(0)), shown.clone(), Ok(hmac(b"base", &[b"NiNr"]))),
            ("PRF, rekeying", first(0x100, shared), shown.clone(), Ok(hmac(b"base", &[b"g^xyNiNr"]))),
            ("PRF, both", first(0x101, shared), shown.clone(), refused(CKR_ARGUMENTS_BAD)),
            ("PRF, another length", first(0, Object(0)), long(16), refused(CKR_KEY_SIZE_RANGE)),
            ("IKE1 PRF", version1(false), shown.clone(), Ok(hmac(b"base", &[b"g^xyCKYiCKYr", &[5]]))),
            ("IKE1 PRF, further", version1(true), shown.clone(), Ok(hmac(b"base", &[b"previousg^xyCKYiCKYr", &[5]]))),
            ("IKE1 PRF, cut", version1(false), long(16), Ok(hmac(b"base", &[b"g^xyCKYiCKYr", &[5]])[..16].to_vec())),
            ("IKE1 PRF, too long", version1(false), long(33), refused(CKR_KEY_SIZE_RANGE)),
            ("prf+", plus(true, b"seed"), long(48), Ok([&t1[..], &t2[..16]].concat())),
            ("prf+, no length", plus(true, b"seed"), shown.clone(), refused(CKR_TEMPLATE_INCOMPLETE)),
            ("prf+, the longest", plus(true, b"seed"), long(255 * 32 + 1), refused(CKR_KEY_SIZE_RANGE)),
            ("extended, nothing given", extended(false, b""), long(48), Ok([&k1[..], &k2[..16]].concat())),
            ("extended, short: the base key's beginning", extended(false, b""), long(3), Ok(b"bas".to_vec())),
            ("extended, longer than the base key", extended(false, b""), long(5), refused(CKR_KEY_SIZE_RANGE)),
            ("extended, g^xy", extended(true, b"data"), long(32), Ok(hmac(b"base", &[b"g^xydata"]))),
            ("extended, quick mode without g^xy", extended(false, b"data"), long(16), Ok(quick[..16].to_vec())),
        ] {
            tally.equal(name, value(session, session.derive(&mechanism, base, &template)), expected);
        }
    });
}

/// The text is silent, so a key made of hidden ones stays hidden.
#[test]
fn what_is_hidden_stays_hidden() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let template = Template::new().ulong(CKA_VALUE_LEN, 32).bool(CKA_DERIVE, true);
        let base = session.generate(&Mechanism::bare(CKM_GENERIC_SECRET_KEY_GEN), &template).expect("a base key");
        let layout = Layout::new().word(CKM_SHA256_HMAC).word(false).word(0usize).bytes(b"");
        let mechanism = Mechanism::structure(CKM_IKE1_EXTENDED_DERIVE, layout);
        assert_eq!(session.derive(&mechanism, base, &long(32)).err(), Some(Rv(CKR_TEMPLATE_INCONSISTENT)));
    });
}
