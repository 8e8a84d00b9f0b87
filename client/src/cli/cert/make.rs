//! `hsm cert csr` and `hsm cert self-sign`.

use std::net::IpAddr;

use clap::Args;
use hsm_client::Result;
use hsm_client::certificate::{AltName, Subject};
use hsm_client::certify::{self, Profile};
use hsm_client::hsm::Named;
use hsm_client::signer::Signer;
use hsm_client::time::Timestamp;
use serde_json::json;

use super::{Written, import};
use crate::cli::connect::Global;

/// Who the certificate is for.
#[derive(Args)]
struct Wanted {
    /// Signing key: label, kid or id
    #[arg(long, allow_hyphen_values = true)]
    key: String,
    /// Distinguished name, such as CN=www.example.org,O=Example (RFC 4514)
    #[arg(long, value_name = "NAME")]
    subject: Subject,
    /// A host it is for; may be given several times
    #[arg(long, value_name = "HOST", value_parser = AltName::dns)]
    dns: Vec<AltName>,
    /// An address it is for; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    ip: Vec<IpAddr>,
    /// It may sign other certificates
    #[arg(long)]
    ca: bool,
}

#[derive(Args)]
pub(in crate::cli) struct CsrArgs {
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    written: Written,
}

#[derive(Args)]
pub(in crate::cli) struct SelfSignArgs {
    #[command(flatten)]
    wanted: Wanted,
    /// For how many days from now
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    /// Put it into the token, too
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    written: Written,
}

impl Wanted {
    fn profile(&self) -> Profile {
        let names = self.dns.iter().cloned().chain(self.ip.iter().copied().map(AltName::ip));
        Profile { subject: self.subject.clone(), names: names.collect(), authority: self.ca }
    }
}

pub(super) fn csr(global: &Global, args: &CsrArgs) -> Result<()> {
    let out = args.written.begin()?;
    let signer = global.signer()?;
    let key = signer.find(&args.wanted.key)?;
    let request = certify::request(&signer, &key, &args.wanted.profile())?;
    let about = json!({ "kid": key.kid, "output": args.written.to.output });
    args.written.finish(global, out, "CERTIFICATE REQUEST", &request, about)
}

pub(super) fn self_sign(global: &Global, args: &SelfSignArgs) -> Result<()> {
    let out = args.written.begin()?;
    let store = global.store()?;
    let token = global.logged_in()?;
    let signer = Signer::new(token.clone(), store);
    let key = signer.find(&args.wanted.key)?;
    let made = certify::self_signed(&signer, &key, &args.wanted.profile(), Timestamp::now(), args.days)?;
    if args.keep {
        import::put(token.as_ref(), &made, Some(Named { id: &key.id, label: &key.label }), None)?;
    }
    let about = json!({ "kid": key.kid, "fingerprint": made.fingerprint(), "output": args.written.to.output });
    args.written.finish(global, out, "CERTIFICATE", made.der(), about)
}
