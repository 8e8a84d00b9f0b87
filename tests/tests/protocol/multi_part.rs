//! 5.8.3 and its kin: however the input is cut, the output is that of the single part.

use crate::rows;
use hsm_tests::*;

#[test]
fn any_cut_gives_the_same() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("parts equal the whole");
        for row in rows::ciphers(session).iter().filter(|row| row.multi_part) {
            let (mechanism, name) = (&row.mechanism, row.mechanism.name());
            let cipher = session.encrypt(mechanism, row.forward, &row.data).expect("C_Encrypt");
            for cut in [1, 15, 16, 17, 48, 1000] {
                let parts = (Begin::Encrypt, Step::EncryptUpdate, Step::EncryptFinal);
                let got = parted(session, mechanism, row.forward, parts, &row.data, cut);
                tally.equal(format!("{name}: encrypt by {cut}"), got, Ok(cipher.clone()));
                let parts = (Begin::Decrypt, Step::DecryptUpdate, Step::DecryptFinal);
                let got = parted(session, mechanism, row.back, parts, &cipher, cut);
                tally.equal(format!("{name}: decrypt by {cut}"), got, Ok(row.data.clone()));
            }
        }
    });
}

fn parted(
    session: Session<'_>,
    mechanism: &Mechanism,
    key: Object,
    (begin, update, last): (Begin, Step, Step),
    input: &[u8],
    cut: usize,
) -> Answer<Vec<u8>> {
    session.begin(begin, mechanism, key)?;
    let mut output = Vec::new();
    for part in input.chunks(cut) {
        output.extend(session.run(update, part)?);
    }
    output.extend(session.run(last, &[])?);
    Ok(output)
}

/// SP 800-38D 7.2 and DESIGN: plaintext leaves only after its tag was checked.
#[test]
fn gcm_releases_nothing_before_the_tag() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        let gcm = Mechanism::gcm(&[1; 12], b"", 128);
        let mut cipher = session.encrypt(&gcm, key, &[7; 100]).expect("C_Encrypt");
        *cipher.last_mut().expect("a tag") ^= 1;
        session.begin(Begin::Decrypt, &gcm, key).expect("C_DecryptInit");
        let early = session.run(Step::DecryptUpdate, &cipher).expect("C_DecryptUpdate");
        assert!(early.is_empty(), "{} bytes before authentication", early.len());
        let last = session.step(Step::DecryptFinal, &[], Some(200)).0;
        assert_eq!(last, Rv(CKR_ENCRYPTED_DATA_INVALID));
    });
}

/// 5.12.5: C_DigestKey digests the value of a secret key.
#[test]
fn digest_key_is_digest_of_its_value() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let sha256 = Mechanism::bare(CKM_SHA256);
        let key = session.secret_of(b"value of the key");
        session.begin(Begin::Digest, &sha256, Object(0)).expect("C_DigestInit");
        session.digest_key(key).expect("C_DigestKey");
        let digest = session.run(Step::DigestFinal, &[]).expect("C_DigestFinal");
        assert_eq!(Ok(digest), session.digest(&sha256, b"value of the key"));
        let pair = session.ec(oid::P256);
        session.begin(Begin::Digest, &sha256, Object(0)).expect("C_DigestInit");
        assert_eq!(session.digest_key(pair.public), refused(CKR_KEY_INDIGESTIBLE));
    });
}
