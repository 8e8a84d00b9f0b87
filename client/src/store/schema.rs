//! The tables of the embedded store, and how a file gets them.

use rusqlite::Connection;

use crate::error::{Error, Kind, Result};

/// "HSMK": tells this file from any other SQLite database.
const APPLICATION_ID: i32 = 0x4853_4d4b;

/// The version of the tables below.
const VERSION: i32 = 1;

/// Brings `connection` to the newest tables, or refuses a file that is not ours.
pub(super) fn prepare(connection: &mut Connection) -> rusqlite::Result<Result<()>> {
    // Somebody else's database is left as it is: nothing is written before this.
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if number("application_id")? != APPLICATION_ID && (objects != 0 || number("user_version")? != 0) {
        return Ok(Err(Error::new(Kind::Store, "this file is no key store").next("choose another with --store PATH")));
    }
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;",
    )?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let number = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let objects: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let verdict = match (number("application_id")?, number("user_version")?) {
        (APPLICATION_ID, VERSION) => Ok(()),
        (0, 0) if objects == 0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            Ok(())
        }
        (APPLICATION_ID, newer) => Err(Error::new(Kind::Store, "the key store was written by a newer version")
            .why(format!("its tables are version {newer}, this command knows version {VERSION}"))
            .next("use the newer hsm command")),
        _ => Err(Error::new(Kind::Store, "this file is no key store").next("choose another with --store PATH")),
    };
    transaction.commit()?;
    Ok(verdict)
}

const TABLES: &str = "
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
