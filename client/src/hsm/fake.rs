//! A token in memory, for tests: keeps no secret well, and wraps by AES whatever the master key is called.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use aes_kw::{KwAes256, KwpAes256};
use parking_lot::{Mutex, MutexGuard};

use super::import::{Import, Imported, Incoming, Route};
use super::{
    Hsm, KeyKind, Leaving, MekInfo, MekKind, Named, PublicKey, Scheme, SigningKeyInfo, TokenIdentity, WrapMechanism, Wrapped,
    Wrapping,
};
use crate::error::{Error, Kind, Result};
use crate::id::ObjectId;
use crate::kem::{Encapsulated, FileKem, KemInfo};
use crate::random;
use crate::secret::Secret;

/// The token. Its fields choose what it offers and what it then refuses.
pub struct FakeHsm {
    /// Who it says it is.
    pub identity: TokenIdentity,
    /// The mechanisms in its list.
    pub offered: Vec<WrapMechanism>,
    /// Those of its list that do not work.
    pub broken: Vec<WrapMechanism>,
    /// It wraps with additional data and forgets it.
    pub ignores_aad: bool,
    /// It destroys no signing pair.
    pub keeps_pairs: bool,
    /// Keys it opened since it was last asked.
    opened: AtomicUsize,
    gate: Mutex<()>,
    away: AtomicBool,
    meks: Mutex<BTreeMap<ObjectId, (String, Secret)>>,
    kems: Mutex<BTreeMap<ObjectId, (String, FileKem)>>,
    pairs: Mutex<BTreeMap<ObjectId, (String, ed25519_dalek::SigningKey)>>,
}

impl Default for FakeHsm {
    fn default() -> Self {
        Self::offering(&[WrapMechanism::AesGcmAuth, WrapMechanism::AesGcm, WrapMechanism::AesKwp, WrapMechanism::AesKw])
    }
}

impl FakeHsm {
    /// A token with this mechanism list.
    pub fn offering(offered: &[WrapMechanism]) -> Self {
        Self {
            identity: TokenIdentity {
                label: "fake".into(),
                serial: "f00d".into(),
                manufacturer: "tests".into(),
                model: "memory".into(),
            },
            offered: offered.to_vec(),
            broken: Vec::new(),
            ignores_aad: false,
            keeps_pairs: false,
            opened: AtomicUsize::new(0),
            gate: Mutex::default(),
            away: AtomicBool::new(false),
            meks: Mutex::default(),
            kems: Mutex::default(),
            pairs: Mutex::default(),
        }
    }

    /// How many keys it opened since this was last asked.
    pub fn calls(&self) -> usize {
        self.opened.swap(0, Ordering::SeqCst)
    }

    /// Opening takes as long as this is kept.
    pub fn hold(&self) -> MutexGuard<'_, ()> {
        self.gate.lock()
    }

    /// Waits until a key is being opened.
    pub fn wait_for_a_call(&self) {
        while self.opened.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
    }

    /// It cannot be reached.
    pub fn go_away(&self) {
        self.away.store(true, Ordering::SeqCst);
    }

    /// It can be reached again.
    pub fn come_back(&self) {
        self.away.store(false, Ordering::SeqCst);
    }

    fn reached(&self) -> Result<()> {
        match self.away.load(Ordering::SeqCst) {
            true => Err(Error::new(Kind::HsmUnavailable, "the token is gone")),
            false => Ok(()),
        }
    }

    fn with_mek<T>(&self, id: &ObjectId, job: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        let meks = self.meks.lock();
        let (_, key) = meks.get(id).ok_or_else(|| Error::new(Kind::NotFound, format!("no key {id}")))?;
        job(key.expose())
    }

    fn aad_of<'a>(&self, mechanism: WrapMechanism, aad: &'a [u8]) -> &'a [u8] {
        if mechanism.carries_aad() && !self.ignores_aad { aad } else { &[] }
    }

    fn wrap(&self, to: Wrapping<'_>, mechanism: WrapMechanism, key: &Secret) -> Result<Wrapped> {
        if self.broken.contains(&mechanism) || !self.offered.contains(&mechanism) {
            return Err(Error::new(Kind::MechanismRefused, format!("{mechanism} failed")).why("CKR_MECHANISM_INVALID"));
        }
        let nonce = if mechanism.carries_aad() { random::public::<12>()?.to_vec() } else { Vec::new() };
        let aad = self.aad_of(mechanism, to.aad);
        let ciphertext = self.with_mek(to.mek, |mek| sealed(mek, mechanism, &nonce, aad, key.expose()))?;
        Ok(Wrapped { mechanism, nonce, ciphertext })
    }
}

impl Hsm for FakeHsm {
    fn identity(&self) -> &TokenIdentity {
        &self.identity
    }

    fn is_alive(&self) -> bool {
        self.reached().is_ok()
    }

    fn wrap_mechanisms(&self, _kind: MekKind) -> Result<Vec<WrapMechanism>> {
        Ok(self.offered.clone())
    }

    fn meks(&self) -> Result<Vec<MekInfo>> {
        let info = |(id, (label, _)): (&ObjectId, &(String, Secret))| MekInfo {
            id: id.clone(),
            label: label.clone(),
            kind: MekKind::Aes256,
            never_extractable: true,
            always_sensitive: true,
            local: true,
        };
        Ok(self.meks.lock().iter().map(info).collect())
    }

    fn create_mek(&self, id: &ObjectId, label: &str, _kind: MekKind) -> Result<()> {
        self.meks.lock().insert(id.clone(), (label.to_owned(), random::secret(32)?));
        Ok(())
    }

    fn destroy_mek(&self, id: &ObjectId) -> Result<()> {
        let gone = self.meks.lock().remove(id);
        gone.map(drop).ok_or_else(|| Error::new(Kind::NotFound, format!("no key {id}")))
    }

    fn generate_wrapped(&self, mek: &ObjectId, mechanism: WrapMechanism, aad: &[u8]) -> Result<Wrapped> {
        self.reached()?;
        self.wrap(Wrapping { mek, aad }, mechanism, &random::secret(32)?)
    }

    fn unwrap(&self, mek: &ObjectId, wrapped: &Wrapped, aad: &[u8]) -> Result<Secret> {
        self.reached()?;
        self.opened.fetch_add(1, Ordering::SeqCst);
        let _held = self.gate.lock();
        let aad = self.aad_of(wrapped.mechanism, aad);
        self.with_mek(mek, |mek| opened(mek, wrapped, aad))
    }

    fn rewrap(&self, from: Wrapping<'_>, wrapped: &Wrapped, to: Wrapping<'_>, mechanism: WrapMechanism) -> Result<Wrapped> {
        self.wrap(to, mechanism, &self.unwrap(from.mek, wrapped, from.aad)?)
    }

    fn kems(&self) -> Result<Vec<KemInfo>> {
        self.reached()?;
        Ok(self.kems.lock().iter().map(|(id, (label, _))| KemInfo { id: id.clone(), label: label.clone() }).collect())
    }

    fn create_kem(&self, label: &str) -> Result<ObjectId> {
        let kem = FileKem::generate()?;
        let id = kem.id().clone();
        self.kems.lock().insert(id.clone(), (label.to_owned(), kem));
        Ok(id)
    }

    fn kem_seal(&self, kem: &ObjectId, data: &[u8], aad: &[u8]) -> Result<Encapsulated> {
        self.kems.lock().get(kem).ok_or_else(|| Error::new(Kind::NotFound, format!("no key {kem}")))?.1.seal(data, aad)
    }

    fn kem_open(&self, kem: &ObjectId, sealed: &Encapsulated, aad: &[u8]) -> Result<Vec<u8>> {
        self.kems.lock().get(kem).ok_or_else(|| Error::new(Kind::NotFound, format!("no key {kem}")))?.1.open(sealed, aad)
    }

    fn signing_keys(&self) -> Result<Vec<SigningKeyInfo>> {
        self.reached()?;
        let info = |(id, (label, pair)): (&ObjectId, &(String, ed25519_dalek::SigningKey))| SigningKeyInfo {
            id: id.clone(),
            label: label.clone(),
            public: PublicKey::Ed25519(pair.verifying_key().to_bytes()),
            extractable: false,
        };
        Ok(self.pairs.lock().iter().map(info).collect())
    }

    fn create_pair(&self, Named { id, label }: Named<'_>, kind: KeyKind, _leaving: Leaving) -> Result<PublicKey> {
        if kind != KeyKind::Ed25519 {
            return Err(Error::new(Kind::MechanismRefused, format!("the fake token makes no {kind} keys")));
        }
        let pair = ed25519_dalek::SigningKey::from_bytes(&random::public::<32>()?);
        let public = PublicKey::Ed25519(pair.verifying_key().to_bytes());
        self.pairs.lock().insert(id.clone(), (label.to_owned(), pair));
        Ok(public)
    }

    fn destroy_pair(&self, id: &ObjectId) -> Result<()> {
        if self.keeps_pairs {
            return Err(Error::new(Kind::Device, "destroying a pair failed").why("CKR_ACTION_PROHIBITED"));
        }
        let gone = self.pairs.lock().remove(id);
        gone.map(drop).ok_or_else(|| Error::new(Kind::NotFound, format!("no key {id}")))
    }

    fn sign(&self, key: &ObjectId, _scheme: Scheme, message: &[u8]) -> Result<Vec<u8>> {
        use ed25519_dalek::Signer as _;
        let pairs = self.pairs.lock();
        let (_, pair) = pairs.get(key).ok_or_else(|| Error::new(Kind::NotFound, format!("no key {key}")))?;
        Ok(pair.sign(message).to_bytes().to_vec())
    }

    fn public_key(&self, key: &ObjectId) -> Result<PublicKey> {
        let keys = self.signing_keys()?;
        let found = keys.into_iter().find(|info| info.id == *key).map(|info| info.public);
        found.ok_or_else(|| Error::new(Kind::NotFound, format!("no key {key}")))
    }
}

impl Import for FakeHsm {
    fn import_mek(&self, key: &Incoming<'_>) -> Result<Imported> {
        let label = key.attributes.iter().find(|(kind, _)| *kind == super::template::LABEL);
        let label = label.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).unwrap_or_default();
        self.meks.lock().insert(key.id.clone(), (label, Secret::copy(key.value.expose())));
        Ok(Imported { route: Route::Plain, left_out: Vec::new() })
    }
}

fn sealed(mek: &[u8], mechanism: WrapMechanism, nonce: &[u8], aad: &[u8], key: &[u8]) -> Result<Vec<u8>> {
    let failed = || Error::new(Kind::Device, "wrap");
    let mut room = [0; 64];
    match mechanism {
        WrapMechanism::AesKw => {
            let cipher = KwAes256::new_from_slice(mek).map_err(|_| failed())?;
            cipher.wrap_key(key, &mut room).map(<[u8]>::to_vec).map_err(|_| failed())
        }
        WrapMechanism::AesKwp => {
            let cipher = KwpAes256::new_from_slice(mek).map_err(|_| failed())?;
            cipher.wrap_key(key, &mut room).map(<[u8]>::to_vec).map_err(|_| failed())
        }
        _ => {
            let cipher = Aes256Gcm::new_from_slice(mek).map_err(|_| failed())?;
            cipher.encrypt(&full(nonce), Payload { msg: key, aad }).map_err(|_| failed())
        }
    }
}

fn opened(mek: &[u8], wrapped: &Wrapped, aad: &[u8]) -> Result<Secret> {
    let failed = || Error::authentication("unwrapping failed");
    let mut room = [0; 64];
    match wrapped.mechanism {
        WrapMechanism::AesKw => {
            let cipher = KwAes256::new_from_slice(mek).map_err(|_| failed())?;
            cipher.unwrap_key(&wrapped.ciphertext, &mut room).map(Secret::copy).map_err(|_| failed())
        }
        WrapMechanism::AesKwp => {
            let cipher = KwpAes256::new_from_slice(mek).map_err(|_| failed())?;
            cipher.unwrap_key(&wrapped.ciphertext, &mut room).map(Secret::copy).map_err(|_| failed())
        }
        _ => {
            let cipher = Aes256Gcm::new_from_slice(mek).map_err(|_| failed())?;
            let payload = Payload { msg: &wrapped.ciphertext, aad };
            cipher.decrypt(&full(&wrapped.nonce), payload).map(Secret::take).map_err(|_| failed())
        }
    }
}

fn full(nonce: &[u8]) -> Nonce<aes_gcm::aead::consts::U12> {
    let mut bytes = [0; 12];
    bytes[..nonce.len().min(12)].copy_from_slice(&nonce[..nonce.len().min(12)]);
    Nonce::from(bytes)
}
