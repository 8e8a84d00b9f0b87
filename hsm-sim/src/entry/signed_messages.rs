//! Message-based signing and verifying: PKCS#11 v3.2 §5.14 and §5.16.

use cryptoki_sys::*;

use super::entry;
use crate::abi::{input::In, message::Parameter, output::Out, params::Mechanism};

entry! {
    /// §5.14.1
    C_MessageSignInit(session: CK_SESSION_HANDLE, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) |module| {
        module.session(session)?.lock().message_sign_init(mechanism, key)
    }
}

entry! {
    /// §5.14.2
    C_SignMessage(
        session: CK_SESSION_HANDLE,
        parameter[parameter_len]: Parameter,
        data[data_len]: In<'_>,
        signature[signature_len]: Out,
    ) |module| {
        let open = module.session(session)?;
        signature.answer_from(data, |data, room| open.lock().sign_message(parameter, data, room))
    }
}

entry! {
    /// §5.14.3
    C_SignMessageBegin(session: CK_SESSION_HANDLE, parameter[parameter_len]: Parameter) |module| {
        module.session(session)?.lock().sign_message_begin(parameter)
    }
}

entry! {
    /// §5.14.4
    C_SignMessageNext(
        session: CK_SESSION_HANDLE,
        parameter[parameter_len]: Parameter,
        part[part_len]: In<'_>,
        signature[signature_len]: Option<Out>,
    ) |module| {
        let open = module.session(session)?;
        match signature {
            Some(signature) => {
                signature.answer_from(part, |part, room| open.lock().sign_message_next(parameter, part, Some(room)))
            }
            None => open.lock().sign_message_next(parameter, part.0, None).map(|_| ()),
        }
    }
}

entry! {
    /// §5.14.5
    C_MessageSignFinal(session: CK_SESSION_HANDLE) |module| module.session(session)?.lock().message_sign_final()
}

entry! {
    /// §5.16.1
    C_MessageVerifyInit(session: CK_SESSION_HANDLE, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) |module| {
        module.session(session)?.lock().message_verify_init(mechanism, key)
    }
}

entry! {
    /// §5.16.2
    C_VerifyMessage(
        session: CK_SESSION_HANDLE,
        parameter[parameter_len]: Parameter,
        data[data_len]: In<'_>,
        signature[signature_len]: In<'_>,
    ) |module| module.session(session)?.lock().verify_message(parameter, data.0, signature.0)
}

entry! {
    /// §5.16.3
    C_VerifyMessageBegin(session: CK_SESSION_HANDLE, parameter[parameter_len]: Parameter) |module| {
        module.session(session)?.lock().verify_message_begin(parameter)
    }
}

entry! {
    /// §5.16.4
    C_VerifyMessageNext(
        session: CK_SESSION_HANDLE,
        parameter[parameter_len]: Parameter,
        part[part_len]: In<'_>,
        signature[signature_len]: Option<In<'_>>,
    ) |module| {
        let signature = signature.map(|signature| signature.0);
        module.session(session)?.lock().verify_message_next(parameter, part.0, signature)
    }
}

entry! {
    /// §5.16.5
    C_MessageVerifyFinal(session: CK_SESSION_HANDLE) |module| module.session(session)?.lock().message_verify_final()
}
