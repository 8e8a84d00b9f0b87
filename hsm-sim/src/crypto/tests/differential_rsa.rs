//! RSA on every engine, and by the crate `rsa` with its own paddings: all must agree.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rsa::{BoxedUint, PrivateKey};

use super::filled;
use super::rsa::borrowed;
use crate::crypto::{Engine, Hash, Oaep, OwnedRsaParts, Pss, RsaPrivateKey};

/// Sizes around a multiple of 8 bits, and exponents small and large.
static KEYS: LazyLock<Vec<OwnedRsaParts>> = LazyLock::new(|| {
    [(1024, &[1, 0, 1][..]), (1025, &[3]), (1031, &[1, 0xff, 0xff, 0xff, 0xff]), (1536, &[17]), (1100, &LARGE)]
        .into_iter()
        .map(|(bits, e)| RsaPrivateKey::generate(bits, e).expect("randomness").parts())
        .collect()
});

/// The largest exponent that keys are generated with.
const LARGE: [u8; 32] = [0xff; 32];

fn keys(index: usize) -> Vec<RsaPrivateKey> {
    Engine::ALL.iter().map(|engine| RsaPrivateKey::with_engine(*engine, borrowed(&KEYS[index])).expect("valid")).collect()
}

/// The same key in the crate's own type.
fn other(index: usize) -> PrivateKey {
    let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
    let parts = &KEYS[index];
    let primes = vec![number(parts.p.expose()), number(parts.q.expose())];
    PrivateKey::from_components(number(&parts.n), number(&parts.e), number(parts.d.expose()), primes).expect("valid")
}

fn hashes() -> impl Strategy<Value = Hash> {
    select(Hash::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn raw_operations_agree_and_undo_each_other(index in 0usize..5, mut number in vec(any::<u8>(), 128)) {
        number[0] &= 0x7f;
        let keys = keys(index);
        let expected = filled(192, |out| keys[0].raw(&number, out)).expect("below the modulus");
        for key in &keys {
            let signed = filled(192, |out| key.raw(&number, out));
            prop_assert_eq!(signed.as_ref(), Ok(&expected));
            let opened = filled(192, |out| key.public().raw(&expected, out)).expect("below");
            prop_assert_eq!(&opened[opened.len() - 128..], &number);
        }
    }

    /// What is not a padded message is answered by draft-irtf-cfrg-rsa-guidance, the same by all.
    #[test]
    fn implicit_rejection_agrees(index in 0usize..4, mut forged in vec(any::<u8>(), 192)) {
        let keys = keys(index);
        let len = keys[0].public().modulus_len();
        forged.truncate(len);
        forged[0] = 0;
        let expected = other(index).decrypt(::rsa::Pkcs1v15Encrypt, &forged).expect("implicit");
        for key in &keys {
            for _ in 0..2 {
                let found = filled(len, |out| key.decrypt_pkcs1(&forged, out));
                prop_assert_eq!(found.as_ref(), Ok(&expected));
            }
        }
    }

    #[test]
    fn encryption_by_one_is_decrypted_by_all(
        index in 0usize..5,
        message in vec(any::<u8>(), 0..=20),
        hash in select(vec![Hash::Sha1, Hash::Sha224, Hash::Sha256, Hash::Sha384]),
        mgf in hashes(),
        label in vec(any::<u8>(), 0..10),
    ) {
        let oaep = Oaep { hash, mgf, label: &label };
        let keys = keys(index);
        for sender in &keys {
            let by_oaep = filled(192, |out| sender.public().encrypt_oaep(&oaep, &message, out)).expect("fits");
            let by_pkcs1 = filled(192, |out| sender.public().encrypt_pkcs1(&message, out)).expect("fits");
            for receiver in &keys {
                let found = filled(192, |out| receiver.decrypt_oaep(&oaep, &by_oaep, out));
                prop_assert_eq!(found.as_ref(), Ok(&message));
                let found = filled(192, |out| receiver.decrypt_pkcs1(&by_pkcs1, out));
                prop_assert_eq!(found.as_ref(), Ok(&message));
            }
            // The crate does not decrypt with the large exponent.
            if index < 4 {
                let found = other(index).decrypt(::rsa::Pkcs1v15Encrypt, &by_pkcs1);
                prop_assert_eq!(found.as_ref(), Ok(&message));
            }
        }
    }

    #[test]
    fn signatures_by_one_are_verified_by_all(
        index in 0usize..5,
        hash in select(vec![Hash::Sha1, Hash::Sha224, Hash::Sha256, Hash::Sha384]),
        mgf in hashes(),
        salt_len in 0usize..50,
        fill in any::<u8>(),
    ) {
        let digest = vec![fill; hash.output_len()];
        let pss = Pss { hash, mgf, salt_len };
        let keys = keys(index);
        for signer in &keys {
            let by_pkcs1 = filled(192, |out| signer.sign_pkcs1(Some(hash), &digest, out)).expect("fits");
            let by_pss = filled(192, |out| signer.sign_pss(&pss, &digest, out)).expect("fits");
            for verifier in &keys {
                let public = verifier.public();
                prop_assert_eq!(public.verify_pkcs1(Some(hash), &digest, &by_pkcs1), Ok(()));
                prop_assert_eq!(public.verify_pss(&pss, &digest, &by_pss), Ok(()));
            }
        }
    }
}
