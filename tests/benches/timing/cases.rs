//! The pairs of classes.

use crate::Case;
use hsm_tests::*;
use std::cell::Cell;

pub fn all(token: &Token) -> Vec<Case<'_>> {
    let session = token.user();
    let mut cases = rsa(session);
    cases.extend(macs(session));
    cases.extend(ciphers(session));
    // The logins of the last one end the life of the others' keys.
    cases.extend([padding(session), pins(token)]);
    cases
}

/// The same length of PIN, all but its last letter right, or none of it. Argon2id takes most of the time. The right PIN in between keeps
/// the role from being locked.
fn pins(token: &Token) -> Case<'_> {
    let near = format!("{}9", &USER_PIN[..USER_PIN.len() - 1]);
    let far: String = "zyxwvutsrqponmlkj".chars().take(USER_PIN.len()).collect();
    let session = token.open(true);
    let wrong = [near, far];
    Case {
        name: "PIN: wrong in its last letter, wrong in all",
        share: 200,
        prepare: Box::new(move |_| {
            _ = session.logout();
            session.login(CKU_USER, USER_PIN).expect("C_Login");
            session.logout().expect("C_Logout");
        }),
        call: Box::new(move |class| _ = session.login(CKU_USER, &wrong[class]).expect_err("a wrong PIN")),
    }
}

fn rsa(session: Session<'_>) -> Vec<Case<'_>> {
    let pair = session.rsa(2048);
    let raw = Mechanism::bare(CKM_RSA_X_509);
    let filled = |front: &[u8]| {
        let block: Vec<u8> = [front, &[0xa5; 256][front.len()..]].concat();
        session.encrypt(&raw, pair.public, &block)
    };
    let pkcs1 = Mechanism::bare(CKM_RSA_PKCS);
    let oaep = Mechanism::oaep(CKM_SHA256, CKG_MGF1_SHA256, b"");
    let sound = |mechanism: &Mechanism| session.encrypt(mechanism, pair.public, &[7; 32]).expect("C_Encrypt");
    let flipped = |mut bytes: Vec<u8>| {
        bytes[255] ^= 1;
        bytes
    };
    // The first byte is zero for all that is below the modulus; the second tells PKCS#1 v1.5.
    let unsound = filled(&[0, 3]).unwrap_or_else(|_| flipped(sound(&pkcs1)));
    let open = move |name, mechanism: Mechanism, inputs: [Vec<u8>; 2]| Case {
        name,
        share: 10,
        prepare: Box::new({
            let mechanism = mechanism.clone();
            move |_| session.begin(Begin::Decrypt, &mechanism, pair.private).expect("C_DecryptInit")
        }),
        call: Box::new(move |class| _ = session.step(Step::Decrypt, &inputs[class], Some(256))),
    };
    vec![
        open("RSA PKCS#1 v1.5: sound padding, unsound padding", pkcs1.clone(), [sound(&pkcs1), unsound]),
        open("RSA-OAEP: unsound, unsound in another place", oaep.clone(), [flipped(sound(&oaep)), sound(&pkcs1)]),
        open("RSA-OAEP: sound, unsound (the answer tells)", oaep.clone(), [sound(&oaep), flipped(sound(&oaep))]),
    ]
}

/// Signatures that are wrong in their first byte, or in their last.
fn macs(session: Session<'_>) -> Vec<Case<'_>> {
    let (aes, secret) = (session.key_of(CKK_AES, &[9; 32]), session.secret_of(&[7; 32]));
    let verify = move |name, kind, key| {
        let mechanism = Mechanism::bare(kind);
        let right = session.sign(&mechanism, key, b"message").expect("C_Sign");
        let wrong = ends(&right);
        let begin = move |_| session.begin(Begin::Verify, &mechanism, key).expect("C_VerifyInit");
        let call = move |class: usize| _ = session.check(b"message", &wrong[class]).expect_err("a wrong code");
        Case { name, share: 1, prepare: Box::new(begin), call: Box::new(call) }
    };
    vec![
        verify("HMAC-SHA256: wrong first byte, wrong last byte", CKM_SHA256_HMAC, secret),
        verify("HMAC-SHA512: wrong first byte, wrong last byte", CKM_SHA512_HMAC, secret),
        verify("AES-CMAC: wrong first byte, wrong last byte", CKM_AES_CMAC, aes),
    ]
}

fn ciphers(session: Session<'_>) -> Vec<Case<'_>> {
    let (aes, chacha) = (session.key_of(CKK_AES, &[9; 32]), session.key_of(CKK_CHACHA20, &[9; 32]));
    let open = move |name, mechanism: Mechanism, key: Object, text: usize| {
        let sealed = session.encrypt(&mechanism, key, &vec![7; text]).expect("C_Encrypt");
        let tags = ends(&sealed[text..]).map(|tag| [&sealed[..text], &tag].concat());
        let begin = move |_| session.begin(Begin::Decrypt, &mechanism, key).expect("C_DecryptInit");
        let call = move |class: usize| _ = session.step(Step::Decrypt, &tags[class], Some(text));
        Case { name, share: 1, prepare: Box::new(begin), call: Box::new(call) }
    };
    vec![
        open("AES-GCM: tag wrong in its first byte, its last", Mechanism::gcm(&[1; 12], &[], 128), aes, 64),
        open("AES-GCM, tag of 96 bits: first byte, last byte", Mechanism::gcm(&[1; 12], &[], 96), aes, 64),
        open("AES-CCM: tag wrong in its first byte, its last", Mechanism::ccm(64, &[1; 12], &[], 16), aes, 64),
        open("ChaCha20-Poly1305: first byte, last byte", Mechanism::chacha20_poly1305(&[1; 12], 96, &[]), chacha, 64),
        keys("AES-ECB: a fixed key, random keys", session, CKK_AES, 32, Mechanism::bare(CKM_AES_ECB)),
        keys("ChaCha20: a fixed key, random keys", session, CKK_CHACHA20, 32, Mechanism::chacha20(&[0; 4], &[1; 12])),
    ]
}

/// One key, or one of many: what a schedule of table look-ups would tell.
fn keys<'s>(name: &'static str, session: Session<'s>, key_type: CK_KEY_TYPE, len: usize, mechanism: Mechanism) -> Case<'s> {
    let fixed = session.key_of(key_type, &vec![0; len]);
    let others: Vec<Object> =
        (0..64).map(|_| session.key_of(key_type, &session.random(len).expect("C_GenerateRandom"))).collect();
    let turn = Cell::new(0);
    // Both classes come out of a list of as many handles, so that neither is nearer.
    let fixed: Vec<Object> = others.iter().map(|_| session.copy(fixed, &Template::new()).expect("C_CopyObject")).collect();
    let begin = move |class: usize| {
        turn.set((turn.get() + 1) % others.len());
        let key = [&fixed, &others][class][turn.get()];
        session.begin(Begin::Encrypt, &mechanism, key).expect("C_EncryptInit");
    };
    Case {
        name,
        share: 1,
        prepare: Box::new(begin),
        call: Box::new(move |_| _ = session.step(Step::Encrypt, &[7; 64], Some(64))),
    }
}

/// AES-CBC-PAD tells whether the padding is sound, as the standard has it: whoever may submit ciphertexts learns the same from the code.
fn padding(session: Session<'_>) -> Case<'_> {
    let (key, mechanism) = (session.key_of(CKK_AES, &[9; 32]), Mechanism::bytes(CKM_AES_CBC_PAD, &[1; 16]));
    let sound = session.encrypt(&mechanism, key, &[7; 24]).expect("C_Encrypt");
    let mut unsound = sound.clone();
    unsound[15] ^= 0x40;
    let inputs = [sound, unsound];
    Case {
        name: "AES-CBC-PAD: sound, unsound (the answer tells)",
        share: 1,
        prepare: Box::new(move |_| session.begin(Begin::Decrypt, &mechanism, key).expect("C_DecryptInit")),
        call: Box::new(move |class| _ = session.step(Step::Decrypt, &inputs[class], Some(32))),
    }
}

/// Wrong in the first byte, and wrong in the last.
fn ends(right: &[u8]) -> [Vec<u8>; 2] {
    [0, right.len() - 1].map(|at| {
        let mut wrong = right.to_vec();
        wrong[at] ^= 1;
        wrong
    })
}
