//! ECDSA on the curves we know: signatures checked, and their two forms: r and s side by side (RFC 7518 section 3.4), and ASN.1
//! (RFC 3279).

use p256::ecdsa::signature::Verifier as _;
use rsa::pkcs8::EncodePublicKey as _;

use super::Curve;
use crate::error::{Error, Kind, Result};

/// Evaluates `body` with the crate of the curve under the name `here`.
macro_rules! on_curve {
    ($curve:expr, $here:ident => $body:expr) => {
        match $curve {
            $crate::public::Curve::P256 => {
                use p256 as $here;
                $body
            }
            $crate::public::Curve::P384 => {
                use p384 as $here;
                $body
            }
            $crate::public::Curve::P521 => {
                use p521 as $here;
                $body
            }
        }
    };
}

pub(crate) use on_curve;

/// The ASN.1 form of a signature of r and s.
///
/// # Errors
/// [`Kind::Malformed`] when it is none.
pub fn to_der(curve: Curve, raw: &[u8]) -> Result<Vec<u8>> {
    on_curve!(curve, here => {
        let signature = here::ecdsa::Signature::from_slice(raw).map_err(|_| malformed(curve))?;
        Ok(signature.to_der().as_bytes().to_vec())
    })
}

/// r and s of an ASN.1 signature.
///
/// # Errors
/// [`Kind::Malformed`] when it is none.
pub fn from_der(curve: Curve, der: &[u8]) -> Result<Vec<u8>> {
    on_curve!(curve, here => {
        let signature = here::ecdsa::Signature::from_der(der).map_err(|_| malformed(curve))?;
        Ok(signature.to_bytes().to_vec())
    })
}

/// True when `signature` (r and s) is good for the hash of `message` that belongs to the curve: SHA-256, SHA-384, SHA-512.
pub(super) fn verify(curve: Curve, point: &[u8], message: &[u8], signature: &[u8]) -> Result<bool> {
    on_curve!(curve, here => {
        let key = here::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(|_| off_curve(curve))?;
        Ok(here::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok()))
    })
}

/// The point `04 x y`, from that or its compressed form (SEC 1 section 2.3.4), if it is on the curve.
pub(super) fn uncompressed(curve: Curve, point: &[u8]) -> Result<Vec<u8>> {
    use p256::elliptic_curve::sec1::ToSec1Point as _;
    on_curve!(curve, here => {
        let key = here::PublicKey::from_sec1_bytes(point).map_err(|_| off_curve(curve))?;
        Ok(key.to_sec1_point(false).as_bytes().to_vec())
    })
}

/// The SubjectPublicKeyInfo of a point.
pub(super) fn to_spki(curve: Curve, point: &[u8]) -> Result<Vec<u8>> {
    on_curve!(curve, here => {
        let key = here::PublicKey::from_sec1_bytes(point).map_err(|_| off_curve(curve))?;
        Ok(key.to_public_key_der().map_err(|_| off_curve(curve))?.into_vec())
    })
}

fn malformed(curve: Curve) -> Error {
    Error::new(Kind::Malformed, format!("this is no ECDSA signature on {curve}"))
}

fn off_curve(curve: Curve) -> Error {
    Error::new(Kind::Malformed, format!("the {curve} key is not a point of the curve"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (curve, header) in [(Curve::P256, &[0x30, 69, 0x02, 33, 0][..]), (Curve::P384, &[0x30, 101, 0x02, 49, 0])] {
            let half = curve.field_len();
            let raw = [vec![0x80; half], vec![0x01; half]].concat();
            let der = to_der(curve, &raw).unwrap();
            assert_eq!(der[..5], *header);
            assert_eq!(from_der(curve, &der).unwrap(), raw);
            assert!(to_der(curve, &raw[1..]).is_err() && from_der(curve, &der[1..]).is_err());
        }
        let raw = [vec![0x01; 66], vec![0x01; 66]].concat();
        assert_eq!(from_der(Curve::P521, &to_der(Curve::P521, &raw).unwrap()).unwrap(), raw);
    }
}
