//! Issue 2, done when 7: "nm -D shows only C_* exports". What else a module exports meets the names of its host.

use hsm_tests::*;

#[test]
fn only_pkcs11_functions() {
    isolated(|home| {
        if home.subject().is_softhsm() {
            return skip("the exports", "this is not our module");
        }
        let Some(nm) = Tool::on_path("nm") else { return };
        let path = home.subject().path().display().to_string();
        if !path.contains("release") {
            return skip("the exports", "this is not a release build");
        }
        let listed = nm.succeed(&["-D", "--defined-only", &path], b"");
        let listed = String::from_utf8(listed).expect("ASCII");
        let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().last()).collect();
        let missing: Vec<&str> = Entry::all().map(|e| e.name).filter(|n| !names.contains(n)).collect();
        assert_eq!(missing, Vec::<&str>::new(), "functions that are not exported");
        let foreign: Vec<&&str> = names.iter().filter(|n| Entry::all().all(|e| e.name != **n)).collect();
        assert_eq!(foreign, Vec::<&&str>::new(), "exports that are no PKCS#11 functions");
    });
}

/// DESIGN 4.2, trap 2: threads outlive dlclose, so the library must stay.
#[test]
fn the_library_stays_mapped() {
    isolated(|home| {
        if home.subject().is_softhsm() {
            return skip("-z nodelete", "this is not our module");
        }
        let Some(readelf) = Tool::on_path("readelf") else { return };
        let path = home.subject().path().display().to_string();
        let listed = readelf.succeed(&["-d", &path], b"");
        let listed = String::from_utf8_lossy(&listed);
        assert!(listed.contains("NODELETE"), "{listed}");
    });
}
