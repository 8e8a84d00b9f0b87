use super::*;
use crate::hsm::MekKind;
use crate::hsm::fake::FakeHsm;
use crate::id::ObjectId;
use crate::store::MemoryStore;

fn keyring(hsm: FakeHsm) -> Keyring {
    let keyring = Keyring::new(Arc::new(hsm), Arc::new(MemoryStore::default()));
    mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256).unwrap();
    keyring
}

#[test]
fn requirement_2_a_missing_mek_is_never_made() {
    let keyring = Keyring::new(Arc::new(FakeHsm::default()), Arc::new(MemoryStore::default()));
    let error = keyring.create("mail", &Recipe::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::MekMissing);
    assert!(error.next_step().contains("hsm mek create"));
    assert!(keyring.hsm().meks().unwrap().is_empty());
}

#[test]
fn the_best_working_mechanism_is_taken() {
    let mut hsm = FakeHsm::default();
    hsm.broken = vec![WrapMechanism::AesGcmAuth, WrapMechanism::AesGcm, WrapMechanism::AesKwp];
    let (_, record) = keyring(hsm).create("mail", &Recipe::default()).unwrap();
    assert_eq!(record.wrapped.unwrap().wrapped.mechanism, WrapMechanism::AesKw);

    let mut hsm = FakeHsm::default();
    hsm.broken = hsm.offered.clone();
    let error = keyring(hsm).create("mail", &Recipe::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::MechanismRefused);
    assert!(error.reason().contains("AES-GCM") && error.reason().contains("AES-KW"), "{}", error.reason());
}

/// A token that lists authenticated wrapping and ignores the data would let rows be swapped.
#[test]
fn a_mechanism_that_binds_nothing_is_not_taken() {
    let mut hsm = FakeHsm::offering(&[WrapMechanism::AesGcmAuth, WrapMechanism::AesKwp]);
    let (_, record) = keyring(hsm).create("mail", &Recipe::default()).unwrap();
    assert_eq!(record.wrapped.unwrap().wrapped.mechanism, WrapMechanism::AesGcmAuth);
    hsm = FakeHsm::offering(&[WrapMechanism::AesGcmAuth, WrapMechanism::AesKwp]);
    hsm.ignores_aad = true;
    let (_, record) = keyring(hsm).create("mail", &Recipe::default()).unwrap();
    assert_eq!(record.wrapped.unwrap().wrapped.mechanism, WrapMechanism::AesKwp);
}

#[test]
fn requirement_6_swapped_rows_do_not_open() {
    for mechanism in [WrapMechanism::AesGcmAuth, WrapMechanism::AesGcm, WrapMechanism::AesKwp, WrapMechanism::AesKw] {
        let keyring = keyring(FakeHsm::default());
        let recipe = Recipe { mechanism: Some(mechanism), ..Recipe::default() };
        let (_, one) = keyring.create("one", &recipe).unwrap();
        let (_, two) = keyring.create("two", &recipe).unwrap();
        keyring.open(&one).unwrap();
        let swapped = KeyRecord { wrapped: two.wrapped.clone(), ..one.clone() };
        let altered = [
            KeyRecord { version: 2, ..one.clone() },
            KeyRecord { created: Timestamp(0), ..one.clone() },
            KeyRecord { algorithm: "none".into(), ..one.clone() },
            KeyRecord { lineage_id: two.lineage_id, ..one.clone() },
            swapped,
        ];
        for record in altered {
            assert_eq!(keyring.open(&record).err().unwrap().kind(), Kind::Authentication, "{mechanism}");
        }
    }
}

#[test]
fn requirement_5_a_data_key_opens_with_its_own_context_only() {
    for mechanism in [WrapMechanism::AesGcm, WrapMechanism::AesKw] {
        let keyring = keyring(FakeHsm::default());
        let recipe = Recipe { mechanism: Some(mechanism), ..Recipe::default() };
        let context = EncryptionContext::parse(["purpose=tokens"]).unwrap();
        let (dek, record) = keyring.generate_data_key(&recipe, &context).unwrap();
        assert!(keyring.decrypt_data_key(&record, &context).unwrap().key == dek.key);
        let other = EncryptionContext::parse(["purpose=mail"]).unwrap();
        assert_eq!(keyring.decrypt_data_key(&record, &other).err().unwrap().kind(), Kind::Authentication);
    }
}

#[test]
fn requirement_12_states_decide_what_a_key_may_do() {
    let keyring = keyring(FakeHsm::default());
    let (lineage, record) = keyring.create("mail", &Recipe::default()).unwrap();
    let mut epoch = 1;
    let mut set = |state, wrapped: bool| {
        let kept = record.wrapped.clone().filter(|_| wrapped);
        let changed = KeyRecord { state, wrapped: kept, ..record.clone() };
        epoch = keyring.store().commit(&lineage.id, epoch, &[changed]).unwrap();
    };
    let decrypt = || keyring.for_decryption(&record.key_id, 1).map(|_| ()).map_err(|error| error.kind());
    assert_eq!(decrypt(), Ok(()));
    assert_eq!(keyring.for_decryption(&record.key_id, 2).unwrap_err().kind(), Kind::VersionNotFound);
    set(State::DecryptOnly, true);
    assert_eq!(decrypt(), Ok(()));
    assert_eq!(keyring.active("mail").unwrap_err().kind(), Kind::NoActiveVersion);
    set(State::PendingDeletion, true);
    assert_eq!(decrypt(), Err(Kind::KeyInactive));
    set(State::Destroyed, false);
    assert_eq!(decrypt(), Err(Kind::VersionDestroyed));
    assert_eq!(keyring.active("other").unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn an_expired_key_encrypts_no_more() {
    let keyring = keyring(FakeHsm::default());
    let recipe = Recipe { expires: Some(Timestamp(1)), ..Recipe::default() };
    let (_, record) = keyring.create("mail", &recipe).unwrap();
    assert_eq!(keyring.active("mail").unwrap_err().kind(), Kind::KeyInactive);
    keyring.open(&record).unwrap();
}

#[test]
fn names() {
    for name in ["", "a b", "é", "00000000-0000-4000-8000-000000000000", &"x".repeat(65)] {
        assert_eq!(check_name(name).unwrap_err().kind(), Kind::Usage, "{name}");
    }
    check_name("mail/2026_a.b:c@d").unwrap();
}

/// A token restored from its shares, or the other half of a mirrored pair, has the key under another serial number.
#[test]
fn the_master_key_counts_not_the_serial_number() {
    let hsm = Arc::new(FakeHsm::default());
    let store = Arc::new(MemoryStore::default());
    let first = Keyring::new(hsm.clone(), store.clone());
    mek::create(first.hsm(), first.store(), "main", MekKind::Aes256).unwrap();
    let (_, record) = first.create("mail", &Recipe::default()).unwrap();
    let key = first.open(&record).unwrap().key;
    drop(first);
    let mut restored = Arc::into_inner(hsm).unwrap();
    restored.identity.serial = "spare".into();
    let second = Keyring::new(Arc::new(restored), store.clone());
    assert!(second.open(&record).unwrap().key == key);

    let mut stranger = FakeHsm::default();
    stranger.identity.serial = "stranger".into();
    let error = Keyring::new(Arc::new(stranger), store).open(&record).err().unwrap();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.next_step().contains("f00d"), "{}", error.next_step());
}

/// Two versions of a master key came back into a new token, the newer one first: the newest must still be the one that wraps.
#[test]
fn a_restored_master_key_keeps_its_version() {
    let store = Arc::new(MemoryStore::default());
    let old = FakeHsm::default();
    let [one, two] = [(); 2].map(|()| {
        let id = ObjectId::random().unwrap();
        old.create_mek(&id, "main", MekKind::Aes256).unwrap();
        mek::adopt(&old, store.as_ref(), &id).unwrap()
    });
    assert_eq!((one.version, two.version), (1, 2));
    let mut spare = FakeHsm::default();
    spare.identity.serial = "spare".into();
    for (mek, version) in [(&two, 2), (&one, 1)] {
        spare.create_mek(&mek.info.id, "main", MekKind::Aes256).unwrap();
        assert_eq!(mek::adopt(&spare, store.as_ref(), &mek.info.id).unwrap().version, version);
    }
    assert_eq!(mek::choose(&spare, store.as_ref(), None).unwrap().info.id, two.info.id);
    // A version that another key has here already is not given twice.
    let mut third = FakeHsm::default();
    third.identity.serial = "third".into();
    let own = mek::create(&third, store.as_ref(), "main", MekKind::Aes256).unwrap();
    third.create_mek(&one.info.id, "main", MekKind::Aes256).unwrap();
    assert_eq!((own.version, mek::adopt(&third, store.as_ref(), &one.info.id).unwrap().version), (1, 2));
    assert_eq!(mek::adopt(&third, store.as_ref(), &two.info.id).err().unwrap().kind(), Kind::NotFound);
}
