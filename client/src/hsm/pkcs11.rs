//! The port over any PKCS#11 module, through the crate `cryptoki`.

use std::sync::Arc;

use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use cryptoki::slot::Slot;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::authenticated::Authenticated;
use super::codes::{Fault, explain};
use super::login;
use super::module::Module;
use super::pool::Pool;
use super::selector::Selector;
use super::{
    Hsm, KeyKind, Leaving, MekInfo, MekKind, Named, PublicKey, Scheme, SigningKeyInfo, TokenIdentity, WrapMechanism, Wrapped,
    Wrapping, find, template,
};
use crate::error::{Error, Kind, Result};
use crate::id::ObjectId;
use crate::kem::{Encapsulated, KemInfo};
use crate::secret::Secret;

/// A token behind a PKCS#11 module, open and logged in to.
pub struct Token {
    // Sessions close before the module is finalised: fields drop in this order.
    pool: Pool,
    module: Arc<Module>,
    slot: Slot,
    identity: TokenIdentity,
    offered: Vec<MechanismType>,
    authenticated: Option<Authenticated>,
}

/// A mechanism a token offers (C_GetMechanismInfo).
#[derive(Debug, Clone)]
pub struct Offered {
    /// The standard's name, CKM_...
    pub name: String,
    /// Smallest and largest key, in the unit the mechanism defines.
    pub key_size: (usize, usize),
    /// What it may be used for.
    pub uses: Vec<&'static str>,
}

impl Token {
    /// Opens the token `selector` means, and logs in if there is a PIN. A wrong PIN is tried once.
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::Usage`] when several match, [`Kind::Pin`], [`Kind::HsmUnavailable`].
    pub fn open(module: &Arc<Module>, selector: &Selector, pin: Option<&Secret>) -> Result<Self> {
        Self::open_as(module, selector, None, pin)
    }

    /// The same for a user with a name (PKCS#11 v3.0 section 5.6.9); without one it is the standard user.
    ///
    /// # Errors
    /// Those of [`Self::open`], and [`Kind::MechanismRefused`] when the module knows no users with names.
    pub fn open_as(module: &Arc<Module>, selector: &Selector, user: Option<&str>, pin: Option<&Secret>) -> Result<Self> {
        let (slot, state) = module.locate(selector)?;
        if pin.is_some() && user.is_none() && state.user_pin_state == "locked" {
            return Err(Error::new(Kind::Pin, format!("the user PIN of \"{}\" is locked", state.identity.label))
                .why("it was wrong too often")
                .next("the security officer must set a new user PIN"));
        }
        let login = |session: &Session| match pin {
            Some(pin) => login::user(module, session, user, pin, state.pin_length),
            None => Ok(()),
        };
        let pool = Pool::open(module.context(), slot, login)?;
        let offered = module.context().get_mechanism_list(slot).map_err(|error| explain(&error, "listing the mechanisms"))?;
        let authenticated = Authenticated::of(module)?;
        Ok(Self { pool, module: Arc::clone(module), slot, identity: state.identity, offered, authenticated })
    }

    /// The mechanisms of the token that cryptoki has a name for.
    ///
    /// # Errors
    /// [`Kind::Device`] when the token will not say.
    pub fn mechanisms(&self) -> Result<Vec<Offered>> {
        let context = self.module.context();
        let describe = |mechanism: &MechanismType| {
            let info = context.get_mechanism_info(self.slot, *mechanism)?;
            let flags = [
                ("encrypt", info.encrypt()),
                ("decrypt", info.decrypt()),
                ("digest", info.digest()),
                ("sign", info.sign()),
                ("verify", info.verify()),
                ("generate", info.generate()),
                ("generate-pair", info.generate_key_pair()),
                ("wrap", info.wrap()),
                ("unwrap", info.unwrap()),
                ("derive", info.derive()),
            ];
            Ok(Offered {
                name: mechanism.to_string(),
                key_size: (info.min_key_size(), info.max_key_size()),
                uses: flags.into_iter().filter(|flag| flag.1).map(|flag| flag.0).collect(),
            })
        };
        let rows: cryptoki::error::Result<Vec<_>> = self.offered.iter().map(describe).collect();
        rows.map_err(|error| explain(&error, "describing the mechanisms"))
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    fn ecdsa(&self, session: &Session, key: ObjectHandle, scheme: Scheme, message: &[u8]) -> cryptoki::error::Result<Vec<u8>> {
        let hashing = match scheme {
            Scheme::Es384 => Mechanism::EcdsaSha384,
            Scheme::Es512 => Mechanism::EcdsaSha512,
            _ => Mechanism::EcdsaSha256,
        };
        if self.offers(hashing.mechanism_type()) {
            return session.sign(&hashing, key, message);
        }
        // SoftHSMv2 2.6 has no ECDSA that hashes.
        let digest = match scheme {
            Scheme::Es384 => Sha384::digest(message).to_vec(),
            Scheme::Es512 => Sha512::digest(message).to_vec(),
            _ => Sha256::digest(message).to_vec(),
        };
        session.sign(&Mechanism::Ecdsa, key, &digest)
    }

    /// C_WrapKeyAuthenticated and its pair, where the module has them.
    pub(super) fn authenticated(&self) -> Option<&Authenticated> {
        self.authenticated.as_ref()
    }

    pub(super) fn offers(&self, mechanism: MechanismType) -> bool {
        self.offered.contains(&mechanism)
    }
}

impl Hsm for Token {
    fn identity(&self) -> &TokenIdentity {
        &self.identity
    }

    fn is_alive(&self) -> bool {
        self.pool.is_alive()
    }

    fn wrap_mechanisms(&self, kind: MekKind) -> Result<Vec<WrapMechanism>> {
        let rsa = matches!(kind, MekKind::Rsa(_));
        Ok(WrapMechanism::all().filter(|way| way.is_rsa() == rsa && self.lists(*way)).collect())
    }

    fn meks(&self) -> Result<Vec<MekInfo>> {
        self.pool.read("listing the master keys", find::meks)
    }

    fn create_mek(&self, id: &ObjectId, label: &str, kind: MekKind) -> Result<()> {
        self.pool.write("making a master key", |session| {
            match kind {
                MekKind::Aes256 => {
                    session.generate_key(&Mechanism::AesKeyGen, &template::aes_mek(id, label))?;
                }
                MekKind::Rsa(bits) => {
                    let [public, private] = template::rsa_mek(id, label, bits);
                    session.generate_key_pair(&Mechanism::RsaPkcsKeyPairGen, &public, &private)?;
                }
            }
            Ok(())
        })
    }

    fn destroy_mek(&self, id: &ObjectId) -> Result<()> {
        self.pool.write("destroying a master key", |session| {
            let known = find::meks(session)?.into_iter().find(|mek| mek.id == *id);
            // What opens data keys first: whatever happens in between, nothing is left that does.
            let classes: &[ObjectClass] = match known.map(|mek| mek.kind) {
                Some(MekKind::Aes256) => &[ObjectClass::SECRET_KEY],
                Some(MekKind::Rsa(_)) => &[ObjectClass::PRIVATE_KEY, ObjectClass::PUBLIC_KEY],
                None => {
                    let error = Error::new(Kind::NotFound, format!("the token holds no master key {id}"));
                    return Err(error.next("see what it holds: hsm mek list").into());
                }
            };
            for class in classes {
                session.destroy_object(find::one(session, *class, id)?)?;
            }
            Ok(())
        })
    }

    fn generate_wrapped(&self, mek: &ObjectId, mechanism: WrapMechanism, aad: &[u8]) -> Result<Wrapped> {
        self.pool.read(&format!("wrapping a new data key with {mechanism}"), |session| {
            let dek = session.generate_key(&Mechanism::AesKeyGen, &template::fresh_dek())?;
            let wrapped = self.wrap(session, Wrapping { mek, aad }, mechanism, dek);
            session.destroy_object(dek)?;
            wrapped
        })
    }

    fn unwrap(&self, mek: &ObjectId, wrapped: &Wrapped, aad: &[u8]) -> Result<Secret> {
        self.pool.read("unwrapping a data key", |session| {
            let dek = self.unwrap_with(session, Wrapping { mek, aad }, wrapped, &template::readable_dek())?;
            let value = session.get_attributes(dek, &[AttributeType::Value]);
            session.destroy_object(dek)?;
            match value?.pop() {
                Some(Attribute::Value(bytes)) => checked(Secret::take(bytes)).map_err(Fault::from),
                _ => Err(Error::new(Kind::MechanismRefused, "the token does not show an unwrapped data key").into()),
            }
        })
    }

    fn rewrap(&self, from: Wrapping<'_>, wrapped: &Wrapped, to: Wrapping<'_>, mechanism: WrapMechanism) -> Result<Wrapped> {
        self.pool.read("rewrapping a data key", |session| {
            let dek = self.unwrap_with(session, from, wrapped, &template::passing_dek())?;
            let rewrapped = self.wrap(session, to, mechanism, dek);
            session.destroy_object(dek)?;
            rewrapped
        })
    }

    fn kems(&self) -> Result<Vec<KemInfo>> {
        self.list_kems()
    }

    fn create_kem(&self, label: &str) -> Result<ObjectId> {
        self.generate_kem(label)
    }

    fn kem_seal(&self, kem: &ObjectId, data: &[u8], aad: &[u8]) -> Result<Encapsulated> {
        self.seal_by_kem(kem, data, aad)
    }

    fn kem_open(&self, kem: &ObjectId, sealed: &Encapsulated, aad: &[u8]) -> Result<Vec<u8>> {
        self.open_by_kem(kem, sealed, aad)
    }

    fn signing_keys(&self) -> Result<Vec<SigningKeyInfo>> {
        self.pool.read("listing the signing keys", find::signing_keys)
    }

    fn create_pair(&self, named: Named<'_>, kind: KeyKind, leaving: Leaving) -> Result<PublicKey> {
        let mechanism = match kind {
            KeyKind::Rsa(_) => Mechanism::RsaPkcsKeyPairGen,
            KeyKind::Ec(_) => Mechanism::EccKeyPairGen,
            KeyKind::Ed25519 => Mechanism::EccEdwardsKeyPairGen,
        };
        self.pool.write(&format!("making an {kind} pair"), |session| {
            let mut answer = Err(Fault::Ours(Error::new(Kind::MechanismRefused, format!("no way to name {kind}"))));
            for curve in template::curve_names(kind) {
                let [public, private] = template::signing_pair(named, kind, curve, leaving);
                answer = session.generate_key_pair(&mechanism, &public, &private).map_err(Fault::from);
                if answer.is_ok() {
                    break;
                }
            }
            let (public, private) = answer?;
            find::public_key(session, named.id).inspect_err(|_| {
                // A pair that cannot be used is not left behind; why it cannot matters more than why it stays.
                let _ = (session.destroy_object(private), session.destroy_object(public));
            })
        })
    }

    fn destroy_pair(&self, id: &ObjectId) -> Result<()> {
        self.pool.write("destroying a signing pair", |session| {
            // The private half first: whatever happens in between, nothing is left that signs.
            for class in [ObjectClass::PRIVATE_KEY, ObjectClass::PUBLIC_KEY] {
                session.destroy_object(find::one(session, class, id)?)?;
            }
            Ok(())
        })
    }

    fn sign(&self, key: &ObjectId, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>> {
        self.pool.read(&format!("signing with {scheme}"), |session| {
            let handle = find::one(session, ObjectClass::PRIVATE_KEY, key)?;
            let signature = match scheme {
                Scheme::Rs256 => session.sign(&Mechanism::Sha256RsaPkcs, handle, message)?,
                Scheme::Rs384 => session.sign(&Mechanism::Sha384RsaPkcs, handle, message)?,
                Scheme::Rs512 => session.sign(&Mechanism::Sha512RsaPkcs, handle, message)?,
                Scheme::Ps256 | Scheme::Ps384 | Scheme::Ps512 => session.sign(&pss(scheme), handle, message)?,
                Scheme::EdDsa => session.sign(&eddsa(), handle, message)?,
                Scheme::Es256 | Scheme::Es384 | Scheme::Es512 => self.ecdsa(session, handle, scheme, message)?,
            };
            Ok(signature)
        })
    }

    fn public_key(&self, key: &ObjectId) -> Result<PublicKey> {
        self.pool.read("reading a public key", |session| find::public_key(session, key))
    }
}

fn checked(key: Secret) -> Result<Secret> {
    if key.len() == template::KEY_BYTES {
        return Ok(key);
    }
    Err(Error::authentication("the unwrapped data key has not 32 bytes").why("the wrapped key was replaced or altered"))
}

/// With a salt as long as the digest (RFC 7518 section 3.5).
fn pss(scheme: Scheme) -> Mechanism<'static> {
    let with = |hash_alg, mgf, salt: u64| PkcsPssParams { hash_alg, mgf, s_len: salt.into() };
    match scheme {
        Scheme::Ps384 => Mechanism::Sha384RsaPkcsPss(with(MechanismType::SHA384, PkcsMgfType::MGF1_SHA384, 48)),
        Scheme::Ps512 => Mechanism::Sha512RsaPkcsPss(with(MechanismType::SHA512, PkcsMgfType::MGF1_SHA512, 64)),
        _ => Mechanism::Sha256RsaPkcsPss(with(MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, 32)),
    }
}

fn eddsa() -> Mechanism<'static> {
    Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519))
}
