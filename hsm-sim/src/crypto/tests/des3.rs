//! Triple DES and CMAC with it (SP 800-67, SP 800-38B).

use std::sync::Arc;

use super::{filled, hex};
use crate::crypto::{Cmac, Des3, Des3Key, Direction, Error, set_odd_parity};

const THREE_KEYS: &str = "0123456789abcdef23456789abcdef01456789abcdef0123";
const TWO_KEYS: &str = "0123456789abcdef23456789abcdef01";

fn key(bytes: &str) -> Arc<Des3Key> {
    Arc::new(Des3Key::new(&hex(bytes)).expect("odd parity"))
}

fn both_ways(make: impl Fn(Direction) -> Des3, text: &[u8], expected: &str) {
    for (direction, input, expected) in
        [(Direction::Encrypt, text.to_vec(), hex(expected)), (Direction::Decrypt, hex(expected), text.to_vec())]
    {
        for part in [8, 16, 24] {
            let mut mode = make(direction);
            let mut out = vec![0; input.len()];
            for (input, out) in input.chunks(part).zip(out.chunks_mut(part)) {
                mode.process(input, out).expect("whole blocks");
            }
            assert_eq!(out, expected, "{direction:?} {part}");
        }
    }
}

/// SP 800-67, appendix B.1; with two keys, and in CBC, as `openssl enc -des-ede` and `-des-ede3-cbc` have it.
#[test]
fn blocks_match_the_standard_and_openssl() {
    let text = b"The qufck brown fox jump";
    both_ways(|way| Des3::ecb(key(THREE_KEYS), way), text, "a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900");
    both_ways(|way| Des3::ecb(key(TWO_KEYS), way), text, "c44862f70cf2fbdc9077d0909fa91b884cabd61fc58e0cbb");
    let iv = hex("f69f2445df4f9b17").try_into().expect("eight bytes");
    let text = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    let expected = "2079c3d53aa763e193b79e2569ab5262516570481f25b50f73c0bda85c8e0da7";
    both_ways(|way| Des3::cbc(key(THREE_KEYS), way, &iv), &text, expected);
}

#[test]
fn keys_have_a_length_and_odd_parity() {
    assert_eq!((key("0123456789abcdef").len(), key(TWO_KEYS).len(), key(THREE_KEYS).len()), (8, 16, 24));
    for len in [0, 7, 9, 15, 17, 23, 25, 32] {
        assert_eq!(Des3Key::new(&vec![1; len]).map(|_| ()), Err(Error::InvalidKey));
    }
    for at in 0..24 {
        let mut even = hex(THREE_KEYS);
        even[at] ^= 1;
        assert_eq!(Des3Key::new(&even).map(|_| ()), Err(Error::InvalidKey));
        set_odd_parity(&mut even);
        assert_eq!(even, hex(THREE_KEYS));
    }
    let mut mode = Des3::ecb(key(TWO_KEYS), Direction::Encrypt);
    assert_eq!(mode.process(&[0; 12], &mut [0; 16]), Err(Error::InvalidLength));
    assert_eq!(mode.process(&[0; 16], &mut [0; 8]), Err(Error::InvalidLength));
}

/// SP 800-38B, appendix D.4: messages of 0, 8, 20 and 32 bytes.
#[test]
fn cmac_matches_the_standard() {
    let key = key("8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5");
    let text = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    for (len, expected) in [(0, "b7a688e122ffaf95"), (8, "8e8f293136283797"), (20, "743ddbe0ce2dc2ed"), (32, "33e6b1092400eae5")]
    {
        for room in [8, 4, 1] {
            let mut mac = Cmac::des3(&key).expect("any key");
            text[..len].chunks(3).try_for_each(|part| mac.update(part)).expect("any length");
            let code = filled(room, |out| mac.finish(out).map(|()| room));
            assert_eq!(code.as_deref(), Ok(&hex(expected)[..room]), "{len}");
        }
    }
    let outcome = Cmac::des3(&key).expect("any key").finish(&mut [0; 9]);
    assert_eq!(outcome, Err(Error::InvalidLength));
}
