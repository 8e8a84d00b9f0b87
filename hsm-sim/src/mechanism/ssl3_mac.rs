//! The MACs of SSL 3.0 (PKCS#11 v3.2 §6.39.7 and §6.39.8; RFC 6101, §5.2.3.1).

use cryptoki_sys::CKM_SSL3_MD5_MAC;

use super::{
    Mechanism, Row,
    aes_mac::{signer, verifier},
    hmac::general_len,
    mac::{Mac, Running},
    table::{GENERIC, row},
    wrong_key,
};
use crate::{
    crypto::{self, Hash, kdf::Ssl3Mac},
    error::Result,
    object::key::Key,
};

const MAC: Row =
    Row { legacy: true, flat: true, sign: Some(|m, k| signer(mac(m, k)?)), verify: Some(|m, k| verifier(mac(m, k)?)), ..GENERIC };

/// The mechanisms.
pub const ROWS: &[Row] = &[row!(CKM_SSL3_MD5_MAC, MAC), row!(CKM_SSL3_SHA1_MAC, MAC)];

/// CK_MAC_GENERAL_PARAMS: the standard speaks of 4 to 8 bytes; the records of the protocol bear the whole of it.
fn mac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<Ssl3Mac>> {
    let hash = if mechanism.kind == CKM_SSL3_MD5_MAC { Hash::Md5 } else { Hash::Sha1 };
    let Key::Generic(key) = key else { return wrong_key() };
    let len = general_len(mechanism, hash.output_len())?;
    Ok(Mac::new(Ssl3Mac::new(hash, key.expose()), len))
}

impl Running for Ssl3Mac {
    fn update(&mut self, part: &[u8]) -> crypto::Result<()> {
        self.update(part);
        Ok(())
    }

    fn finish(self, code: &mut [u8]) -> crypto::Result<()> {
        self.finish(code);
        Ok(())
    }
}
