//! Sets the stage for a call of any function: the session, key, mechanism and running operation it needs, so that the
//! one argument under test decides its answer.

use hsm_tests::*;

/// Functions that this module need not have: they may answer CKR_FUNCTION_NOT_SUPPORTED.
pub fn optional(entry: Entry) -> bool {
    entry.name == "C_SeedRandom"
}

/// A probe of `entry` on a session that is ready for it.
pub fn set<'t>(token: &'t Token, entry: Entry) -> Probe<'t> {
    let session = match entry.name {
        "C_Login" | "C_LoginUser" => token.open(true),
        "C_InitPIN" => token.so(),
        _ => token.user(),
    };
    if matches!(entry.name, "C_Login" | "C_LoginUser" | "C_InitPIN") {
        return bare(token, session, entry);
    }
    ready(token, session, entry, key(session, entry))
}

/// What `call` answers on a session of its own, while the user stays logged in on another. `aes` is the value of the key where one is
/// used and `AES` will do, so that two answers can be compared.
pub fn once<T>(token: &Token, entry: Entry, aes: Option<&[u8]>, call: impl FnOnce(&Probe<'_>) -> T) -> T {
    let session = token.open(true);
    let key = match aes {
        Some(value) if entry.name.contains("crypt") && !entry.name.contains("Sign") => session.aes_of(value),
        _ => key(session, entry),
    };
    let answer = call(&ready(token, session, entry, key));
    session.close().expect("C_CloseSession");
    answer
}

fn bare<'t>(token: &'t Token, session: Session<'_>, entry: Entry) -> Probe<'t> {
    let mut probe = Probe::new(&token.module).at(session, token.slot);
    probe.number = CKF_DONT_BLOCK as usize;
    probe.mechanism = mechanism(entry);
    probe
}

fn ready<'t>(token: &'t Token, session: Session<'_>, entry: Entry, key: Object) -> Probe<'t> {
    let mut probe = bare(token, session, entry);
    probe.object = key;
    probe.template = template(entry);
    operations(entry).iter().for_each(|what| begin(session, *what, probe.object));
    if entry.name.starts_with("C_FindObjects") && entry.name != "C_FindObjectsInit" {
        session.find_init(&Template::new()).expect("C_FindObjectsInit");
    }
    probe
}

/// Leaves the stage: nobody logged in, no session.
pub fn clear(token: &Token) {
    token.module.close_all(token.slot).expect("C_CloseAllSessions");
}

fn mechanism(entry: Entry) -> Mechanism {
    match entry.name {
        "C_GenerateKey" => Mechanism::bare(CKM_AES_KEY_GEN),
        "C_GenerateKeyPair" => Mechanism::bare(CKM_EC_KEY_PAIR_GEN),
        "C_WrapKey" | "C_UnwrapKey" => Mechanism::bare(CKM_AES_KEY_WRAP),
        "C_SignInit" | "C_VerifyInit" => Mechanism::bare(CKM_SHA256_HMAC),
        "C_DeriveKey" => Mechanism::bare(CKM_SHA256_KEY_DERIVATION),
        "C_SignRecoverInit" | "C_VerifyRecoverInit" => Mechanism::bare(CKM_RSA_PKCS),
        "C_EncryptInit" | "C_DecryptInit" => Mechanism::bytes(CKM_AES_CBC, &[0; 16]),
        "C_MessageEncryptInit" | "C_MessageDecryptInit" => Mechanism::bare(CKM_AES_GCM),
        "C_WrapKeyAuthenticated" | "C_UnwrapKeyAuthenticated" => Mechanism::bare(CKM_AES_GCM),
        "C_MessageSignInit" | "C_MessageVerifyInit" | "C_VerifySignatureInit" => Mechanism::bare(CKM_SHA256_HMAC),
        "C_EncapsulateKey" | "C_DecapsulateKey" => Mechanism::bare(CKM_ML_KEM),
        _ => Mechanism::bare(CKM_SHA256),
    }
}

fn key(session: Session<'_>, entry: Entry) -> Object {
    let signs = ["Sign", "Verify"].iter().any(|part| entry.name.contains(part));
    if entry.name.contains("Recover") {
        let pair = recovering(session);
        return if entry.name.contains("Sign") { pair.private } else { pair.public };
    }
    if entry.name == "C_DeriveKey" {
        return session.base_of(&[7; 32]);
    }
    if signs { session.secret_of(&[7; 32]) } else { session.aes(16) }
}

fn recovering(session: Session<'_>) -> Pair {
    let public = Template::new().ulong(CKA_MODULUS_BITS, 1024).bool(CKA_VERIFY_RECOVER, true);
    let private = Template::new().bool(CKA_SIGN_RECOVER, true);
    let made = session.generate_pair(&Mechanism::bare(CKM_RSA_PKCS_KEY_PAIR_GEN), &public, &private);
    let (public, private) = made.expect("an RSA pair");
    Pair { public, private }
}

fn template(entry: Entry) -> Template {
    match entry.name {
        "C_GenerateKey" => Template::new().ulong(CKA_VALUE_LEN, 16),
        "C_GenerateKeyPair" => Template::new().bytes(CKA_EC_PARAMS, oid::P256),
        "C_DeriveKey" => Template::of(CKO_SECRET_KEY).bool(CKA_TOKEN, false),
        "C_UnwrapKey" | "C_UnwrapKeyAuthenticated" => Template::key(CKO_SECRET_KEY, CKK_AES),
        "C_CopyObject" | "C_SetAttributeValue" => Template::new().bytes(CKA_LABEL, b"new"),
        "C_GetAttributeValue" => Template::new().bytes(CKA_LABEL, &[0; 64]),
        _ => Template::of(CKO_DATA).bool(CKA_TOKEN, false),
    }
}

/// True when the function goes on with an operation that [`once`] begins for it.
pub fn continues(entry: Entry) -> bool {
    entry.name != "C_GetOperationState" && !operations(entry).is_empty() || entry.name == "C_FindObjects"
}

/// The operations that the function continues.
fn operations(entry: Entry) -> Vec<Begin> {
    if entry.name == "C_GetOperationState" {
        return vec![Begin::Digest];
    }
    let kinds = [
        ("C_Encrypt", Begin::Encrypt),
        ("C_Decrypt", Begin::Decrypt),
        ("C_Digest", Begin::Digest),
        ("C_Sign", Begin::Sign),
        ("C_Verify", Begin::Verify),
        ("C_SignRecover", Begin::SignRecover),
        ("C_VerifyRecover", Begin::VerifyRecover),
    ];
    let continues = ["", "Update", "Final", "Key"];
    let found = kinds.into_iter().filter(|(prefix, _)| {
        let rest = entry.name.strip_prefix(prefix);
        rest.is_some_and(|rest| continues.contains(&rest))
    });
    found.map(|(_, begin)| begin).collect()
}

fn begin(session: Session<'_>, what: Begin, key: Object) {
    let mechanism = match what {
        Begin::Encrypt | Begin::Decrypt => Mechanism::bytes(CKM_AES_CBC, &[0; 16]),
        Begin::Digest => Mechanism::bare(CKM_SHA256),
        Begin::SignRecover | Begin::VerifyRecover => Mechanism::bare(CKM_RSA_PKCS),
        _ => Mechanism::bare(CKM_SHA256_HMAC),
    };
    session.begin(what, &mechanism, key).unwrap_or_else(|e| panic!("{what:?}Init: {e:?}"));
}
