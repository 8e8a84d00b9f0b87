//! The mandatory test cases of PKCS#11 Profiles v3.2 (BL-M-1-32, EXT-M-1-32, AUTH-M-1-32, CERT-M-1-32), as tables of our own: which
//! calls, in which order, with which answers. A provider claims a profile (CKO_PROFILE) when it passes the profile's cases.
//!
//! The cases leave names, numbers and times to the provider (Profiles, "Permitted Test Case Variations"). Beyond that we take what
//! they show of counts, sizes of memory, ranges of key sizes and of token flags as an example: flags must contain those shown, but
//! for CKF_RESTORE_KEY_NOT_NEEDED, since no key is ever part of a saved state here.

mod cases;
mod run;

use cases::Case;
use hsm_tests::*;

#[test]
fn baseline_provider() {
    isolated(|home| conforms(home, CKP_BASELINE_PROVIDER, &cases::BL_M_1));
}

#[test]
fn extended_provider() {
    isolated(|home| conforms(home, CKP_EXTENDED_PROVIDER, &cases::EXT_M_1));
}

#[test]
fn authentication_token() {
    isolated(|home| conforms(home, CKP_AUTHENTICATION_TOKEN, &cases::AUTH_M_1));
}

/// The case passes; the profile is not claimed, since it forbids private certificates and the token does not.
#[test]
fn public_certificates_token() {
    isolated(|home| {
        run::run(&stage(home), &cases::CERT_M_1);
        assert_eq!(claimed(home, CKP_PUBLIC_CERTIFICATES_TOKEN), 0);
    });
}

fn conforms(home: &Home, profile: CK_PROFILE_ID, case: &Case) {
    run::run(&stage(home), case);
    assert_eq!(claimed(home, profile), 1, "{} is passed, so the profile is claimed", case.name);
}

/// How many objects claim the profile.
fn claimed(home: &Home, profile: CK_PROFILE_ID) -> usize {
    let token = home.shared_token();
    let session = token.open(false);
    session.find(&Template::of(CKO_PROFILE).ulong(CKA_PROFILE_ID, profile)).expect("C_FindObjects").len()
}

/// What the cases assume to be there: an RSA pair and five public objects, a certificate the second of them.
fn stage(home: &Home) -> Module {
    let token = home.token();
    let session = token.user();
    let builtin = Template::of(CKO_DATA).bool(CKA_TOKEN, true).bytes(CKA_LABEL, cases::FIRST_LABEL);
    session.create(&builtin).expect("a data object");
    let certificate = Template::of(CKO_CERTIFICATE).bool(CKA_TOKEN, true).ulong(CKA_CERTIFICATE_TYPE, CKC_X_509);
    let certificate = certificate.bytes(CKA_SUBJECT, b"0\x00").bytes(CKA_VALUE, cases::CERTIFICATE);
    for _ in 0..4 {
        session.create(&certificate).expect("a certificate");
    }
    let public = Template::new().ulong(CKA_MODULUS_BITS, 2048).bool(CKA_TOKEN, true).bytes(CKA_LABEL, b"testrsa-pub");
    let private = Template::new().bool(CKA_TOKEN, true).bytes(CKA_LABEL, b"testrsa-pri");
    session.generate_pair(&Mechanism::bare(CKM_RSA_PKCS_KEY_PAIR_GEN), &public, &private).expect("an RSA pair");
    token.module.finalize().expect("C_Finalize");
    home.module()
}
