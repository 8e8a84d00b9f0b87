//! Nonces of ECDSA under generators that are not random: a nonce used for two digests would be the key.

use ::rsa::rand_core::{TryCryptoRng, TryRng};

use super::filled;
use crate::crypto::{Curve, EcPrivateKey, Engine, Error, portable};

/// Gives the same byte for ever, or fails.
struct Broken(Option<u8>);

impl TryRng for Broken {
    type Error = Error;

    fn try_next_u32(&mut self) -> Result<u32, Error> {
        self.0.map(|byte| u32::from_ne_bytes([byte; 4])).ok_or(Error::Failed)
    }

    fn try_next_u64(&mut self) -> Result<u64, Error> {
        self.0.map(|byte| u64::from_ne_bytes([byte; 8])).ok_or(Error::Failed)
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Error> {
        buffer.fill(self.0.ok_or(Error::Failed)?);
        Ok(())
    }
}

impl TryCryptoRng for Broken {}

#[test]
fn a_broken_generator_repeats_no_nonce() {
    for curve in Curve::ALL {
        let reference = EcPrivateKey::with_engine(Engine::Portable, curve, &[77; 20]).expect("in range");
        let key = portable::EcPrivate::new(curve, reference.scalar().expose()).expect("in range");
        let len = 2 * curve.field_len();
        let sign = |random, digest: &[u8]| filled(len, |out| key.sign_with(&mut Broken(random), digest, out).map(|()| len));
        let r = |random, digest: &[u8]| sign(random, digest).expect("a signature")[..len / 2].to_vec();
        assert_eq!(reference.public().verify(&[1; 32], &sign(Some(0), &[1; 32]).expect("a signature")), Ok(()));
        assert_eq!(r(Some(0), &[1; 32]), r(Some(0), &[1; 32]), "{curve:?}: as RFC 6979, a function of its inputs");
        assert_ne!(r(Some(0), &[1; 32]), r(Some(0), &[2; 32]), "{curve:?}: another digest, another nonce");
        assert_ne!(r(Some(0), &[1; 32]), r(Some(9), &[1; 32]), "{curve:?}: hedged");
        assert_eq!(sign(None, &[1; 32]), Err(Error::Failed), "{curve:?}");
    }
}

/// Every engine: the same digest twice is signed with two nonces.
#[test]
fn nonces_are_fresh() {
    for curve in Curve::ALL {
        for engine in super::engines_with(curve) {
            let key = EcPrivateKey::with_engine(engine, curve, &[77; 20]).expect("in range");
            let sign = || filled(132, |out| key.sign(&[1; 32], out)).expect("room");
            assert_ne!(sign(), sign(), "{curve:?} on {engine:?}");
        }
    }
}
