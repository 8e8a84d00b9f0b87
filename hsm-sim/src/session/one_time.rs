//! One-time passwords at the key's own counter: each counter is taken once, by whoever begins to sign.

use std::{cell::Cell, sync::Arc};

use cryptoki_sys::{CK_OBJECT_HANDLE, CKM_HOTP};

use super::Session;
use crate::{
    error::Result,
    mechanism::{MakeSigner, Mechanism, Row, Signer, hotp},
    object::{Object, hotp::advanced, key::Key, traits::Usage},
};

impl Session {
    /// Begins a signature, and whether its use was counted already. A counter is moved on before its password exists: what is then not fetched is lost, and none is given twice.
    pub(super) fn signer(
        &self,
        row: &Row,
        make: MakeSigner,
        mechanism: &Mechanism<'_>,
        handle: CK_OBJECT_HANDLE,
        object: &Arc<Object>,
    ) -> Result<(Box<dyn Signer>, bool)> {
        match object.key()? {
            Key::Hotp(key) if mechanism.kind == CKM_HOTP && hotp::is_counted_inside(mechanism, key)? => {
                // Refused, if at all, before a counter is taken.
                self.permitted(row, object, Usage::SIGN)?;
                hotp::sign_at(key.counter, mechanism, key)?;
                self.begin_use(row, handle, object, Usage::SIGN)?;
                let taken = Cell::new(0);
                self.token().change_object(handle, &|object| {
                    let (counter, draft) = advanced(object)?;
                    taken.set(counter);
                    Ok(draft)
                })?;
                Ok((hotp::sign_at(taken.get(), mechanism, key)?, true))
            }
            key => Ok((make(mechanism, key)?, false)),
        }
    }
}
