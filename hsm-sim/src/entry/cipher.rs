//! Encryption and decryption: PKCS#11 v3.2 §5.8 and §5.10.

use cryptoki_sys::*;

use super::entry;
use crate::abi::{input::In, output::Out, params::Mechanism};

entry! {
    /// §5.8.1
    C_EncryptInit(session: CK_SESSION_HANDLE, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) |module| {
        module.session(session)?.lock().encrypt_init(mechanism, key)
    }
}

entry! {
    /// §5.8.2
    C_Encrypt(session: CK_SESSION_HANDLE, data[data_len]: In<'_>, encrypted[encrypted_len]: Out) |module| {
        let open = module.session(session)?;
        encrypted.answer_from(data, |data, room| open.lock().encrypt(data, room))
    }
}

entry! {
    /// §5.8.3
    C_EncryptUpdate(session: CK_SESSION_HANDLE, part[part_len]: In<'_>, encrypted[encrypted_len]: Out) |module| {
        let open = module.session(session)?;
        encrypted.answer_from(part, |part, room| open.lock().encrypt_update(part, room))
    }
}

entry! {
    /// §5.8.4
    C_EncryptFinal(session: CK_SESSION_HANDLE, encrypted[encrypted_len]: Out) |module| {
        let open = module.session(session)?;
        encrypted.answer(|room| open.lock().encrypt_final(room))
    }
}

entry! {
    /// §5.10.1
    C_DecryptInit(session: CK_SESSION_HANDLE, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) |module| {
        module.session(session)?.lock().decrypt_init(mechanism, key)
    }
}

entry! {
    /// §5.10.2
    C_Decrypt(session: CK_SESSION_HANDLE, encrypted[encrypted_len]: In<'_>, data[data_len]: Out) |module| {
        let open = module.session(session)?;
        data.answer_from(encrypted, |encrypted, room| open.lock().decrypt(encrypted, room))
    }
}

entry! {
    /// §5.10.3
    C_DecryptUpdate(session: CK_SESSION_HANDLE, encrypted[encrypted_len]: In<'_>, part[part_len]: Out) |module| {
        let open = module.session(session)?;
        part.answer_from(encrypted, |encrypted, room| open.lock().decrypt_update(encrypted, room))
    }
}

entry! {
    /// §5.10.4
    C_DecryptFinal(session: CK_SESSION_HANDLE, part[part_len]: Out) |module| {
        let open = module.session(session)?;
        part.answer(|room| open.lock().decrypt_final(room))
    }
}
