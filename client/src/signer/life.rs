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
        let seen = self.of_label(label)?;
        self.may_follow(recipe, &seen, recipe.plan.times(Timestamp::now())?.sign_from)?;
        let id = ObjectId::random()?;
        let public = make(Named { id: &id, label })?;
        // Making it took time, in which the one before signed.
        let now = Timestamp::now();
        let times = recipe.plan.times(now)?;
        let takes_over = times.sign_from.max(now);
        let ends: Vec<_> = seen.iter().filter(|key| key.times.lasts_beyond(takes_over)).collect();
        let ends: Vec<_> = ends.into_iter().map(|key| (key.kid.as_str(), key.times.ending(takes_over))).collect();
        let record = SigningKeyRecord {
            kid: thumbprint(&public),
            object_id: id.clone(),
            label: label.to_owned(),
            token_serial: serial.clone(),
            scheme,
            created: Timestamp::now(),
            times,
        };
        let put = self.store.put_signing_key(&record, &seen, &ends);
        put.map_err(|error| self.unmake(&id, error))?;
        let extractable = leaving == Leaving::Wrapped;
        let (kid, label, created) = (record.kid, record.label, Some(record.created));
        Ok(SigningKey { kid, id, label, public, scheme, created, times: Some(times), extractable })
    }

    /// What the store knows of the keys of `label` in this token, by time of creation and kid.
    fn of_label(&self, label: &str) -> Result<Vec<SigningKeyRecord>> {
        let serial = &self.hsm.identity().serial;
        let mut keys = self.store.signing_keys()?;
        keys.retain(|key| key.label == label && key.token_serial == *serial);
        Ok(keys)
    }

    /// Refuses a key that would sign beside another of its label without succeeding it, or overtake one that is planned while a key
    /// signs until then.
    fn may_follow(&self, recipe: &Recipe<'_>, seen: &[SigningKeyRecord], sign_from: Timestamp) -> Result<()> {
        let label = recipe.label;
        let lasting = seen.iter().filter(|key| key.times.lasts_beyond(sign_from));
        let (signing, later): (Vec<_>, Vec<_>) = lasting.partition(|key| key.times.sign_from <= sign_from);
        match (signing.first(), later.first()) {
            (Some(current), _) if !recipe.replace => {
                Err(Error::new(Kind::Conflict, format!("a signing key \"{label}\" is active already"))
                    .why(format!("its kid is {}", current.kid))
                    .next(format!("use it, choose another label, or make its successor: hsm key rotate --label {label}")))
            }
            (Some(_), Some(later)) => {
                Err(Error::new(Kind::Conflict, format!("the next signing key \"{label}\" is made already"))
                    .why(format!("it is {} and signs from {} on", later.kid, later.times.sign_from))
                    .next(format!("let it be, or take it away first: hsm key revoke --key {}", later.kid)))
            }
            (None, Some(later)) if !recipe.replace => {
                Err(Error::new(Kind::Conflict, format!("the next signing key \"{label}\" is made already"))
                    .why(format!("it is {} and signs from {} on; until then none does", later.kid, later.times.sign_from))
                    .next(format!("take its place: hsm key rotate --label {label} --publish-for 0s")))
            }
            _ => Ok(()),
        }
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
        // The one that has no end yet, else the last one: its end was planned, or it was revoked.
        let of_label = keys.into_iter().filter(|key| key.label == label && key.times.is_some());
        let newest = of_label.max_by_key(|key| (key.times.is_some_and(|times| times.retire_at.is_none()), key.created));
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
        // It signed until now, whatever is said.
        self.ended(key, times.ending(at.max(Timestamp::now())))
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
