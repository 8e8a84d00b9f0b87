//! Functions called with words.

use crate::answer::Rv;
use cryptoki_sys::CK_RV;

/// Calls a function with words: every argument of PKCS #11 is one, or smaller and passed in one.
///
/// # Safety
/// `function` is the address of a function of so many arguments, and what they point to is what it may read and write.
pub unsafe fn invoke(function: usize, a: &[usize]) -> Rv {
    macro_rules! word {
        ($i:literal) => {
            usize
        };
    }
    macro_rules! call { ($($i:literal)*) => {{
        type Function = unsafe extern "C" fn($(word!($i)),*) -> CK_RV;
        // SAFETY: by this function's contract.
        unsafe { std::mem::transmute::<usize, Function>(function)($(a[$i]),*) }
    }}; }
    Rv(match a.len() {
        1 => call!(0),
        2 => call!(0 1),
        3 => call!(0 1 2),
        4 => call!(0 1 2 3),
        5 => call!(0 1 2 3 4),
        6 => call!(0 1 2 3 4 5),
        7 => call!(0 1 2 3 4 5 6),
        8 => call!(0 1 2 3 4 5 6 7),
        9 => call!(0 1 2 3 4 5 6 7 8),
        10 => call!(0 1 2 3 4 5 6 7 8 9),
        n => panic!("no PKCS#11 function has {n} arguments"),
    })
}
