//! Where the PKCS#11 module is: named, in `HSM_MODULE`, or beside the executable.

use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};

/// The file name of the module this project builds.
pub const OUR_MODULE: &str = "libhsm_sim.so";

/// The environment variable that names a module.
pub const MODULE_VARIABLE: &str = "HSM_MODULE";

/// The module to load: `named` if given, else `HSM_MODULE`, else `libhsm_sim.so` beside the executable or in `../lib`.
///
/// # Errors
/// [`Kind::HsmUnavailable`] when there is no such file; it lists where it looked.
pub fn module(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = named {
        return existing(path, "the option or the configuration names it");
    }
    if let Some(path) = std::env::var_os(MODULE_VARIABLE).filter(|value| !value.is_empty()) {
        return existing(Path::new(&path), "the variable HSM_MODULE names it");
    }
    let places = beside_executable();
    places.iter().find(|path| path.is_file()).cloned().ok_or_else(|| {
        let list: Vec<_> = places.iter().map(|path| path.display().to_string()).collect();
        Error::new(Kind::HsmUnavailable, "found no PKCS#11 module")
            .why(format!("looked for {}", list.join(", ")))
            .next("name one: --module /usr/lib/softhsm/libsofthsm2.so, or build ours: cargo build --release -p hsm-sim")
    })
}

fn existing(path: &Path, why: &str) -> Result<PathBuf> {
    if path.is_file() {
        // dlopen() searches the system's directories for a name without a slash; we mean this very file.
        return path.canonicalize().map_err(|error| Error::io(path.display(), &error));
    }
    Err(Error::new(Kind::HsmUnavailable, format!("there is no PKCS#11 module at {}", path.display()))
        .why(why)
        .next("check the path, or unset HSM_MODULE to use the module beside this command"))
}

fn beside_executable() -> Vec<PathBuf> {
    let executable = std::env::current_exe().and_then(|path| path.canonicalize());
    let Some(folder) = executable.ok().and_then(|path| path.parent().map(Path::to_owned)) else {
        return Vec::new();
    };
    vec![folder.join(OUR_MODULE), folder.join("../lib").join(OUR_MODULE)]
}
