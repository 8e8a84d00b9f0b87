//! The library on real modules: many threads on one token, rewrapping, data keys for others to keep.
//!
//! A module reads its configuration from the environment when it is loaded, so each test runs in a child process: the test
//! starts this same file again, asking for the one ignored test that does the work.

mod house;

use std::io::{Cursor, Read, Seek, SeekFrom};
use std::mem::ManuallyDrop;
use std::process::Command;
use std::sync::Arc;

use cryptoki::context::Pkcs11;
use cryptoki::slot::Slot;
use hsm_client::Kind;
use hsm_client::context::EncryptionContext;
use hsm_client::envelope::{self, Reader};
use hsm_client::hsm::module::Module;
use hsm_client::hsm::pkcs11::Token;
use hsm_client::hsm::reconnect::Reconnecting;
use hsm_client::hsm::selector::Selector;
use hsm_client::hsm::{Hsm, KeyKind, MekKind, Scheme, WrapMechanism, Wrapped, Wrapping};
use hsm_client::id::ObjectId;
use hsm_client::keyring::{Keyring, Recipe, mek};
use hsm_client::secret::Secret;
use hsm_client::signer::Signer;
use hsm_client::store::MemoryStore;

#[test]
fn on_every_module() {
    house::in_every_house(|house| {
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "inside"])
            .env("HSM_MODULE", &house.subject.module)
            .env("HSM_SIM_CONF", house.path("hsm-sim.toml"))
            .env("SOFTHSM2_CONF", house.path("softhsm2.conf"))
            .status();
        assert!(status.unwrap().success(), "with {}", house.subject.name);
    });
}

#[test]
#[ignore = "runs in the child process that on_every_module starts"]
fn inside() {
    let Some(path) = std::env::var_os("HSM_MODULE").filter(|_| std::env::var_os("HSM_SIM_CONF").is_some()) else {
        return eprintln!("\n*** SKIPPED: started by hand, without the fresh configuration of on_every_module ***\n");
    };
    let module = Module::load(path.as_ref()).unwrap();
    let pin = Secret::copy(b"1234-user");
    let open = || Arc::new(Token::open(&module, &Selector::parse("t").unwrap(), Some(&pin)).unwrap());
    let hsm = open();
    // A second pool on the same token shares the login instead of failing.
    let _second = open();
    let store = Arc::new(MemoryStore::default());
    mek::create(hsm.as_ref(), store.as_ref(), "main", MekKind::Aes256).unwrap();
    let keyring = Keyring::new(hsm.clone(), store.clone());
    many_threads(&keyring, &Signer::new(hsm.clone(), store));
    rewrapping(hsm.as_ref());
    wrapped_by_either_function(hsm.as_ref());
    keys_for_others(&keyring);
    drop((hsm, keyring));
    lost_and_found(&module, path.as_ref(), b"1234-user");
}

fn many_threads(keyring: &Keyring, signer: &Signer) {
    let key = signer.create("k", KeyKind::Ed25519, None, false).unwrap();
    let (_, record) = keyring.create("mail", &Recipe::default()).unwrap();
    let dek = keyring.open(&record).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8_u8 {
            let (key, record, dek) = (&key, &record, &dek);
            scope.spawn(move || {
                for round in 0..20_u8 {
                    let message = [thread, round];
                    let signature = signer.sign(key, None, &message).unwrap();
                    key.public.verify(Scheme::EdDsa, &message, &signature).unwrap();
                    assert!(keyring.open(record).unwrap().key == dek.key);
                }
            });
        }
    });
}

fn rewrapping(hsm: &dyn Hsm) {
    let [from, to] = [ObjectId::random().unwrap(), ObjectId::random().unwrap()];
    for id in [&from, &to] {
        hsm.create_mek(id, "rewrap", MekKind::Aes256).unwrap();
    }
    let ways = [WrapMechanism::AesGcmAuth, WrapMechanism::AesGcm, WrapMechanism::AesKwp, WrapMechanism::AesKw];
    let mut tried = 0;
    for old in ways {
        let Ok(wrapped) = hsm.generate_wrapped(&from, old, b"old") else { continue };
        let plain = hsm.unwrap(&from, &wrapped, b"old").unwrap();
        for new in ways {
            let (here, there) = (Wrapping { mek: &from, aad: b"old" }, Wrapping { mek: &to, aad: b"new" });
            let Ok(moved) = hsm.rewrap(here, &wrapped, there, new) else { continue };
            assert!(hsm.unwrap(&to, &moved, b"new").unwrap() == plain, "{old} to {new}");
            assert!(hsm.unwrap(&from, &moved, b"new").is_err(), "{old} to {new}: the old key opens it too");
            tried += 1;
        }
        if old.carries_aad() {
            assert!(hsm.unwrap(&from, &wrapped, b"other").is_err(), "{old} ignores its additional data");
        }
    }
    assert!(tried >= 4, "only {tried} ways work");
}

/// C_WrapKey and C_WrapKeyAuthenticated yield the same bytes for AES-GCM: what one wrapped, the other opens, with its data only.
fn wrapped_by_either_function(hsm: &dyn Hsm) {
    let mek = ObjectId::random().unwrap();
    hsm.create_mek(&mek, "either", MekKind::Aes256).unwrap();
    let ways = [WrapMechanism::AesGcmAuth, WrapMechanism::AesGcm];
    for (way, other) in [(ways[0], ways[1]), (ways[1], ways[0])] {
        if !hsm.wrap_mechanisms(MekKind::Aes256).unwrap().contains(&WrapMechanism::AesGcmAuth) {
            let refused = hsm.generate_wrapped(&mek, WrapMechanism::AesGcmAuth, b"").unwrap_err();
            assert_eq!(refused.kind(), Kind::MechanismRefused);
            assert!(refused.reason().contains("C_WrapKeyAuthenticated"), "{refused}");
            continue;
        }
        let wrapped = hsm.generate_wrapped(&mek, way, b"aad").unwrap();
        assert_eq!((wrapped.nonce.len(), wrapped.ciphertext.len()), (12, 48));
        let key = hsm.unwrap(&mek, &wrapped, b"aad").unwrap();
        let same = Wrapped { mechanism: other, ..wrapped.clone() };
        assert!(hsm.unwrap(&mek, &same, b"aad").unwrap() == key, "{way} is not {other}");
        for at in [0, 31, 32, 47] {
            let mut altered = wrapped.clone();
            altered.ciphertext[at] ^= 1;
            assert_eq!(hsm.unwrap(&mek, &altered, b"aad").err().unwrap().kind(), Kind::Authentication, "{way}, byte {at}");
        }
        for cut in [Wrapped { nonce: vec![0; 11], ..wrapped.clone() }, Wrapped { ciphertext: vec![0; 15], ..wrapped }] {
            assert!(hsm.unwrap(&mek, &cut, b"aad").is_err(), "{way}");
        }
    }
}

fn keys_for_others(keyring: &Keyring) {
    let context = EncryptionContext::parse(["purpose=tokens", "service=mail"]).unwrap();
    let (dek, record) = keyring.generate_data_key(&Recipe { mek: Some("main".into()), ..Recipe::default() }, &context).unwrap();
    let opened = keyring.decrypt_data_key(&record, &context).unwrap();
    assert!(opened.key == dek.key);
    let other = EncryptionContext::parse(["purpose=tokens"]).unwrap();
    assert_eq!(keyring.decrypt_data_key(&record, &other).err().unwrap().kind(), Kind::Authentication);
    assert!(keyring.store().key(&record.key_id).unwrap().is_none(), "it is the caller's to keep");

    let plain: Vec<u8> = (0..200_000_u32).map(|at| at as u8).collect();
    let mut sealed = Vec::new();
    envelope::seal(&dek, &context, plain.as_slice(), &mut sealed, |_| {}).unwrap();
    let mut reader = Reader::new(Cursor::new(sealed), &context, |_| Ok(opened)).unwrap();
    reader.seek(SeekFrom::Start(131_000)).unwrap();
    let mut part = [0; 200];
    reader.read_exact(&mut part).unwrap();
    assert_eq!(part[..], plain[131_000..131_200]);
}

/// Requirement 23: the connection is lost, in this process as when a token is pulled out, and the token answers again.
fn lost_and_found(module: &Arc<Module>, path: &std::path::Path, pin: &'static [u8]) {
    let opening = Arc::clone(module);
    let open = move || {
        let token = Token::open(&opening, &Selector::parse("t")?, Some(&Secret::copy(pin)))?;
        Ok(Arc::new(token) as Arc<dyn Hsm>)
    };
    let hsm = Arc::new(Reconnecting::new(open).unwrap());
    let keyring = Keyring::new(hsm.clone(), Arc::new(MemoryStore::default()));
    mek::create(keyring.hsm(), keyring.store(), "lost", MekKind::Aes256).unwrap();
    let recipe = Recipe { mek: Some("lost".into()), ..Recipe::default() };
    let (_, record) = keyring.create("mail", &recipe).unwrap();
    // Another user of the module in this process logs out, for all of them (PKCS#11 v3.1 section 5.6.9).
    let other = ManuallyDrop::new(Pkcs11::new(path).unwrap());
    let slots = other.get_slots_with_initialized_token().unwrap();
    let of = |slot: &&Slot| other.get_token_info(**slot).unwrap().label() == "t";
    let log_out = || other.open_ro_session(*slots.iter().find(of).unwrap()).unwrap().logout().unwrap();
    for _ in 0..3 {
        log_out();
        assert!(!hsm.is_alive());
        keyring.open(&record).unwrap();
        log_out();
        keyring.rotate("mail", &recipe).unwrap();
    }
}
