//! Signing with keys that stay in the token.

mod thumbprint;

use std::sync::Arc;

use crate::error::{Error, Kind, Result};
use crate::hsm::{Hsm, KeyKind, Leaving, Named, PublicKey, Scheme};
use crate::id::ObjectId;
use crate::store::{SigningKeyRecord, Store};
use crate::time::Timestamp;

pub use thumbprint::thumbprint;

/// The signing keys of one token, with what a store knows of them.
#[derive(Clone)]
pub struct Signer {
    hsm: Arc<dyn Hsm>,
    store: Arc<dyn Store>,
}

/// A signing key: the pair in the token and what it is used for.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// JWK thumbprint of the public half (RFC 7638).
    pub kid: String,
    /// CKA_ID.
    pub id: ObjectId,
    /// CKA_LABEL.
    pub label: String,
    /// The public half.
    pub public: PublicKey,
    /// What it signs with.
    pub scheme: Scheme,
    /// When it was made; unknown for a pair the store has not seen.
    pub created: Option<Timestamp>,
    /// Signs now. Others only stay published.
    pub active: bool,
    /// The private half may leave the token, wrapped.
    pub extractable: bool,
}

/// What a new signing key is to be.
#[derive(Debug, Clone, Copy)]
pub struct Recipe<'a> {
    /// CKA_LABEL.
    pub label: &'a str,
    /// Its sort.
    pub kind: KeyKind,
    /// What it signs with; what is usual for its sort if absent.
    pub scheme: Option<Scheme>,
    /// Retire the key that has the label now.
    pub replace: bool,
    /// Whether its private half may leave.
    pub leaving: Leaving,
}

impl Recipe<'_> {
    /// What it signs with, if label and scheme make sense.
    fn checked(&self) -> Result<Scheme> {
        let kind = self.kind;
        let scheme = self.scheme.unwrap_or_else(|| Scheme::usual(kind));
        check_label(self.label)?;
        if !scheme.fits(kind) {
            return Err(Error::new(Kind::Usage, format!("a {kind} key makes no {scheme} signatures")));
        }
        Ok(scheme)
    }
}

/// Refuses what nobody could type or tell apart.
///
/// # Errors
/// [`Kind::Usage`] for an empty label, blanks around it, or control characters in it.
pub fn check_label(label: &str) -> Result<()> {
    if label.is_empty() || label.trim() != label || label.chars().any(char::is_control) {
        return Err(Error::new(Kind::Usage, format!("\"{label}\" cannot be the label of a key")));
    }
    Ok(())
}

impl Signer {
    /// The signing keys of `hsm`.
    pub fn new(hsm: Arc<dyn Hsm>, store: Arc<dyn Store>) -> Self {
        Self { hsm, store }
    }

    /// The token.
    pub fn hsm(&self) -> &dyn Hsm {
        self.hsm.as_ref()
    }

    /// Makes a pair in the token, active, whose private half never leaves it.
    ///
    /// # Errors
    /// Those of [`Self::enlist`].
    pub fn create(&self, label: &str, kind: KeyKind, scheme: Option<Scheme>, replace: bool) -> Result<SigningKey> {
        let recipe = Recipe { label, kind, scheme, replace, leaving: Leaving::Never };
        self.enlist(&recipe, |named| self.hsm.create_pair(named, kind, recipe.leaving))
    }

    /// Brings a pair into the token by `make`, and records it as active. With `replace` the key that was active under that label
    /// retires: it signs no more and stays published.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when an active key has that label and `replace` is not set, [`Kind::Usage`] for a scheme
    /// that does not fit, those of `make`, the token and the store.
    pub fn enlist(&self, recipe: &Recipe<'_>, make: impl FnOnce(Named<'_>) -> Result<PublicKey>) -> Result<SigningKey> {
        let scheme = recipe.checked()?;
        let (label, leaving, serial) = (recipe.label, recipe.leaving, &self.hsm.identity().serial);
        let known = self.store.signing_keys()?;
        let current = known.iter().find(|key| key.active && key.label == label && key.token_serial == *serial);
        if let Some(current) = current.filter(|_| !recipe.replace) {
            return Err(Error::new(Kind::Conflict, format!("a signing key \"{label}\" is active already"))
                .why(format!("its kid is {}", current.kid))
                .next("use it, choose another label, or retire it: add --replace"));
        }
        let id = ObjectId::random()?;
        let public = make(Named { id: &id, label })?;
        let created = Timestamp::now();
        let record = SigningKeyRecord {
            kid: thumbprint(&public),
            object_id: id.clone(),
            label: label.to_owned(),
            token_serial: serial.clone(),
            scheme,
            created,
            active: true,
        };
        let put = self.store.put_signing_key(&record, current.map(|key| key.kid.as_str()));
        put.map_err(|error| self.unmake(&id, error))?;
        let extractable = leaving == Leaving::Wrapped;
        let (kid, label, created) = (record.kid, record.label, Some(created));
        Ok(SigningKey { kid, id, label, public, scheme, created, active: true, extractable })
    }

    /// Destroys a pair that the store did not take: it would count as active, beside the key that is. The error that led
    /// here, with what is left to do if the token keeps the pair.
    fn unmake(&self, id: &ObjectId, error: Error) -> Error {
        let Err(kept) = self.hsm.destroy_pair(id) else { return error };
        let kept = format!("the pair that was made for it stays in the token, since {kept}");
        let why = if error.reason().is_empty() { kept } else { format!("{}; {kept}", error.reason()) };
        error.why(why).next(format!("destroy the pair with CKA_ID {id} with the token's own tool, then try again"))
    }

    /// Every signing key in the token, by label.
    ///
    /// # Errors
    /// Those of the token and the store.
    pub fn keys(&self) -> Result<Vec<SigningKey>> {
        let known = self.store.signing_keys()?;
        let serial = &self.hsm.identity().serial;
        let describe = |info: crate::hsm::SigningKeyInfo| {
            let kid = thumbprint(&info.public);
            let record = known.iter().find(|record| record.object_id == info.id && record.token_serial == *serial);
            if record.is_some_and(|record| record.kid != kid) {
                // Public objects need no PIN to be written: what the token shows now is not what was made.
                return Err(Error::new(Kind::Authentication, format!("the public key of \"{}\" was exchanged", info.label))
                    .why(format!("the token shows the key {kid} where the store knows another"))
                    .next("do not publish it; look at who can write to the token"));
            }
            Ok(SigningKey {
                scheme: record.map_or_else(|| Scheme::usual(info.public.kind()), |record| record.scheme),
                created: record.map(|record| record.created),
                active: record.is_none_or(|record| record.active),
                kid,
                id: info.id,
                label: info.label,
                public: info.public,
                extractable: info.extractable,
            })
        };
        let mut keys = self.hsm.signing_keys()?.into_iter().map(describe).collect::<Result<Vec<_>>>()?;
        keys.sort_by(|a, b| (&a.label, a.created, &a.kid).cmp(&(&b.label, b.created, &b.kid)));
        Ok(keys)
    }

    /// The key called `name`: an active key's label, any key's kid, or its CKA_ID in hexadecimal.
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::Usage`] when several have that label, those of the token and the store.
    pub fn find(&self, name: &str) -> Result<SigningKey> {
        let keys = self.keys()?;
        let names: Vec<_> = keys.iter().filter(|key| key.active).map(|key| key.label.clone()).collect();
        let fits = |key: &SigningKey| {
            (key.active && key.label == name) || key.kid == name || key.id.to_string().eq_ignore_ascii_case(name)
        };
        let mut meant: Vec<_> = keys.into_iter().filter(fits).collect();
        match (meant.pop(), meant.len()) {
            (Some(key), 0) => Ok(key),
            (Some(_), others) => Err(Error::new(Kind::Usage, format!("{} signing keys are called \"{name}\"", others + 1))
                .next("choose one by its kid: hsm key list")),
            (None, _) => Err(Error::new(Kind::NotFound, format!("there is no signing key \"{name}\""))
                .why(if names.is_empty() { "the token holds none".to_owned() } else { names.join(", ") })
                .next("make one: hsm key create --label NAME --type ed25519")),
        }
    }

    /// Signs `message` with `scheme`, or with the key's own.
    ///
    /// # Errors
    /// [`Kind::KeyInactive`] for a retired key, [`Kind::Usage`] for a scheme that does not fit, those of the token.
    pub fn sign(&self, key: &SigningKey, scheme: Option<Scheme>, message: &[u8]) -> Result<Vec<u8>> {
        let scheme = scheme.unwrap_or(key.scheme);
        if !key.active {
            return Err(Error::new(Kind::KeyInactive, format!("the signing key {} was retired", key.kid))
                .next(format!("sign with its successor: --key {}", key.label)));
        }
        if !scheme.fits(key.public.kind()) {
            return Err(Error::new(Kind::Usage, format!("a {} key makes no {scheme} signatures", key.public.kind())));
        }
        self.hsm.sign(&key.id, scheme, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hsm::fake::FakeHsm;
    use crate::store::{MemoryStore, SqliteStore};

    /// The store failed after the pair was made, and the pair stayed: active in `hsm key list` and in the JWK set, beside the
    /// one of its label that the store knew.
    #[test]
    fn a_pair_that_the_store_refuses_is_destroyed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.db");
        let store = Arc::new(SqliteStore::open(&path).unwrap());
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute_batch("CREATE TRIGGER full BEFORE INSERT ON signing_key BEGIN SELECT RAISE(FAIL, 'full'); END").unwrap();
        let signer = Signer::new(Arc::new(FakeHsm::default()), store.clone());
        signer.create("jwt", KeyKind::Ed25519, None, false).unwrap_err();
        assert_eq!(signer.keys().unwrap().len(), 0);
        // A token that destroys nothing: the error says what is left, and by which name.
        let mut hsm = FakeHsm::offering(&[]);
        hsm.keeps_pairs = true;
        let signer = Signer::new(Arc::new(hsm), store);
        let error = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap_err();
        let left = signer.keys().unwrap().pop().unwrap();
        assert!(error.next_step().contains(&left.id.to_string()), "{error}: {}", error.next_step());
        assert!(error.reason().contains("CKR_ACTION_PROHIBITED"), "{error}");
    }

    #[test]
    fn one_key_of_a_label_signs_and_the_old_one_stays_known() {
        let signer = Signer::new(Arc::new(FakeHsm::default()), Arc::new(MemoryStore::default()));
        let old = signer.create("jwt", KeyKind::Ed25519, None, false).unwrap();
        let again = signer.create("jwt", KeyKind::Ed25519, None, false);
        assert_eq!(again.unwrap_err().kind(), Kind::Conflict);
        let new = signer.create("jwt", KeyKind::Ed25519, None, true).unwrap();
        assert_eq!(signer.find("jwt").unwrap().kid, new.kid);
        let old = signer.find(&old.kid).unwrap();
        assert_eq!(signer.sign(&old, None, b"x").unwrap_err().kind(), Kind::KeyInactive);
        assert_eq!(signer.keys().unwrap().len(), 2);
        let signature = signer.sign(&new, None, b"x").unwrap();
        new.public.verify(Scheme::EdDsa, b"x", &signature).unwrap();
        assert_eq!(new.public.verify(Scheme::EdDsa, b"y", &signature).unwrap_err().kind(), Kind::Authentication);
        assert_eq!(signer.sign(&new, Some(Scheme::Rs256), b"x").unwrap_err().kind(), Kind::Usage);
        assert_eq!(signer.find("other").unwrap_err().kind(), Kind::NotFound);
    }
}
