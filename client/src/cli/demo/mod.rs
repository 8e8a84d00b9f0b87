//! `hsm demo`: the whole of it once, on a token of its own, every claim verified.
//!
//! Two processes: this one makes a fresh directory and a configuration in which the module keeps its tokens there, and
//! starts the same command inside it, since a module reads its configuration from the environment when it is loaded.

mod place;
mod recovery;
mod report;
mod steps;

use std::path::PathBuf;
use std::process::Command;

use clap::{Args as ClapArgs, Subcommand};
use hsm_client::hsm::locate;
use hsm_client::{Error, Kind, Result};

use super::connect::Global;
use place::Place;

/// Makes a throw-away token with the module that is found (hsm-sim or SoftHSMv2) in a fresh directory, and in it: a
/// master key, a data key wrapped by it, FILE encrypted and decrypted, tampering refused, a JWT and a message
/// signed and verified. Ends with 0 only if everything was verified.
#[derive(ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    story: Option<Story>,
    #[command(flatten)]
    told: Told,
}

/// Another story than the main job. For a file of that name: ./recovery
#[derive(Subcommand)]
enum Story {
    /// The master key split among five custodians, the token lost, and the key brought back by three of them
    Recovery(Told),
}

#[derive(ClapArgs)]
struct Told {
    /// File to encrypt [default: the project's README]
    file: Option<PathBuf>,
    /// Directory to make and work in [default: a new one in the temporary directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Set by the demo itself when it starts again inside its directory
    #[arg(long, hide = true)]
    inside: bool,
}

/// Tells a story in its place.
type Tell = fn(&Global, &Place) -> Result<()>;

pub(super) fn run(global: &Global, args: &Args) -> Result<()> {
    let (told, tell, words): (_, Tell, &[&str]) = match &args.story {
        None => (&args.told, steps::run, &["demo"]),
        Some(Story::Recovery(told)) => (told, recovery::run, &["demo", "recovery"]),
    };
    if told.inside {
        let place = Place::existing(told.dir.as_deref())?;
        return tell(global, &place);
    }
    let module = locate::module(global.module.as_deref())?;
    let place = Place::fresh(told.dir.as_deref(), told.file.as_deref())?;
    start_inside(global, words, &module, &place)
}

/// Starts this command again, in an environment that leads to the demo's directory and nowhere else.
fn start_inside(global: &Global, words: &[&str], module: &std::path::Path, place: &Place) -> Result<()> {
    let started = |error: &std::io::Error| Error::io("starting the demo in its directory", error);
    let mut command = Command::new(std::env::current_exe().map_err(|error| started(&error))?);
    command.args(words).args(["--inside", "--dir"]).arg(&place.folder).arg("--module").arg(module);
    for (flag, on) in [("--json", global.json), ("--quiet", global.quiet)] {
        if on {
            command.arg(flag);
        }
    }
    for name in ["HSM_TOKEN", "HSM_STORE", "HSM_PIN_SOURCE", "HSM_SO_PIN_SOURCE"] {
        command.env_remove(name);
    }
    command.envs(place.environment());
    let status = command.status().map_err(|error| started(&error))?;
    match status.code() {
        Some(0) => Ok(()),
        // The inner process has said why.
        Some(code) => std::process::exit(code),
        None => Err(Error::new(Kind::HsmUnavailable, "the demo was killed").why(status.to_string())),
    }
}
