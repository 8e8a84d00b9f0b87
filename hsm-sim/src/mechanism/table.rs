//! Every mechanism of this module: the rows that families build on, and the families. Each family's file holds its own rows.

use std::{collections::HashMap, sync::LazyLock};

use cryptoki_sys::*;

use super::{
    Row, aes, aes_mac, camellia, ccm, chacha20, data_encryption, des3, dh, digests, domain_parameters, dsa, ecdh, ecdh_aes_wrap,
    ecdsa, eddsa, gcm, hash_derivation, hkdf, hmac, hotp, ike, key_generation as generation, ml_kem, pbe, pbkdf2, post_quantum,
    rc2, rc4, rsa, rsa_aes_wrap, rsa_cipher, rsa_x931, seed, simple_derivation, sp800_108, ssl3_mac, tls, tls_keys, tls_mac,
    tls_prf, xts,
};

/// A mechanism that can do nothing yet.
pub const NOTHING: Row = Row {
    kind: 0,
    name: "",
    keys: (0, 0),
    bytes: false,
    curves: 0,
    flat: false,
    legacy: false,
    cipher: None,
    wraps: false,
    fills: 0,
    aead: None,
    wrap_cipher: None,
    key_wrap: None,
    digest: None,
    sign: None,
    verify: None,
    sign_recover: None,
    verify_recover: None,
    generate: None,
    generate_pair: None,
    generate_from: None,
    generate_parameters: None,
    derive: None,
    derive_set: None,
    derive_public: false,
    derived_class: CKO_SECRET_KEY,
    from_data: false,
    kem: None,
};

pub const AES: Row = Row { keys: (16, 32), ..NOTHING };
pub const RSA: Row = Row { keys: generation::RSA_BITS, ..NOTHING };
pub const EC: Row = Row { keys: (224, 521), curves: CKF_EC_F_P | CKF_EC_OID | CKF_EC_CURVENAME | CKF_EC_UNCOMPRESS, ..NOTHING };
pub const EDWARDS: Row =
    Row { keys: (255, 255), curves: CKF_EC_F_P | CKF_EC_OID | CKF_EC_CURVENAME | CKF_EC_COMPRESS, ..NOTHING };
pub const MONTGOMERY: Row =
    Row { keys: (255, 255), curves: CKF_EC_F_P | CKF_EC_OID | CKF_EC_CURVENAME | CKF_EC_COMPRESS, ..NOTHING };
pub const GENERIC: Row = Row { keys: (8, 8 * generation::GENERIC_MOST), ..NOTHING };

/// A row: the mechanism, the row it builds on, and what it adds to that.
macro_rules! row {
    ($kind:ident, $base:expr $(, $field:ident: $value:expr)* $(,)?) => {
        $crate::mechanism::Row { kind: ::cryptoki_sys::$kind, name: stringify!($kind), $($field: $value,)* ..$base }
    };
}
pub(super) use row;

/// The families. The order is the one C_GetMechanismList gives.
static FAMILIES: &[&[Row]] = &[
    rsa::ROWS,
    rsa_cipher::ROWS,
    rsa_x931::ROWS,
    rsa_aes_wrap::ROWS,
    generation::ROWS,
    ecdsa::ROWS,
    eddsa::ROWS,
    ecdh::ROWS,
    ecdh_aes_wrap::ROWS,
    aes::ROWS,
    gcm::ROWS,
    ccm::ROWS,
    aes_mac::ROWS,
    xts::ROWS,
    chacha20::ROWS,
    digests::ROWS,
    hmac::ROWS,
    hotp::ROWS,
    simple_derivation::ROWS,
    data_encryption::ROWS,
    camellia::ROWS,
    des3::ROWS,
    seed::ROWS,
    rc2::ROWS,
    rc4::ROWS,
    dsa::ROWS,
    dh::ROWS,
    domain_parameters::ROWS,
    ml_kem::ROWS,
    post_quantum::ROWS,
    hash_derivation::ROWS,
    hkdf::ROWS,
    sp800_108::ROWS,
    pbkdf2::ROWS,
    pbe::ROWS,
    tls::ROWS,
    tls_keys::ROWS,
    tls_mac::ROWS,
    tls_prf::ROWS,
    ssl3_mac::ROWS,
    ike::ROWS,
];

/// All rows.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// The row of a mechanism, found without a walk through the table.
pub fn find(kind: CK_MECHANISM_TYPE) -> Option<&'static Row> {
    static INDEX: LazyLock<HashMap<CK_MECHANISM_TYPE, &'static Row>> =
        LazyLock::new(|| rows().map(|row| (row.kind, row)).collect());
    INDEX.get(&kind).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mechanism_has_two_rows() {
        assert_eq!(rows().count(), rows().map(|row| row.kind).collect::<std::collections::HashSet<_>>().len());
        assert!(rows().all(|row| row.name.starts_with("CKM_") && row.flags() != 0));
    }
}
