//! Dual-function operations: PKCS#11 v3.2 §5.17.

use cryptoki_sys::*;

use super::entry;
use crate::abi::{input::In, output::Out};

entry! {
    /// §5.17.1
    C_DigestEncryptUpdate(session: CK_SESSION_HANDLE, part[part_len]: In<'_>, encrypted[encrypted_len]: Out) |module| {
        let open = module.session(session)?;
        encrypted.answer_from(part, |part, room| open.lock().digest_encrypt_update(part, room))
    }
}

entry! {
    /// §5.17.2
    C_DecryptDigestUpdate(session: CK_SESSION_HANDLE, encrypted[encrypted_len]: In<'_>, part[part_len]: Out) |module| {
        let open = module.session(session)?;
        part.answer_from(encrypted, |encrypted, room| open.lock().decrypt_digest_update(encrypted, room))
    }
}

entry! {
    /// §5.17.3
    C_SignEncryptUpdate(session: CK_SESSION_HANDLE, part[part_len]: In<'_>, encrypted[encrypted_len]: Out) |module| {
        let open = module.session(session)?;
        encrypted.answer_from(part, |part, room| open.lock().sign_encrypt_update(part, room))
    }
}

entry! {
    /// §5.17.4
    C_DecryptVerifyUpdate(session: CK_SESSION_HANDLE, encrypted[encrypted_len]: In<'_>, part[part_len]: Out) |module| {
        let open = module.session(session)?;
        part.answer_from(encrypted, |encrypted, room| open.lock().decrypt_verify_update(encrypted, room))
    }
}
