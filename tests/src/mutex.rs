//! An application's own mutex functions: PKCS#11 v3.2 section 5.22 and CK_C_INITIALIZE_ARGS.

use cryptoki_sys::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// Fills in the first `count` of CreateMutex, DestroyMutex, LockMutex and UnlockMutex.
pub fn give_callbacks(arguments: &mut CK_C_INITIALIZE_ARGS, count: usize) {
    arguments.CreateMutex = (count > 0).then_some(create as _);
    arguments.DestroyMutex = (count > 1).then_some(destroy as _);
    arguments.LockMutex = (count > 2).then_some(lock as _);
    arguments.UnlockMutex = (count > 3).then_some(unlock as _);
}

unsafe extern "C" fn create(place: CK_VOID_PTR_PTR) -> CK_RV {
    let mutex = Box::into_raw(Box::new(AtomicBool::new(false)));
    // SAFETY: the module passes the place of a pointer.
    unsafe { *place = mutex.cast() };
    CKR_OK
}

unsafe extern "C" fn destroy(mutex: CK_VOID_PTR) -> CK_RV {
    // SAFETY: the module passes what `create` gave, once.
    drop(unsafe { Box::from_raw(mutex.cast::<AtomicBool>()) });
    CKR_OK
}

unsafe extern "C" fn lock(mutex: CK_VOID_PTR) -> CK_RV {
    // SAFETY: the module passes what `create` gave.
    let mutex = unsafe { &*mutex.cast::<AtomicBool>() };
    while mutex.swap(true, Ordering::Acquire) {
        std::thread::yield_now();
    }
    CKR_OK
}

unsafe extern "C" fn unlock(mutex: CK_VOID_PTR) -> CK_RV {
    // SAFETY: the module passes what `create` gave.
    let was_locked = unsafe { &*mutex.cast::<AtomicBool>() }.swap(false, Ordering::Release);
    if was_locked { CKR_OK } else { CKR_MUTEX_NOT_LOCKED }
}
