//! The targets that call the module: any functions in any order, and two that look closer at what is parsed at the boundary.

use super::{arguments::judge, call::World, functions, recipes, stage};
use crate::source::Source;
use cryptoki_sys::*;
use hsm_tests::{Entry, Rv};

/// Calls in one input; more would only hide which of them did it.
const MOST: usize = 48;

/// Any functions in any order.
pub fn sequence(data: &[u8]) {
    let mut source = Source::new(data);
    play(&mut source, |source| {
        let entry = source.pick(&entries());
        let kept = !RARE.contains(&entry.name) || source.once_in(24);
        kept.then_some(entry)
    });
}

/// Objects made, copied, changed, searched and read by any template.
pub fn templates(data: &[u8]) {
    const NAMES: [&str; 9] = [
        "C_CreateObject",
        "C_CreateObject",
        "C_CopyObject",
        "C_SetAttributeValue",
        "C_GetAttributeValue",
        "C_FindObjectsInit",
        "C_FindObjects",
        "C_GenerateKey",
        "C_UnwrapKey",
    ];
    play(&mut Source::new(data), |source| Some(Entry::named(source.pick(&NAMES))));
}

/// Every mechanism with any parameter, for whatever it may be good for.
pub fn parameters(data: &[u8]) {
    const BEGINNING: [&str; 22] = [
        "C_EncryptInit",
        "C_Encrypt",
        "C_DecryptInit",
        "C_Decrypt",
        "C_SignInit",
        "C_Sign",
        "C_VerifyInit",
        "C_Verify",
        "C_DeriveKey",
        "C_DeriveKey",
        "C_WrapKey",
        "C_UnwrapKey",
        "C_WrapKeyAuthenticated",
        "C_UnwrapKeyAuthenticated",
        "C_MessageEncryptInit",
        "C_EncryptMessage",
        "C_MessageDecryptInit",
        "C_DecryptMessage",
        "C_MessageSignInit",
        "C_VerifySignatureInit",
        "C_EncapsulateKey",
        "C_GenerateKey",
    ];
    play(&mut Source::new(data), |source| Some(Entry::named(source.pick(&BEGINNING))));
}

/// What costs a key derivation from a PIN, or ends everything: as often as it must be.
const RARE: [&str; 11] = [
    "C_Initialize",
    "C_Finalize",
    "C_InitToken",
    "C_InitPIN",
    "C_SetPIN",
    "C_Login",
    "C_LoginUser",
    "C_Logout",
    "C_CloseAllSessions",
    "C_GenerateKeyPair",
    "C_GetInterface",
];

fn entries() -> Vec<Entry> {
    Entry::all().collect()
}

fn play(source: &mut Source<'_>, mut next: impl FnMut(&mut Source<'_>) -> Option<Entry>) {
    let stage = stage::set();
    let sessions = vec![stage.session(), stage.session(), stage.session()];
    let mut world = World { stage: &stage, sessions, objects: vec![], output: vec![], begun: None, key: None };
    let finalize = source.once_in(64);
    for _ in 0..MOST {
        if source.is_empty() {
            break;
        }
        let going_on = world.begun.filter(|_| !source.once_in(4)).and_then(|(begun, _)| recipes::continuing(begun, source));
        let entry = going_on.map(|name| Entry::named(&name)).or_else(|| next(source));
        if let Some(entry) = entry {
            let rv = world.call(source, entry);
            if rv == Rv(CKR_OPERATION_NOT_INITIALIZED) {
                world.begun = None;
            }
        }
    }
    end(world, finalize);
}

/// Takes away what the sequence made; after C_Finalize nothing of it may be left.
fn end(world: World<'_>, finalize: bool) {
    let session = world.sessions.first().copied().unwrap_or(0);
    for object in &world.objects {
        if call("C_DestroyObject", &[session as usize, *object as usize]) == Rv(CKR_ACTION_PROHIBITED) {
            stage::left_behind();
        }
    }
    if finalize {
        call("C_Finalize", &[0]);
        world.sessions.iter().for_each(|session| {
            let rv = call("C_CloseSession", &[*session as usize]);
            assert_eq!(rv, Rv(CKR_CRYPTOKI_NOT_INITIALIZED), "a session after C_Finalize");
        });
        return;
    }
    for session in &world.sessions {
        let mut info = CK_SESSION_INFO::default();
        call("C_CloseSession", &[*session as usize]);
        let rv = call("C_GetSessionInfo", &[*session as usize, &raw mut info as usize]);
        let gone = [Rv(CKR_SESSION_HANDLE_INVALID), Rv(CKR_CRYPTOKI_NOT_INITIALIZED)].contains(&rv);
        assert!(gone, "a session that was closed: {rv:?}");
    }
}

fn call(name: &str, words: &[usize]) -> Rv {
    // SAFETY: this file's own calls, with the arguments that the standard gives the function.
    let rv = unsafe { functions::call(Entry::named(name), words) };
    judge(name, rv);
    rv
}
