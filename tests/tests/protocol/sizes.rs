//! 5.1.6, CKR_MECHANISM_PARAM_INVALID: parameters of a length that the mechanism does not take, for every mechanism and every use it has.

use hsm_tests::*;

/// The function that begins a use; the keys that are tried with it, whatever they are good for.
const USES: [(CK_FLAGS, &str); 11] = [
    (CKF_ENCRYPT, "C_EncryptInit"),
    (CKF_DECRYPT, "C_DecryptInit"),
    (CKF_DIGEST, "C_DigestInit"),
    (CKF_SIGN, "C_SignInit"),
    (CKF_VERIFY, "C_VerifyInit"),
    (CKF_GENERATE, "C_GenerateKey"),
    (CKF_GENERATE_KEY_PAIR, "C_GenerateKeyPair"),
    (CKF_WRAP, "C_WrapKey"),
    (CKF_UNWRAP, "C_UnwrapKey"),
    (CKF_DERIVE, "C_DeriveKey"),
    (CKF_ENCAPSULATE, "C_EncapsulateKey"),
];

/// Lengths that no structure, no IV and no number has.
const NO_SIZES: [usize; 6] = [1, 3, 5, 39, 1023, 4099];

#[test]
fn of_every_mechanism() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let keys = keys(session);
        let mut tally = Tally::new("5.1.6: CKR_MECHANISM_PARAM_INVALID");
        for kind in token.module.mechanisms(token.slot).expect("C_GetMechanismList") {
            let flags = token.module.mechanism_info(token.slot, kind).expect("C_GetMechanismInfo").flags;
            for (_, name) in USES.iter().filter(|(flag, _)| flags & flag != 0) {
                for size in NO_SIZES.into_iter().filter(|_| !takes_any(kind)) {
                    let mechanism = Mechanism::bytes(kind, &vec![1; size]);
                    let got = keys.iter().map(|key| begun(&token, session, name, &mechanism, *key)).collect::<Vec<_>>();
                    let what = format!("{name} of {kind:#x} with {size} bytes");
                    tally.check(&what, got.iter().all(|rv| refusal(*rv)), format_args!("got {got:?}"));
                }
            }
        }
    });
}

/// A Diffie-Hellman value has whatever length it has (6.4.5).
fn takes_any(kind: CK_MECHANISM_TYPE) -> bool {
    kind == CKM_DH_PKCS_DERIVE
}

fn begun(token: &Token, session: Session<'_>, name: &str, mechanism: &Mechanism, key: Object) -> Rv {
    let entry = Entry::named(name);
    let mut probe = Probe::new(&token.module).at(session, token.slot);
    probe.object = key;
    probe.mechanism = mechanism.clone();
    probe.template = Template::new().ulong(CKA_VALUE_LEN, 16);
    probe.call(entry)
}

/// One of the reasons there may be; that it is the wrong key may be seen first.
fn refusal(rv: Rv) -> bool {
    rv.is_known() && ![CKR_OK, CKR_GENERAL_ERROR, CKR_OPERATION_ACTIVE, CKR_SESSION_HANDLE_INVALID].contains(&rv.0)
}

fn keys(session: Session<'_>) -> Vec<Object> {
    let (rsa, ec, ed) = (session.rsa(1024), session.ec(oid::P256), session.ed25519());
    let aes = session.aes(32);
    vec![aes, session.base_of(&[7; 32]), session.secret_of(&[7; 32]), rsa.public, rsa.private, ec.private, ed.private]
}
