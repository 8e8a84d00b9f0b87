//! Slots, tokens, mechanisms and the opening of sessions: PKCS#11 v3.2 sections 5.5 and 5.6.

use crate::answer::{Answer, Rv};
use crate::module::Module;
use crate::session::Session;
use cryptoki_sys::*;
use std::ptr::null_mut;

impl Module {
    pub fn slots(&self, token_present: bool) -> Answer<Vec<CK_SLOT_ID>> {
        let list = self.functions().C_GetSlotList.expect("C_GetSlotList");
        let mut count = 0;
        // SAFETY: the place outlives the call.
        Rv(unsafe { list(token_present.into(), null_mut(), &mut count) }).answer()?;
        let mut slots = vec![0; count as usize];
        // SAFETY: there is room for `count`.
        Rv(unsafe { list(token_present.into(), slots.as_mut_ptr(), &mut count) }).answer()?;
        slots.truncate(count as usize);
        Ok(slots)
    }

    pub fn slot_info(&self, slot: CK_SLOT_ID) -> Answer<CK_SLOT_INFO> {
        let mut info = CK_SLOT_INFO {
            slotDescription: [0; 64],
            manufacturerID: [0; 32],
            flags: 0,
            hardwareVersion: CK_VERSION::default(),
            firmwareVersion: CK_VERSION::default(),
        };
        // SAFETY: the structure outlives the call.
        Rv(unsafe { self.functions().C_GetSlotInfo.expect("C_GetSlotInfo")(slot, &mut info) }).map(|| info)
    }

    pub fn token_info(&self, slot: CK_SLOT_ID) -> Answer<CK_TOKEN_INFO> {
        let mut info = CK_TOKEN_INFO::default();
        // SAFETY: the structure outlives the call.
        Rv(unsafe { self.functions().C_GetTokenInfo.expect("C_GetTokenInfo")(slot, &mut info) }).map(|| info)
    }

    pub fn mechanisms(&self, slot: CK_SLOT_ID) -> Answer<Vec<CK_MECHANISM_TYPE>> {
        let list = self.functions().C_GetMechanismList.expect("C_GetMechanismList");
        let mut count = 0;
        // SAFETY: the place outlives the call.
        Rv(unsafe { list(slot, null_mut(), &mut count) }).answer()?;
        let mut all = vec![0; count as usize];
        // SAFETY: there is room for `count`.
        Rv(unsafe { list(slot, all.as_mut_ptr(), &mut count) }).map(|| all)
    }

    pub fn mechanism_info(&self, slot: CK_SLOT_ID, mechanism: CK_MECHANISM_TYPE) -> Answer<CK_MECHANISM_INFO> {
        let mut info = CK_MECHANISM_INFO::default();
        let get = self.functions().C_GetMechanismInfo.expect("C_GetMechanismInfo");
        // SAFETY: the structure outlives the call.
        Rv(unsafe { get(slot, mechanism, &mut info) }).map(|| info)
    }

    /// C_InitToken; the label is padded to its 32 bytes.
    pub fn init_token(&self, slot: CK_SLOT_ID, so_pin: &str, label: &str) -> Answer {
        let mut padded = format!("{label:32}").into_bytes();
        let init = self.functions().C_InitToken.expect("C_InitToken");
        let (pin, length) = (so_pin.as_ptr().cast_mut(), so_pin.len() as CK_ULONG);
        // SAFETY: PIN and label outlive the call; the label has 32 bytes.
        Rv(unsafe { init(slot, pin, length, padded.as_mut_ptr()) }).answer()
    }

    pub fn open(&self, slot: CK_SLOT_ID, flags: CK_FLAGS) -> Answer<Session<'_>> {
        let mut handle = 0;
        let open = self.functions().C_OpenSession.expect("C_OpenSession");
        // SAFETY: the handle's place outlives the call; no callback is given.
        Rv(unsafe { open(slot, flags, null_mut(), None, &mut handle) }).map(|| Session::at(self, handle))
    }

    pub fn close_all(&self, slot: CK_SLOT_ID) -> Answer {
        // SAFETY: no pointers are passed.
        Rv(unsafe { self.functions().C_CloseAllSessions.expect("C_CloseAllSessions")(slot) }).answer()
    }

    /// C_WaitForSlotEvent with CKF_DONT_BLOCK.
    pub fn slot_event(&self) -> Answer<CK_SLOT_ID> {
        let mut slot = 0;
        let wait = self.functions().C_WaitForSlotEvent.expect("C_WaitForSlotEvent");
        // SAFETY: the slot's place outlives the call.
        Rv(unsafe { wait(CKF_DONT_BLOCK, &mut slot, null_mut()) }).map(|| slot)
    }

    /// One call of C_GetSlotList with room for `room` slots: the code and the count told.
    pub fn slots_into(&self, token_present: bool, room: Option<usize>) -> (Rv, usize) {
        let list = self.functions().C_GetSlotList.expect("C_GetSlotList");
        // SAFETY: `fill` gives room for `room` slots.
        fill(room, |place, count| unsafe { list(token_present.into(), place, count) })
    }

    /// One call of C_GetMechanismList with room for `room` mechanisms: the code and the count told.
    pub fn mechanisms_into(&self, slot: CK_SLOT_ID, room: Option<usize>) -> (Rv, usize) {
        let list = self.functions().C_GetMechanismList.expect("C_GetMechanismList");
        // SAFETY: `fill` gives room for `room` mechanisms.
        fill(room, |place, count| unsafe { list(slot, place, count) })
    }
}

fn fill(room: Option<usize>, call: impl FnOnce(*mut CK_ULONG, *mut CK_ULONG) -> CK_RV) -> (Rv, usize) {
    let mut place: Vec<CK_ULONG> = vec![0; room.unwrap_or(0) + 1];
    let mut count = room.unwrap_or(0) as CK_ULONG;
    let pointer = room.map_or(null_mut(), |_| place.as_mut_ptr());
    let rv = Rv(call(pointer, &mut count));
    (rv, count as usize)
}
