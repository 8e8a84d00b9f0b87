//! What is noted of each change, and what everything in a store is by the same words.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Note;
use crate::error::Result;
use crate::id::hex;
use crate::store::record::WrappedDek;
use crate::store::{KeyRecord, Lineage, MekRecord, Policy, SigningKeyRecord, Store};
use crate::time::Timestamp;

/// What everything in the store is, by the names of the journal.
pub(super) fn states(store: &dyn Store) -> Result<HashMap<String, String>> {
    let mut here = HashMap::new();
    for lineage in store.lineages()? {
        let keys = store.versions(&lineage.id)?;
        here.extend(keys.iter().map(|key| (key.key_id.to_string(), state_of_key(key))));
        let note = of_policy(&lineage, &lineage.policy);
        here.insert(note.id, note.state);
    }
    let notes = store.meks()?.into_iter().map(|mek| of_mek("", &mek));
    let signing = store.signing_keys()?.into_iter().map(|key| of_signing_key("", &key));
    here.extend(notes.chain(signing).map(|note| (note.id, note.state)));
    Ok(here)
}

fn state_of_key(key: &KeyRecord) -> String {
    let time = |what: &str, time: Option<Timestamp>| time.map(|time| format!(", {what} {time}")).unwrap_or_default();
    // An older wrapping that is put back is another one.
    let wrapped = key.wrapped.as_ref().map(|dek| format!(", wrapped as {}", fingerprint(dek))).unwrap_or_default();
    format!("{}{}{}{wrapped}", key.state, time("expires", key.expires), time("due", key.deletes))
}

/// Eight bytes of SHA-256 over a wrapped key.
fn fingerprint(dek: &WrappedDek) -> String {
    let secret = dek.kem.as_ref().map(|layer| layer.secret.as_slice()).unwrap_or_default();
    let digest = Sha256::new_with_prefix(&dek.wrapped.ciphertext).chain_update(secret).finalize();
    hex(&digest[..8])
}

/// What a change of a data key is in the journal.
pub(in crate::store) fn of_key(name: &str, old: Option<&KeyRecord>, new: &KeyRecord) -> Vec<Note> {
    let note = |action: &str, detail: String| Note {
        action: action.to_owned(),
        name: name.to_owned(),
        id: new.key_id.to_string(),
        state: state_of_key(new),
        detail,
    };
    let version = format!("version {}", new.version);
    let Some(old) = old else { return vec![note("dek-created", format!("{version}{}", by(new)))] };
    let mut notes = Vec::new();
    if old.state != new.state {
        notes.push(note("dek-state", format!("{version}, was {}", old.state)));
    }
    if new.wrapped.is_some() && old.wrapped != new.wrapped {
        notes.push(note("dek-rewrapped", format!("{version}{}", by(new))));
    }
    let told = !notes.is_empty();
    if (&old.metadata, old.expires) != (&new.metadata, new.expires) || (!told && old != new) {
        notes.push(note("dek-changed", version));
    }
    notes
}

fn by(key: &KeyRecord) -> String {
    key.wrapped.as_ref().map_or_else(String::new, |dek| {
        let kem = dek.kem.as_ref().map(|layer| format!(" and by ML-KEM {}", layer.kem_id)).unwrap_or_default();
        format!(", wrapped by {} version {} in token {}{kem}", dek.mek_id, dek.mek_version, dek.token_serial)
    })
}

pub(in crate::store) fn of_policy(lineage: &Lineage, policy: &Policy) -> Note {
    let state = serde_json::to_string(policy).unwrap_or_default();
    // A lineage has the id of its first key, which has an entry of its own.
    let id = format!("policy of {}", lineage.id);
    Note { action: "policy".into(), name: lineage.name.clone(), id, state, detail: String::new() }
}

pub(in crate::store) fn of_mek(action: &str, mek: &MekRecord) -> Note {
    let due = mek.deletes.map(|due| format!(", due {due}")).unwrap_or_default();
    Note {
        action: action.to_owned(),
        name: mek.label.clone(),
        // The same key may be in several tokens.
        id: format!("{} in {}", mek.mek_id, mek.token_serial),
        state: format!("{}{due}", mek.state()),
        detail: format!("version {}", mek.version),
    }
}

pub(in crate::store) fn of_signing_key(action: &str, key: &SigningKeyRecord) -> Note {
    let times = &key.times;
    let end = |time: Option<Timestamp>| time.map_or_else(|| "none".to_owned(), |time| time.to_string());
    let life = times.token_life.map_or_else(|| "for ever".to_owned(), |life| format!("{life} s"));
    let state = format!(
        "published {} to {}, signs {} to {}, tokens live {life}",
        times.publish_at,
        end(times.remove_at),
        times.sign_from,
        end(times.retire_at)
    );
    Note {
        action: action.to_owned(),
        name: key.label.clone(),
        id: key.kid.clone(),
        state,
        detail: format!("{} in token {}", key.scheme, key.token_serial),
    }
}
