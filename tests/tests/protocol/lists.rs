//! The function lists: "even unsupported functions should have a stub" (5.1.6, CKR_FUNCTION_NOT_SUPPORTED).

use hsm_tests::*;

#[test]
fn every_list_is_full() {
    isolated(|home| {
        let module = home.module();
        let mut tally = Tally::new("5.1.6: a stub for every function");
        for (list, count) in [(Since::V2_40, V2_40_COUNT), (Since::V3_0, V3_0_COUNT), (Since::V3_2, V3_2_COUNT)] {
            let probe = Probe::of(&module, list).unwrap_or_else(|| panic!("no {list:?} list"));
            tally.equal(format!("{list:?}: functions"), probe.entries().count(), count);
            for entry in probe.entries() {
                tally.check(format!("{list:?} {}", entry.name), probe.has(entry), "NULL in the list");
            }
        }
    });
}

/// 2.40 4.6: the functions are exported by name too, for consumers that link.
#[test]
fn every_function_is_exported_by_name() {
    isolated(|home| {
        let module = home.module();
        let mut tally = Tally::new("exported by name");
        for entry in Entry::all() {
            tally.check(entry.name, module.exports(entry.name), "not exported");
        }
    });
}

/// 5.20: the two legacy functions "simply return CKR_FUNCTION_NOT_PARALLEL".
#[test]
fn legacy_functions_are_not_parallel() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(true);
        let probe = Probe::new(&token.module).at(session, token.slot);
        for name in ["C_GetFunctionStatus", "C_CancelFunction"] {
            assert_eq!(probe.call(Entry::named(name)), Rv(CKR_FUNCTION_NOT_PARALLEL), "{name}");
        }
    });
}

/// What this module leaves out answers one code, and nothing it promises does.
#[test]
fn only_optional_functions_are_not_supported() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(true);
        let mut probe = Probe::new(&token.module).at(session, token.slot);
        probe.number = CKF_DONT_BLOCK as usize;
        let mut tally = Tally::new("5.1.6: CKR_FUNCTION_NOT_SUPPORTED");
        for entry in probe.entries().filter(|e| e.takes(Param::Session) && !crate::stage::optional(*e)) {
            probe.session = token.open(true).handle;
            let got = probe.call(entry);
            let holds = got != Rv(CKR_FUNCTION_NOT_SUPPORTED);
            tally.check(entry.name, holds, "is not supported");
        }
    });
}
