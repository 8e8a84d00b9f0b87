//! A token that may be read and not written, or not even read: it is left out with a reason, and not a byte of it changes. Nothing
//! could be counted in it, neither PINs that are tried nor revisions.

use hsm_tests::*;
use std::collections::BTreeMap;
use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn content(home: &Home) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(home.token_dir()).expect("the token directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path| (path.clone(), std::fs::read(path).expect("a file"))).collect()
}

/// The module starts, has the spare slot alone, and cannot make a token there.
fn nothing_but_the_spare_slot(module: &Module) {
    assert_eq!(module.initialize(), Ok(()));
    let slots = module.slots(true).expect("C_GetSlotList");
    assert_eq!(slots.len(), 1, "{slots:?}");
    let made = Rv::from(module.init_token(slots[0], SO_PIN, "another"));
    assert!([CKR_DEVICE_ERROR, CKR_TOKEN_WRITE_PROTECTED].map(Rv).contains(&made), "{made:?}");
    assert_eq!(module.finalize(), Ok(()));
}

/// Another process finds that, and tells the reason.
fn other_sees_no_token(home: &Home) {
    let file = std::fs::File::create(home.file("log")).expect("a log");
    let mut other = home.spawn("looks", |command| _ = command.stderr(file));
    let status = other.wait().expect("its end");
    let log = std::fs::read_to_string(home.file("log")).expect("a log");
    assert!(status.success(), "{status}: {log}");
    assert!(log.lines().any(|line| line.contains("is left out")), "no reason was told: {log:?}");
}

#[test]
fn a_directory_that_is_mounted_read_only() {
    isolated(|home| {
        if home.role().is_some() {
            return nothing_but_the_spare_slot(&home.module());
        }
        let token = home.token();
        token.module.finalize().expect("C_Finalize");
        let before = content(home);
        let Ok(mounts) = Mounts::own() else { return skip("a directory mounted read-only", "it may not mount") };
        mounts.read_only(&home.token_dir()).expect("mounted read-only");
        other_sees_no_token(home);
        mounts.undo(&home.token_dir()).expect("unmounted");
        assert_eq!(content(home), before);
        assert_eq!(home.shared_token().user().state(), CKS_RW_USER_FUNCTIONS, "a token like before");
    });
}

/// Permissions do not bind root, so the other process becomes nobody.
#[test]
fn files_of_somebody_else() {
    isolated(|home| {
        if home.role().is_some() {
            let module = home.module();
            become_nobody().expect("another user");
            return nothing_but_the_spare_slot(&module);
        }
        if !is_root() {
            return skip("files of somebody else", "it is not root");
        }
        let token = home.token();
        token.module.finalize().expect("C_Finalize");
        let mode = |path: &Path, mode| set_permissions(path, Permissions::from_mode(mode)).expect("permissions");
        mode(home.path(), 0o755);
        mode(&home.token_dir(), 0o755);
        for files in [0o444, 0o400] {
            let before = content(home);
            before.keys().for_each(|file| mode(file, files));
            other_sees_no_token(home);
            assert_eq!(content(home), before);
        }
        assert_eq!(home.shared_token().user().state(), CKS_RW_USER_FUNCTIONS, "a token like before");
    });
}
