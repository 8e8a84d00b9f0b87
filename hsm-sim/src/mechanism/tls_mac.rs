//! The `verify_data` of TLS 1.2's Finished messages (PKCS#11 v3.2 §6.40.3; RFC 5246, §7.4.9).

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    Mechanism, Row, Signer, Verifier, digests,
    gather::append,
    table::{GENERIC, row},
    wrong_key,
};
use crate::{
    crypto::kdf::{Prf, tls_prf},
    error::{Result, Rv},
    object::key::Key,
    secret::Secret,
};

const MAC: Row = Row { sign: Some(sign), verify: Some(verify), ..GENERIC };

/// The mechanisms.
pub const ROWS: &[Row] = &[row!(CKM_TLS_MAC, MAC), row!(CKM_TLS12_MAC, MAC)];

fn sign(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Signer>> {
    Ok(Box::new(Finished::new(mechanism, key)?))
}

fn verify(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Verifier>> {
    Ok(Box::new(Finished::new(mechanism, key)?))
}

struct Finished {
    master: Prf,
    label: &'static [u8],
    len: usize,
    /// The hash of the handshake so far.
    data: Zeroizing<Vec<u8>>,
}

impl Finished {
    fn new(mechanism: &Mechanism<'_>, key: &Key) -> Result<Self> {
        let Key::Generic(key) = key else { return wrong_key() };
        let p = mechanism.tls_mac()?;
        let label: &[u8] = match p.server_or_client {
            1 => b"server finished",
            2 => b"client finished",
            _ => return Rv::MechanismParamInvalid.err("TLS: neither the server nor the client"),
        };
        let hash = digests::hash(p.hash)?;
        let len = usize::try_from(p.len).ok().filter(|len| (LEAST..=hash.output_len()).contains(len));
        let len = len.ok_or(Rv::MechanismParamInvalid.because("TLS: a MAC has 12 bytes, or more up to the hash's length"))?;
        Ok(Self { master: Prf::hmac(hash, key.expose()), label, len, data: Zeroizing::default() })
    }

    fn code(&self) -> Result<Secret> {
        Ok(tls_prf(&self.master, &[self.label, &self.data], self.len)?)
    }
}

impl Signer for Finished {
    fn signature_len(&self) -> usize {
        self.len
    }

    fn update(&mut self, part: &[u8]) -> Result<()> {
        append(&mut self.data, part);
        Ok(())
    }

    fn finish(&mut self, output: &mut [u8]) -> Result<usize> {
        output.copy_from_slice(self.code()?.expose());
        Ok(self.len)
    }
}

impl Verifier for Finished {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        append(&mut self.data, part);
        Ok(())
    }

    fn finish(&mut self, signature: &[u8]) -> Result<()> {
        if signature.len() != self.len {
            return Rv::SignatureLenRange.err(format!("a MAC has {} bytes here", self.len));
        }
        let right = self.code()?.expose().ct_eq(signature);
        if right.into() { Ok(()) } else { Rv::SignatureInvalid.err("the MAC is not valid") }
    }
}

/// Bytes.
const LEAST: usize = 12;
