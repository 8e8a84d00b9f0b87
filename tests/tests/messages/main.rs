//! Message-based operations (v3.0), authenticated wrapping and signatures known first (v3.2), and two operations at once.

mod dual;
mod encryption;
mod nonces;
mod order;
mod signatures;
mod waiting;
mod wrapping;

use hsm_tests::*;

fn gcm() -> Mechanism {
    Mechanism::bare(CKM_AES_GCM)
}

const AAD: &[u8] = b"header";
const DATA: &[u8] = b"a message of some length, beyond one block";
