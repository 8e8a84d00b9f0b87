//! HMAC (PKCS#11 v3.2 §6.20; FIPS 198-1), whole or cut to a length (the GENERAL mechanisms).

use cryptoki_sys::*;
use subtle::ConstantTimeEq;

use super::{
    Mechanism, Row, Signer, Verifier, digests,
    table::{GENERIC, row},
    wrong_key,
};
use crate::{
    crypto::{Hash, Hmac, HmacKey},
    error::{Result, Rv},
    object::key::Key,
};

const MAC: Row = Row { flat: true, sign: Some(sign), verify: Some(verify), ..GENERIC };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_SHA_1_HMAC, MAC),
    row!(CKM_SHA224_HMAC, MAC),
    row!(CKM_SHA256_HMAC, MAC),
    row!(CKM_SHA384_HMAC, MAC),
    row!(CKM_SHA512_HMAC, MAC),
    row!(CKM_SHA_1_HMAC_GENERAL, MAC),
    row!(CKM_SHA224_HMAC_GENERAL, MAC),
    row!(CKM_SHA256_HMAC_GENERAL, MAC),
    row!(CKM_SHA384_HMAC_GENERAL, MAC),
    row!(CKM_SHA512_HMAC_GENERAL, MAC),
];

/// CKM_SHAx_HMAC.
pub fn sign(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Signer>> {
    Ok(Box::new(Mac::new(mechanism, key)?))
}

/// CKM_SHAx_HMAC.
pub fn verify(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Verifier>> {
    Ok(Box::new(Mac::new(mechanism, key)?))
}

struct Mac {
    running: Option<Hmac>,
    hash: Hash,
    len: usize,
}

impl Mac {
    fn new(mechanism: &Mechanism<'_>, key: &Key) -> Result<Self> {
        let Key::Generic(key) = key else { return wrong_key() };
        let hash = digests::inside(mechanism.kind).ok_or(Rv::MechanismInvalid)?;
        let len = if is_general(mechanism.kind) { general_len(mechanism, hash)? } else { whole_len(mechanism, hash)? };
        Ok(Self { running: Some(HmacKey::new(hash, key.expose()).start()), hash, len })
    }

    fn whole(&mut self) -> Result<[u8; 64]> {
        let mut tag = [0; 64];
        let running = self.running.take().ok_or(Rv::FunctionFailed.because("the MAC is over"))?;
        running.finish(&mut tag[..self.hash.output_len()]);
        Ok(tag)
    }

    fn feed(&mut self, part: &[u8]) -> Result<()> {
        self.running.as_mut().ok_or(Rv::FunctionFailed.because("the MAC is over"))?.update(part);
        Ok(())
    }
}

impl Signer for Mac {
    fn signature_len(&self) -> usize {
        self.len
    }

    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.feed(part)
    }

    fn finish(&mut self, output: &mut [u8]) -> Result<usize> {
        output.copy_from_slice(&self.whole()?[..self.len]);
        Ok(self.len)
    }
}

impl Verifier for Mac {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.feed(part)
    }

    fn finish(&mut self, signature: &[u8]) -> Result<()> {
        if signature.len() != self.len {
            return Rv::SignatureLenRange.err(format!("a MAC has {} bytes here", self.len));
        }
        let right = self.whole()?[..self.len].ct_eq(signature);
        if right.into() { Ok(()) } else { Rv::SignatureInvalid.err("the MAC is not valid") }
    }
}

fn is_general(kind: CK_MECHANISM_TYPE) -> bool {
    matches!(
        kind,
        CKM_SHA_1_HMAC_GENERAL
            | CKM_SHA224_HMAC_GENERAL
            | CKM_SHA256_HMAC_GENERAL
            | CKM_SHA384_HMAC_GENERAL
            | CKM_SHA512_HMAC_GENERAL
    )
}

fn whole_len(mechanism: &Mechanism<'_>, hash: Hash) -> Result<usize> {
    mechanism.none().map(|()| hash.output_len())
}

/// CK_MAC_GENERAL_PARAMS: the length in bytes.
fn general_len(mechanism: &Mechanism<'_>, hash: Hash) -> Result<usize> {
    let len = CK_ULONG::from_ne_bytes(*mechanism.array()?) as usize;
    match (1..=hash.output_len()).contains(&len) {
        true => Ok(len),
        false => Rv::MechanismParamInvalid.err(format!("a MAC of {len} bytes cannot be cut from this hash")),
    }
}
