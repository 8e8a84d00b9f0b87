//! Hash functions with as much output as is asked for (FIPS 202, 6.2), on the portable engine.

use shake::{ExtendableOutput, Shake128, Shake256, XofReader};

/// An extendable-output function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Xof {
    Shake128,
    Shake256,
}

impl Xof {
    /// Fills `output` from `input`. A shorter output is the beginning of a longer one.
    pub fn expand(self, input: &[u8], output: &mut [u8]) {
        match self {
            Self::Shake128 => fill(Shake128::default(), input, output),
            Self::Shake256 => fill(Shake256::default(), input, output),
        }
    }
}

fn fill(mut function: impl ExtendableOutput, input: &[u8], output: &mut [u8]) {
    function.update(input);
    function.finalize_xof().read(output);
}
