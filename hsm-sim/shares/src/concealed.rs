//! What types that hold secrets must not be able to do, said so that nothing else compiles.

use std::fmt::{Debug, Display};

/// Held in one way by every type, and in a second by what can be printed: then nobody can say which is meant.
pub trait Unprinted<How> {
    /// To be named.
    const HOLDS: () = ();
}

/// The same of what can be cloned.
pub trait Single<How> {
    /// To be named.
    const HOLDS: () = ();
}

/// A second way.
pub struct ByDebug;
/// A second way.
pub struct ByDisplay;
/// A second way.
pub struct ByClone;

impl<T: ?Sized> Unprinted<()> for T {}
impl<T: ?Sized + Debug> Unprinted<ByDebug> for T {}
impl<T: ?Sized + Display> Unprinted<ByDisplay> for T {}
impl<T: ?Sized> Single<()> for T {}
impl<T: Clone> Single<ByClone> for T {}

/// The types can be neither printed nor cloned. After `shared`, they can be cloned: they share what they hold, or a computation goes on in
/// two ways from where it stands.
///
/// ```
/// struct Key([u8; 32]);
/// #[derive(Clone)]
/// struct Running([u8; 32]);
/// hsm_shares::concealed!(Key);
/// hsm_shares::concealed!(shared Running);
/// ```
///
/// ```compile_fail,E0790
/// #[derive(Debug)]
/// struct Key([u8; 32]);
/// hsm_shares::concealed!(shared Key);
/// ```
///
/// ```compile_fail,E0790
/// struct Key([u8; 32]);
/// impl std::fmt::Display for Key {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         f.write_str("a key")
///     }
/// }
/// hsm_shares::concealed!(shared Key);
/// ```
///
/// ```compile_fail,E0790
/// #[derive(Clone)]
/// struct Key([u8; 32]);
/// hsm_shares::concealed!(Key);
/// ```
#[macro_export]
macro_rules! concealed {
    (shared $($type:ty),* $(,)?) => {
        $(const _: () = <$type as $crate::concealed::Unprinted<_>>::HOLDS;)*
    };
    ($($type:ty),* $(,)?) => {
        $crate::concealed!(shared $($type),*);
        $(const _: () = <$type as $crate::concealed::Single<_>>::HOLDS;)*
    };
}
