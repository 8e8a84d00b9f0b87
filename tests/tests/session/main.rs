//! Sessions, login states and PINs: PKCS#11 v3.2 sections 5.5 and 5.6, usage guide section 2.4; threads, fork and
//! reloading of the library, section 2.6.

mod cancel;
mod configuration;
mod counters;
mod fork;
mod legacy;
mod lifetime;
mod login;
mod mechanisms;
mod opening;
mod pins;
mod races;
mod reload;
mod saved_state;
mod states;
mod threads;
mod tokens;
mod user_bypasses;
mod user_rights;
mod users;
