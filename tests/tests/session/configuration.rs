//! DESIGN 4.10: the configuration file; what cannot be meant is refused when the library starts.

use hsm_tests::*;

#[test]
fn mistakes_are_refused() {
    isolated(|home| {
        let dir = format!("token_dir = {:?}\n", home.token_dir());
        let mut tally = Tally::new("DESIGN 4.10");
        for (name, file, works) in [
            ("as it should be", dir.clone(), true),
            ("an unknown key", format!("{dir}token_dri = 1\n"), false),
            ("no TOML", format!("{dir}= = =\n"), false),
            ("a number for a path", "token_dir = 7\n".to_owned(), false),
            ("no tries at all", format!("{dir}max_pin_failures = 0\n"), false),
            ("hours for each PIN", format!("{dir}[argon2]\npasses = 101\n"), false),
            ("less memory than is safe", format!("{dir}[argon2]\nmemory_kib = 8\n"), false),
        ] {
            home.write("module.conf", file.as_bytes());
            let module = home.module();
            let got = module.initialize();
            tally.check(name, got.is_ok() == works, format_args!("{got:?}"));
            if got.is_ok() {
                module.finalize().expect("C_Finalize");
            }
        }
        std::fs::remove_file(home.configuration()).expect("the file");
        let named = home.module().initialize();
        tally.check("a file that is not there", named.is_err(), format_args!("{named:?}"));
    });
}
