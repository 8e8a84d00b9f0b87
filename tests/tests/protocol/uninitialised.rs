//! 5.4: before C_Initialize and after C_Finalize only four functions may be called.

use hsm_tests::*;

const ALWAYS: [&str; 4] = ["C_Initialize", "C_GetFunctionList", "C_GetInterfaceList", "C_GetInterface"];

/// 5.1.6, CKR_CRYPTOKI_NOT_INITIALIZED: checked first, so NULL arguments make no difference.
#[test]
fn every_function_needs_initialize() {
    isolated(|home| {
        let module = home.module();
        all_refuse(&module, "before C_Initialize");
        module.initialize().expect("C_Initialize");
        module.finalize().expect("C_Finalize");
        all_refuse(&module, "after C_Finalize");
    });
}

fn all_refuse(module: &Module, when: &'static str) {
    let probe = Probe::new(module);
    let mut tally = Tally::new(when);
    for entry in probe.entries().filter(|e| !ALWAYS.contains(&e.name)) {
        let stub: &[CK_RV] = match entry.name {
            "C_GetFunctionStatus" | "C_CancelFunction" => &[CKR_CRYPTOKI_NOT_INITIALIZED, CKR_FUNCTION_NOT_PARALLEL],
            _ if crate::stage::optional(entry) => &[CKR_CRYPTOKI_NOT_INITIALIZED, CKR_FUNCTION_NOT_SUPPORTED],
            _ => &[CKR_CRYPTOKI_NOT_INITIALIZED],
        };
        tally.row(format!("{} of nothing", entry.name), probe.call_zero(entry), stub);
        tally.row(entry.name, probe.call(entry), stub);
    }
}
