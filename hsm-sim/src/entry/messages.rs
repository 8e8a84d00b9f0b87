//! Message-based encryption and decryption: PKCS#11 v3.2 §5.9 and §5.11.

use cryptoki_sys::*;

use super::entry;
use crate::{
    abi::{input::In, message::Parameter, output::Out, params::Mechanism},
    mechanism::Direction,
};

/// Both directions have the same five functions.
macro_rules! messages {
    ($direction:expr, $init:ident, $message:ident, $begin:ident, $next:ident, $final:ident) => {
        entry! {
            /// §5.9.1, §5.11.1
            $init(session: CK_SESSION_HANDLE, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) |module| {
                module.session(session)?.lock().message_init($direction, mechanism, key)
            }
        }

        entry! {
            /// §5.9.2, §5.11.2
            $message(
                session: CK_SESSION_HANDLE,
                parameter[parameter_len]: Parameter,
                associated_data[associated_data_len]: In<'_>,
                input[input_len]: In<'_>,
                output[output_len]: Out,
            ) |module| {
                let open = module.session(session)?;
                // The output may lie over any of the caller's inputs, the associated data too.
                let aad = associated_data.0.to_vec();
                output.answer_from(input, |input, room| open.lock().message($direction, parameter, &aad, input, room))
            }
        }

        entry! {
            /// §5.9.3, §5.11.3
            $begin(
                session: CK_SESSION_HANDLE,
                parameter[parameter_len]: Parameter,
                associated_data[associated_data_len]: In<'_>,
            ) |module| module.session(session)?.lock().message_begin($direction, parameter, associated_data.0)
        }

        entry! {
            /// §5.9.4, §5.11.4
            $next(
                session: CK_SESSION_HANDLE,
                parameter[parameter_len]: Parameter,
                part[part_len]: In<'_>,
                output[output_len]: Out,
                flags: CK_FLAGS,
            ) |module| {
                let open = module.session(session)?;
                output.answer_from(part, |part, room| open.lock().message_next($direction, parameter, part, room, flags))
            }
        }

        entry! {
            /// §5.9.5, §5.11.5
            $final(session: CK_SESSION_HANDLE) |module| module.session(session)?.lock().message_final($direction)
        }
    };
}

messages! {
    Direction::Encrypt,
    C_MessageEncryptInit, C_EncryptMessage, C_EncryptMessageBegin, C_EncryptMessageNext, C_MessageEncryptFinal
}
messages! {
    Direction::Decrypt,
    C_MessageDecryptInit, C_DecryptMessage, C_DecryptMessageBegin, C_DecryptMessageNext, C_MessageDecryptFinal
}
