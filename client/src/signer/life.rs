//! The life of a signing key: made, succeeded by another, revoked, destroyed (REQUIREMENTS 17 and 18).

use super::{Plan, Recipe, Signer, SigningKey, thumbprint};
use crate::error::{Error, Kind, Result};
use crate::hsm::{KeyKind, Leaving, Named, PublicKey, Scheme};
use crate::id::ObjectId;
use crate::store::signing::{Phase, Times};
use crate::store::{Ending, SigningKeyRecord};
use crate::time::Timestamp;

impl Signer {
    /// Makes a pair in the token, active, whose private half never leaves it.
    ///
    /// # Errors
    /// Those of [`Self::enlist`].
    pub fn create(&self, label: &str, kind: KeyKind, scheme: Option<Scheme>, replace: bool) -> Result<SigningKey> {
        let recipe = Recipe { label, kind, scheme, replace, leaving: Leaving::Never, plan: Plan::default() };
        self.enlist(&recipe, |named| self.hsm.create_pair(named, kind, recipe.leaving))
    }

    /// Brings a pair into the token by `make`, and records when it is published and signs. With `replace` the key that had the label
    /// until now signs until this one does, and stays published while what it signed lives.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when an active key has that label and `replace` is not set, [`Kind::Usage`] for a scheme
    /// that does not fit, those of `make`, the token and the store.
    pub fn enlist(&self, recipe: &Recipe<'_>, make: impl FnOnce(Named<'_>) -> Result<PublicKey>) -> Result<SigningKey> {
        let scheme = recipe.checked()?;
        let (label, leaving, serial) = (recipe.label, recipe.leaving, &self.hsm.identity().serial);
        let times = recipe.plan.times(Timestamp::now())?;
        let known = self.store.signing_keys()?;
        let current = known.iter().find(|key| self.has_place(key, label));
        if let Some(current) = current.filter(|_| !recipe.replace) {
            return Err(Error::new(Kind::Conflict, format!("a signing key \"{label}\" is active already"))
                .why(format!("its kid is {}", current.kid))
                .next(format!("use it, choose another label, or make its successor: hsm key rotate --label {label}")));
        }
        if let Some(later) = current.filter(|key| key.times.sign_from > times.sign_from) {
            return Err(Error::new(Kind::Conflict, format!("the next signing key \"{label}\" is made already"))
                .why(format!("it is {} and signs from {} on", later.kid, later.times.sign_from)));
        }
        let id = ObjectId::random()?;
        let public = make(Named { id: &id, label })?;
        let record = SigningKeyRecord {
            kid: thumbprint(&public),
            object_id: id.clone(),
            label: label.to_owned(),
            token_serial: serial.clone(),
            scheme,
            created: Timestamp::now(),
            times,
        };
        let put = self.store.put_signing_key(&record, current.map(|key| (key.kid.as_str(), key.times.ending(times.sign_from))));
        put.map_err(|error| self.unmake(&id, error))?;
        let extractable = leaving == Leaving::Wrapped;
        let (kid, label, created) = (record.kid, record.label, Some(record.created));
        Ok(SigningKey { kid, id, label, public, scheme, created, times: Some(times), extractable })
    }

    /// True for the key of `label` that has no end yet.
    fn has_place(&self, key: &SigningKeyRecord, label: &str) -> bool {
        key.times.retire_at.is_none() && key.label == label && key.token_serial == self.hsm.identity().serial
    }

    /// Destroys a pair that the store did not take: it would count as active, beside the key that is. The error that led
    /// here, with what is left to do if the token keeps the pair.
    fn unmake(&self, id: &ObjectId, error: Error) -> Error {
        let Err(kept) = self.hsm.destroy_pair(id) else { return error };
        let kept = format!("the pair that was made for it stays in the token, since {kept}");
        let why = if error.reason().is_empty() { kept } else { format!("{}; {kept}", error.reason()) };
        error.why(why).next(format!("destroy the pair with CKA_ID {id} with the token's own tool, then try again"))
    }

    /// Makes the next key of `label`, of the same sort and for the same algorithm. It is published now and signs in `publish_for` seconds;
    /// until then the one before signs, which stays published while what it signed lives.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when no key of that label is there to be succeeded, and those of [`Self::enlist`].
    pub fn rotate(&self, label: &str, publish_for: i64) -> Result<SigningKey> {
        let serial = &self.hsm.identity().serial;
        let keys = self.keys()?;
        let newest = keys.into_iter().find(|key| key.label == label && key.times.is_some_and(|times| times.retire_at.is_none()));
        let old = newest.ok_or_else(|| {
            Error::new(Kind::NotFound, format!("there is no signing key \"{label}\" to be followed by another"))
                .why(format!("the store knows none of that label in the token {serial}"))
                .next(format!("make one: hsm key create --label {label} --type TYPE"))
        })?;
        let plan = Plan {
            publish_at: None,
            sign_from: Some(Timestamp::now().plus(publish_for.max(0))),
            token_life: old.times.and_then(|times| times.token_life),
        };
        let leaving = if old.extractable { Leaving::Wrapped } else { Leaving::Never };
        let kind = old.public.kind();
        let recipe = Recipe { label, kind, scheme: Some(old.scheme), replace: true, leaving, plan };
        self.enlist(&recipe, |named| self.hsm.create_pair(named, kind, leaving))
    }

    /// Lets a key sign no more from `at` on, without a successor. It stays published while what it signed lives.
    ///
    /// # Errors
    /// [`Kind::NotFound`] also for a key the store does not know, [`Kind::Conflict`] when it ends earlier already.
    pub fn retire(&self, name: &str, at: Timestamp) -> Result<SigningKey> {
        let key = self.find(name)?;
        let times = recorded(&key)?;
        self.ended(key, times.ending(at))
    }

    /// Lets a key sign no more and takes it out of the JWK set, at once: for a key that somebody else may have used. What it signed is
    /// refused by whoever fetches the set next.
    ///
    /// # Errors
    /// As [`Self::retire`].
    pub fn revoke(&self, name: &str) -> Result<SigningKey> {
        let key = self.find(name)?;
        let (times, now) = (recorded(&key)?, Timestamp::now());
        let retire_at = times.retire_at.map_or(now, |end| end.min(now));
        self.ended(key, Ending { retire_at, remove_at: Some(now) })
    }

    /// Destroys in the token every pair that left the JWK set. The store keeps their records.
    ///
    /// # Errors
    /// Those of the token and the store.
    pub fn purge(&self) -> Result<Vec<SigningKey>> {
        let gone: Vec<_> = self.keys()?.into_iter().filter(|key| key.phase() == Phase::Removed).collect();
        gone.iter().try_for_each(|key| self.hsm.destroy_pair(&key.id))?;
        Ok(gone)
    }

    fn ended(&self, key: SigningKey, ending: Ending) -> Result<SigningKey> {
        self.store.end_signing_key(&key.kid, ending)?;
        let times = key.times.map(|times| Times { retire_at: Some(ending.retire_at), remove_at: ending.remove_at, ..times });
        Ok(SigningKey { times, ..key })
    }
}

fn recorded(key: &SigningKey) -> Result<Times> {
    key.times.ok_or_else(|| {
        Error::new(Kind::NotFound, format!("the store does not know the signing key \"{}\"", key.label))
            .why("it was made by another program: nothing tells when it ends")
            .next("destroy it with the program that made it")
    })
}
