//! The audit log's lines in the token file. Files of earlier builds have no such table: it is made with the first line.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{BEGIN, End, HEAD, Last, Line, Tell, connections::failed};
use crate::error::{Error, Result, Rv};

pub const TABLE: &str = "CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY, hash BLOB NOT NULL, bytes BLOB NOT NULL
) STRICT";

/// Appends what `told` makes of the last line.
pub fn append(transaction: &Transaction<'_>, told: &dyn Tell) -> Result<()> {
    transaction.execute(TABLE, []).map_err(failed)?;
    let (head, begin) = (record(transaction, HEAD)?, record(transaction, BEGIN)?);
    let made = told.lines(&End { last: last(transaction)?, head, begin, hash_of: &|number| hash_of(transaction, number) })?;
    let mut insert = transaction.prepare_cached("INSERT INTO audit VALUES (?, ?, ?)").map_err(failed)?;
    for line in &made.lines {
        insert.execute(params![line.number, line.hash, line.bytes]).map_err(failed)?;
    }
    if let Some(head) = &made.head {
        let sql = "INSERT INTO record VALUES (?1, 1, ?2) ON CONFLICT DO UPDATE SET revision = revision + 1, bytes = ?2";
        transaction.prepare_cached(sql).and_then(|mut upsert| upsert.execute(params![HEAD, head])).map_err(failed)?;
    }
    Ok(())
}

/// Takes out the lines after one, up to another.
pub fn cut(transaction: &Transaction<'_>, [after, last]: [u64; 2]) -> Result<()> {
    if last == 0 {
        return Ok(());
    }
    let mut delete = transaction.prepare_cached("DELETE FROM audit WHERE number > ? AND number <= ?").map_err(failed)?;
    delete.execute([after, last]).map(drop).map_err(failed)
}

fn record(transaction: &Transaction<'_>, name: &str) -> Result<Option<Vec<u8>>> {
    let mut select = transaction.prepare_cached("SELECT bytes FROM record WHERE name = ?").map_err(failed)?;
    select.query_row([name], |row| row.get(0)).optional().map_err(failed)
}

fn hash_of(transaction: &Transaction<'_>, number: u64) -> Result<Option<[u8; 32]>> {
    let mut select = transaction.prepare_cached("SELECT hash FROM audit WHERE number = ?").map_err(failed)?;
    select.query_row([number], |row| row.get(0)).optional().map_err(|_| edited())
}

fn edited() -> Error {
    Rv::DeviceError.because("the audit log in the token file was edited")
}

fn last(transaction: &Transaction<'_>) -> Result<Last> {
    let sql = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";
    let mut select = transaction.prepare_cached(sql).map_err(failed)?;
    let last = select.query_row([], |row| Ok(Last { number: row.get(0)?, hash: row.get(1)? })).optional();
    last.map(Option::unwrap_or_default).map_err(|_| edited())
}

/// At most so many lines after this number.
pub fn lines(connection: &Connection, after: u64, most: usize) -> rusqlite::Result<Vec<Line>> {
    if !connection.table_exists(None, "audit")? {
        return Ok(vec![]);
    }
    let sql = "SELECT number, hash, bytes FROM audit WHERE number > ? ORDER BY number LIMIT ?";
    let line = |row: &rusqlite::Row<'_>| Ok(Line { number: row.get(0)?, hash: row.get(1)?, bytes: row.get(2)? });
    connection.prepare_cached(sql)?.query_map(params![after, most], line)?.collect()
}
