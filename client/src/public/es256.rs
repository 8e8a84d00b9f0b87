//! ES256 signatures in their two forms: r and s side by side (RFC 7518 section 3.4), and ASN.1 (RFC 3279).

use p256::ecdsa::{DerSignature, Signature};

use crate::error::{Error, Kind, Result};

/// The ASN.1 form of a 64-byte signature.
///
/// # Errors
/// [`Kind::Malformed`] when it is none.
pub fn to_der(raw: &[u8]) -> Result<Vec<u8>> {
    Signature::from_slice(raw).map(|signature| signature.to_der().as_bytes().to_vec()).map_err(|_| malformed())
}

/// The 64-byte form of an ASN.1 signature.
///
/// # Errors
/// [`Kind::Malformed`] when it is none.
pub fn from_der(der: &[u8]) -> Result<Vec<u8>> {
    let signature = DerSignature::try_from(der).map_err(|_| malformed())?;
    Signature::try_from(signature).map(|signature| signature.to_bytes().to_vec()).map_err(|_| malformed())
}

fn malformed() -> Error {
    Error::new(Kind::Malformed, "this is no ES256 signature")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let raw = [[0x80; 32], [0x01; 32]].concat();
        let der = to_der(&raw).unwrap();
        assert_eq!(der[..5], [0x30, 69, 0x02, 33, 0]);
        assert_eq!(from_der(&der).unwrap(), raw);
        assert!(to_der(&raw[1..]).is_err() && from_der(&der[1..]).is_err());
    }
}
