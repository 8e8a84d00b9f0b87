//! The tables on a server, and how they get there.

use super::{Connection, failed};
use crate::error::{Error, Kind, Result};

/// What makes the tables of each version from those of the one before. They have the numbers of the embedded store's, which had a
/// first version that no server ever held.
const STEPS: [(i64, &str); 2] = [(2, SECOND), (3, THIRD)];

/// The version of the tables that this build reads and writes.
const VERSION: i64 = 3;

/// Names the lock under which tables are made: "HSMK".
const LOCK: i64 = 0x4853_4d4b;

/// Refuses a database without our tables, or with others.
pub(super) fn check(connection: &mut Connection) -> Result<()> {
    match version(&mut connection.client)? {
        VERSION => Ok(()),
        0 => Err(Error::new(Kind::Store, "this database holds no key store")
            .next("make it, as the role that shall own it: hsm store prepare --store URL")),
        older if older < VERSION => Err(Error::new(Kind::Store, "the key store's tables are older than this command")
            .why(format!("they are version {older}, this command works with version {VERSION}"))
            .next("bring them up to date, as the role that owns them: hsm store prepare --store URL")),
        newer => Err(Error::new(Kind::Store, "the key store was written by a newer version")
            .why(format!("its tables are version {newer}, this command knows version {VERSION}"))
            .next("use the newer hsm command")),
    }
}

/// Makes what is missing, all or nothing; of several who do so at the same time one does it.
pub(super) fn prepare(connection: &mut Connection) -> Result<()> {
    let mut transaction = connection.client.transaction().map_err(|error| failed(&error))?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).map_err(|error| failed(&error))?;
    let found = version(&mut transaction)?;
    for (_, step) in STEPS.iter().filter(|(number, _)| *number > found) {
        transaction.batch_execute(step).map_err(|error| failed(&error))?;
    }
    transaction.commit().map_err(|error| failed(&error))?;
    check(connection)
}

fn version(client: &mut impl ::postgres::GenericClient) -> Result<i64> {
    let there = client.query_one("SELECT to_regclass('hsm_schema') IS NOT NULL", &[]).map_err(|error| failed(&error))?;
    if !there.get::<_, bool>(0) {
        return Ok(0);
    }
    let row = client.query_opt("SELECT version FROM hsm_schema", &[]).map_err(|error| failed(&error))?;
    Ok(row.map_or(0, |row| row.get(0)))
}

const SECOND: &str = "
CREATE TABLE hsm_schema (
    one     BIGINT PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    version BIGINT NOT NULL
);
INSERT INTO hsm_schema (version) VALUES (2);

CREATE TABLE mek (
    token_serial TEXT COLLATE \"C\" NOT NULL,
    mek_id       BYTEA NOT NULL,
    label        TEXT COLLATE \"C\" NOT NULL,
    version      BIGINT NOT NULL CHECK (version >= 1),
    algorithm    TEXT NOT NULL,
    created      BIGINT NOT NULL,
    deletes      BIGINT,
    destroyed    BIGINT,
    PRIMARY KEY (token_serial, mek_id),
    UNIQUE (token_serial, label, version)
);

CREATE TABLE lineage (
    lineage_id BYTEA PRIMARY KEY CHECK (length(lineage_id) = 16),
    name       TEXT COLLATE \"C\" NOT NULL UNIQUE,
    epoch      BIGINT NOT NULL CHECK (epoch >= 1),
    created    BIGINT NOT NULL,
    policy     TEXT NOT NULL DEFAULT '{}'
);

CREATE TABLE key (
    key_id       BYTEA PRIMARY KEY CHECK (length(key_id) = 16),
    lineage_id   BYTEA NOT NULL REFERENCES lineage (lineage_id),
    version      BIGINT NOT NULL CHECK (version BETWEEN 1 AND 4294967295),
    state        TEXT NOT NULL CHECK (state IN ('pending', 'active', 'decrypt-only', 'pending-deletion', 'destroyed')),
    algorithm    TEXT NOT NULL,
    created      BIGINT NOT NULL,
    rotated      BIGINT,
    expires      BIGINT,
    deletes      BIGINT,
    metadata     TEXT NOT NULL DEFAULT '{}',
    mek_id       BYTEA,
    mek_version  BIGINT,
    token_serial TEXT COLLATE \"C\",
    mechanism    TEXT,
    nonce        BYTEA,
    wrapped      BYTEA,
    binding      BYTEA,
    messages     BIGINT NOT NULL DEFAULT 0 CHECK (messages >= 0),
    bytes        BIGINT NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    UNIQUE (lineage_id, version),
    CHECK ((state = 'destroyed') = (wrapped IS NULL))
);
CREATE UNIQUE INDEX one_active_version ON key (lineage_id) WHERE state = 'active';

CREATE TABLE signing_key (
    kid          TEXT COLLATE \"C\" PRIMARY KEY,
    object_id    BYTEA NOT NULL,
    label        TEXT COLLATE \"C\" NOT NULL,
    token_serial TEXT COLLATE \"C\" NOT NULL,
    scheme       TEXT NOT NULL,
    created      BIGINT NOT NULL,
    publish_at   BIGINT NOT NULL,
    sign_from    BIGINT NOT NULL,
    retire_at    BIGINT,
    remove_at    BIGINT,
    token_life   BIGINT CHECK (token_life > 0)
);
CREATE UNIQUE INDEX one_signing_key_without_end ON signing_key (token_serial, label) WHERE retire_at IS NULL;

CREATE TABLE journal (
    seq    BIGINT PRIMARY KEY CHECK (seq >= 1),
    time   BIGINT NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    name   TEXT COLLATE \"C\" NOT NULL,
    id     TEXT NOT NULL,
    state  TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash   BYTEA NOT NULL CHECK (length(hash) = 32)
);
CREATE TABLE journal_head (
    one  BIGINT PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    seq  BIGINT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32)
);
INSERT INTO journal_head (seq, hash) VALUES (0, decode(repeat('00', 32), 'hex'));
";

const THIRD: &str = "
UPDATE hsm_schema SET version = 3;
ALTER TABLE key ADD COLUMN kem_id BYTEA;
ALTER TABLE key ADD COLUMN kem_secret BYTEA;
ALTER TABLE key ADD CHECK ((kem_id IS NULL) = (kem_secret IS NULL));
";
