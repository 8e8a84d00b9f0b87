//! RC4 (PKCS#11 v2.40 historical mechanisms), for what was encrypted long ago.

use cryptoki_sys::{CK_ULONG, CKA_VALUE_LEN, CKK_RC4};
use zeroize::Zeroizing;

use super::{
    Cipher, Direction, Mechanism, Row,
    aes::named,
    key_generation::random,
    stream::Stream,
    table::{NOTHING, row},
    wrong_key,
};
use crate::{
    crypto::{RC4_LONGEST, Rc4},
    error::{Result, Rv},
    object::{
        attributes::{Draft, Lookup},
        key::Key,
    },
};

/// Sizes in bits.
const RC4: Row = Row { keys: (8, 8 * MOST), legacy: true, ..NOTHING };

/// The mechanisms.
pub const ROWS: &[Row] =
    &[row!(CKM_RC4_KEY_GEN, RC4, generate: Some((CKK_RC4, generate))), row!(CKM_RC4, RC4, cipher: Some(rc4))];

/// CKM_RC4_KEY_GEN: 1 to 256 bytes.
fn generate(draft: &Draft) -> Result<Zeroizing<Vec<u8>>> {
    match draft.ulong(CKA_VALUE_LEN) {
        Some(len) if (1..=MOST).contains(&len) => random(len),
        len => Rv::AttributeValueInvalid.err(format!("CKA_VALUE_LEN {len:?}: an RC4 key has 1 to {MOST} bytes")),
    }
}

fn rc4(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    mechanism.none()?;
    let Key::Typed(CKK_RC4, key) = key else { return wrong_key() };
    let mut stream = Rc4::new(key.expose())?;
    Ok(Stream::boxed(named(direction), move |input, output| stream.process(input, output)))
}

/// Bytes.
const MOST: CK_ULONG = RC4_LONGEST as CK_ULONG;
