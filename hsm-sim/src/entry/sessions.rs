//! Sessions and logins: PKCS#11 v3.2 §5.6.

use cryptoki_sys::*;

use super::entry;
use crate::abi::{
    args::{Notify, Unused},
    input::{In, Pin},
    output::{Out, Put},
};

entry! {
    /// §5.6.1
    C_OpenSession(slot: CK_SLOT_ID, flags: CK_FLAGS, application: Unused, notify: Notify, session: Put<CK_SESSION_HANDLE>) |module| {
        let (Unused, Notify) = (application, notify);
        session.put(module.open_session(slot, flags)?);
        Ok(())
    }
}

entry! {
    /// §5.6.2
    C_CloseSession(session: CK_SESSION_HANDLE) |module| module.close_session(session)
}

entry! {
    /// §5.6.3
    C_CloseAllSessions(slot: CK_SLOT_ID) |module| module.close_all_sessions(slot)
}

entry! {
    /// §5.6.4
    C_GetSessionInfo(session: CK_SESSION_HANDLE, info: Put<CK_SESSION_INFO>) |module| {
        info.put(module.session(session)?.lock().info());
        Ok(())
    }
}

entry! {
    /// §5.6.5
    C_SessionCancel(session: CK_SESSION_HANDLE, flags: CK_FLAGS) |module| {
        module.session(session)?.lock().cancel(flags);
        Ok(())
    }
}

entry! {
    /// §5.6.6
    C_GetOperationState(session: CK_SESSION_HANDLE, state[state_len]: Out) |module| {
        let open = module.session(session)?;
        state.answer(|room| open.lock().save_state(room))
    }
}

entry! {
    /// §5.6.7
    C_SetOperationState(
        session: CK_SESSION_HANDLE,
        state[state_len]: In<'_>,
        encryption_key: CK_OBJECT_HANDLE,
        authentication_key: CK_OBJECT_HANDLE,
    ) |module| module.session(session)?.lock().resume_state(state.0, encryption_key, authentication_key)
}

entry! {
    /// §5.6.8
    C_Login(session: CK_SESSION_HANDLE, user: CK_USER_TYPE, pin[pin_len]: Pin<'_>) |module| module.login(session, user, pin.0)
}

entry! {
    /// §5.6.9
    C_LoginUser(session: CK_SESSION_HANDLE, user: CK_USER_TYPE, pin[pin_len]: Pin<'_>, name[name_len]: In<'_>) |module| {
        module.login_user(session, user, pin.0, name.0)
    }
}

entry! {
    /// §5.6.10
    C_Logout(session: CK_SESSION_HANDLE) |module| module.logout(session)
}
