//! Tables "data length" of 6.1, 6.3 and 6.10 to 6.16: CKR_DATA_LEN_RANGE and CKR_ENCRYPTED_DATA_LEN_RANGE.

use crate::rows::message;
use hsm_tests::*;

const OK: &[CK_RV] = &[CKR_OK];
const LENGTH: &[CK_RV] = &[CKR_DATA_LEN_RANGE];

#[test]
fn of_plaintexts() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (aes, rsa) = (session.aes(16), session.rsa(2048).public);
        let cbc = Mechanism::bytes(CKM_AES_CBC, &[0; 16]);
        let pad = Mechanism::bytes(CKM_AES_CBC_PAD, &[0; 16]);
        let gcm = Mechanism::gcm(&[1; 12], b"", 128);
        let oaep = Mechanism::oaep(CKM_SHA256, CKG_MGF1_SHA256, b"");
        let pkcs = Mechanism::bare(CKM_RSA_PKCS);
        let mut tally = Tally::new("lengths of plaintexts");
        for (name, mechanism, key, length, allowed) in [
            ("ECB of nothing", &Mechanism::bare(CKM_AES_ECB), aes, 0, OK),
            ("ECB of half a block", &Mechanism::bare(CKM_AES_ECB), aes, 8, LENGTH),
            ("CBC of nothing", &cbc, aes, 0, OK),
            ("CBC of a block and a byte", &cbc, aes, 17, LENGTH),
            ("CBC_PAD of nothing", &pad, aes, 0, OK),
            ("CTR of nothing", &Mechanism::ctr(128, [0; 16]), aes, 0, OK),
            ("GCM of nothing", &gcm, aes, 0, OK),
            ("GCM of a megabyte", &gcm, aes, 1 << 20, OK),
            ("PKCS#1 of nothing", &pkcs, rsa, 0, OK),
            ("PKCS#1 of the most", &pkcs, rsa, 245, OK),
            ("PKCS#1 of one more", &pkcs, rsa, 246, LENGTH),
            ("OAEP of nothing", &oaep, rsa, 0, OK),
            ("OAEP of the most", &oaep, rsa, 190, OK),
            ("OAEP of one more", &oaep, rsa, 191, LENGTH),
            ("raw RSA of one more", &Mechanism::bare(CKM_RSA_X_509), rsa, 257, LENGTH),
        ] {
            tally.row(name, session.encrypt(mechanism, key, &message(length)), allowed);
        }
        let above = session.encrypt(&Mechanism::bare(CKM_RSA_X_509), rsa, &[0xff; 256]);
        tally.row("raw RSA of a number above the modulus", above, &[CKR_DATA_INVALID, CKR_DATA_LEN_RANGE]);
    });
}

#[test]
fn of_ciphertexts() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (aes, rsa) = (session.aes(16), session.rsa(2048).private);
        let cbc = Mechanism::bytes(CKM_AES_CBC, &[0; 16]);
        let pad = Mechanism::bytes(CKM_AES_CBC_PAD, &[0; 16]);
        let gcm = Mechanism::gcm(&[1; 12], b"", 128);
        let length: &[CK_RV] = &[CKR_ENCRYPTED_DATA_LEN_RANGE];
        // "Has higher priority than CKR_ENCRYPTED_DATA_INVALID", but what is short may also not be authentic.
        let either: &[CK_RV] = &[CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_INVALID];
        let mut tally = Tally::new("lengths of ciphertexts");
        for (name, mechanism, key, size, allowed) in [
            ("ECB of half a block", &Mechanism::bare(CKM_AES_ECB), aes, 8, length),
            ("CBC of a block and a byte", &cbc, aes, 17, length),
            ("CBC_PAD of nothing", &pad, aes, 0, length),
            ("CBC_PAD of half a block", &pad, aes, 8, length),
            ("GCM of less than a tag", &gcm, aes, 15, either),
            ("GCM of nothing", &gcm, aes, 0, either),
            ("PKCS#1 of one byte less", &Mechanism::bare(CKM_RSA_PKCS), rsa, 255, either),
            ("PKCS#1 of one byte more", &Mechanism::bare(CKM_RSA_PKCS), rsa, 257, either),
            ("OAEP of nothing", &Mechanism::oaep(CKM_SHA256, CKG_MGF1_SHA256, b""), rsa, 0, either),
        ] {
            session.begin(Begin::Decrypt, mechanism, key).expect("C_DecryptInit");
            let (rv, _, _) = session.step(Step::Decrypt, &message(size), Some(512));
            tally.row(name, rv, allowed);
        }
    });
}

#[test]
fn of_what_is_signed() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (rsa, ec, ed) = (session.rsa(2048), session.ec(oid::P256), session.ed25519());
        let pss = Mechanism::pss(CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32);
        let pkcs = Mechanism::bare(CKM_RSA_PKCS);
        let mut tally = Tally::new("lengths of what is signed");
        for (name, mechanism, pair, length, allowed) in [
            ("PKCS#1 of nothing", &pkcs, rsa, 0, OK),
            ("PKCS#1 of the most", &pkcs, rsa, 245, OK),
            ("PKCS#1 of one more", &pkcs, rsa, 246, LENGTH),
            ("PSS of a digest", &pss, rsa, 32, OK),
            ("PSS of less", &pss, rsa, 31, LENGTH),
            ("PSS of more", &pss, rsa, 33, LENGTH),
            ("raw RSA of one more", &Mechanism::bare(CKM_RSA_X_509), rsa, 257, LENGTH),
            ("ECDSA of SHA-1's length", &Mechanism::bare(CKM_ECDSA), ec, 20, OK),
            ("ECDSA of SHA-512's length", &Mechanism::bare(CKM_ECDSA), ec, 64, OK),
            ("EdDSA of nothing", &Mechanism::bare(CKM_EDDSA), ed, 0, OK),
            ("EdDSA of a megabyte", &Mechanism::bare(CKM_EDDSA), ed, 1 << 20, OK),
        ] {
            let data = message(length);
            let signed = session.sign(mechanism, pair.private, &data);
            let signature = signed.clone().unwrap_or_default();
            tally.row(name, signed, allowed);
            if allowed == OK {
                tally.row(format!("{name}: verify"), session.verify(mechanism, pair.public, &data, &signature), OK);
            }
        }
        for (name, mechanism, key) in [
            ("RSA", pkcs, rsa.public),
            ("ECDSA", Mechanism::bare(CKM_ECDSA), ec.public),
            ("EdDSA", Mechanism::bare(CKM_EDDSA), ed.public),
        ] {
            for length in [0, 1, 63, 65, 255, 257] {
                let got = session.verify(&mechanism, key, &[1; 32], &vec![1; length]);
                tally.row(format!("{name}: a signature of {length}"), got, &[CKR_SIGNATURE_LEN_RANGE]);
            }
        }
    });
}
