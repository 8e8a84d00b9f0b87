//! The harness of the suites: it loads any PKCS#11 module as a C program would and gives each test a fresh token.
//!
//! A test runs in a process of its own ([`isolated`]), because `C_Initialize` is global to the process and a crash of
//! the module must fail one test only. All unsafe code of the suites lives here, behind methods that take slices.
//!
//! Environment: `HSM_TEST_MODULE` names the module under test (else the libhsm_sim.so that cargo built),
//! `HSM_TESTS_REQUIRE_ALL=1` turns skipped tests into failures.

mod answer;
mod attributes;
pub mod audit;
mod der;
mod entries;
mod erasing;
mod finite;
mod fork;
mod home;
mod isolate;
mod kem;
mod keys;
mod layout;
mod limits;
mod mechanism;
pub mod memory;
mod messages;
mod module;
mod mutex;
mod object;
mod operation;
mod probe;
mod recovery;
mod session;
mod slots;
mod subject;
mod tally;
mod template;
mod token;
mod tool;
mod twist;
mod upkeep;
pub mod users;
mod words;

pub use answer::{Answer, Rv, refused};
pub use attributes::{Attributes, Slot};
pub use audit::Audit;
pub use cryptoki_sys::*;
pub use der::{content, der, hex, integer, signature_from_der, signature_to_der};
pub use entries::{Entry, Param, Since, V2_40_COUNT, V3_0_COUNT, V3_2_COUNT};
pub use erasing::Erasing;
pub use finite::{AGREED, BASE, OF_A, OF_B, PRIME, SUBPRIME, domain, pair_generation};
pub use fork::{Forked, exit_at_once, in_fork, watchdog};
pub use home::Home;
pub use isolate::{isolated, isolated_on, on_each};
pub use keys::{Pair, oid, secret_template};
pub use layout::Layout;
pub use limits::{Mounts, become_nobody, is_root, limit_files, limit_kills};
pub use mechanism::{Field, Mechanism};
pub use messages::{GcmMessage, Way};
pub use module::{Interface, Module, initialize_arguments};
pub use mutex::give_callbacks;
pub use object::Object;
pub use operation::{Begin, Step};
pub use probe::Probe;
pub use recovery::{Call, Recovery};
pub use serde_json::{Value, json};
pub use session::Session;
pub use subject::Subject;
pub use tally::Tally;
pub use template::Template;
pub use token::{LABEL, SO_PIN, Token, USER_PIN};
pub use tool::{Tool, skip};
pub use twist::Twist;
pub use upkeep::{Told, Upkeep};
pub use users::Users;
pub use words::invoke;
