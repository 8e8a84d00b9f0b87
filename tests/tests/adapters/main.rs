//! Keys of a token in other libraries: the adapters of the client on every kind of key, and its example programs, run.

mod examples;
mod kinds;
mod tls;

use hsm_client::adapter::TokenKey;
use hsm_client::hsm::{KeyKind, module, pkcs11, selector::Selector};
use hsm_client::secret::Secret;
use hsm_client::signer::Signer;
use hsm_client::store::MemoryStore;
use hsm_tests::*;
use std::sync::Arc;

/// The signing keys of a fresh token.
fn signer(home: &Home) -> Signer {
    drop(home.token());
    let module = module::Module::load(home.subject().path()).expect("the module");
    let selector = Selector::parse(LABEL).expect("a label");
    let token = pkcs11::Token::open(&module, &selector, Some(&Secret::copy(USER_PIN.as_bytes()))).expect("the token");
    Signer::new(Arc::new(token), Arc::new(MemoryStore::default()))
}

/// A new key of `kind`, as the command spells it, called by that name.
fn key(signer: &Signer, kind: &str) -> TokenKey {
    let sort: KeyKind = kind.parse().expect("a sort of key");
    let key = signer.create(kind, sort, None, false).unwrap_or_else(|error| panic!("{kind}: {error}"));
    TokenKey::new(signer.clone(), key)
}
