//! Which module a test runs against, and how that module is told where its tokens live.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A PKCS#11 module file.
#[derive(Clone, Debug)]
pub struct Subject {
    path: PathBuf,
}

const SOFTHSM: &[&str] = &[
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

impl Subject {
    /// The module under test: HSM_TEST_MODULE, else the libhsm_sim.so built with this test.
    pub fn under_test() -> Subject {
        let path = env::var_os("HSM_TEST_MODULE").map_or_else(built, PathBuf::from);
        let path = path.canonicalize().unwrap_or_else(|e| panic!("no module at {}: {e}", path.display()));
        Subject { path }
    }

    /// SoftHSMv2, if it is installed (SOFTHSM2_MODULE names an unusual place).
    pub fn softhsm() -> Option<Subject> {
        let named = env::var_os("SOFTHSM2_MODULE").map(PathBuf::from);
        let mut places = named.into_iter().chain(SOFTHSM.iter().map(PathBuf::from));
        places.find(|p| p.exists()).map(|path| Subject { path })
    }

    pub(crate) fn at(path: OsString) -> Subject {
        Subject { path: path.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn is_softhsm(&self) -> bool {
        self.path.to_string_lossy().contains("softhsm")
    }

    /// The environment variable and the file that tell this module to keep its tokens in `dir`.
    pub(crate) fn configuration(&self, dir: &Path) -> (&'static str, String) {
        let dir = dir.display();
        if self.is_softhsm() {
            let file = format!("directories.tokendir = {dir}\nobjectstore.backend = file\nlog.level = ERROR\n");
            ("SOFTHSM2_CONF", file)
        } else {
            ("HSM_SIM_CONF", format!("token_dir = \"{dir}\"\npin_delay_ms = 0\n"))
        }
    }
}

/// Where cargo leaves what it built for this test: target/{debug,release}.
pub(crate) fn built_directory() -> PathBuf {
    let exe = env::current_exe().expect("the path of this test");
    let deps = exe.parent().expect("target/*/deps");
    deps.parent().expect("target/*").to_path_buf()
}

/// deps/ first: as a dependency the library is made there, and a copy one level up may be older.
fn built() -> PathBuf {
    let directory = built_directory();
    let name = format!("{}hsm_sim{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let fresh = directory.join("deps").join(&name);
    if fresh.exists() { fresh } else { directory.join(name) }
}
