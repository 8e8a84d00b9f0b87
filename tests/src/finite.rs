//! DSA and Diffie-Hellman keys in a group that everybody knows.

use crate::der::hex;
use crate::keys::Pair;
use crate::mechanism::Mechanism;
use crate::session::Session;
use crate::template::Template;
use cryptoki_sys::*;

/// RFC 5114, 2.1: a prime of 1024 bits, a subprime of 160, a base.
pub const PRIME: &str = "b10b8f96a080e01dde92de5eae5d54ec52c99fbcfb06a3c69a6a9dca52d23b616073e28675a23d189838ef1e2ee652c0\
     13ecb4aea906112324975c3cd49b83bfaccbdd7d90c4bd7098488e9c219a73724effd6fae5644738faa31a4ff55bccc0\
     a151af5f0dc8b4bd45bf37df365c1a65e68cfda76d4da708df1fb2bc2e4a4371";
pub const SUBPRIME: &str = "f518aa8781a8df278aba4e7d64b7cb9d49462353";
pub const BASE: &str = "a4d1cbd5c3fd34126765a442efb99905f8104dd258ac507fd6406cff14266d31266fea1e5c41564b777e690f5504f213\
     160217b4b01b886a5e91547f9e2749f4d7fbd7d3b9a92ee1909d0d2263f80a76a6a24c087a091f531dbf0a0169b6a28a\
     d662a4d18e73afa32d779d5918d08bc8858f4dcef97c2a24855e6eeb22b3b2e5";

/// RFC 5114, A.1: a private and a public value of A, those of B, and what they agree on.
pub const OF_A: [&str; 2] = [
    "b9a3b3ae8fefc1a2930496507086f8455d48943e",
    "2a853b3d92197501b9015b2deb3ed84f5e021dcc3e52f109d3273d2b7521281cbabe0e76ff5727fa8acce26956ba9a1f\
     ca26f20228d8693feb10841d84a7360054ece5a7f5b7a61ad3dfb3c60d2e43106d8727da37df9cce95b478755d06bcea\
     8f9d45965f75a5f3d1df3701165fc9e50c4279ceb07f989540ae96d5d88ed776",
];
pub const OF_B: [&str; 2] = [
    "9392c9f9eb6a7a6a9022f7d83e7223c6835bbdda",
    "717a6cb053371ff4a3b932941c1e5663f861a1d6ad34ae66576dfb98f6c6cbf9ddd5a56c7833f6bcfdff095582ad868e\
     440e8d09fd769e3ceccdc3d3b1e4cfa057776caaf9739b6a9fee8e7411f8d6dac09d6a4edb46cc2b5d5203090eae6126\
     311e53fd2c14b574e6a3109a3da1be41bdceaa186f5ce06716a2b6a07b3c33fe",
];
pub const AGREED: &str = "5c804f454d30d9c4df85271f93528c91df6b48ab5f80b3b59caac1b28f8acba9cd3e39f3cb614525d9521d2e644c53b8\
     07b810f340062f257d7d6fbfe8d5e8f072e9b6e9afda9413eafb2e8b0699b1fb5a0caceddeaead7e9cfbb36ae2b42083\
     5bd83a19fb0b5e96bf8fa4d09e345525167ecd9155416f46f408ed31b63c6e6d";

/// The group as keys of this type have it: CKK_DSA, CKK_DH or CKK_X9_42_DH.
pub fn domain(key_type: CK_KEY_TYPE) -> Template {
    let group = Template::new().bytes(CKA_PRIME, &hex(PRIME)).bytes(CKA_BASE, &hex(BASE));
    if key_type == CKK_DH { group } else { group.bytes(CKA_SUBPRIME, &hex(SUBPRIME)) }
}

/// What makes a pair of this type.
pub fn pair_generation(key_type: CK_KEY_TYPE) -> Mechanism {
    Mechanism::bare(match key_type {
        CKK_DSA => CKM_DSA_KEY_PAIR_GEN,
        CKK_DH => CKM_DH_PKCS_KEY_PAIR_GEN,
        _ => CKM_X9_42_DH_KEY_PAIR_GEN,
    })
}

impl Session<'_> {
    /// A new pair of the group, that does what its type is for.
    pub fn pair_of_group(&self, key_type: CK_KEY_TYPE) -> Pair {
        let session_object = Template::new().bool(CKA_TOKEN, false);
        let (public, private) = match key_type {
            CKK_DSA => (session_object.clone().bool(CKA_VERIFY, true), session_object.bool(CKA_SIGN, true)),
            _ => (session_object.clone(), session_object.bool(CKA_DERIVE, true)),
        };
        let made = self.generate_pair(&pair_generation(key_type), &public.with(&domain(key_type)), &private);
        let (public, private) = made.expect("a key pair");
        Pair { public, private }
    }
}
