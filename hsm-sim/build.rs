//! Link settings of the module.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // AWS-LC keeps thread-local state whose destructors run at thread exit: after a dlclose they would be gone and the host
        // would crash. The module therefore stays mapped once it was loaded.
        println!("cargo::rustc-link-arg-cdylib=-Wl,-z,nodelete");
    }
}
