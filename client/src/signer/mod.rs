//! Signing with keys that stay in the token.

mod current;
mod life;
mod recipe;
mod thumbprint;

use std::sync::Arc;

use crate::error::{Error, Kind, Result};
use crate::hsm::{Hsm, PublicKey, Scheme};
use crate::id::ObjectId;
use crate::store::Store;
use crate::store::signing::{Phase, Times};
use crate::time::Timestamp;

pub use current::Current;
pub use recipe::{Plan, Recipe, TOKEN_LIFE, check_label};
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
    /// When it is published, and when it signs; unknown for a pair the store has not seen, which does both always.
    pub times: Option<Times>,
    /// The private half may leave the token, wrapped.
    pub extractable: bool,
}

impl SigningKey {
    /// Where it is in its life now.
    pub fn phase(&self) -> Phase {
        self.phase_at(Timestamp::now())
    }

    /// Where it is in its life at `now`.
    pub fn phase_at(&self, now: Timestamp) -> Phase {
        self.times.map_or(Phase::Active, |times| times.phase(now))
    }

    /// True while it signs.
    pub fn is_active(&self) -> bool {
        self.phase() == Phase::Active
    }
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
                times: record.map(|record| record.times),
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
        let names: Vec<_> = keys.iter().filter(|key| key.is_active()).map(|key| key.label.clone()).collect();
        let fits = |key: &SigningKey| {
            (key.is_active() && key.label == name) || key.kid == name || key.id.to_string().eq_ignore_ascii_case(name)
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
    /// [`Kind::KeyInactive`] for a key that does not sign yet, or no more, [`Kind::Usage`] for a scheme that does not fit, those of the token.
    pub fn sign(&self, key: &SigningKey, scheme: Option<Scheme>, message: &[u8]) -> Result<Vec<u8>> {
        let scheme = scheme.unwrap_or(key.scheme);
        match key.phase() {
            Phase::Active => {}
            Phase::Waiting | Phase::Published => {
                let from = key.times.map_or_else(String::new, |times| times.sign_from.to_string());
                return Err(Error::new(Kind::KeyInactive, format!("the signing key {} does not sign yet", key.kid))
                    .why(format!("it signs from {from} on"))
                    .next(format!("sign with the one before: --key {}", key.label)));
            }
            Phase::Retired | Phase::Removed => {
                return Err(Error::new(Kind::KeyInactive, format!("the signing key {} was retired", key.kid))
                    .next(format!("sign with its successor: --key {}", key.label)));
            }
        }
        if !scheme.fits(key.public.kind()) {
            return Err(Error::new(Kind::Usage, format!("a {} key makes no {scheme} signatures", key.public.kind())));
        }
        self.hsm.sign(&key.id, scheme, message)
    }
}

#[cfg(test)]
mod tests;
