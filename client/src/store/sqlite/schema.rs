//! The tables of the embedded store, and how a file gets them.

use rusqlite::Connection;

use crate::error::{Error, Kind, Result};

/// "HSMK": tells this file from any other SQLite database.
const APPLICATION_ID: i32 = 0x4853_4d4b;

/// What makes the tables of each version from those of the one before, the first from nothing.
const STEPS: [&str; 3] = [FIRST, SECOND, THIRD];

/// The version of the tables that this build reads and writes.
const VERSION: i32 = STEPS.len() as i32;

/// Brings `connection` to the newest tables, or refuses a file that is not ours.
pub(super) fn prepare(connection: &mut Connection) -> rusqlite::Result<Result<()>> {
    // Somebody else's database is left as it is: nothing is written before this.
    if let Err(foreign) = version(connection)? {
        return Ok(Err(foreign));
    }
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;",
    )?;
    // Older tables are replaced with references switched off, which a transaction cannot do.
    connection.execute_batch("PRAGMA foreign_keys = OFF")?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found = match version(&transaction)? {
        Ok(found) => found,
        Err(foreign) => return Ok(Err(foreign)),
    };
    for step in STEPS.iter().skip(found) {
        transaction.execute_batch(step)?;
    }
    if found < STEPS.len() {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()?;
    connection.execute_batch("PRAGMA foreign_keys = ON")?;
    Ok(Ok(()))
}

/// The version of the tables in a file of ours, 0 for an empty one.
fn version(connection: &Connection) -> rusqlite::Result<Result<usize>> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (number("application_id")?, number("user_version")?) {
        (APPLICATION_ID, version @ 1..=VERSION) => Ok(version as usize),
        (0, 0) if objects == 0 => Ok(0),
        (APPLICATION_ID, newer) => Err(Error::new(Kind::Store, "the key store was written by a newer version")
            .why(format!("its tables are version {newer}, this command knows version {VERSION}"))
            .next("use the newer hsm command")),
        _ => Err(Error::new(Kind::Store, "this file is no key store").next("choose another with --store PATH")),
    })
}

pub(in crate::store) const FIRST: &str = "
CREATE TABLE mek (
    token_serial TEXT NOT NULL,
    mek_id       BLOB NOT NULL,
    label        TEXT NOT NULL,
    version      INTEGER NOT NULL CHECK (version >= 1),
    algorithm    TEXT NOT NULL,
    created      INTEGER NOT NULL,
    PRIMARY KEY (token_serial, mek_id),
    UNIQUE (token_serial, label, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE lineage (
    lineage_id BLOB PRIMARY KEY NOT NULL CHECK (length(lineage_id) = 16),
    name       TEXT NOT NULL UNIQUE,
    epoch      INTEGER NOT NULL CHECK (epoch >= 1),
    created    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE key (
    key_id       BLOB PRIMARY KEY NOT NULL CHECK (length(key_id) = 16),
    lineage_id   BLOB NOT NULL REFERENCES lineage (lineage_id),
    version      INTEGER NOT NULL CHECK (version BETWEEN 1 AND 4294967295),
    state        TEXT NOT NULL
        CHECK (state IN ('pending', 'active', 'decrypt-only', 'pending-deletion', 'destroyed')),
    algorithm    TEXT NOT NULL,
    created      INTEGER NOT NULL,
    rotated      INTEGER,
    expires      INTEGER,
    deletes      INTEGER,
    metadata     TEXT NOT NULL DEFAULT '{}',
    mek_id       BLOB,
    mek_version  INTEGER,
    token_serial TEXT,
    mechanism    TEXT,
    nonce        BLOB,
    wrapped      BLOB,
    binding      BLOB,
    UNIQUE (lineage_id, version),
    CHECK ((state = 'destroyed') = (wrapped IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX one_active_version ON key (lineage_id) WHERE state = 'active';

CREATE TABLE signing_key (
    kid          TEXT PRIMARY KEY NOT NULL,
    object_id    BLOB NOT NULL,
    label        TEXT NOT NULL,
    token_serial TEXT NOT NULL,
    scheme       TEXT NOT NULL,
    created      INTEGER NOT NULL,
    active       INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX one_active_signing_key ON signing_key (token_serial, label) WHERE active = 1;
";

/// Rules of lineages and use of keys, the end of master keys, the times of signing keys, the journal. A signing key that signed
/// keeps doing so; one that was retired did so when its successor came, and stays published, since nobody knows how long its tokens live.
const SECOND: &str = "
ALTER TABLE lineage ADD COLUMN policy TEXT NOT NULL DEFAULT '{}';
ALTER TABLE key ADD COLUMN messages INTEGER NOT NULL DEFAULT 0 CHECK (messages >= 0);
ALTER TABLE key ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0);
ALTER TABLE mek ADD COLUMN deletes INTEGER;
ALTER TABLE mek ADD COLUMN destroyed INTEGER;

ALTER TABLE signing_key RENAME TO old_signing_key;
CREATE TABLE signing_key (
    kid          TEXT PRIMARY KEY NOT NULL,
    object_id    BLOB NOT NULL,
    label        TEXT NOT NULL,
    token_serial TEXT NOT NULL,
    scheme       TEXT NOT NULL,
    created      INTEGER NOT NULL,
    publish_at   INTEGER NOT NULL,
    sign_from    INTEGER NOT NULL,
    retire_at    INTEGER,
    remove_at    INTEGER,
    token_life   INTEGER CHECK (token_life > 0)
) STRICT, WITHOUT ROWID;
INSERT INTO signing_key (kid, object_id, label, token_serial, scheme, created, publish_at, sign_from, retire_at)
    SELECT kid, object_id, label, token_serial, scheme, created, created, created,
        CASE WHEN active = 1 THEN NULL ELSE coalesce(
            (SELECT min(next.created) FROM old_signing_key AS next
                WHERE next.label = old.label AND next.token_serial = old.token_serial AND next.created > old.created),
            old.created) END
    FROM old_signing_key AS old;
DROP TABLE old_signing_key;
CREATE UNIQUE INDEX one_signing_key_without_end ON signing_key (token_serial, label) WHERE retire_at IS NULL;

CREATE TABLE journal (
    seq    INTEGER PRIMARY KEY NOT NULL CHECK (seq >= 1),
    time   INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    name   TEXT NOT NULL,
    id     TEXT NOT NULL,
    state  TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash   BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TABLE journal_head (
    only INTEGER PRIMARY KEY NOT NULL CHECK (only = 1),
    seq  INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT, WITHOUT ROWID;
INSERT INTO journal_head (only, seq, hash) VALUES (1, 0, zeroblob(32));
";

/// A wrapping by ML-KEM around that by a master key.
const THIRD: &str = "
ALTER TABLE key ADD COLUMN kem_id BLOB;
ALTER TABLE key ADD COLUMN kem_secret BLOB CHECK ((kem_id IS NULL) = (kem_secret IS NULL));
";
