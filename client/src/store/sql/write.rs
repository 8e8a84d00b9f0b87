//! Changes, each inside a transaction that its caller ends.

use super::{Failure, Statements, Value, row, statements};
use crate::error::{Error, Kind, Result};
use crate::id::{KeyId, LineageId};
use crate::store::journal::{self, Head, Note};
use crate::store::{Ending, KeyRecord, Lineage, MekRecord, Policy, SigningKeyRecord, Usage, rules};
use crate::time::Timestamp;

type Db<'a> = &'a mut dyn Statements;

/// Locks every other writer out until the transaction ends; the end of the journal.
pub(super) fn lock(db: Db<'_>) -> Result<Head> {
    db.run(statements::LOCK, &[])?;
    head(db)
}

/// The end of the journal.
pub(super) fn head(db: Db<'_>) -> Result<Head> {
    let mut rows = db.rows(statements::HEAD, &[])?;
    let mut head = rows.pop().ok_or_else(|| Error::new(Kind::Store, "the key store's journal has no head"))?;
    Ok(Head { seq: head.number()?, hash: row::hash(&mut head)? })
}

/// Writes down what was done.
pub(super) fn append(db: Db<'_>, mut head: Head, actor: &str, notes: Vec<Note>) -> Result<()> {
    let now = Timestamp::now();
    for note in notes {
        let entry = head.follow(now, actor, note);
        let note = &entry.note;
        let texts = [&entry.actor, &note.action, &note.name, &note.id, &note.state, &note.detail];
        let mut values: Vec<Value> = vec![entry.seq.into(), entry.time.into()];
        values.extend(texts.map(|text| Value::Text(text.clone())));
        values.push((&entry.hash).into());
        db.run(statements::ADD_ENTRY, &values)?;
        head = entry.head();
    }
    db.run(statements::MOVE_HEAD, &[head.seq.into(), (&head.hash).into()])?;
    Ok(())
}

/// Takes a lineage from `epoch` to the next one.
pub(super) fn advance(db: Db<'_>, lineage: &LineageId, epoch: u64) -> Result<Lineage> {
    let changed = db.run(statements::ADVANCE, &[lineage.as_bytes().into(), epoch.into()])?;
    let found = db.rows(statements::LINEAGE_BY_ID, &[lineage.as_bytes().into()])?.pop();
    let found = row::lineage(found.ok_or_else(|| rules::unknown_lineage(lineage))?)?;
    match changed {
        1 => Ok(found),
        _ => Err(rules::stale(epoch, found.epoch)),
    }
}

pub(super) fn create_lineage(db: Db<'_>, lineage: &Lineage, first: &KeyRecord, notes: &mut Vec<Note>) -> Result<()> {
    let values = [
        lineage.id.as_bytes().into(),
        lineage.name.as_str().into(),
        lineage.epoch.into(),
        lineage.created.into(),
        json(&lineage.policy)?,
    ];
    db.run(statements::ADD_LINEAGE, &values).map_err(|failure| failure.or_taken(&format!("a data key \"{}\"", lineage.name)))?;
    notes.push(journal::of_policy(lineage, &lineage.policy));
    notes.extend(journal::of_key(&lineage.name, None, first));
    add_key(db, first)
}

pub(super) fn set_policy(db: Db<'_>, lineage: &Lineage, policy: &Policy, notes: &mut Vec<Note>) -> Result<()> {
    db.run(statements::SET_POLICY, &[lineage.id.as_bytes().into(), json(policy)?])?;
    notes.push(journal::of_policy(lineage, policy));
    Ok(())
}

pub(super) fn find_key(db: Db<'_>, id: &KeyId) -> Result<Option<KeyRecord>> {
    db.rows(statements::KEY, &[id.as_bytes().into()])?.pop().map(row::key).transpose()
}

/// Adds or changes one version.
pub(super) fn commit_key(db: Db<'_>, lineage: &Lineage, record: &KeyRecord, notes: &mut Vec<Note>) -> Result<()> {
    let old = find_key(db, &record.key_id)?;
    rules::check(&lineage.id, old.as_ref(), record)?;
    notes.extend(journal::of_key(&lineage.name, old.as_ref(), record));
    if old.is_none() {
        return add_key(db, record);
    }
    let mut values = vec![record.key_id.as_bytes().into(), record.state.name().into()];
    values.extend([record.rotated, record.expires, record.deletes].map(Value::from));
    values.extend(tail(record)?);
    db.run(statements::CHANGE_KEY, &values).map_err(|failure| failure.or_taken(VERSION))?;
    Ok(())
}

const VERSION: &str = "that version, or an active version, of the key";

fn add_key(db: Db<'_>, record: &KeyRecord) -> Result<()> {
    let mut values = vec![
        record.key_id.as_bytes().into(),
        record.lineage_id.as_bytes().into(),
        record.version.into(),
        record.state.name().into(),
        record.algorithm.as_str().into(),
        record.created.into(),
    ];
    values.extend([record.rotated, record.expires, record.deletes].map(Value::from));
    values.extend(tail(record)?);
    db.run(statements::ADD_KEY, &values).map_err(|failure| failure.or_taken(VERSION))?;
    Ok(())
}

/// Metadata and wrapped key.
fn tail(record: &KeyRecord) -> Result<[Value; 10]> {
    let dek = record.wrapped.as_ref();
    let kem = dek.and_then(|dek| dek.kem.as_ref());
    Ok([
        json(&record.metadata)?,
        dek.map(|dek| dek.wrapped.ciphertext.clone()).into(),
        dek.map(|dek| dek.mek_id.as_bytes()).into(),
        dek.map(|dek| dek.mek_version).into(),
        dek.map(|dek| dek.token_serial.as_str()).into(),
        dek.map(|dek| dek.wrapped.mechanism.name()).into(),
        dek.map(|dek| dek.wrapped.nonce.clone()).into(),
        dek.map(|dek| dek.binding.clone()).into(),
        kem.map(|kem| kem.kem_id.as_bytes()).into(),
        kem.map(|kem| kem.secret.clone()).into(),
    ])
}

pub(super) fn usage(db: Db<'_>, id: &KeyId) -> Result<Usage> {
    let mut rows = db.rows(statements::USAGE, &[id.as_bytes().into()])?;
    let mut row = rows.pop().ok_or_else(|| rules::unknown_key(id))?;
    Ok(Usage { messages: row.number()?, bytes: row.number()? })
}

/// Locks the counts of one key until the transaction ends.
pub(super) fn lock_usage(db: Db<'_>, id: &KeyId) -> Result<()> {
    db.run(statements::LOCK_USAGE, &[id.as_bytes().into()])?;
    Ok(())
}

pub(super) fn count(db: Db<'_>, id: &KeyId, used: Usage) -> Result<()> {
    db.run(statements::COUNT, &[id.as_bytes().into(), used.messages.into(), used.bytes.into()])?;
    Ok(())
}

pub(super) fn add_mek(db: Db<'_>, mek: &MekRecord, notes: &mut Vec<Note>) -> Result<()> {
    let values = [
        mek.mek_id.as_bytes().into(),
        mek.label.as_str().into(),
        mek.version.into(),
        mek.token_serial.as_str().into(),
        mek.algorithm.as_str().into(),
        mek.created.into(),
        mek.deletes.into(),
        mek.destroyed.into(),
    ];
    let name = format!("the master key \"{}\" version {}", mek.label, mek.version);
    db.run(statements::ADD_MEK, &values).map_err(|failure| failure.or_taken(&name))?;
    notes.push(journal::of_mek("mek-recorded", mek));
    Ok(())
}

pub(super) fn change_mek(db: Db<'_>, old: &MekRecord, new: &MekRecord, notes: &mut Vec<Note>) -> Result<()> {
    let place = || [old.token_serial.as_str().into(), old.mek_id.as_bytes().into()];
    let found = db.rows(statements::MEK, &place())?.pop().map(row::mek).transpose()?;
    rules::check_mek(found.as_ref(), old, new)?;
    let [serial, id] = place();
    db.run(statements::CHANGE_MEK, &[serial, id, new.deletes.into(), new.destroyed.into()])?;
    notes.push(journal::of_mek("mek-state", new));
    Ok(())
}

pub(super) fn add_signing_key(db: Db<'_>, key: &SigningKeyRecord, notes: &mut Vec<Note>) -> Result<()> {
    let times = &key.times;
    let values = [
        key.kid.as_str().into(),
        key.object_id.as_bytes().into(),
        key.label.as_str().into(),
        key.token_serial.as_str().into(),
        key.scheme.name().into(),
        key.created.into(),
        times.publish_at.into(),
        times.sign_from.into(),
        times.retire_at.into(),
        times.remove_at.into(),
        times.token_life.into(),
    ];
    db.run(statements::ADD_SIGNING_KEY, &values).map_err(|failure| match failure {
        Failure::Clash(_) => rules::another_signs(key),
        Failure::Other(error) => error,
    })?;
    notes.push(journal::of_signing_key("signing-key-created", key));
    Ok(())
}

/// Gives a signing key its end.
pub(super) fn end_signing_key(db: Db<'_>, kid: &str, ending: Ending, notes: &mut Vec<Note>) -> Result<()> {
    let found = db.rows(statements::SIGNING_KEY, &[kid.into()])?.pop().map(row::signing_key).transpose()?;
    let key = found.ok_or_else(|| rules::unknown_signing_key(kid))?;
    rules::check_ending(&key, ending)?;
    db.run(statements::END_SIGNING_KEY, &[kid.into(), ending.retire_at.into(), ending.remove_at.into()])?;
    notes.push(journal::of_signing_key("signing-key-ended", &key.ended(ending)));
    Ok(())
}

fn json(value: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_string(value)
        .map(Value::Text)
        .map_err(|error| Error::new(Kind::Store, "the key store cannot write this").why(error.to_string()))
}

impl Failure {
    /// A clash means that `what` is taken.
    fn or_taken(self, what: &str) -> Error {
        match self {
            Self::Clash(_) => rules::taken(what),
            Self::Other(error) => error,
        }
    }
}
