//! What can still be read of a damaged token file, in a new one.
//!
//! Each table is read forwards until a page cannot be read, then backwards: what lies between is lost. Rows are taken as they are; whether
//! they are genuine their seals tell, as always.

use std::path::Path;

use rusqlite::{Connection, config::DbConfig, params_from_iter, types::Value};

use super::{
    connections::{connect, failed},
    log,
    sqlite::SCHEMA,
};
use crate::error::Result;

/// A table, its columns, and the column that orders its rows.
struct Table {
    name: &'static str,
    columns: usize,
    key: &'static str,
}

const TABLES: [Table; 4] = [
    Table { name: "record", columns: 3, key: "name" },
    Table { name: "counter", columns: 2, key: "name" },
    Table { name: "object", columns: 7, key: "id" },
    Table { name: "audit", columns: 3, key: "number" },
];

/// How many rows of a table came over, and whether it could be read from end to end.
#[derive(Debug, PartialEq, Eq)]
pub struct Salvaged {
    pub table: &'static str,
    pub rows: usize,
    pub whole: bool,
}

/// Copies what can be read of `source` to `to`, an empty file.
pub fn salvage(source: &Connection, to: &Path) -> Result<Vec<Salvaged>> {
    let target = connect(to)?;
    target.execute_batch(&format!("BEGIN; {SCHEMA} {};", log::TABLE)).map_err(failed)?;
    let salvaged = TABLES.iter().map(|table| copy(table, source, &target)).collect::<Result<Vec<_>>>()?;
    keep_sequence(source, &target)?;
    target.execute_batch("COMMIT").map_err(failed)?;
    // All of it in the one file, which is about to get another name.
    target.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(failed)?;
    target.close().map_err(|(_, error)| failed(error))?;
    Ok(salvaged)
}

fn copy(table: &Table, source: &Connection, target: &Connection) -> Result<Salvaged> {
    let places = vec!["?"; table.columns].join(", ");
    let insert = format!("INSERT OR IGNORE INTO {} VALUES ({places})", table.name);
    let mut insert = target.prepare(&insert).map_err(failed)?;
    let (mut rows, mut whole) = (0, false);
    for order in ["ASC", "DESC"] {
        let mut take = |row: Vec<Value>| {
            // A row that does not fit its columns any more is none.
            rows += insert.execute(params_from_iter(row)).unwrap_or(0);
        };
        whole = read(table, source, order, &mut take).is_ok();
        if whole {
            break;
        }
    }
    Ok(Salvaged { table: table.name, rows, whole })
}

/// Hands over rows in this order; an error where one cannot be read.
fn read(table: &Table, source: &Connection, order: &str, take: &mut dyn FnMut(Vec<Value>)) -> rusqlite::Result<()> {
    if table.name == "audit" && !source.table_exists(None, table.name)? {
        return Ok(());
    }
    // By the table itself and by no index, which may be what is damaged.
    let sql = format!("SELECT * FROM {} NOT INDEXED ORDER BY {} {order}", table.name, table.key);
    let mut select = source.prepare(&sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        take((0..table.columns).map(|column| row.get(column)).collect::<rusqlite::Result<_>>()?);
    }
    Ok(())
}

/// Ids must not come back: the greatest ever given, as far as it is known.
fn keep_sequence(source: &Connection, target: &Connection) -> Result<()> {
    let known = "SELECT seq FROM sqlite_sequence WHERE name = 'object'";
    let known: i64 = source.query_row(known, [], |row| row.get(0)).unwrap_or(0);
    let sql =
        "INSERT INTO sqlite_sequence SELECT 'object', ?1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'object')";
    target.execute(sql, [known]).map_err(failed)?;
    target.execute("UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'object'", [known]).map_err(failed)?;
    Ok(())
}
