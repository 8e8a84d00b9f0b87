//! Keys from PINs: Argon2id (RFC 9106).

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

use super::{Error, Result};

/// What one guess costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Cost {
    /// Memory in KiB, at least 8 per lane.
    pub memory_kib: u32,
    /// Passes over the memory, at least 1.
    pub passes: u32,
    /// Lanes, at least 1. They are computed one after the other: a PKCS#11 module starts no threads.
    pub lanes: u32,
}

impl Argon2Cost {
    /// 19 MiB, two passes, one lane: the least that OWASP recommends.
    pub const DEFAULT: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };

    /// True from the least that is safe to the most that a host can be asked for: 1 GiB, 100 passes, 64 lanes.
    pub fn is_reasonable(&self) -> bool {
        let (least, most) = (Self::DEFAULT, 1024 * 1024);
        (least.memory_kib..=most).contains(&self.memory_kib)
            && (least.passes..=100).contains(&self.passes)
            && (least.lanes..=64).contains(&self.lanes)
    }
}

impl Default for Argon2Cost {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Derives `out.len()` bytes (at least 4) from a PIN of any length and a salt of at least 8 bytes.
///
/// [`Error::InvalidParameter`] when a cost or length is out of range; [`Error::Failed`] when there is no memory.
pub fn derive(cost: Argon2Cost, pin: &[u8], salt: &[u8], out: &mut [u8]) -> Result<()> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(out.len())).map_err(|_| Error::InvalidParameter)?;
    let mut memory = memory(params.block_count())?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(pin, salt, out, memory.as_mut_slice())
        .map_err(|_| Error::InvalidParameter)
}

/// Blocks that are erased afterwards. A cost read from a tampered file must end in an error, not in an abort.
fn memory(blocks: usize) -> Result<Zeroizing<Vec<Block>>> {
    let mut memory = Vec::new();
    memory.try_reserve_exact(blocks).map_err(|_| Error::Failed)?;
    memory.resize(blocks, Block::new());
    Ok(Zeroizing::new(memory))
}
