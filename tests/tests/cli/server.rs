//! Requirement 30: the key store in a database that many machines share, by the command (`tests/with-postgres` starts the server).

use crate::Hsm;
use hsm_tests::*;
use serde_json::Value;

/// The URL of an empty database on the server, if there is one.
fn database(home: &Home) -> Option<String> {
    let Ok(server) = std::env::var("HSM_TEST_POSTGRES") else {
        skip("the store on PostgreSQL", "no server was started: run this by tests/with-postgres");
        return None;
    };
    let name = format!(
        "cli_{}_{}",
        std::process::id(),
        home.path().file_name()?.to_string_lossy().replace(|c: char| !c.is_alphanumeric(), "")
    );
    let name = name.to_lowercase();
    let psql = Tool::on_path("psql")?;
    let made = psql.run(&[&format!("{server}postgres"), "-c", &format!("CREATE DATABASE {name}")], b"");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Some(format!("{server}{name}"))
}

#[test]
fn requirement_30_keys_in_a_database() {
    on_each(|home| {
        let Some(url) = database(home) else { return };
        let Some(hsm) = Hsm::with_token(home) else { return };
        let with = |arguments: &[&'static str]| -> Vec<String> {
            let mut line = vec!["--store".to_owned(), url.clone()];
            line.extend(arguments.iter().map(|argument| (*argument).to_owned()));
            line
        };
        let run = |code: i32, arguments: &[&'static str]| {
            let line = with(arguments);
            hsm.ends(code, &line.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let refused = run(1, &["mek", "list"]);
        assert!(String::from_utf8_lossy(&refused.stderr).contains("hsm store prepare"));
        run(0, &["store", "prepare"]);
        run(0, &["store", "prepare"]);
        hsm.write("plain", b"text");
        run(0, &["mek", "create"]);
        run(0, &["dek", "create", "--name", "data"]);
        run(0, &["encrypt", "--dek", "data", "plain", "-o", "sealed"]);
        run(0, &["dek", "rotate", "--name", "data"]);
        run(0, &["mek", "rotate"]);
        run(0, &["dek", "rewrap", "--all"]);
        run(0, &["decrypt", "sealed", "-o", "opened"]);
        assert_eq!(hsm.read("opened"), b"text");
        run(8, &["dek", "create", "--name", "data"]);
        run(0, &["journal", "verify"]);
        let told: Value = serde_json::from_slice(&run(0, &["--json", "store", "info"]).stdout).expect("JSON");
        assert_eq!((&told["deks"], &told["dek_versions"], &told["meks"]), (&Value::from(1), &Value::from(2), &Value::from(2)));
        // A password has no place in a URL, which everybody could read.
        hsm.ends(2, &["--store", "postgres://u:secret@localhost/keys", "dek", "list"]);
    });
}
