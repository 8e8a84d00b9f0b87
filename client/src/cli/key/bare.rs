//! `hsm key import` of what is no key pair.

use hsm_client::hsm::transfer::Transfer;
use hsm_client::hsm::{Named, PublicKey};
use hsm_client::id::ObjectId;
use hsm_client::secret::Secret;
use hsm_client::signer::thumbprint;
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::import::Args;
use crate::cli::connect::Global;
use crate::cli::output;

/// A public key, for other programs to verify with.
pub(super) fn public(global: &Global, args: &Args, key: &PublicKey) -> Result<()> {
    only_for_pairs(args, "a public key")?;
    let id = ObjectId::random()?;
    global.logged_in()?.import_public(Named { id: &id, label: &args.label }, key)?;
    if global.json {
        return output::json(&json!({
            "label": args.label, "id": id.to_string(), "type": key.kind().to_string(), "kid": thumbprint(key), "public": true,
        }));
    }
    output::line(&format!("public key \"{}\" imported: {}, id {id}; the private half is not here", args.label, key.kind()))
}

/// An AES key, for other programs to encrypt with.
pub(super) fn aes(global: &Global, args: &Args, value: &Secret) -> Result<()> {
    if ![16, 24, 32].contains(&value.len()) {
        return Err(Error::new(Kind::Malformed, format!("an AES key has 16, 24 or 32 bytes, not {}", value.len()))
            .why("the file must hold the key's bytes and nothing else, no line end either"));
    }
    if args.alg.is_some() || args.replace {
        return Err(Error::new(Kind::Usage, "an AES key signs nothing").why("--alg and --replace are for signing keys"));
    }
    let id = ObjectId::random()?;
    let path = global.logged_in()?.import_aes(Named { id: &id, label: &args.label }, value, args.leaving())?;
    let kind = format!("AES-{}", 8 * value.len());
    if global.json {
        return output::json(&json!({
            "label": args.label, "id": id.to_string(), "type": kind, "extractable": args.extractable, "by": path.to_string(),
        }));
    }
    output::line(&format!("secret key \"{}\" imported: {kind}, id {id}, by {path}", args.label))?;
    output::line("next: destroy the file it came from, or keep it where it is safe")
}

fn only_for_pairs(args: &Args, what: &str) -> Result<()> {
    if args.alg.is_some() || args.replace || args.extractable {
        return Err(Error::new(Kind::Usage, format!("the file holds {what} only"))
            .why("--alg, --replace and --extractable are for private keys"));
    }
    Ok(())
}
