//! Message digesting: PKCS#11 v3.2 §5.12.

use cryptoki_sys::*;

use super::entry;
use crate::abi::{input::In, output::Out, params::Mechanism};

entry! {
    /// §5.12.1
    C_DigestInit(session: CK_SESSION_HANDLE, mechanism: Option<Mechanism<'_>>) |module| {
        module.session(session)?.lock().digest_init(mechanism)
    }
}

entry! {
    /// §5.12.2
    C_Digest(session: CK_SESSION_HANDLE, data[data_len]: In<'_>, digest[digest_len]: Out) |module| {
        let open = module.session(session)?;
        digest.answer_from(data, |data, room| open.lock().digest(data, room))
    }
}

entry! {
    /// §5.12.3
    C_DigestUpdate(session: CK_SESSION_HANDLE, part[part_len]: In<'_>) |module| {
        module.session(session)?.lock().digest_update(part.0)
    }
}

entry! {
    /// §5.12.4
    C_DigestKey(session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE) |module| module.session(session)?.lock().digest_key(key)
}

entry! {
    /// §5.12.5
    C_DigestFinal(session: CK_SESSION_HANDLE, digest[digest_len]: Out) |module| {
        let open = module.session(session)?;
        digest.answer(|room| open.lock().digest_final(room))
    }
}
