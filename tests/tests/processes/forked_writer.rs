//! A child of a fork writes while its parent finalises. SQLite keeps a table of open files per process; a child that
//! inherited it took the parent's database for its own, and lost what it wrote when the parent closed.

use crate::{Other, data, say};
use hsm_tests::*;

#[test]
fn what_the_child_wrote_is_kept() {
    isolated(|home| {
        if home.role().is_some() {
            let token = home.shared_token();
            let found = token.user().find(&data("of the child")).expect("C_FindObjects");
            return say(&found.len().to_string());
        }
        let token = home.token();
        let session = token.user();
        session.create(&data("of the parent")).expect("data");
        let wait = |path: &std::path::Path| {
            while !path.exists() {
                std::thread::yield_now();
            }
        };
        let (late, finalized) = (home.file("late"), home.file("finalized"));
        let forked = std::thread::scope(|scope| {
            let parent = scope.spawn(|| {
                wait(&late);
                token.module.finalize().expect("C_Finalize of the parent");
                std::fs::write(&finalized, "").expect("a mark");
            });
            let forked = in_fork(|| {
                token.module.initialize().expect("C_Initialize");
                let session = token.user();
                std::fs::write(&late, "").expect("a mark");
                wait(&finalized);
                session.create(&data("of the child")).expect("a token object, acknowledged");
                token.module.finalize().expect("C_Finalize of the child");
            });
            parent.join().expect("the parent");
            forked
        });
        assert_eq!(forked, Ok(()));
        let mut reader = Other::start(home, "reads");
        assert_eq!(reader.hear().as_deref(), Some("1"));
        reader.finish();
    });
}
