//! The command line: what can be asked, and how an answer becomes an exit code. One file per noun.

mod audit;
mod bench;
mod cert;
mod connect;
mod data_key;
mod decrypt;
mod dek;
mod demo;
mod draft;
mod encrypt;
mod exit;
mod field;
mod files;
mod inspect;
mod journal;
mod jwks;
mod jwt;
mod kem;
mod key;
mod mek;
mod output;
mod pin;
mod progress;
mod recovery;
mod rewrap;
mod sign;
mod spool;
mod store;
mod token;
mod upkeep;
mod usage;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use hsm_client::Result;

use connect::Global;

/// Envelope encryption, signing and JWTs with the keys of any PKCS#11 token.
#[derive(Parser)]
#[command(name = "hsm", version, about, after_help = exit::HELP, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Watch the whole of it once: a token of its own, a file encrypted, a JWT and a message signed, all verified
    Demo(demo::Args),
    /// Tokens: make one, list them, see what they offer
    #[command(subcommand)]
    Token(token::Command),
    /// Master encryption keys (MEKs), which wrap data keys and never leave the token
    #[command(subcommand)]
    Mek(mek::Command),
    /// Data encryption keys (DEKs), kept wrapped in the store
    #[command(subcommand)]
    Dek(dek::Command),
    /// ML-KEM-1024 keys, which wrap data keys a second time, against quantum computers
    #[command(subcommand)]
    Kem(kem::Command),
    /// Signing keys: RSA, ECDSA and Ed25519 pairs in the token; keys from files and into files
    #[command(subcommand)]
    Key(key::Command),
    /// X.509 certificates in the token, and requests and certificates that its keys sign
    #[command(subcommand)]
    Cert(cert::Command),
    /// Encrypt a file or standard input into an envelope
    Encrypt(encrypt::Args),
    /// Decrypt an envelope; nothing is released before all of it was authenticated
    Decrypt(decrypt::Args),
    /// Show what an envelope says of itself, without opening it
    Inspect(inspect::Args),
    /// Wrap the data key of an envelope anew by the newest master key, where it is in the envelope or in a file of its own
    Rewrap(rewrap::Args),
    /// Values of database columns: seal, open, and index them
    #[command(subcommand)]
    Field(field::Command),
    /// Sign a file or standard input with a key in the token
    Sign(sign::SignArgs),
    /// Verify a signature with a public key, from a JWK set or from the token
    Verify(sign::VerifyArgs),
    /// JSON Web Tokens
    #[command(subcommand)]
    Jwt(jwt::Command),
    /// Recovery ceremonies: a master key split among custodians, and back
    #[command(subcommand)]
    Recovery(recovery::Command),
    /// Print the public keys as a JWK set
    Jwks(jwks::Args),
    /// Measure what keeping open data keys saves
    #[command(subcommand)]
    Bench(bench::Command),
    /// The key store: a file, or a database on a server
    #[command(subcommand)]
    Store(store::Command),
    /// What was done with the token, by whom and when: its own log (libhsm_sim.so)
    #[command(subcommand)]
    Audit(audit::Command),
    /// What changed in the key store, by whom and when
    #[command(subcommand)]
    Journal(journal::Command),
}

/// Reads the arguments, does what they ask, and reports.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refused) => return usage::answer(&refused),
    };
    let json = cli.global.json;
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error, json);
            ExitCode::from(exit::code(error.kind()))
        }
    }
}

fn dispatch(cli: Cli) -> Result<()> {
    let global = &cli.global;
    match cli.command {
        Command::Demo(args) => demo::run(global, &args),
        Command::Token(command) => token::run(global, &command),
        Command::Mek(command) => mek::run(global, &command),
        Command::Dek(command) => dek::run(global, &command),
        Command::Kem(command) => kem::run(global, &command),
        Command::Key(command) => key::run(global, &command),
        Command::Cert(command) => cert::run(global, &command),
        Command::Encrypt(args) => encrypt::run(global, &args),
        Command::Decrypt(args) => decrypt::run(global, &args),
        Command::Inspect(args) => inspect::run(global, &args),
        Command::Rewrap(args) => rewrap::run(global, &args),
        Command::Field(command) => field::run(global, &command),
        Command::Sign(args) => sign::sign(global, &args),
        Command::Verify(args) => sign::verify(global, &args),
        Command::Jwt(command) => jwt::run(global, &command),
        Command::Recovery(command) => recovery::run(global, &command),
        Command::Jwks(args) => jwks::run(global, &args),
        Command::Bench(command) => bench::run(global, &command),
        Command::Store(command) => store::run(global, &command),
        Command::Audit(command) => audit::run(global, &command),
        Command::Journal(command) => journal::run(global, &command),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
