//! The functions of Cryptoki, one expression each, and the lists they are reached by.
#![allow(unsafe_code, reason = "the stamp below holds the one unsafe block of all entries")]

mod asynchronous;
mod audit;
mod cipher;
mod digest;
mod dual;
mod general;
mod info;
mod keys;
mod lists;
mod messages;
mod objects;
mod random;
mod recovery;
mod sessions;
mod sign;
mod signed_messages;
mod slots;
mod upkeep;
mod users;

/// Stamps a C entry from its signature and one expression. An argument with a length in brackets takes two C arguments.
///
/// `|module|` names the initialised module; without one the call answers CKR_CRYPTOKI_NOT_INITIALIZED before it looks at any
/// argument. Entries that work before C_Initialize say `before`. Those of a vendor's interface say `hidden`: they are reached by a list
/// alone, and the library exports no symbol for them.
macro_rules! entry {
    ($(#[$doc:meta])* hidden $name:ident ($($arg:ident $([$len:ident])? : $type:ty),* $(,)?) |$module:pat_param| $body:expr) => {
        $crate::entry::entry! {
            @stamp [] $(#[$doc])* $name ($($arg $([$len])? : $type),*) { let $module = $crate::module::current()?; } $body
        }
    };
    ($(#[$doc:meta])* $name:ident ($($arg:ident $([$len:ident])? : $type:ty),* $(,)?) |$module:pat_param| $body:expr) => {
        $crate::entry::entry! {
            @stamp [#[unsafe(no_mangle)]] $(#[$doc])* $name ($($arg $([$len])? : $type),*) { let $module = $crate::module::current()?; } $body
        }
    };
    ($(#[$doc:meta])* $name:ident ($($arg:ident $([$len:ident])? : $type:ty),* $(,)?) before $body:expr) => {
        $crate::entry::entry! { @stamp [#[unsafe(no_mangle)]] $(#[$doc])* $name ($($arg $([$len])? : $type),*) {} $body }
    };
    (@stamp [$($export:tt)*] $(#[$doc:meta])* $name:ident ($($arg:ident $([$len:ident])? : $type:ty),*) { $($first:stmt;)? } $body:expr) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// Pointers must be valid for what PKCS#11 says this function does with them.
        #[allow(non_snake_case, reason = "the standard's names")]
        $($export)*
        pub unsafe extern "C" fn $name(
            $($arg: <$type as $crate::abi::Arg>::Raw $(, $len: <$type as $crate::abi::Arg>::Len)?),*
        ) -> ::cryptoki_sys::CK_RV {
            const FREQUENT: bool = $crate::abi::guard::is_frequent(stringify!($name));
            $crate::abi::guard::guard(stringify!($name), FREQUENT, $crate::module::abandon, || {
                $($first)?
                $(
                    // SAFETY: the caller's own argument, valid by this function's contract; what can be checked, `from_c` checks.
                    let $arg = unsafe { <$type as $crate::abi::Arg>::from_c($arg, $crate::entry::entry!(@len $($len)?)) }?;
                )*
                $body
            })
        }
    };
    (@len) => { () };
    (@len $len:ident) => { $len };
}
use entry;
