//! A fresh token for a test.

use crate::answer::Answer;
use crate::module::Module;
use crate::session::Session;
use cryptoki_sys::*;

pub const LABEL: &str = "test token";
pub const SO_PIN: &str = "so-pin-1234";
pub const USER_PIN: &str = "user-pin-5678";

/// An initialised module and a token in it, with [`SO_PIN`] and [`USER_PIN`].
pub struct Token {
    pub module: Module,
    pub slot: CK_SLOT_ID,
}

impl Token {
    /// Initialises the module, its spare slot's token, and the user PIN.
    pub(crate) fn fresh(module: Module) -> Token {
        module.initialize().expect("C_Initialize");
        let slot = add(&module, LABEL);
        Token { module, slot }
    }

    /// Initialises the module and finds the token that is there.
    pub(crate) fn existing(module: Module) -> Token {
        module.initialize().expect("C_Initialize");
        let slot = find(&module, LABEL).expect("the token of the other process");
        Token { module, slot }
    }

    /// A session with nobody logged in, unless another one logged in.
    pub fn open(&self, read_write: bool) -> Session<'_> {
        self.try_open(read_write).expect("C_OpenSession")
    }

    pub fn try_open(&self, read_write: bool) -> Answer<Session<'_>> {
        let write = if read_write { CKF_RW_SESSION } else { 0 };
        self.module.open(self.slot, CKF_SERIAL_SESSION | write)
    }

    /// A read-write session of the user.
    pub fn user(&self) -> Session<'_> {
        let session = self.open(true);
        session.login(CKU_USER, USER_PIN).expect("C_Login of the user");
        session
    }

    /// A read-write session of the security officer.
    pub fn so(&self) -> Session<'_> {
        let session = self.open(true);
        session.login(CKU_SO, SO_PIN).expect("C_Login of the SO");
        session
    }

    pub fn info(&self) -> CK_TOKEN_INFO {
        self.module.token_info(self.slot).expect("C_GetTokenInfo")
    }

    /// Another token in the same module, with the same PINs.
    pub fn another(&self, label: &str) -> CK_SLOT_ID {
        add(&self.module, label)
    }

    /// C_Finalize and C_Initialize; every session is gone, and the slot may have another number.
    pub fn restart(&mut self) {
        self.module.finalize().expect("C_Finalize");
        self.module.initialize().expect("C_Initialize");
        self.slot = find(&self.module, LABEL).expect("the token is still there");
    }
}

fn add(module: &Module, label: &str) -> CK_SLOT_ID {
    let slots = module.slots(true).expect("C_GetSlotList");
    let spare = slots.into_iter().find(|slot| !initialised(module, *slot));
    let spare = spare.expect("a slot with an uninitialised token");
    module.init_token(spare, SO_PIN, label).expect("C_InitToken");
    let slot = find(module, label).expect("the token just initialised");
    let session = module.open(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION).expect("C_OpenSession");
    session.login(CKU_SO, SO_PIN).expect("C_Login of the SO");
    session.init_pin(USER_PIN).expect("C_InitPIN");
    session.logout().expect("C_Logout");
    session.close().expect("C_CloseSession");
    slot
}

fn initialised(module: &Module, slot: CK_SLOT_ID) -> bool {
    let info = module.token_info(slot).expect("C_GetTokenInfo");
    info.flags & CKF_TOKEN_INITIALIZED != 0
}

fn find(module: &Module, label: &str) -> Option<CK_SLOT_ID> {
    let slots = module.slots(true).expect("C_GetSlotList");
    let padded = format!("{label:32}");
    slots.into_iter().find(|slot| {
        let info = module.token_info(*slot).expect("C_GetTokenInfo");
        info.label == padded.as_bytes()
    })
}
