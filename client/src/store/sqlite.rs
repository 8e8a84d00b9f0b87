//! The embedded store: one SQLite file, 0600, safe for several processes at once.

use std::fs::{self, DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::record::WrappedDek;
use super::{KeyRecord, Lineage, MekRecord, SigningKeyRecord, Store, rules, schema};
use crate::error::{Error, Kind, Result};
use crate::id::{KeyId, LineageId, ObjectId};
use crate::time::Timestamp;
use crate::wrap::Wrapped;

/// Key references in an SQLite file. Writers queue for at most five seconds.
pub struct SqliteStore {
    connection: Mutex<Connection>,
}

impl SqliteStore {
    /// Opens the file at `path`, or makes it, readable by its owner only.
    ///
    /// # Errors
    /// [`Kind::Io`] when it cannot be made, [`Kind::Store`] when it is no key store.
    pub fn open(path: &Path) -> Result<Self> {
        make_private(path).map_err(|error| Error::io(path.display(), &error))?;
        let mut connection = Connection::open(path).map_err(|error| failed(&error))?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(|error| failed(&error))?;
        schema::prepare(&mut connection).map_err(|error| unreadable(path, &error))??;
        Ok(Self { connection: Mutex::new(connection) })
    }

    fn read<T>(&self, job: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        job(&self.connection.lock()).map_err(|error| failed(&error))
    }

    /// All of `job`, or nothing of it.
    fn write<T>(&self, job: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.connection.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|error| failed(&error))?;
        let answer = job(&transaction)?;
        transaction.commit().map_err(|error| failed(&error))?;
        Ok(answer)
    }
}

impl Store for SqliteStore {
    fn lineages(&self) -> Result<Vec<Lineage>> {
        self.read(|db| db.prepare_cached(&format!("{LINEAGE} ORDER BY name"))?.query_map([], lineage)?.collect())
    }

    fn lineage(&self, name: &str) -> Result<Option<Lineage>> {
        let id = name.parse::<LineageId>().map_or(Vec::new(), |id| id.as_bytes().to_vec());
        self.read(|db| {
            db.prepare_cached(&format!("{LINEAGE} WHERE name = ?1 OR lineage_id = ?2"))?
                .query_row(params![name, id], lineage)
                .optional()
        })
    }

    fn versions(&self, lineage: &LineageId) -> Result<Vec<KeyRecord>> {
        self.read(|db| {
            db.prepare_cached(&format!("{KEY} WHERE lineage_id = ?1 ORDER BY version"))?
                .query_map([lineage.as_bytes()], key)?
                .collect()
        })
    }

    fn key(&self, id: &KeyId) -> Result<Option<KeyRecord>> {
        self.read(|db| find_key(db, id))
    }

    fn create_lineage(&self, lineage: &Lineage, first: &KeyRecord) -> Result<()> {
        rules::check(&lineage.id, None, first)?;
        self.write(|db| {
            db.execute(
                "INSERT INTO lineage (lineage_id, name, epoch, created) VALUES (?1, ?2, ?3, ?4)",
                params![lineage.id.as_bytes(), lineage.name, lineage.epoch.cast_signed(), lineage.created.0],
            )
            .map_err(|error| clash(&error, &format!("a data key \"{}\"", lineage.name)))?;
            put_key(db, first, "INSERT")
        })
    }

    fn commit(&self, lineage: &LineageId, epoch: u64, records: &[KeyRecord]) -> Result<u64> {
        self.write(|db| {
            let found: Option<i64> = db
                .query_row("SELECT epoch FROM lineage WHERE lineage_id = ?1", [lineage.as_bytes()], |row| row.get(0))
                .optional()
                .map_err(|error| failed(&error))?;
            let found = found.ok_or_else(|| rules::unknown_lineage(lineage))?.cast_unsigned();
            if found != epoch {
                return Err(rules::stale(epoch, found));
            }
            for record in records {
                let old = find_key(db, &record.key_id).map_err(|error| failed(&error))?;
                rules::check(lineage, old.as_ref(), record)?;
                put_key(db, record, if old.is_some() { "REPLACE" } else { "INSERT" })?;
            }
            let next = epoch + 1;
            db.execute("UPDATE lineage SET epoch = ?2 WHERE lineage_id = ?1", params![lineage.as_bytes(), next.cast_signed()])
                .map_err(|error| failed(&error))?;
            Ok(next)
        })
    }

    fn meks(&self) -> Result<Vec<MekRecord>> {
        self.read(|db| db.prepare_cached(MEK)?.query_map([], mek)?.collect())
    }

    fn add_mek(&self, mek: &MekRecord) -> Result<()> {
        self.write(|db| {
            db.execute(
                "INSERT INTO mek (mek_id, label, version, token_serial, algorithm, created)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![mek.mek_id.as_bytes(), mek.label, mek.version, mek.token_serial, mek.algorithm, mek.created.0],
            )
            .map_err(|error| clash(&error, &format!("the master key \"{}\" version {}", mek.label, mek.version)))?;
            Ok(())
        })
    }

    fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>> {
        self.read(|db| db.prepare_cached(SIGNING)?.query_map([], signing)?.collect())
    }

    fn put_signing_key(&self, key: &SigningKeyRecord, replaces: Option<&str>) -> Result<()> {
        let clash = |error| clash(&error, &format!("another active signing key \"{}\"", key.label));
        self.write(|db| {
            if let Some(old) = replaces.filter(|_| key.active) {
                let changed = db
                    .execute(
                        "UPDATE signing_key SET active = 0
                         WHERE kid = ?1 AND label = ?2 AND token_serial = ?3 AND active = 1",
                        params![old, key.label, key.token_serial],
                    )
                    .map_err(|error| failed(&error))?;
                if changed != 1 {
                    return Err(rules::taken(&format!("another active signing key \"{}\"", key.label)));
                }
            }
            db.execute(
                "INSERT INTO signing_key (kid, object_id, label, token_serial, scheme, created, active)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    key.kid,
                    key.object_id.as_bytes(),
                    key.label,
                    key.token_serial,
                    key.scheme.name(),
                    key.created.0,
                    key.active
                ],
            )
            .map_err(clash)?;
            Ok(())
        })
    }
}

const LINEAGE: &str = "SELECT lineage_id, name, epoch, created FROM lineage";
const KEY: &str = "SELECT key_id, lineage_id, version, state, algorithm, created, rotated, expires, deletes, metadata,
    mek_id, mek_version, token_serial, mechanism, nonce, wrapped, binding FROM key";
const MEK: &str = "SELECT mek_id, label, version, token_serial, algorithm, created FROM mek ORDER BY label, version";
const SIGNING: &str = "SELECT kid, object_id, label, token_serial, scheme, created, active FROM signing_key
    ORDER BY label, created";

fn find_key(db: &Connection, id: &KeyId) -> rusqlite::Result<Option<KeyRecord>> {
    db.prepare_cached(&format!("{KEY} WHERE key_id = ?1"))?.query_row([id.as_bytes()], key).optional()
}

fn put_key(db: &Transaction<'_>, key: &KeyRecord, verb: &str) -> Result<()> {
    let metadata = serde_json::to_string(&key.metadata)
        .map_err(|error| Error::new(Kind::Store, "the metadata cannot be written").why(error.to_string()))?;
    let dek = key.wrapped.as_ref();
    // REPLACE would silently delete another active version; an upsert on the id alone does not.
    let tail = if verb == "REPLACE" { REPLACE_TAIL } else { "" };
    db.execute(
        &format!(
            "INSERT INTO key (key_id, lineage_id, version, state, algorithm, created, rotated, expires, deletes,
                metadata, mek_id, mek_version, token_serial, mechanism, nonce, wrapped, binding)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) {tail}"
        ),
        params![
            key.key_id.as_bytes(),
            key.lineage_id.as_bytes(),
            key.version,
            key.state.name(),
            key.algorithm,
            key.created.0,
            key.rotated.map(|time| time.0),
            key.expires.map(|time| time.0),
            key.deletes.map(|time| time.0),
            metadata,
            dek.map(|dek| dek.mek_id.as_bytes()),
            dek.map(|dek| dek.mek_version),
            dek.map(|dek| &dek.token_serial),
            dek.map(|dek| dek.wrapped.mechanism.name()),
            dek.map(|dek| &dek.wrapped.nonce),
            dek.map(|dek| &dek.wrapped.ciphertext),
            dek.map(|dek| &dek.binding),
        ],
    )
    .map_err(|error| clash(&error, "that version, or an active version, of the key"))?;
    Ok(())
}

const REPLACE_TAIL: &str = "ON CONFLICT (key_id) DO UPDATE SET state = excluded.state, rotated = excluded.rotated,
    expires = excluded.expires, deletes = excluded.deletes, metadata = excluded.metadata, mek_id = excluded.mek_id,
    mek_version = excluded.mek_version, token_serial = excluded.token_serial, mechanism = excluded.mechanism,
    nonce = excluded.nonce, wrapped = excluded.wrapped, binding = excluded.binding";

fn lineage(row: &Row<'_>) -> rusqlite::Result<Lineage> {
    Ok(Lineage {
        id: LineageId::from_bytes(row.get(0)?),
        name: row.get(1)?,
        epoch: row.get::<_, i64>(2)?.cast_unsigned(),
        created: Timestamp(row.get(3)?),
    })
}

fn key(row: &Row<'_>) -> rusqlite::Result<KeyRecord> {
    let time = |at| row.get::<_, Option<i64>>(at).map(|seconds| seconds.map(Timestamp));
    Ok(KeyRecord {
        key_id: KeyId::from_bytes(row.get(0)?),
        lineage_id: LineageId::from_bytes(row.get(1)?),
        version: row.get(2)?,
        state: parsed(row, 3)?,
        algorithm: row.get(4)?,
        created: Timestamp(row.get(5)?),
        rotated: time(6)?,
        expires: time(7)?,
        deletes: time(8)?,
        metadata: serde_json::from_str(&row.get::<_, String>(9)?).map_err(|error| foreign(9, error))?,
        wrapped: row.get::<_, Option<Vec<u8>>>(15)?.map(|ciphertext| dek(row, ciphertext)).transpose()?,
    })
}

fn dek(row: &Row<'_>, ciphertext: Vec<u8>) -> rusqlite::Result<WrappedDek> {
    Ok(WrappedDek {
        mek_id: object_id(row, 10)?,
        mek_version: row.get(11)?,
        token_serial: row.get(12)?,
        wrapped: Wrapped { mechanism: parsed(row, 13)?, nonce: row.get(14)?, ciphertext },
        binding: row.get(16)?,
    })
}

fn mek(row: &Row<'_>) -> rusqlite::Result<MekRecord> {
    Ok(MekRecord {
        mek_id: object_id(row, 0)?,
        label: row.get(1)?,
        version: row.get(2)?,
        token_serial: row.get(3)?,
        algorithm: row.get(4)?,
        created: Timestamp(row.get(5)?),
    })
}

fn signing(row: &Row<'_>) -> rusqlite::Result<SigningKeyRecord> {
    Ok(SigningKeyRecord {
        kid: row.get(0)?,
        object_id: object_id(row, 1)?,
        label: row.get(2)?,
        token_serial: row.get(3)?,
        scheme: parsed(row, 4)?,
        created: Timestamp(row.get(5)?),
        active: row.get(6)?,
    })
}

fn object_id(row: &Row<'_>, column: usize) -> rusqlite::Result<ObjectId> {
    ObjectId::from_bytes(&row.get::<_, Vec<u8>>(column)?).map_err(|error| foreign(column, error))
}

fn parsed<T: std::str::FromStr<Err = Error>>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    row.get::<_, String>(column)?.parse().map_err(|error| foreign(column, error))
}

/// A column that holds what we never wrote.
fn foreign(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
}

/// SQLite would make the file with the umask's rights; it gives its side files the rights of this one.
fn make_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    if fs::metadata(path).is_err() {
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    }
    Ok(())
}

fn clash(error: &rusqlite::Error, what: &str) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => rules::taken(what),
        _ => failed(error),
    }
}

fn failed(error: &rusqlite::Error) -> Error {
    let next = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another process is writing; try again",
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "restore the key store from a backup",
        _ => "",
    };
    Error::new(Kind::Store, "the key store failed").why(error.to_string()).next(next)
}

fn unreadable(path: &Path, error: &rusqlite::Error) -> Error {
    let error = failed(error);
    Error::new(Kind::Store, format!("{} cannot be used as a key store", path.display()))
        .why(error.reason())
        .next(if error.next_step().is_empty() { "choose another with --store PATH" } else { error.next_step() })
}
