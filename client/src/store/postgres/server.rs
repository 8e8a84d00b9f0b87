//! The server that `tests/with-postgres` starts for the tests.

use crate::id::KeyId;

/// Where it listens.
pub(crate) struct Server {
    /// A URL up to the name of the database: by the Unix socket, as the administrator.
    socket: String,
    /// The port of its TLS on localhost.
    pub(super) port: String,
    /// The certificate that signed the server's own, which is for `localhost`.
    pub(super) roots: String,
}

/// The server, unless none was started; that is said.
pub(crate) fn started() -> Option<Server> {
    let variable = |name| std::env::var(name).ok();
    let Some(socket) = variable("HSM_TEST_POSTGRES") else {
        assert!(variable("HSM_TESTS_REQUIRE_ALL").is_none(), "no PostgreSQL server: run this by tests/with-postgres");
        eprintln!("SKIPPED on PostgreSQL: run this by tests/with-postgres");
        return None;
    };
    let told = |name| variable(name).unwrap_or_else(|| panic!("{name} is missing"));
    Some(Server { socket, port: told("HSM_TEST_POSTGRES_PORT"), roots: told("HSM_TEST_POSTGRES_ROOTS") })
}

impl Server {
    /// The URL of an empty database of its own.
    pub(crate) fn fresh(&self) -> String {
        let name = format!("t{}", KeyId::random().unwrap().to_string().replace('-', ""));
        self.administer("postgres", &format!("CREATE DATABASE {name}"));
        format!("{}{name}", self.socket)
    }

    /// Runs statements as the administrator.
    pub(super) fn administer(&self, database: &str, sql: &str) {
        let mut client = ::postgres::Client::connect(&format!("{}{database}", self.socket), ::postgres::NoTls).unwrap();
        client.batch_execute(sql).unwrap();
    }

    /// `url` as another role.
    pub(super) fn as_role(&self, url: &str, role: &str) -> String {
        url.replacen("postgres://postgres@", &format!("postgres://{role}@"), 1)
    }
}
