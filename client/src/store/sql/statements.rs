//! The statements, in the dialect that SQLite and PostgreSQL share.

macro_rules! lineage {
    ($rest:literal) => {
        concat!("SELECT lineage_id, name, epoch, created, policy FROM lineage ", $rest)
    };
}

macro_rules! key {
    ($rest:literal) => {
        concat!(
            "SELECT key_id, lineage_id, version, state, algorithm, created, rotated, expires, deletes, metadata,
                wrapped, mek_id, mek_version, token_serial, mechanism, nonce, binding,
                kem_id, kem_secret FROM key ",
            $rest
        )
    };
}

macro_rules! signing_key {
    ($rest:literal) => {
        concat!(
            "SELECT kid, object_id, label, token_serial, scheme, created, publish_at, sign_from, retire_at, remove_at,
                token_life FROM signing_key ",
            $rest
        )
    };
}

macro_rules! mek {
    ($rest:literal) => {
        concat!("SELECT mek_id, label, version, token_serial, algorithm, created, deletes, destroyed FROM mek ", $rest)
    };
}

pub(super) const LINEAGES: &str = lineage!("ORDER BY name");
pub(super) const LINEAGE: &str = lineage!("WHERE name = ?1 OR lineage_id = ?2");
pub(super) const LINEAGE_BY_ID: &str = lineage!("WHERE lineage_id = ?1");
pub(super) const VERSIONS: &str = key!("WHERE lineage_id = ?1 ORDER BY version");
pub(super) const KEY: &str = key!("WHERE key_id = ?1");
pub(super) const MEKS: &str = mek!("ORDER BY label, version, token_serial");
pub(super) const MEK: &str = mek!("WHERE token_serial = ?1 AND mek_id = ?2");
pub(super) const SIGNING_KEYS: &str = signing_key!("ORDER BY label, created, kid");
pub(super) const SIGNING_KEYS_OF_LABEL: &str = signing_key!("WHERE label = ?1 AND token_serial = ?2 ORDER BY created, kid");
pub(super) const SIGNING_KEY: &str = signing_key!("WHERE kid = ?1");

pub(super) const JOURNAL: &str = "SELECT seq, time, actor, action, name, id, state, detail, hash FROM journal
    WHERE seq >= ?1 ORDER BY seq";
pub(super) const ADD_ENTRY: &str = "INSERT INTO journal (seq, time, actor, action, name, id, state, detail, hash)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
pub(super) const HEAD: &str = "SELECT seq, hash FROM journal_head";
/// Changes nothing, and locks out every other writer where a transaction alone does not.
pub(super) const LOCK: &str = "UPDATE journal_head SET seq = seq";
pub(super) const LOCK_USAGE: &str = "UPDATE key SET messages = messages WHERE key_id = ?1";
pub(super) const MOVE_HEAD: &str = "UPDATE journal_head SET seq = ?1, hash = ?2";

pub(super) const ADD_LINEAGE: &str = "INSERT INTO lineage (lineage_id, name, epoch, created, policy)
    VALUES (?1, ?2, ?3, ?4, ?5)";
pub(super) const ADVANCE: &str = "UPDATE lineage SET epoch = epoch + 1 WHERE lineage_id = ?1 AND epoch = ?2";
pub(super) const SET_POLICY: &str = "UPDATE lineage SET policy = ?2 WHERE lineage_id = ?1";

pub(super) const ADD_KEY: &str = "INSERT INTO key (key_id, lineage_id, version, state, algorithm, created, rotated,
        expires, deletes, metadata, wrapped, mek_id, mek_version, token_serial, mechanism, nonce, binding,
        kem_id, kem_secret)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";
pub(super) const CHANGE_KEY: &str = "UPDATE key SET state = ?2, rotated = ?3, expires = ?4, deletes = ?5, metadata = ?6,
        wrapped = ?7, mek_id = ?8, mek_version = ?9, token_serial = ?10, mechanism = ?11, nonce = ?12, binding = ?13,
        kem_id = ?14, kem_secret = ?15
    WHERE key_id = ?1";
pub(super) const USAGE: &str = "SELECT messages, bytes FROM key WHERE key_id = ?1";
pub(super) const COUNT: &str = "UPDATE key SET messages = ?2, bytes = ?3 WHERE key_id = ?1";

pub(super) const ADD_MEK: &str = "INSERT INTO mek (mek_id, label, version, token_serial, algorithm, created, deletes, destroyed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
pub(super) const CHANGE_MEK: &str = "UPDATE mek SET deletes = ?3, destroyed = ?4 WHERE token_serial = ?1 AND mek_id = ?2";

pub(super) const ADD_SIGNING_KEY: &str = "INSERT INTO signing_key (kid, object_id, label, token_serial, scheme, created,
        publish_at, sign_from, retire_at, remove_at, token_life)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
pub(super) const END_SIGNING_KEY: &str = "UPDATE signing_key SET retire_at = ?2, remove_at = ?3 WHERE kid = ?1";
