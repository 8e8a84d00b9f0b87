//! 5.4.1 and 5.4.2: the arguments of C_Initialize and C_Finalize.

use hsm_tests::*;

#[test]
fn arguments() {
    isolated(|home| {
        let module = home.module();
        let mut tally = Tally::new("5.4.1 C_Initialize");
        let locking = [CKR_OK, CKR_CANT_LOCK];
        for (name, callbacks, flags, allowed) in [
            ("nothing", 0, 0, [CKR_OK].as_slice()),
            ("OS locking", 0, CKF_OS_LOCKING_OK, &[CKR_OK]),
            ("no threads", 0, CKF_LIBRARY_CANT_CREATE_OS_THREADS, &[CKR_OK, CKR_NEED_TO_CREATE_THREADS]),
            ("all callbacks", 4, 0, &locking),
            ("all callbacks or OS locking", 4, CKF_OS_LOCKING_OK, &[CKR_OK]),
            ("one callback", 1, 0, &[CKR_ARGUMENTS_BAD]),
            ("one callback or OS locking", 1, CKF_OS_LOCKING_OK, &[CKR_ARGUMENTS_BAD]),
            ("three callbacks", 3, CKF_OS_LOCKING_OK, &[CKR_ARGUMENTS_BAD]),
        ] {
            let mut arguments = initialize_arguments(flags);
            give_callbacks(&mut arguments, callbacks);
            let got = module.initialize_with(Some(&mut arguments));
            tally.row(name, got, allowed);
            if got.is_ok() {
                tally.row(format!("{name}: C_GetInfo"), module.info(), &[CKR_OK]);
                tally.row(format!("{name}: again"), module.initialize(), &[CKR_CRYPTOKI_ALREADY_INITIALIZED]);
                tally.row(format!("{name}: C_Finalize"), module.finalize(), &[CKR_OK]);
            }
        }
        tally.row("NULL", module.initialize_with(None), &[CKR_OK]);
        tally.row("C_Finalize", module.finalize(), &[CKR_OK]);
        tally.row("C_Finalize again", module.finalize(), &[CKR_CRYPTOKI_NOT_INITIALIZED]);
    });
}

/// C_Finalize: "pReserved must be NULL_PTR".
#[test]
fn finalize_reserves_its_argument() {
    isolated(|home| {
        let module = home.module();
        module.initialize().expect("C_Initialize");
        assert_eq!(module.finalize_with(&mut 0), refused(CKR_ARGUMENTS_BAD));
        assert_eq!(module.info().map(|_| ()), Ok(()), "still initialised");
        assert_eq!(module.finalize(), Ok(()));
    });
}

/// A hundred times around leaves nothing behind that stops the next.
#[test]
fn initialize_and_finalize_many_times() {
    isolated(|home| {
        let mut token = home.token();
        for _ in 0..100 {
            token.restart();
        }
        assert_eq!(token.user().state(), CKS_RW_USER_FUNCTIONS);
    });
}
