//! Who takes part in the demo.

use hsm_client::ceremony::shares::policy::{Approval, Custodian, Policy};
use hsm_client::{Error, Kind, Result};

/// The five.
const CUSTODIANS: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];

/// Three of five.
pub(super) fn policy() -> Result<Policy> {
    let custodians = CUSTODIANS.map(|name| Custodian { name: name.to_owned(), recipient: None }).to_vec();
    Policy::new(3, custodians, Approval::default(), None).map_err(|error| Error::new(Kind::Usage, error.to_string()))
}
