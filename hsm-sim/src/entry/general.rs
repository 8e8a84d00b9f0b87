//! General-purpose and parallel functions: PKCS#11 v3.2 §5.4 and §5.20.

use cryptoki_sys::*;

use super::entry;
use crate::{
    abi::{args::Reserved, initialize::InitializeArgs, output::Put},
    entry::info,
    error::Rv,
    module,
};

entry! {
    /// §5.4.1
    C_Initialize(args: InitializeArgs) before module::initialize(args.configuration)
}

entry! {
    /// §5.4.2
    C_Finalize(reserved: Reserved) |_| {
        let Reserved = reserved;
        module::finalize()
    }
}

entry! {
    /// §5.4.3
    C_GetInfo(info: Put<CK_INFO>) |_| {
        info.put(info::library());
        Ok(())
    }
}

entry! {
    /// §5.20.1
    C_GetFunctionStatus(session: CK_SESSION_HANDLE) |_| {
        let _ = session;
        Rv::FunctionNotParallel.err("a legacy function")
    }
}

entry! {
    /// §5.20.2
    C_CancelFunction(session: CK_SESSION_HANDLE) |_| {
        let _ = session;
        Rv::FunctionNotParallel.err("a legacy function")
    }
}
