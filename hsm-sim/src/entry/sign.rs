//! Signing and verifying: PKCS#11 v3.2 §5.13 and §5.15.

use cryptoki_sys::*;

use super::entry;
use crate::abi::{input::In, output::Out, params::Mechanism};

entry! {
    /// §5.13.1
    C_SignInit(session: CK_SESSION_HANDLE, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) |module| {
        module.session(session)?.lock().sign_init(mechanism, key)
    }
}

entry! {
    /// §5.13.2
    C_Sign(session: CK_SESSION_HANDLE, data[data_len]: In<'_>, signature[signature_len]: Out) |module| {
        let open = module.session(session)?;
        signature.answer_from(data, |data, room| open.lock().sign(data, room))
    }
}

entry! {
    /// §5.13.3
    C_SignUpdate(session: CK_SESSION_HANDLE, part[part_len]: In<'_>) |module| {
        module.session(session)?.lock().sign_update(part.0)
    }
}

entry! {
    /// §5.13.4
    C_SignFinal(session: CK_SESSION_HANDLE, signature[signature_len]: Out) |module| {
        let open = module.session(session)?;
        signature.answer(|room| open.lock().sign_final(room))
    }
}

entry! {
    /// §5.15.1
    C_VerifyInit(session: CK_SESSION_HANDLE, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) |module| {
        module.session(session)?.lock().verify_init(mechanism, key)
    }
}

entry! {
    /// §5.15.2
    C_Verify(session: CK_SESSION_HANDLE, data[data_len]: In<'_>, signature[signature_len]: In<'_>) |module| {
        module.session(session)?.lock().verify(data.0, signature.0)
    }
}

entry! {
    /// §5.15.3
    C_VerifyUpdate(session: CK_SESSION_HANDLE, part[part_len]: In<'_>) |module| {
        module.session(session)?.lock().verify_update(part.0)
    }
}

entry! {
    /// §5.15.4
    C_VerifyFinal(session: CK_SESSION_HANDLE, signature[signature_len]: In<'_>) |module| {
        module.session(session)?.lock().verify_final(signature.0)
    }
}

entry! {
    /// §5.13.5
    C_SignRecoverInit(session: CK_SESSION_HANDLE, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) |module| {
        module.session(session)?.lock().sign_recover_init(mechanism, key)
    }
}

entry! {
    /// §5.13.6
    C_SignRecover(session: CK_SESSION_HANDLE, data[data_len]: In<'_>, signature[signature_len]: Out) |module| {
        let open = module.session(session)?;
        signature.answer_from(data, |data, room| open.lock().sign_recover(data, room))
    }
}

entry! {
    /// §5.15.5
    C_VerifyRecoverInit(session: CK_SESSION_HANDLE, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) |module| {
        module.session(session)?.lock().verify_recover_init(mechanism, key)
    }
}

entry! {
    /// §5.15.6
    C_VerifyRecover(session: CK_SESSION_HANDLE, signature[signature_len]: In<'_>, data[data_len]: Out) |module| {
        let open = module.session(session)?;
        data.answer_from(signature, |signature, room| open.lock().verify_recover(signature, room))
    }
}

entry! {
    /// §5.15.7
    C_VerifySignatureInit(
        session: CK_SESSION_HANDLE,
        mechanism: Option<Mechanism<'_>>,
        key: CK_OBJECT_HANDLE,
        signature[signature_len]: In<'_>,
    ) |module| module.session(session)?.lock().verify_signature_init(mechanism, key, signature.0)
}

entry! {
    /// §5.15.8
    C_VerifySignature(session: CK_SESSION_HANDLE, data[data_len]: In<'_>) |module| {
        module.session(session)?.lock().verify_signature(data.0)
    }
}

entry! {
    /// §5.15.9
    C_VerifySignatureUpdate(session: CK_SESSION_HANDLE, part[part_len]: In<'_>) |module| {
        module.session(session)?.lock().verify_signature_update(part.0)
    }
}

entry! {
    /// §5.15.10
    C_VerifySignatureFinal(session: CK_SESSION_HANDLE) |module| module.session(session)?.lock().verify_signature_final()
}
