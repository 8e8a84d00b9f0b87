//! `hsm recovery`: the master key split among custodians, and back.

mod approve;
mod conduct;
mod deal;
mod entry;
mod handout;
mod hold;
mod offline;
mod place;
mod policy;
mod quorum;
mod status;
mod waiting;

use clap::Subcommand;
use hsm_client::Result;

use super::connect::Global;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Split a master key among custodians; without the token's own interface, make one here, split and import it
    Deal(deal::Deal),
    /// Prove that shares work; nothing changes
    Verify(quorum::Verify),
    /// Bring a master key back into a token that lacks it
    Restore(quorum::Restore),
    /// Deal new shares of the same key; the old ones are retired
    Refresh(deal::Refresh),
    /// Practise with a throw-away secret
    Rehearse(deal::Rehearse),
    /// Set a forgotten user PIN, keys kept, by a quorum of custodians
    ResetPin(quorum::ResetPin),
    /// Destroy a master key whose set demands approvals
    Destroy(quorum::Destroy),
    /// Sign an approval of a ceremony with a key in a token
    Approve(approve::Approve),
    /// Show the sets of a token and the ceremony that is open
    Status(status::Status),
    /// End a ceremony that a program left open
    Cancel(status::Cancel),
    /// Show the public fields of a share
    InspectShare(offline::InspectShare),
    /// Tell whether a share belongs to a manifest, without revealing anything of it
    CheckShare(offline::CheckShare),
    /// Verify the minutes of a ceremony
    VerifyTranscript(offline::VerifyTranscript),
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Deal(args) => deal::deal(global, args),
        Command::Verify(args) => quorum::verify(global, args),
        Command::Restore(args) => quorum::restore(global, args),
        Command::Refresh(args) => deal::refresh(global, args),
        Command::Rehearse(args) => deal::rehearse(global, args),
        Command::ResetPin(args) => quorum::reset_pin(global, args),
        Command::Destroy(args) => quorum::destroy(global, args),
        Command::Approve(args) => approve::run(global, args),
        Command::Status(args) => status::status(global, args),
        Command::Cancel(args) => status::cancel(global, args),
        Command::InspectShare(args) => offline::inspect(global, args),
        Command::CheckShare(args) => offline::check(global, args),
        Command::VerifyTranscript(args) => offline::transcript(global, args),
    }
}
