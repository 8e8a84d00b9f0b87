//! Session keys for tests that are about something else.

use crate::mechanism::Mechanism;
use crate::object::Object;
use crate::session::Session;
use crate::template::Template;
use cryptoki_sys::*;

/// A public and a private key.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    pub public: Object,
    pub private: Object,
}

/// CKA_EC_PARAMS of named curves: the DER of their object identifiers.
pub mod oid {
    pub const P224: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x21];
    pub const SECP256K1: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a];
    pub const BRAINPOOL_P256R1: &[u8] = &[0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07];
    pub const BRAINPOOL_P384R1: &[u8] = &[0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0b];
    pub const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    pub const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
    pub const P521: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23];
    pub const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
    pub const X25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x6e];
}

impl Session<'_> {
    /// An AES key of `length` bytes that may do everything.
    pub fn aes(&self, length: usize) -> Object {
        let template = everything().ulong(CKA_VALUE_LEN, length as CK_ULONG);
        self.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &template).expect("an AES key")
    }

    /// An AES key of known value that may do everything.
    pub fn aes_of(&self, value: &[u8]) -> Object {
        let template = Template::key(CKO_SECRET_KEY, CKK_AES).with(&everything());
        self.create(&template.bytes(CKA_VALUE, value)).expect("an AES key of known value")
    }

    /// A secret key of any type and known value, that may do everything its type can.
    pub fn key_of(&self, key_type: CK_KEY_TYPE, value: &[u8]) -> Object {
        self.create(&secret_template(key_type).bytes(CKA_VALUE, value)).expect("a secret key of known value")
    }

    /// A generic secret of known value that signs and verifies.
    pub fn secret_of(&self, value: &[u8]) -> Object {
        let template = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET)
            .bool(CKA_TOKEN, false)
            .bool(CKA_SENSITIVE, false)
            .bool(CKA_EXTRACTABLE, true)
            .bool(CKA_SIGN, true)
            .bool(CKA_VERIFY, true);
        self.create(&template.bytes(CKA_VALUE, value)).expect("a generic secret of known value")
    }

    /// A generic secret of known value that keys are derived from, and that hides nothing.
    pub fn base_of(&self, value: &[u8]) -> Object {
        let template = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).with(&Template::shown()).bool(CKA_DERIVE, true);
        self.create(&template.bytes(CKA_VALUE, value)).expect("a base key of known value")
    }

    pub fn rsa(&self, bits: usize) -> Pair {
        let public = usable(&[CKA_VERIFY, CKA_ENCRYPT, CKA_WRAP])
            .ulong(CKA_MODULUS_BITS, bits as CK_ULONG)
            .bytes(CKA_PUBLIC_EXPONENT, &[1, 0, 1]);
        let private = usable(&[CKA_SIGN, CKA_DECRYPT, CKA_UNWRAP]);
        self.pair(CKM_RSA_PKCS_KEY_PAIR_GEN, &public, &private)
    }

    /// `curve` is CKA_EC_PARAMS.
    pub fn ec(&self, curve: &[u8]) -> Pair {
        let public = usable(&[CKA_VERIFY]).bytes(CKA_EC_PARAMS, curve);
        self.pair(CKM_EC_KEY_PAIR_GEN, &public, &usable(&[CKA_SIGN]))
    }

    pub fn ed25519(&self) -> Pair {
        let public = usable(&[CKA_VERIFY]).bytes(CKA_EC_PARAMS, oid::ED25519);
        self.pair(CKM_EC_EDWARDS_KEY_PAIR_GEN, &public, &usable(&[CKA_SIGN]))
    }

    /// A private key of known value that derives, and may be shown.
    pub fn ec_private(&self, key_type: CK_KEY_TYPE, curve: &[u8], value: &[u8]) -> Object {
        let template = Template::key(CKO_PRIVATE_KEY, key_type)
            .with(&usable(&[CKA_DERIVE, CKA_EXTRACTABLE]))
            .bool(CKA_SENSITIVE, false)
            .bytes(CKA_EC_PARAMS, curve)
            .bytes(CKA_VALUE, value);
        self.create(&template).expect("a private key")
    }

    fn pair(&self, mechanism: CK_MECHANISM_TYPE, public: &Template, private: &Template) -> Pair {
        let made = self.generate_pair(&Mechanism::bare(mechanism), public, private);
        let (public, private) = made.expect("a key pair");
        Pair { public, private }
    }
}

/// A secret key that shows its value and is usable for all that its type can do.
pub fn secret_template(key_type: CK_KEY_TYPE) -> Template {
    let flags = [CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP, CKA_SIGN, CKA_VERIFY, CKA_DERIVE];
    usable(&flags)
        .ulong(CKA_CLASS, CKO_SECRET_KEY)
        .ulong(CKA_KEY_TYPE, key_type)
        .bool(CKA_SENSITIVE, false)
        .bool(CKA_EXTRACTABLE, true)
}

fn everything() -> Template {
    usable(&[CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP]).bool(CKA_SENSITIVE, false).bool(CKA_EXTRACTABLE, true)
}

fn usable(flags: &[CK_ATTRIBUTE_TYPE]) -> Template {
    let session_object = Template::new().bool(CKA_TOKEN, false);
    flags.iter().fold(session_object, |t, flag| t.bool(*flag, true))
}
