//! The end of a login: uses of limited keys that were taken and not made are given back, and the log learns how often keys were used.

use std::sync::Arc;

use cryptoki_sys::*;

use super::{
    State, Token,
    objects::Writer,
    uses::{Used, with_left},
};
use crate::{
    audit::{Level, told},
    error::{Result, Rv},
    handles::HandleMap,
    log,
    object::{
        Object,
        attributes::{Draft, Lookup},
        rules::CKA_HSM_SIM_USES_LEFT,
    },
};

/// What is not written down yet of a login, and the keys it is written with; the login itself may be over.
pub struct Unsettled {
    used: HandleMap<Arc<Used>>,
    /// `None` when nobody was logged in: then there were session objects only.
    writer: Option<Writer>,
}

impl Token {
    /// C_Finalize: the login ends with the process.
    pub fn end_uses(&self) {
        let unsettled = self.unsettled(&self.state.read());
        self.settle(unsettled);
    }

    /// What is to be settled once nobody waits for this state.
    pub(super) fn unsettled(&self, state: &State) -> Unsettled {
        Unsettled { used: self.uses.take(), writer: Writer::of(state).ok() }
    }

    /// Writes it down. The state must not be held: whoever is just taking a block waits for it, and this for them.
    pub(super) fn settle(&self, Unsettled { used, writer }: Unsettled) {
        if used.is_empty() {
            return;
        }
        let given = used.iter().map(|(handle, used)| self.give_back(writer.as_ref(), *handle, used.end()));
        let given = given.fold(Ok(()), Result::and);
        let told = writer.map_or(Ok(()), |writer| self.tell_times(&writer, used.values()));
        if let Err(error) = given.and(told) {
            log::warn(format_args!("token {}: uses of keys were not written down: {}", self.serial, error.why));
        }
    }

    fn give_back(&self, writer: Option<&Writer>, handle: CK_OBJECT_HANDLE, unused: u64) -> Result<()> {
        if unused == 0 {
            return Ok(());
        }
        let given = self.change_with(writer, handle, &|object| Ok(given(object, unused)));
        // A key that was destroyed meanwhile has nothing to be given.
        given.or_else(|error| if error.rv == Rv::ObjectHandleInvalid { Ok(()) } else { Err(error) })
    }

    fn tell_times<'u>(&self, writer: &Writer, used: impl Iterator<Item = &'u Arc<Used>>) -> Result<()> {
        if !self.audit.tells(Level::Uses) {
            return Ok(());
        }
        let note = self.note_by(Some(&writer.vault), used.flat_map(|used| used.untold(&writer.by)).collect())?;
        told(&note).map_or(Ok(()), |told| self.store.append(Some(writer.guard), told))
    }
}

/// Somebody may have ended the key meanwhile, or taken its limit away: nothing revives it.
fn given(object: &Object, unused: u64) -> Draft {
    match object.attributes().ulong(CKA_HSM_SIM_USES_LEFT) {
        None | Some(0) => object.attributes().draft(),
        Some(left) => with_left(object, left.saturating_add(unused)),
    }
}
