//! Slots and tokens: PKCS#11 v3.2 §5.5.

use cryptoki_sys::*;

use super::{entry, info};
use crate::{
    abi::{
        args::Reserved,
        input::{Label, Pin},
        output::{List, Put},
    },
    error::Rv,
    module::wait_for_end,
};

entry! {
    /// §5.5.1. A query for the count looks for tokens that came or went.
    C_GetSlotList(token_present: bool, slots[count]: List<CK_SLOT_ID>) |module| {
        let _ = token_present;
        if slots.is_query() {
            module.slots.refresh()?;
        }
        slots.put(&module.slots.ids())
    }
}

entry! {
    /// §5.5.2
    C_GetSlotInfo(slot: CK_SLOT_ID, info: Put<CK_SLOT_INFO>) |module| {
        let there = module.slots.slot(slot)?.is_none_or(|slot| slot.token.is_present());
        info.put(info::slot(slot, there));
        Ok(())
    }
}

entry! {
    /// §5.5.3
    C_GetTokenInfo(slot: CK_SLOT_ID, info: Put<CK_TOKEN_INFO>) |module| {
        let slot = module.slots.present(slot)?;
        info.put(info::token(&module, slot.as_deref())?);
        Ok(())
    }
}

entry! {
    /// §5.5.4. Slots neither come nor go while a process waits: whoever waits is woken by C_Finalize.
    C_WaitForSlotEvent(flags: CK_FLAGS, slot: Put<CK_SLOT_ID>, reserved: Reserved) |module| {
        // Held any longer, it would keep C_Finalize from waking us.
        drop(module);
        let (Reserved, _) = (reserved, slot);
        match flags & CKF_DONT_BLOCK {
            0 => wait_for_end(),
            _ => Rv::NoEvent.err("no slot event ever happens"),
        }
    }
}

entry! {
    /// §5.5.5
    C_GetMechanismList(slot: CK_SLOT_ID, mechanisms[count]: List<CK_MECHANISM_TYPE>) |module| {
        let slot = module.slots.present(slot)?;
        let serial = slot.as_ref().map_or("", |slot| slot.token.serial());
        let kinds: Vec<_> = module.config().mechanisms.rows(serial).map(|row| row.kind).collect();
        mechanisms.put(&kinds)
    }
}

entry! {
    /// §5.5.6
    C_GetMechanismInfo(slot: CK_SLOT_ID, kind: CK_MECHANISM_TYPE, info: Put<CK_MECHANISM_INFO>) |module| {
        let slot = module.slots.present(slot)?;
        let serial = slot.as_ref().map_or("", |slot| slot.token.serial());
        let offer = &module.config().mechanisms;
        let row = offer.offered(serial, kind)?;
        info.put(info::mechanism(row, offer.least(serial, row)));
        Ok(())
    }
}

entry! {
    /// §5.5.7
    C_InitToken(slot: CK_SLOT_ID, pin[pin_len]: Pin<'_>, label: Label) |module| {
        module.slots.init_token(slot, &label.0, pin.0)
    }
}

entry! {
    /// §5.5.8
    C_InitPIN(session: CK_SESSION_HANDLE, pin[pin_len]: Pin<'_>) |module| module.init_pin(session, pin.0)
}

entry! {
    /// §5.5.9
    C_SetPIN(session: CK_SESSION_HANDLE, old[old_len]: Pin<'_>, new[new_len]: Pin<'_>) |module| {
        module.set_pin(session, old.0, new.0)
    }
}
