//! 6.13.5, 6.61: AES-CCM and ChaCha20-Poly1305 around keys.

use hsm_tests::*;

#[test]
fn keys_come_back_and_forgeries_do_not() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (aes, chacha) = (session.key_of(CKK_AES, &[1; 32]), session.key_of(CKK_CHACHA20, &[2; 32]));
        let key = session.key_of(CKK_AES, &[7; 24]);
        let template = secret_template(CKK_AES);
        let mut tally = Tally::new("authenticated wrapping");
        for (name, with, wraps, unwraps, tag) in [
            // "tokens SHALL ignore any value provided in this field": ulDataLen.
            ("CCM", aes, Mechanism::ccm(0, &[1; 12], b"aad", 16), Mechanism::ccm(77, &[1; 12], b"aad", 16), 16),
            (
                "CCM of v3.2",
                aes,
                Mechanism::ccm_wrap(&[1; 13], CKG_NO_GENERATE, b"aad", 8),
                Mechanism::ccm_wrap(&[1; 13], CKG_GENERATE, b"aad", 8),
                8,
            ),
            (
                "ChaCha20-Poly1305",
                chacha,
                Mechanism::chacha20_poly1305(&[1; 12], 96, b"aad"),
                Mechanism::chacha20_poly1305(&[1; 12], 12, b"aad"),
                16,
            ),
        ] {
            let wrapped = session.wrap(&wraps, with, key).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            tally.equal(format!("{name}: length"), wrapped.len(), 24 + tag);
            let back = session.unwrap(&unwraps, with, &wrapped, &template);
            tally.equal(name, back.and_then(|key| session.attribute(key, CKA_VALUE)), Ok(vec![7; 24]));
            for at in [0, 23, 24, wrapped.len() - 1] {
                let mut forged = wrapped.clone();
                forged[at] ^= 1;
                let got = session.unwrap(&unwraps, with, &forged, &template);
                tally.row(format!("{name}: forged at {at}"), got, &[CKR_WRAPPED_KEY_INVALID]);
            }
            let short = session.unwrap(&unwraps, with, &wrapped[..tag - 1], &template);
            tally.row(format!("{name}: cut"), short, &[CKR_WRAPPED_KEY_LEN_RANGE]);
        }
        let generating = Mechanism::ccm_wrap(&[1; 13], CKG_GENERATE, b"", 16);
        tally.row("CCM with a nonce to be made", session.wrap(&generating, aes, key), &[CKR_MECHANISM_PARAM_INVALID]);
        let wrong = session.wrap(&Mechanism::chacha20_poly1305(&[1; 12], 96, b""), aes, key);
        tally.row("the wrong key", wrong, &[CKR_WRAPPING_KEY_TYPE_INCONSISTENT]);
    });
}
