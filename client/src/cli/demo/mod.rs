//! stub
use super::connect::Global;
#[derive(clap::Args)]
pub(super) struct Args {}
pub(super) fn run(_g: &Global, _a: &Args) -> hsm_client::Result<()> { Ok(()) }
