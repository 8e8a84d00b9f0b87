//! The little DER that public keys travel in: RFC 5280 section 4.1, RFC 8017 A.1, RFC 5480, RFC 8410, RFC 3279.

use crate::answer::Answer;
use crate::object::Object;
use crate::session::Session;
use cryptoki_sys::*;

/// Bytes written in hexadecimal.
pub fn hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).expect("ASCII");
        u8::from_str_radix(text, 16).expect("two hexadecimal digits")
    };
    pairs.map(byte).collect()
}

/// A DER value: tag, length, content.
pub fn der(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let length: usize = content.iter().map(|part| part.len()).sum();
    let bytes = length.to_be_bytes();
    let short = &bytes[bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len() - 1)..];
    let head = match length {
        0..128 => vec![tag, short[0]],
        _ => [&[tag, 0x80 | short.len() as u8], short].concat(),
    };
    [&[head.as_slice()], content].concat().concat()
}

/// The content of the outermost DER value.
pub fn content(value: &[u8]) -> &[u8] {
    let long = if value[1] < 128 { 0 } else { usize::from(value[1] & 0x7f) };
    &value[2 + long..]
}

impl Session<'_> {
    /// The SubjectPublicKeyInfo of a public key, made of its attributes.
    pub fn public_key_info(&self, key: Object) -> Answer<Vec<u8>> {
        let (algorithm, bits) = match self.number(key, CKA_KEY_TYPE)? {
            CKK_RSA => (der(SEQUENCE, &[RSA_ENCRYPTION, &[5, 0]]), self.rsa_public_key(key)?),
            CKK_EC => {
                let curve = self.attribute(key, CKA_EC_PARAMS)?;
                (der(SEQUENCE, &[EC_PUBLIC_KEY, &curve]), self.point(key)?)
            }
            CKK_DSA => (self.group(key, DSA, &[CKA_PRIME, CKA_SUBPRIME, CKA_BASE])?, integer(&self.attribute(key, CKA_VALUE)?)),
            CKK_DH => (self.group(key, DH, &[CKA_PRIME, CKA_BASE])?, integer(&self.attribute(key, CKA_VALUE)?)),
            CKK_X9_42_DH => {
                (self.group(key, X9_42, &[CKA_PRIME, CKA_BASE, CKA_SUBPRIME])?, integer(&self.attribute(key, CKA_VALUE)?))
            }
            CKK_EC_EDWARDS => (der(SEQUENCE, &[crate::keys::oid::ED25519]), self.point(key)?),
            CKK_EC_MONTGOMERY => (der(SEQUENCE, &[crate::keys::oid::X25519]), self.point(key)?),
            other => panic!("key type {other:#x} has no public key"),
        };
        Ok(der(SEQUENCE, &[&algorithm, &der(BIT_STRING, &[&[0], &bits])]))
    }

    fn rsa_public_key(&self, key: Object) -> Answer<Vec<u8>> {
        let modulus = integer(&self.attribute(key, CKA_MODULUS)?);
        let exponent = integer(&self.attribute(key, CKA_PUBLIC_EXPONENT)?);
        Ok(der(SEQUENCE, &[&modulus, &exponent]))
    }

    /// An algorithm identifier with a sequence of numbers (RFC 3279, 2.3.2 and 2.3.3; PKCS #3, 9).
    fn group(&self, key: Object, oid: &[u8], numbers: &[CK_ATTRIBUTE_TYPE]) -> Answer<Vec<u8>> {
        let numbers: Answer<Vec<_>> = numbers.iter().map(|kind| Ok(integer(&self.attribute(key, *kind)?))).collect();
        Ok(der(SEQUENCE, &[oid, &der(SEQUENCE, &[&numbers?.concat()])]))
    }

    fn point(&self, key: Object) -> Answer<Vec<u8>> {
        Ok(content(&self.attribute(key, CKA_EC_POINT)?).to_vec())
    }
}

/// A positive INTEGER.
pub fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|b| **b == 0).count();
    let digits = &number[zeros..];
    let sign: &[u8] = if digits.first().is_none_or(|b| *b >= 0x80) { &[0] } else { &[] };
    der(2, &[sign, digits])
}

/// An ECDSA signature r || s as the SEQUENCE that everyone else writes.
pub fn signature_to_der(signature: &[u8]) -> Vec<u8> {
    let (r, s) = signature.split_at(signature.len() / 2);
    der(SEQUENCE, &[&integer(r), &integer(s)])
}

/// And back, with numbers of `length` bytes.
pub fn signature_from_der(sequence: &[u8], length: usize) -> Vec<u8> {
    let both = content(sequence);
    let (r, s) = both.split_at(2 + usize::from(both[1]));
    let fixed = |number: &[u8]| {
        let digits = content(number);
        let digits = &digits[digits.iter().take_while(|b| **b == 0).count()..];
        [vec![0; length - digits.len()], digits.to_vec()].concat()
    };
    [fixed(r), fixed(s)].concat()
}

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 3;
const RSA_ENCRYPTION: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const DSA: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
const DH: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 3, 1];
const X9_42: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3e, 2, 1];
const EC_PUBLIC_KEY: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
