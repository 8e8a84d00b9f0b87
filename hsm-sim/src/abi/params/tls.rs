//! Parameters of SSL 3.0 and TLS: PKCS#11 v3.2 §6.39.2 and §6.40.2, and v2.40 for CK_TLS_PRF_PARAMS.

use cryptoki_sys::*;

use super::Mechanism;
use crate::{
    abi::{Arg, output::Put},
    error::{Result, Rv},
};

/// CK_SSL3_RANDOM_DATA.
#[derive(Clone, Copy)]
pub struct Randoms<'a> {
    pub client: &'a [u8],
    pub server: &'a [u8],
}

/// CK_TLS12_MASTER_KEY_DERIVE_PARAMS.
pub struct MasterKey<'a> {
    pub randoms: Randoms<'a>,
    pub hash: CK_MECHANISM_TYPE,
    /// Where the version inside the premaster secret goes.
    pub version: Option<Put<CK_VERSION>>,
}

/// CK_SSL3_MASTER_KEY_DERIVE_PARAMS.
pub struct OlderMasterKey<'a> {
    pub randoms: Randoms<'a>,
    pub version: Option<Put<CK_VERSION>>,
}

/// CK_TLS_PRF_PARAMS.
pub struct TlsPrf<'a> {
    pub seed: &'a [u8],
    pub label: &'a [u8],
    pub out: TlsPrfOut,
}

/// Where the output of CKM_TLS_PRF goes: so many bytes as are asked for.
pub struct TlsPrfOut {
    at: *mut CK_BYTE,
    /// Bytes.
    pub len: usize,
}

/// CK_TLS12_EXTENDED_MASTER_KEY_DERIVE_PARAMS.
pub struct ExtendedMasterKey<'a> {
    pub session_hash: &'a [u8],
    pub hash: CK_MECHANISM_TYPE,
    pub version: Option<Put<CK_VERSION>>,
}

/// CK_SSL3_KEY_MAT_PARAMS, and CK_TLS12_KEY_MAT_PARAMS but for its hash; lengths in bytes.
pub struct KeyMaterial<'a> {
    pub mac_len: usize,
    pub key_len: usize,
    pub iv_len: usize,
    pub randoms: Randoms<'a>,
    pub out: KeyMaterialOut,
}

/// CK_SSL3_KEY_MAT_OUT: where handles and initialization vectors go.
pub struct KeyMaterialOut {
    at: *mut CK_SSL3_KEY_MAT_OUT,
    client_iv: *mut CK_BYTE,
    server_iv: *mut CK_BYTE,
    iv_len: usize,
}

/// CK_TLS_KDF_PARAMS.
pub struct TlsKdf<'a> {
    pub hash: CK_MECHANISM_TYPE,
    pub label: &'a [u8],
    pub randoms: Randoms<'a>,
    /// An empty context is not the same as none (RFC 5705, §4).
    pub context: Option<&'a [u8]>,
}

/// CK_TLS_MAC_PARAMS.
pub struct TlsMac {
    pub hash: CK_MECHANISM_TYPE,
    /// Bytes.
    pub len: CK_ULONG,
    /// 1 or 2.
    pub server_or_client: CK_ULONG,
}

impl KeyMaterialOut {
    /// Gives the handles of the client's and the server's MAC secret and key, 0 for what was not asked for, and the vectors, as long as was
    /// asked for.
    pub fn put(self, handles: [CK_OBJECT_HANDLE; 4], client_iv: &[u8], server_iv: &[u8]) {
        for (place, iv) in [(self.client_iv, client_iv), (self.server_iv, server_iv)] {
            if self.iv_len > 0 {
                // SAFETY: not NULL, as `out` checked; writable for so many bytes by the caller's word; `iv` is ours.
                unsafe { std::ptr::copy_nonoverlapping(iv.as_ptr(), place, iv.len().min(self.iv_len)) };
            }
        }
        // SAFETY: not NULL and aligned, as `out` checked; the caller's to write during the call. Each field is written for itself: the
        // pointers in between stay the caller's.
        unsafe {
            (*self.at).hClientMacSecret = handles[0];
            (*self.at).hServerMacSecret = handles[1];
            (*self.at).hClientKey = handles[2];
            (*self.at).hServerKey = handles[3];
        }
    }
}

impl TlsPrfOut {
    /// Gives the output, as long as was asked for.
    pub fn put(self, output: &[u8]) {
        // SAFETY: not NULL, as `tls_prf` checked; writable for so many bytes by the caller's word; `output` is ours.
        unsafe { std::ptr::copy_nonoverlapping(output.as_ptr(), self.at, output.len().min(self.len)) };
    }
}

impl<'a> Mechanism<'a> {
    /// CK_VERSION.
    pub fn version(&self) -> Result<[u8; 2]> {
        self.array().copied()
    }

    /// CK_TLS12_MASTER_KEY_DERIVE_PARAMS.
    pub fn tls_master_key(&self) -> Result<MasterKey<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_TLS12_MASTER_KEY_DERIVE_PARAMS>() }?;
        // SAFETY: the caller's pointers and lengths.
        let randoms = unsafe { self.randoms(&p.RandomInfo) }?;
        Ok(MasterKey { randoms, hash: p.prfHashMechanism, version: version_at(p.pVersion)? })
    }

    /// CK_SSL3_MASTER_KEY_DERIVE_PARAMS.
    pub fn ssl3_master_key(&self) -> Result<OlderMasterKey<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_SSL3_MASTER_KEY_DERIVE_PARAMS>() }?;
        // SAFETY: the caller's pointers and lengths.
        Ok(OlderMasterKey { randoms: unsafe { self.randoms(&p.RandomInfo) }?, version: version_at(p.pVersion)? })
    }

    /// CK_TLS_PRF_PARAMS.
    pub fn tls_prf(&self) -> Result<TlsPrf<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_TLS_PRF_PARAMS>() }?;
        if p.pOutput.is_null() || p.pulOutputLen.is_null() || !p.pulOutputLen.is_aligned() {
            return Rv::MechanismParamInvalid.err("TLS: nowhere to put the output");
        }
        // SAFETY: not NULL, aligned, and the caller's to read during the call.
        let len = match unsafe { *p.pulOutputLen } {
            len @ 1..=MOST_OUTPUT => len as usize,
            len => return Rv::MechanismParamInvalid.err(format!("TLS: an output of {len} bytes")),
        };
        // SAFETY: the caller's pointers and lengths.
        let (seed, label) = unsafe { (self.within(p.pSeed, p.ulSeedLen)?, self.within(p.pLabel, p.ulLabelLen)?) };
        Ok(TlsPrf { seed, label, out: TlsPrfOut { at: p.pOutput, len } })
    }

    /// CK_TLS12_EXTENDED_MASTER_KEY_DERIVE_PARAMS.
    pub fn tls_extended_master_key(&self) -> Result<ExtendedMasterKey<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_TLS12_EXTENDED_MASTER_KEY_DERIVE_PARAMS>() }?;
        // SAFETY: the caller's pointer and length.
        let session_hash = unsafe { self.within(p.pSessionHash, p.ulSessionHashLen) }?;
        if session_hash.is_empty() {
            return Rv::MechanismParamInvalid.err("TLS: no session hash");
        }
        Ok(ExtendedMasterKey { session_hash, hash: p.prfHashMechanism, version: version_at(p.pVersion)? })
    }

    /// CK_TLS12_KEY_MAT_PARAMS, and the hash it names; `with_iv` is false for a mechanism that gives none.
    pub fn tls_key_material(&self, with_iv: bool) -> Result<(KeyMaterial<'a>, CK_MECHANISM_TYPE)> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_TLS12_KEY_MAT_PARAMS>() }?;
        let older = CK_SSL3_KEY_MAT_PARAMS {
            ulMacSizeInBits: p.ulMacSizeInBits,
            ulKeySizeInBits: p.ulKeySizeInBits,
            ulIVSizeInBits: p.ulIVSizeInBits,
            bIsExport: p.bIsExport,
            RandomInfo: p.RandomInfo,
            pReturnedKeyMaterial: p.pReturnedKeyMaterial,
        };
        // SAFETY: the caller's pointers and lengths.
        Ok((unsafe { self.key_material(&older, with_iv) }?, p.prfHashMechanism))
    }

    /// CK_SSL3_KEY_MAT_PARAMS.
    pub fn ssl3_key_material(&self) -> Result<KeyMaterial<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_SSL3_KEY_MAT_PARAMS>() }?;
        // SAFETY: the caller's pointers and lengths.
        unsafe { self.key_material(&p, true) }
    }

    /// Export cipher suites are gone from NSS too.
    ///
    /// # Safety
    /// The pointers must be readable and writable as the structure says, unless NULL.
    unsafe fn key_material(&self, p: &CK_SSL3_KEY_MAT_PARAMS, with_iv: bool) -> Result<KeyMaterial<'a>> {
        if p.bIsExport != CK_FALSE {
            return Rv::MechanismParamInvalid.err("TLS: keys of export cipher suites are not made");
        }
        let iv_len = if with_iv { bytes(p.ulIVSizeInBits)? } else { 0 };
        Ok(KeyMaterial {
            mac_len: bytes(p.ulMacSizeInBits)?,
            key_len: bytes(p.ulKeySizeInBits)?,
            iv_len,
            // SAFETY: by contract.
            randoms: unsafe { self.randoms(&p.RandomInfo) }?,
            // SAFETY: by contract.
            out: unsafe { out(p.pReturnedKeyMaterial, iv_len) }?,
        })
    }

    /// CK_TLS_KDF_PARAMS.
    pub fn tls_kdf(&self) -> Result<TlsKdf<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_TLS_KDF_PARAMS>() }?;
        // SAFETY: the caller's pointer and length.
        let context = unsafe { self.within(p.pContextData, p.ulContextDataLength) }?;
        Ok(TlsKdf {
            hash: p.prfMechanism,
            // SAFETY: the caller's pointer and length.
            label: unsafe { self.within(p.pLabel, p.ulLabelLength) }?,
            // SAFETY: the caller's pointers and lengths.
            randoms: unsafe { self.randoms(&p.RandomInfo) }?,
            context: (!p.pContextData.is_null()).then_some(context),
        })
    }

    /// CK_TLS_MAC_PARAMS.
    pub fn tls_mac(&self) -> Result<TlsMac> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_TLS_MAC_PARAMS>() }?;
        Ok(TlsMac { hash: p.prfHashMechanism, len: p.ulMacLength, server_or_client: p.ulServerOrClient })
    }

    /// # Safety
    /// The pointers must be readable for their lengths, unless NULL.
    unsafe fn randoms(&self, random: &CK_SSL3_RANDOM_DATA) -> Result<Randoms<'a>> {
        // SAFETY: by contract.
        let client = unsafe { self.within(random.pClientRandom, random.ulClientRandomLen) }?;
        // SAFETY: by contract.
        let server = unsafe { self.within(random.pServerRandom, random.ulServerRandomLen) }?;
        if client.is_empty() || server.is_empty() {
            return Rv::MechanismParamInvalid.err("TLS: the client's or the server's random data are missing");
        }
        Ok(Randoms { client, server })
    }
}

fn version_at(version: *mut CK_VERSION) -> Result<Option<Put<CK_VERSION>>> {
    if version.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; the caller's to write during the call.
    unsafe { Put::from_c(version, ()) }.map(Some)
}

/// # Safety
/// `at` must be readable and writable, unless NULL.
unsafe fn out(at: *mut CK_SSL3_KEY_MAT_OUT, iv_len: usize) -> Result<KeyMaterialOut> {
    if at.is_null() || !at.is_aligned() {
        return Rv::MechanismParamInvalid.err("TLS: nowhere to return the key material");
    }
    // SAFETY: not NULL, aligned and readable by contract.
    let places = unsafe { *at };
    if iv_len > 0 && (places.pIVClient.is_null() || places.pIVServer.is_null()) {
        return Rv::MechanismParamInvalid.err("TLS: nowhere to return the initialization vectors");
    }
    Ok(KeyMaterialOut { at, client_iv: places.pIVClient, server_iv: places.pIVServer, iv_len })
}

/// Whole bytes, no more than any cipher suite could want.
fn bytes(bits: CK_ULONG) -> Result<usize> {
    match bits {
        0..=MOST_BITS if bits.is_multiple_of(8) => Ok(bits as usize / 8),
        _ => Rv::MechanismParamInvalid.err(format!("TLS: key material of {bits} bits")),
    }
}

const MOST_BITS: CK_ULONG = 8 * 1024;
/// Bytes.
const MOST_OUTPUT: CK_ULONG = 1 << 16;
