//! `hsm demo` with every module that is here.

mod house;

use house::{House, subjects};

#[test]
fn every_claim_is_verified() {
    for subject in subjects() {
        let house = House::new(&subject);
        house.write("file", b"a real file\n");
        let told = house.ok(&["demo", "file", "--dir", "d"]).text();
        assert!(told.contains("claims verified."), "{told}");
        assert!(!told.contains("FAILED"), "{told}");
        assert_eq!(house.read("d/message.out"), b"a real file\n");
        let again = house.ok(&["demo", "--json"]).json();
        assert_eq!(again["verified"], true, "{again}");
        let folder = again["about"]["directory"].as_str().unwrap();
        assert!(std::path::Path::new(folder).join("jwks.json").is_file());
        std::fs::remove_dir_all(folder).unwrap();
        house.fails(2, &["demo", "--dir", "d"]);
        house.fails(3, &["demo", "nothing", "--dir", "e"]);
        house.fails(2, &["demo", "--inside", "--dir", "."]);
    }
}

/// The story of a lost token, on every module that is here: by its own ceremonies, or held on this machine.
#[test]
fn a_lost_key_comes_back() {
    for subject in subjects() {
        let house = House::new(&subject);
        house.write("file", b"a real file\n");
        let told = house.ok(&["demo", "recovery", "file", "--dir", "d"]).text();
        assert!(told.contains("claims verified."), "{told}");
        assert!(!told.contains("FAILED"), "{told}");
        assert_eq!(house.read("d/message.out"), b"a real file\n");
        assert!(house.path("d/sheets/3-carol.pdf").is_file());
        let again = house.ok(&["demo", "recovery", "--json"]).json();
        assert_eq!(again["verified"], true, "{again}");
        std::fs::remove_dir_all(again["about"]["directory"].as_str().unwrap()).unwrap();
    }
}

#[test]
fn what_it_leaves_can_be_used() {
    for subject in subjects() {
        let house = House::new(&subject);
        house.write("file", b"text");
        house.ok(&["demo", "file", "--dir", "d"]);
        let inside = |args: &[&str]| {
            let mut command = house.command(args);
            command.current_dir(house.path("d")).env("HSM_STORE", "keyring.db");
            command.env("HSM_SIM_CONF", house.path("d/hsm-sim.toml")).env("SOFTHSM2_CONF", house.path("d/softhsm2.conf"));
            house::answer(command.output().unwrap())
        };
        let plain = inside(&["decrypt", "message.hsm", "--context", "purpose=demo"]);
        assert_eq!((plain.code, plain.out.as_slice()), (0, &b"text"[..]), "{}", plain.err);
        assert_eq!(inside(&["jwt", "sign", "--key", "jwt"]).code, 0);
        let keys = inside(&["mek", "verify", "--json"]).json();
        assert_eq!(keys["deks_opened"], 2);
    }
}
