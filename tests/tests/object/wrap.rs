//! 5.18.3 and 5.18.4: what may be wrapped, and what unwrapping makes of it.

use crate::{aes_template, key_wrap};
use hsm_tests::*;

#[test]
fn extractable_decides() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let with = session.aes(32);
        let mut tally = Tally::new("5.18.3 C_WrapKey");
        let fixed = session.create(&aes_template().bool(CKA_EXTRACTABLE, false)).expect("a key");
        tally.row("not extractable", session.wrap(&key_wrap(), with, fixed), &[CKR_KEY_UNEXTRACTABLE]);
        let hidden = session.create(&aes_template().bool(CKA_SENSITIVE, true)).expect("a key");
        tally.row("sensitive but extractable", session.wrap(&key_wrap(), with, hidden), &[CKR_OK]);
        let pair = session.ec(oid::P256);
        let no = [CKR_KEY_NOT_WRAPPABLE, CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_HANDLE_INVALID, CKR_KEY_UNEXTRACTABLE];
        tally.row("a public key", session.wrap(&key_wrap(), with, pair.public), &no);
        let wrong = [CKR_WRAPPING_KEY_TYPE_INCONSISTENT, CKR_KEY_TYPE_INCONSISTENT];
        tally.row("by a key of the wrong type", session.wrap(&key_wrap(), session.rsa(1024).public, hidden), &wrong);
    });
}

/// Each mechanism brings the key back; RSA and AES; keys of every kind that it takes.
#[test]
fn round_trips() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (aes, rsa) = (session.aes(32), session.rsa(2048));
        let p384 = wrapping_pair(session, CKM_EC_KEY_PAIR_GEN, oid::P384);
        let x25519 = wrapping_pair(session, CKM_EC_MONTGOMERY_KEY_PAIR_GEN, oid::X25519);
        let mut tally = Tally::new("wrap and unwrap");
        for (name, mechanism, with, back) in [
            ("AES_KEY_WRAP", key_wrap(), aes, aes),
            ("AES_KEY_WRAP_KWP", Mechanism::bare(CKM_AES_KEY_WRAP_KWP), aes, aes),
            ("AES_KEY_WRAP_PAD", Mechanism::bare(CKM_AES_KEY_WRAP_PAD), aes, aes),
            ("AES_GCM", Mechanism::gcm(&[5; 12], b"aad", 128), aes, aes),
            ("RSA_PKCS_OAEP", Mechanism::oaep(CKM_SHA256, CKG_MGF1_SHA256, b""), rsa.public, rsa.private),
            ("RSA_AES_KEY_WRAP", rsa_aes(256), rsa.public, rsa.private),
            ("ECDH_AES_KEY_WRAP", ecdh_aes(CKM_ECDH_AES_KEY_WRAP, CKD_SHA256_KDF, 256), p384.0, p384.1),
            ("ECDH_AES_KEY_WRAP, no function", ecdh_aes(CKM_ECDH_AES_KEY_WRAP, CKD_NULL, 128), x25519.0, x25519.1),
            ("ECDH_COF_AES_KEY_WRAP", ecdh_aes(CKM_ECDH_COF_AES_KEY_WRAP, CKD_SHA512_KDF_SP800, 192), p384.0, p384.1),
            ("ECDH_X_AES_KEY_WRAP", ecdh_aes(CKM_ECDH_X_AES_KEY_WRAP, CKD_SHA1_KDF, 256), x25519.0, x25519.1),
        ] {
            let key = session.create(&aes_template()).expect("a key");
            let wrapped = session.wrap(&mechanism, with, key);
            tally.row(format!("{name}: wrap"), &wrapped, &[CKR_OK]);
            let Ok(mut wrapped) = wrapped else { continue };
            let template = Template::key(CKO_SECRET_KEY, CKK_AES).bool(CKA_SENSITIVE, false).bool(CKA_EXTRACTABLE, true);
            let unwrapped = session.unwrap(&mechanism, back, &wrapped, &template);
            tally.row(format!("{name}: unwrap"), unwrapped, &[CKR_OK]);
            let value = unwrapped.and_then(|k| session.attribute(k, CKA_VALUE));
            tally.equal(format!("{name}: value"), value, Ok(vec![0x42; 32]));
            wrapped[9] ^= 1;
            let bad = [CKR_WRAPPED_KEY_INVALID, CKR_ENCRYPTED_DATA_INVALID];
            tally.row(format!("{name}: altered"), session.unwrap(&mechanism, back, &wrapped, &template), &bad);
            let length =
                [CKR_WRAPPED_KEY_LEN_RANGE, CKR_WRAPPED_KEY_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_INVALID];
            let short = session.unwrap(&mechanism, back, &wrapped[..15], &template);
            tally.row(format!("{name}: truncated"), short, &length);
        }
    });
}

/// 6.10.4, 6.11.4: ECB and CBC take a secret key filled with zeros to whole blocks, and CKA_VALUE_LEN tells which bytes are the key's.
#[test]
fn whole_blocks() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let with = session.aes(32);
        let secret = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).bool(CKA_EXTRACTABLE, true).bool(CKA_SENSITIVE, false);
        let key = session.create(&secret.bytes(CKA_VALUE, &[0x42; 20])).expect("a key of 20 bytes");
        let filled = [&[0x42; 20][..], &[0; 12]].concat();
        let mut tally = Tally::new("6.10.4, 6.11.4");
        for (name, mechanism) in [("ECB", Mechanism::bare(CKM_AES_ECB)), ("CBC", crate::cbc())] {
            let wrapped = session.wrap(&mechanism, with, key).expect("C_WrapKey");
            tally.equal(name, Ok(wrapped.clone()), session.encrypt(&mechanism, with, &filled));
            let back = |len: CK_ULONG| {
                let template =
                    Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).bool(CKA_EXTRACTABLE, true).bool(CKA_SENSITIVE, false);
                let made = session.unwrap(&mechanism, with, &wrapped, &template.ulong(CKA_VALUE_LEN, len));
                made.and_then(|key| session.attribute(key, CKA_VALUE))
            };
            tally.equal(format!("{name}, the key's length"), back(20), Ok(vec![0x42; 20]));
            tally.row(format!("{name}, bytes that are no zeros"), back(19), &[CKR_WRAPPED_KEY_LEN_RANGE]);
            tally.row(format!("{name}, longer than all"), back(33), &[CKR_WRAPPED_KEY_LEN_RANGE]);
            let part = session.unwrap(&mechanism, with, &wrapped[..17], &Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET));
            tally.row(format!("{name}, no whole blocks"), part, &[CKR_WRAPPED_KEY_LEN_RANGE]);
        }
    });
}

/// 6.1.19 and 6.3.21 to 6.3.23: a private key is longer than RSA alone can take; parameters and keys that are wrong.
#[test]
fn wraps_with_a_temporary_key() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (rsa, p384) = (session.rsa(2048), wrapping_pair(session, CKM_EC_KEY_PAIR_GEN, oid::P384));
        let x25519 = wrapping_pair(session, CKM_EC_MONTGOMERY_KEY_PAIR_GEN, oid::X25519);
        let mut tally = Tally::new("6.1.19, 6.3.21");
        let bits = Template::new().ulong(CKA_MODULUS_BITS, 2048);
        let open = Template::new().bool(CKA_EXTRACTABLE, true).bool(CKA_SENSITIVE, false);
        let made = session.generate_pair(&Mechanism::bare(CKM_RSA_PKCS_KEY_PAIR_GEN), &bits, &open);
        let target = made.expect("a pair").1;
        let exponent = session.attribute(target, CKA_PRIVATE_EXPONENT);
        for (name, mechanism, with, back) in [
            ("RSA", rsa_aes(192), rsa.public, rsa.private),
            ("P-384", ecdh_aes(CKM_ECDH_COF_AES_KEY_WRAP, CKD_SHA384_KDF, 256), p384.0, p384.1),
            ("X25519", ecdh_aes(CKM_ECDH_X_AES_KEY_WRAP, CKD_SHA384_KDF, 256), x25519.0, x25519.1),
        ] {
            let wrapped = session.wrap(&mechanism, with, target).unwrap_or_default();
            let template = Template::key(CKO_PRIVATE_KEY, CKK_RSA).with(&open);
            let back = session.unwrap(&mechanism, back, &wrapped, &template);
            tally.equal(name, back.and_then(|key| session.attribute(key, CKA_PRIVATE_EXPONENT)), exponent.clone());
        }
        let again = |m: &Mechanism, with| session.wrap(m, with, target).unwrap_or_default();
        tally.check("every wrap is another", again(&rsa_aes(128), rsa.public) != again(&rsa_aes(128), rsa.public), "");
        let bad = [CKR_MECHANISM_PARAM_INVALID];
        let null = Mechanism::fields(CKM_RSA_AES_KEY_WRAP, &[Field::Word(256), Field::Word(0)]);
        tally.row("OAEP parameters NULL", session.wrap(&null, rsa.public, target), &bad);
        tally.row("no parameter", session.wrap(&Mechanism::bare(CKM_RSA_AES_KEY_WRAP), rsa.public, target), &bad);
        for bits in [0, 127, 512, CK_ULONG::MAX] {
            tally.row(format!("RSA, AES of {bits} bits"), session.wrap(&rsa_aes(bits), rsa.public, target), &bad);
            let ecdh = ecdh_aes(CKM_ECDH_AES_KEY_WRAP, CKD_SHA256_KDF, bits);
            tally.row(format!("ECDH, AES of {bits} bits"), session.wrap(&ecdh, p384.0, target), &bad);
        }
        tally.row("no such function", session.wrap(&ecdh_aes(CKM_ECDH_AES_KEY_WRAP, 0x777, 256), p384.0, target), &bad);
        let wrong = [CKR_WRAPPING_KEY_TYPE_INCONSISTENT];
        for (name, mechanism, with) in [
            ("RSA with an EC key", rsa_aes(256), p384.0),
            ("RSA with a private key", rsa_aes(256), rsa.private),
            ("cofactor with X25519", ecdh_aes(CKM_ECDH_COF_AES_KEY_WRAP, CKD_SHA256_KDF, 256), x25519.0),
            ("Montgomery with P-384", ecdh_aes(CKM_ECDH_X_AES_KEY_WRAP, CKD_SHA256_KDF, 256), p384.0),
            ("a private key", ecdh_aes(CKM_ECDH_AES_KEY_WRAP, CKD_SHA256_KDF, 256), p384.1),
        ] {
            tally.row(name, session.wrap(&mechanism, with, target), &wrong);
        }
        let no_cipher = session.begin(Begin::Encrypt, &rsa_aes(256), rsa.public);
        tally.row("it does not encrypt", no_cipher, &[CKR_MECHANISM_INVALID]);
    });
}

fn rsa_aes(bits: CK_ULONG) -> Mechanism {
    let oaep = [CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, 0, 0].map(Field::Word).to_vec();
    Mechanism::fields(CKM_RSA_AES_KEY_WRAP, &[Field::Word(bits), Field::Nested(oaep)])
}

fn ecdh_aes(mechanism: CK_MECHANISM_TYPE, kdf: CK_EC_KDF_TYPE, bits: CK_ULONG) -> Mechanism {
    Mechanism::fields(mechanism, &[Field::Word(bits), Field::Word(kdf), Field::Word(0), Field::Word(0)])
}

/// A public key that wraps and a private key that unwraps.
fn wrapping_pair(session: Session<'_>, mechanism: CK_MECHANISM_TYPE, curve: &[u8]) -> (Object, Object) {
    let public = Template::new().bytes(CKA_EC_PARAMS, curve).bool(CKA_WRAP, true);
    let private = Template::new().bool(CKA_UNWRAP, true);
    session.generate_pair(&Mechanism::bare(mechanism), &public, &private).expect("a pair")
}

/// 6.7: private keys travel as PKCS#8.
#[test]
fn private_keys() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let with = session.aes(32);
        let mechanism = Mechanism::bare(CKM_AES_KEY_WRAP_KWP);
        let mut tally = Tally::new("6.7 wrapping private keys");
        let extractable = Template::new().bool(CKA_EXTRACTABLE, true).bool(CKA_SENSITIVE, true).bool(CKA_SIGN, true);
        let verify = Template::new().bool(CKA_VERIFY, true);
        for (name, generate, key_type, public, sign) in [
            ("RSA", CKM_RSA_PKCS_KEY_PAIR_GEN, CKK_RSA, verify.clone().ulong(CKA_MODULUS_BITS, 2048), CKM_SHA256_RSA_PKCS),
            ("EC", CKM_EC_KEY_PAIR_GEN, CKK_EC, verify.clone().bytes(CKA_EC_PARAMS, oid::P384), CKM_ECDSA_SHA384),
            ("P-224", CKM_EC_KEY_PAIR_GEN, CKK_EC, verify.clone().bytes(CKA_EC_PARAMS, oid::P224), CKM_ECDSA_SHA224),
            ("secp256k1", CKM_EC_KEY_PAIR_GEN, CKK_EC, verify.clone().bytes(CKA_EC_PARAMS, oid::SECP256K1), CKM_ECDSA_SHA256),
            (
                "brainpoolP384r1",
                CKM_EC_KEY_PAIR_GEN,
                CKK_EC,
                verify.clone().bytes(CKA_EC_PARAMS, oid::BRAINPOOL_P384R1),
                CKM_ECDSA_SHA384,
            ),
            ("Ed25519", CKM_EC_EDWARDS_KEY_PAIR_GEN, CKK_EC_EDWARDS, verify.bytes(CKA_EC_PARAMS, oid::ED25519), CKM_EDDSA),
        ] {
            let made = session.generate_pair(&Mechanism::bare(generate), &public, &extractable);
            let (public, private) = made.expect("a pair");
            let wrapped = session.wrap(&mechanism, with, private);
            tally.row(format!("{name}: wrap"), &wrapped, &[CKR_OK]);
            let template = Template::key(CKO_PRIVATE_KEY, key_type).bool(CKA_SIGN, true);
            let unwrapped = session.unwrap(&mechanism, with, &wrapped.unwrap_or_default(), &template);
            tally.row(format!("{name}: unwrap"), unwrapped, &[CKR_OK]);
            let Ok(unwrapped) = unwrapped else { continue };
            let sign = Mechanism::bare(sign);
            let signature = session.sign(&sign, unwrapped, b"message").expect("C_Sign");
            tally.row(format!("{name}: verify"), session.verify(&sign, public, b"message", &signature), &[CKR_OK]);
            let wrong = Template::key(CKO_PRIVATE_KEY, if key_type == CKK_RSA { CKK_EC } else { CKK_RSA });
            let again = session.wrap(&mechanism, with, private).expect("C_WrapKey");
            let refusals = [CKR_WRAPPED_KEY_INVALID, CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID];
            tally.row(format!("{name}: as another type"), session.unwrap(&mechanism, with, &again, &wrong), &refusals);
        }
    });
}

/// What is unwrapped must fit the template.
#[test]
fn templates_of_unwrapped_keys() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (with, key) = (session.aes(32), session.aes(32));
        let wrapped = session.wrap(&key_wrap(), with, key).expect("C_WrapKey");
        let aes = Template::key(CKO_SECRET_KEY, CKK_AES);
        let unwrap = |template: Template| session.unwrap(&key_wrap(), with, &wrapped, &template);
        let mut tally = Tally::new("5.18.4 C_UnwrapKey");
        tally.row("no class", unwrap(aes.clone().without(CKA_CLASS)), &[CKR_TEMPLATE_INCOMPLETE]);
        tally.row("no type", unwrap(aes.clone().without(CKA_KEY_TYPE)), &[CKR_TEMPLATE_INCOMPLETE]);
        let inconsistent = [CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_READ_ONLY, CKR_ATTRIBUTE_VALUE_INVALID];
        tally.row("a value", unwrap(aes.clone().bytes(CKA_VALUE, &[1; 32])), &inconsistent);
        let lengths = [
            CKR_TEMPLATE_INCONSISTENT,
            CKR_ATTRIBUTE_READ_ONLY,
            CKR_ATTRIBUTE_VALUE_INVALID,
            CKR_WRAPPED_KEY_LEN_RANGE,
            CKR_WRAPPED_KEY_INVALID,
        ];
        tally.row("another length", unwrap(aes.clone().ulong(CKA_VALUE_LEN, 16)), &lengths);
        tally.row("a token key", unwrap(aes.bool(CKA_TOKEN, true)), &[CKR_OK]);
    });
}

/// 6.16: CKM_AES_KEY_WRAP "can wrap a key of any length", filled with zeros; unwrapping cuts to CKA_VALUE_LEN, "which must
/// not be less than n-7"; a private key's encoding says where it ends.
#[test]
fn key_wrap_fills_with_zeros() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let with = session.aes(32);
        let wrapped = session.wrap(&key_wrap(), with, session.secret_of(&[7; 20])).expect("C_WrapKey");
        let generic = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).bool(CKA_SENSITIVE, false).bool(CKA_EXTRACTABLE, true);
        let unwrap = |length| session.unwrap(&key_wrap(), with, &wrapped, &generic.clone().ulong(CKA_VALUE_LEN, length));
        let mut tally = Tally::new("6.16 CKM_AES_KEY_WRAP");
        tally.equal("20 bytes", unwrap(20).and_then(|k| session.attribute(k, CKA_VALUE)), Ok(vec![7; 20]));
        for length in [0, 16, 25, 1 << 40] {
            let refusals =
                [CKR_WRAPPED_KEY_LEN_RANGE, CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID, CKR_KEY_SIZE_RANGE];
            tally.row(format!("as {length} bytes"), unwrap(length), &refusals);
        }
        let public = Template::new().bytes(CKA_EC_PARAMS, oid::P521).bool(CKA_VERIFY, true);
        let private = Template::new().bool(CKA_EXTRACTABLE, true).bool(CKA_SIGN, true);
        let pair = session.generate_pair(&Mechanism::bare(CKM_EC_KEY_PAIR_GEN), &public, &private);
        let (public, private) = pair.expect("a pair");
        let wrapped = session.wrap(&key_wrap(), with, private).expect("C_WrapKey");
        let template = Template::key(CKO_PRIVATE_KEY, CKK_EC).bool(CKA_SIGN, true);
        let unwrapped = session.unwrap(&key_wrap(), with, &wrapped, &template).expect("C_UnwrapKey");
        let ecdsa = Mechanism::bare(CKM_ECDSA);
        let signature = session.sign(&ecdsa, unwrapped, &[1; 64]).unwrap_or_default();
        tally.row("an EC key", session.verify(&ecdsa, public, &[1; 64], &signature), &[CKR_OK]);
    });
}

/// 6.16.3.4: CKM_AES_KEY_WRAP_PKCS7 is CKM_AES_KEY_WRAP over what was padded by PKCS #7 to whole half blocks.
#[test]
fn key_wrap_with_pkcs7_padding() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let wrapping = session.aes(32);
        let pkcs7 = Mechanism::bare(CKM_AES_KEY_WRAP_PKCS7);
        let mut tally = Tally::new("6.16.3.4 CKM_AES_KEY_WRAP_PKCS7");
        for len in [8, 9, 15, 16, 17, 100] {
            let value: Vec<u8> = (0..len).collect();
            let pad = 8 - len % 8;
            let padded = [&value[..], &vec![pad; usize::from(pad)]].concat();
            let sealed = session.encrypt(&pkcs7, wrapping, &value);
            tally.equal(format!("{len} bytes"), sealed.clone(), session.encrypt(&key_wrap(), wrapping, &padded));
            let opened = sealed.and_then(|sealed| session.decrypt(&pkcs7, wrapping, &sealed));
            tally.equal(format!("{len} bytes opened"), opened, Ok(value.clone()));
            let wrapped = session.wrap(&pkcs7, wrapping, session.secret_of(&value)).expect("C_WrapKey");
            let template = secret_template(CKK_GENERIC_SECRET);
            let unwrapped =
                session.unwrap(&pkcs7, wrapping, &wrapped, &template).and_then(|key| session.attribute(key, CKA_VALUE));
            tally.equal(format!("{len} bytes unwrapped"), unwrapped, Ok(value));
        }
        tally.row("seven bytes", session.encrypt(&pkcs7, wrapping, &[1; 7]), &[CKR_DATA_LEN_RANGE]);
        let unpadded = session.encrypt(&key_wrap(), wrapping, &[9; 16]).expect("C_Encrypt");
        tally.row("no padding", session.decrypt(&pkcs7, wrapping, &unpadded), &[CKR_ENCRYPTED_DATA_INVALID]);
        let with_iv = Mechanism::bytes(CKM_AES_KEY_WRAP_PKCS7, &[7; 8]);
        let sealed = session.encrypt(&with_iv, wrapping, &[1; 20]).expect("C_Encrypt");
        tally.row("another initial value", session.decrypt(&pkcs7, wrapping, &sealed), &[CKR_ENCRYPTED_DATA_INVALID]);
    });
}
