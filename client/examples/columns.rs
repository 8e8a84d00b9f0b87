//! Values of a database column: sealed, found again by a blind index, and opened in their own row only.
//!
//!     cargo run -p hsm-client --features examples --example columns -- alice@example.org < addresses.txt
//!
//! Takes each line of standard input for the e-mail address of a user, and prints the numbers of the users that have the one given as
//! an argument. The table is a vector here; the columns of it are what a database would hold.

mod connect;

use std::io::{BufRead, stdin};

use hsm_client::blind_index::{BlindIndex, Width};
use hsm_client::context::EncryptionContext;
use hsm_client::envelope::{open_field, seal_field};
use hsm_client::hsm::MekKind;
use hsm_client::keyring::cache::{Cache, Limits};
use hsm_client::keyring::{Keyring, Recipe, mek};
use hsm_client::{Kind, Result};

/// A row as the database has it: nothing in it tells the address.
struct Row {
    id: usize,
    email: Vec<u8>,
    email_index: Vec<u8>,
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let keyring = connect::keyring()?;
    prepare(&keyring)?;
    // 32 bits: some different addresses share an index, so that it tells less.
    let index = BlindIndex::new(&keyring.open(&keyring.active("users-index")?)?, "users.email", Width::bits(32)?)?;
    let cache = Cache::new(keyring, Limits::default());
    let mut table = Vec::new();
    for (id, address) in stdin().lock().lines().enumerate() {
        let address = address?;
        let email = seal_field(&cache, "users", &place(id)?, address.as_bytes())?;
        table.push(Row { id, email, email_index: index.of(address.as_bytes()) });
    }
    for row in table.iter().filter(|row| row.email_index == index.of(wanted.as_bytes())) {
        // What shares the index is opened and compared.
        if open_field(&cache, &place(row.id)?, &row.email)?.expose() == wanted.as_bytes() {
            println!("{}", row.id);
        }
    }
    Ok(())
}

/// Where a value belongs: it opens nowhere else.
fn place(id: usize) -> Result<EncryptionContext> {
    EncryptionContext::parse(["table=users", "column=email", &format!("id={id}")])
}

/// Makes what is missing.
fn prepare(keyring: &Keyring) -> Result<()> {
    if keyring.hsm().meks()?.is_empty() {
        mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256)?;
    }
    for name in ["users", "users-index"] {
        match keyring.active(name) {
            Err(error) if error.kind() == Kind::NotFound => drop(keyring.create(name, &Recipe::default())?),
            found => drop(found?),
        }
    }
    Ok(())
}
