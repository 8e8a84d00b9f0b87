//! The store in a PostgreSQL server, for many machines.

mod address;
mod schema;
#[cfg(test)]
pub(crate) mod server;
#[cfg(test)]
mod tests;
mod tls;
mod value;

use std::collections::HashMap;

use ::postgres::error::SqlState;
use ::postgres::{Client, GenericClient, Statement};
use parking_lot::Mutex;

use super::sql::{Database, Failure, Row, SqlStore, Statements, Value};
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

use address::Address;

/// Key references in a PostgreSQL database. Connections are kept and shared by threads; one that broke is made anew.
pub type PostgresStore = SqlStore<Postgres>;

/// Nobody waits for ever, for a lock or for a writer that hangs.
const PATIENCE: &str = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'";

/// Connections that are kept at most.
const KEPT: usize = 8;

/// The server.
pub struct Postgres {
    address: Address,
    idle: Mutex<Vec<Connection>>,
}

/// One connection with the statements it has prepared.
struct Connection {
    client: Client,
    prepared: HashMap<String, Statement>,
}

impl SqlStore<Postgres> {
    /// Opens the key store at `url`, such as `postgres://keys@db.example.org/keys?sslrootcert=/etc/ssl/db.pem`. The server is reached by
    /// TLS, and its certificate and name are checked, unless it is on this machine. The password stands in no URL.
    ///
    /// # Errors
    /// [`Kind::Usage`] for a URL that makes no sense, [`Kind::Store`] when the server cannot be reached, refuses, or holds no key store.
    pub fn open(url: &str, password: Option<&Secret>) -> Result<Self> {
        let server = Postgres::at(Address::parse(url, password)?);
        server.with(schema::check)?;
        Ok(Self::over(server))
    }

    /// Makes the tables at `url`, or brings them up to date: for the role that owns them, once. Everybody else needs less
    /// (`client/sql/roles.sql`).
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub fn prepare(url: &str, password: Option<&Secret>) -> Result<Self> {
        let server = Postgres::at(Address::parse(url, password)?);
        server.with(schema::prepare)?;
        Ok(Self::over(server))
    }
}

impl Postgres {
    fn at(address: Address) -> Self {
        Self { address, idle: Mutex::default() }
    }

    /// Runs `job` on a connection, and keeps it if it is still good.
    fn with<T>(&self, job: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let mut connection = self.connection()?;
        let answer = job(&mut connection);
        if !connection.client.is_closed() {
            let mut idle = self.idle.lock();
            if idle.len() < KEPT {
                idle.push(connection);
            }
        }
        answer
    }

    /// A connection that answers: one that was kept may have been cut since.
    fn connection(&self) -> Result<Connection> {
        loop {
            let Some(mut kept) = self.idle.lock().pop() else { break };
            if !kept.client.is_closed() && kept.client.is_valid(std::time::Duration::from_secs(5)).is_ok() {
                return Ok(kept);
            }
        }
        let mut client = self.address.connect()?;
        client.batch_execute(PATIENCE).map_err(|error| failed(&error))?;
        Ok(Connection { client, prepared: HashMap::new() })
    }
}

impl Database for Postgres {
    fn read<T>(&self, job: impl FnOnce(&mut dyn Statements) -> Result<T>) -> Result<T> {
        self.with(|Connection { client, prepared }| job(&mut Running { on: client, prepared }))
    }

    fn write<T>(&self, job: impl FnOnce(&mut dyn Statements) -> Result<T>) -> Result<T> {
        self.with(|Connection { client, prepared }| {
            let mut transaction = client.transaction().map_err(|error| failed(&error))?;
            let answer = job(&mut Running { on: &mut transaction, prepared })?;
            transaction
                .commit()
                .map_err(|error| failed(&error).next("the change may have been made or not: look before it is made again"))?;
            Ok(answer)
        })
    }
}

/// Statements on a connection, or in a transaction of it.
struct Running<'a, C> {
    on: &'a mut C,
    prepared: &'a mut HashMap<String, Statement>,
}

impl<C: GenericClient> Running<'_, C> {
    fn statement(&mut self, sql: &str) -> std::result::Result<Statement, ::postgres::Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        // Parameters are `?1` in the statements that are shared, `$1` here; a question mark stands for nothing else in them.
        let statement = self.on.prepare(&sql.replace('?', "$"))?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl<C: GenericClient> Statements for Running<'_, C> {
    fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let statement = self.statement(sql).map_err(|error| failed(&error))?;
        let found = self.on.query(&statement, &value::parameters(values)).map_err(|error| failed(&error))?;
        found.iter().map(value::row).collect()
    }

    fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64, Failure> {
        let done = self.statement(sql).and_then(|statement| self.on.execute(&statement, &value::parameters(values)));
        done.map_err(|error| match error.code().map(SqlState::code) {
            // Class 23: a constraint would be violated.
            Some(code) if code.starts_with("23") => Failure::Clash(failed(&error)),
            _ => Failure::Other(failed(&error)),
        })
    }
}

fn failed(error: &::postgres::Error) -> Error {
    let why = match error.as_db_error() {
        Some(told) => told.message().to_owned(),
        // What went wrong on the way stands behind.
        None => std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}")),
    };
    let next = match error.code() {
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => "the role may not do this: see client/sql/roles.sql",
        Some(&SqlState::INVALID_PASSWORD) => "give the right password: --store-password-source",
        Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED | &SqlState::LOCK_NOT_AVAILABLE) => {
            "another process is writing; try again"
        }
        _ => "",
    };
    Error::new(Kind::Store, "the key store's server failed").why(why).next(next)
}
