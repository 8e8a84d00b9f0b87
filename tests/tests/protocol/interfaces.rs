//! 5.4.5 and 5.4.6: C_GetInterfaceList and C_GetInterface.

use hsm_tests::*;

#[test]
fn the_list_names_each_version() {
    isolated(|home| {
        let module = home.module();
        let all = module.interfaces().expect("C_GetInterfaceList");
        let standard: Vec<_> = all.iter().filter(|i| i.name == "PKCS 11").map(|i| i.version).collect();
        for version in [(2, 40), (3, 0), (3, 2)] {
            assert!(standard.contains(&version), "{version:?} is not among {standard:?}");
        }
    });
}

/// "If the name is NULL the default interface; if the version is NULL any version of the name."
#[test]
fn names_and_versions_select() {
    isolated(|home| {
        let module = home.module();
        let mut tally = Tally::new("5.4.6 C_GetInterface");
        let standard = Some("PKCS 11");
        let cases = [
            (None, None, Some("PKCS 11")),
            (standard, None, Some("PKCS 11")),
            (None, Some((3, 0)), Some("PKCS 11")),
            (standard, Some((2, 40)), Some("PKCS 11")),
            (standard, Some((3, 0)), Some("PKCS 11")),
            (standard, Some((3, 2)), Some("PKCS 11")),
            (standard, Some((9, 9)), None),
            (standard, Some((1, 0)), None),
            (Some("pkcs 11"), None, None),
            (Some("PKCS 11 "), None, None),
            (Some(""), None, None),
            (Some("Vendor nobody"), None, None),
        ];
        for (name, version, want) in cases {
            let got = module.interface(name, version, 0);
            let what = format!("{name:?} {version:?}");
            match want {
                Some(want) => {
                    tally.row(&what, &got, &[CKR_OK]);
                    let found = got.as_ref().ok().map(|i| i.name.as_str());
                    tally.equal(format!("{what}: name"), found, Some(want));
                    let exact = got.as_ref().is_ok_and(|i| version.is_none_or(|v| v == i.version));
                    tally.check(format!("{what}: version"), exact, format_args!("{got:?}"));
                }
                None => tally.row(&what, &got, &[CKR_FUNCTION_FAILED]),
            }
        }
    });
}

/// "The flags must all be set in the interface": CKF_INTERFACE_FORK_SAFE is only answered by one that has it.
#[test]
fn flags_select() {
    isolated(|home| {
        let module = home.module();
        let got = module.interface(Some("PKCS 11"), None, CKF_INTERFACE_FORK_SAFE);
        match &got {
            Ok(found) => assert_ne!(found.flags & CKF_INTERFACE_FORK_SAFE, 0),
            Err(rv) => assert_eq!(*rv, Rv(CKR_FUNCTION_FAILED)),
        }
        assert_eq!(module.interface(None, None, 1 << 40), refused(CKR_FUNCTION_FAILED));
    });
}

/// The default interface is the one that C_GetInterface gives for nothing, and it works.
#[test]
fn the_lists_are_one_module() {
    isolated(|home| {
        let module = home.module();
        let old = Probe::of(&module, Since::V2_40).expect("2.40");
        let new = Probe::of(&module, Since::V3_2).expect("3.2");
        module.initialize().expect("C_Initialize through the 2.40 list");
        let again = Entry::named("C_Initialize");
        assert_eq!(new.call(again), Rv(CKR_CRYPTOKI_ALREADY_INITIALIZED));
        assert_eq!(old.call(again), Rv(CKR_CRYPTOKI_ALREADY_INITIALIZED));
        assert_eq!(new.call(Entry::named("C_Finalize")), Rv(CKR_OK));
        assert_eq!(old.call(Entry::named("C_GetInfo")), Rv(CKR_CRYPTOKI_NOT_INITIALIZED));
    });
}

/// 5.4.6: before C_Initialize and after C_Finalize too, and always the same memory.
#[test]
fn interfaces_need_no_initialize() {
    isolated(|home| {
        let module = home.module();
        let before = module.interface(None, None, 0).expect("before C_Initialize");
        module.initialize().expect("C_Initialize");
        assert_eq!(module.interface(None, None, 0), Ok(before.clone()));
        module.finalize().expect("C_Finalize");
        assert_eq!(module.interface(None, None, 0), Ok(before));
    });
}
