//! The information structures: PKCS#11 v3.2 §3.1 to §3.4. Text is blank-padded and never ends with NUL.

use cryptoki_sys::*;

use crate::{
    error::Result,
    mechanism::Row,
    module::Module,
    session::built_in::now,
    slot::Slot,
    token::{MAX_PIN_LEN, MIN_PIN_LEN, PinStatus},
};

const MANUFACTURER: &str = "hsm-sim";
const MODEL: &str = "hsm-sim";
const DESCRIPTION: &str = "hsm-sim software HSM";
const SPARE_LABEL: &str = "";

/// The version of this package.
const VERSION: CK_VERSION = CK_VERSION { major: 0, minor: 1 };
const CRYPTOKI: CK_VERSION = CK_VERSION { major: 3, minor: 2 };

/// CK_INFO.
pub fn library() -> CK_INFO {
    CK_INFO {
        cryptokiVersion: CRYPTOKI,
        manufacturerID: padded(MANUFACTURER),
        flags: 0,
        libraryDescription: padded(DESCRIPTION),
        libraryVersion: VERSION,
    }
}

/// CK_SLOT_INFO; every slot holds a token, the spare one a token that is not initialised. One whose file is gone holds none any more.
pub fn slot(id: CK_SLOT_ID, there: bool) -> CK_SLOT_INFO {
    CK_SLOT_INFO {
        slotDescription: padded(&format!("hsm-sim slot {id:#x}")),
        manufacturerID: padded(MANUFACTURER),
        flags: if there { CKF_TOKEN_PRESENT } else { 0 },
        hardwareVersion: VERSION,
        firmwareVersion: VERSION,
    }
}

/// CK_TOKEN_INFO; without a slot, that of the spare token.
pub fn token(module: &Module, slot: Option<&Slot>) -> Result<CK_TOKEN_INFO> {
    let mut info = blank(module.config().max_sessions as CK_ULONG);
    let Some(slot) = slot else { return Ok(info) };
    let token = &slot.token;
    let (label, user, so) = token.status()?;
    info.label = label;
    info.serialNumber = padded(token.serial());
    info.utcTime = now();
    info.flags |= CKF_TOKEN_INITIALIZED | CKF_CLOCK_ON_TOKEN | so_flags(so) | user_flags(user);
    let sessions = slot.sessions();
    info.ulSessionCount = sessions.all as CK_ULONG;
    info.ulRwSessionCount = sessions.read_write as CK_ULONG;
    Ok(info)
}

/// CK_MECHANISM_INFO.
pub fn mechanism(row: &Row, least: Option<CK_ULONG>) -> CK_MECHANISM_INFO {
    let smallest = least.unwrap_or_default().max(row.keys.0);
    CK_MECHANISM_INFO { ulMinKeySize: smallest, ulMaxKeySize: row.keys.1, flags: row.flags() }
}

fn blank(most_sessions: CK_ULONG) -> CK_TOKEN_INFO {
    CK_TOKEN_INFO {
        label: padded(SPARE_LABEL),
        manufacturerID: padded(MANUFACTURER),
        model: padded(MODEL),
        serialNumber: padded(""),
        flags: CKF_RNG | CKF_LOGIN_REQUIRED,
        ulMaxSessionCount: most_sessions,
        ulSessionCount: 0,
        ulMaxRwSessionCount: most_sessions,
        ulRwSessionCount: 0,
        ulMaxPinLen: MAX_PIN_LEN as CK_ULONG,
        ulMinPinLen: MIN_PIN_LEN as CK_ULONG,
        ulTotalPublicMemory: CK_UNAVAILABLE_INFORMATION,
        ulFreePublicMemory: CK_UNAVAILABLE_INFORMATION,
        ulTotalPrivateMemory: CK_UNAVAILABLE_INFORMATION,
        ulFreePrivateMemory: CK_UNAVAILABLE_INFORMATION,
        hardwareVersion: VERSION,
        firmwareVersion: VERSION,
        utcTime: padded(""),
    }
}

fn user_flags(status: PinStatus) -> CK_FLAGS {
    let initialized = if status.initialized { CKF_USER_PIN_INITIALIZED } else { 0 };
    initialized | tries(status, [CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED])
}

fn so_flags(status: PinStatus) -> CK_FLAGS {
    tries(status, [CKF_SO_PIN_COUNT_LOW, CKF_SO_PIN_FINAL_TRY, CKF_SO_PIN_LOCKED])
}

/// COUNT_LOW after a wrong PIN, FINAL_TRY when one try is left, LOCKED when none is.
fn tries(status: PinStatus, [low, last, locked]: [CK_FLAGS; 3]) -> CK_FLAGS {
    match (status.failures, status.tries_left) {
        (0, 1) => last,
        (0, _) => 0,
        (_, 0) => low | locked,
        (_, 1) => low | last,
        _ => low,
    }
}

/// Text in a blank-padded field, cut to its length.
fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut field = [b' '; N];
    let len = text.len().min(N);
    field[..len].copy_from_slice(&text.as_bytes()[..len]);
    field
}
