//! What only a server can get wrong: TLS, roles, connections that break.

use super::server::{Server, started};
use super::*;
use crate::store::contract::{line, mek};
use crate::store::{Demand, MekRecord, Policy, Store, Usage};
use crate::time::Timestamp;

fn database(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

#[test]
fn a_database_without_tables_is_refused_and_prepared_once() {
    let Some(server) = started() else { return };
    let url = server.fresh();
    let refused = PostgresStore::open(&url, None).err().unwrap();
    assert!(refused.next_step().contains("hsm store prepare"), "{refused}");
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(|| PostgresStore::prepare(&url, None).unwrap()))));
    PostgresStore::open(&url, None).unwrap();
    server.administer(database(&url), "UPDATE hsm_schema SET version = 9");
    assert!(PostgresStore::open(&url, None).err().unwrap().to_string().contains("newer"));
    assert!(PostgresStore::prepare(&url, None).err().unwrap().to_string().contains("newer"));
}

/// Requirement 26: TLS where a network is crossed, and the certificate and its name are checked.
#[test]
fn requirement_26_tls_is_checked() {
    let Some(server) = started() else { return };
    let url = server.fresh();
    PostgresStore::prepare(&url, None).unwrap();
    let name = database(&url);
    server.administer(name, "DROP ROLE IF EXISTS by_tls; CREATE ROLE by_tls LOGIN SUPERUSER PASSWORD 'right'");
    let Server { port, roots, .. } = &server;
    let open = |host: &str, rest: &str, password: &str| {
        let password = Secret::copy(password.as_bytes());
        PostgresStore::open(&format!("postgres://by_tls@{host}:{port}/{name}{rest}"), Some(&password)).map(|_| ())
    };
    open("localhost", &format!("?sslmode=verify-full&sslrootcert={roots}"), "right").unwrap();
    let why = |result: Result<()>| result.unwrap_err().to_string();
    assert!(why(open("localhost", &format!("?sslmode=require&sslrootcert={roots}"), "wrong")).contains("password"));
    // Neither the machine's certificates nor another name vouch for it.
    assert!(open("localhost", "?sslmode=verify-full", "right").is_err());
    let other = why(open("127.0.0.1", &format!("?sslmode=require&sslrootcert={roots}"), "right"));
    assert!(other.contains("certificate") || other.contains("127.0.0.1"), "{other}");
    // The server lets nobody in by TCP without TLS.
    assert!(open("localhost", "", "right").is_err());
}

/// Requirement 26: the roles of client/sql/roles.sql can do what they must, and no more.
#[test]
fn requirement_26_roles_have_the_least_rights() {
    let Some(server) = started() else { return };
    let url = server.fresh();
    let owner = PostgresStore::prepare(&url, None).unwrap();
    let name = database(&url);
    let script = include_str!("../../../sql/roles.sql");
    server.administer(name, script);
    server.administer(name, script);
    let role = |role: &str| {
        let user = format!("{role}_{}", &name[1..9]);
        server.administer(name, &format!("CREATE ROLE {user} LOGIN; GRANT hsm_{role} TO {user}"));
        PostgresStore::open(&server.as_role(&url, &user), None).unwrap()
    };
    let (application, operator) = (role("application"), role("operator"));
    let (lineage, key) = line("mail");
    let refused = |result: Result<()>| {
        let error = result.unwrap_err();
        assert!(error.next_step().contains("roles.sql"), "{error}: {}", error.next_step());
    };
    refused(application.create_lineage(&lineage, &key));
    operator.create_lineage(&lineage, &key).unwrap();
    operator.set_policy(&lineage.id, 1, &Policy { max_versions: 2, ..Policy::default() }).unwrap();
    refused(application.set_policy(&lineage.id, 2, &Policy::default()).map(|_| ()));
    let one = Usage { messages: 1, bytes: 1 };
    application.reserve(&key.key_id, Demand { least: 1, most: one }, Usage::ENDLESS).unwrap();
    assert_eq!(application.usage(&key.key_id).unwrap(), one);
    assert_eq!(application.journal(0).unwrap().len(), 3);
    let mek = mek();
    refused(application.add_mek(&mek));
    operator.add_mek(&mek).unwrap();
    operator.change_mek(&mek, &MekRecord { deletes: Some(Timestamp(9)), ..mek.clone() }).unwrap();
    crate::store::journal::audit(&owner, None).unwrap();
    for statement in ["DELETE FROM key", "DELETE FROM journal", "UPDATE journal SET actor = 'x'", "UPDATE mek SET label = 'x'"] {
        let done = operator.database.write(|db| Ok(db.run(statement, &[])?));
        assert!(done.is_err(), "{statement}");
    }
}

/// Connections that the server cut are made anew, without anybody noticing.
#[test]
fn a_cut_connection_is_made_anew() {
    let Some(server) = started() else { return };
    let url = server.fresh();
    let store = PostgresStore::prepare(&url, None).unwrap();
    let name = database(&url);
    for at in 0..3 {
        let (lineage, key) = line(&format!("mail-{at}"));
        store.create_lineage(&lineage, &key).unwrap();
        let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        server.administer("postgres", &cut);
        assert_eq!(store.lineages().unwrap().len(), at + 1);
    }
}
