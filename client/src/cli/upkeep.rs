//! `hsm token files|check|backup|restore|repair`: looking after token files.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use hsm_client::hsm::login::Login;
use hsm_client::hsm::module::Module;
use hsm_client::hsm::selector::Selector;
use hsm_client::hsm::upkeep::{Soundness, TokenFile, Upkeep};
use hsm_client::{Error, Kind, Result};
use hsm_shares::envelope;
use serde_json::json;

use super::connect::Global;
use super::files::Input;
use super::output;
use super::token::Officer;

/// Longest identity file, bytes.
const IDENTITY: usize = 64 * 1024;
/// Longest backup, bytes.
const BACKUP: u64 = 4 << 30;

/// Who logs in: the user, or the security officer.
#[derive(Args)]
pub(super) struct As {
    /// Log in as the security officer, not as the user
    #[arg(long)]
    as_so: bool,
    #[command(flatten)]
    officer: Officer,
}

impl As {
    /// Asks for the PIN and does something with the login.
    pub(super) fn logged_in<T>(
        &self,
        global: &Global,
        work: impl FnOnce(&Arc<Module>, &Selector, Login<'_>) -> Result<T>,
    ) -> Result<T> {
        if self.as_so {
            return as_officer(&self.officer, global, work);
        }
        let (module, selector) = (global.module()?, global.selector()?);
        let label = module.token(&selector)?.identity.label;
        global.standard_user("this is for the standard user or the security officer")?;
        let pin = global.user_pin_source()?.read(&format!("PIN of token \"{label}\": "))?;
        work(&module, &selector, Login::User(&pin))
    }
}

/// Asks for the security officer's PIN and does something with the login.
pub(super) fn as_officer<T>(
    officer: &Officer,
    global: &Global,
    work: impl FnOnce(&Arc<Module>, &Selector, Login<'_>) -> Result<T>,
) -> Result<T> {
    let (module, selector) = (global.module()?, global.selector()?);
    let label = module.token(&selector)?.identity.label;
    let pin = officer.pin_source()?.read(&format!("Security officer PIN of token \"{label}\": "))?;
    work(&module, &selector, Login::Officer(&pin))
}

#[derive(Args)]
pub(super) struct Backup {
    /// Who can open it: an age recipient (age1...); may be repeated
    #[arg(long = "recipient", short, value_name = "RECIPIENT", required = true)]
    recipients: Vec<String>,
    /// The file to write; it must not be there yet
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    who: As,
}

#[derive(Args)]
pub(super) struct Restore {
    /// The backup
    file: PathBuf,
    /// File with the identity it is encrypted to (AGE-SECRET-KEY-1..., as age-keygen writes it)
    #[arg(long, short, value_name = "FILE")]
    identity: PathBuf,
}

#[derive(Args)]
pub(super) struct Repair {
    /// Serial number of the token, as `hsm token files` shows it
    serial: String,
}

/// `hsm token files`.
pub(super) fn files(global: &Global) -> Result<()> {
    let files = Upkeep::of(&global.module()?)?.files()?;
    if global.json {
        let row = |file: &TokenFile| json!({ "serial": file.serial, "path": file.path, "label": file.label, "objects": file.objects, "findings": file.findings });
        return output::json(&json!({ "files": files.iter().map(row).collect::<Vec<_>>() }));
    }
    let row = |file: &TokenFile| {
        let state = file.findings.first().map_or("readable", String::as_str).to_owned();
        [
            file.serial.clone(),
            file.label.clone().unwrap_or_default(),
            file.objects.to_string(),
            state,
            file.path.display().to_string(),
        ]
    };
    output::table(["SERIAL", "LABEL", "OBJECTS", "STATE", "PATH"], &files.iter().map(row).collect::<Vec<_>>())
}

/// `hsm token check`.
pub(super) fn check(global: &Global, who: &As) -> Result<()> {
    let found = who.logged_in(global, |module, selector, login| Upkeep::of(module)?.check(selector, login))?;
    if global.json {
        let damaged = found.damaged_objects.iter().map(|object| json!({ "number": object.number, "why": object.why }));
        output::json(&json!({
            "sound": found.sound, "objects": found.objects, "unread": found.unread,
            "damaged": damaged.collect::<Vec<_>>(), "findings": found.findings,
        }))?;
    } else {
        tell(&found)?;
    }
    match found.sound {
        true => Ok(()),
        false => Err(Error::authentication("the token is not sound")
            .next("whatever still opens can be used; a page that cannot be read: hsm token repair; all else: hsm token restore")),
    }
}

fn tell(found: &Soundness) -> Result<()> {
    output::line(&format!("{} objects open, and are what was written", found.objects))?;
    if found.unread > 0 {
        output::line(&format!("{} private objects were not opened: only the user can", found.unread))?;
    }
    for object in &found.damaged_objects {
        output::line(&format!("object {}: {}", object.number, object.why))?;
    }
    if found.damaged > found.damaged_objects.len() as u64 {
        output::line(&format!("{} damaged objects in all", found.damaged))?;
    }
    found.findings.iter().try_for_each(|finding| output::line(finding))
}

/// `hsm token backup`.
pub(super) fn backup(global: &Global, args: &Backup) -> Result<()> {
    for recipient in &args.recipients {
        envelope::check_recipient(recipient).map_err(|why| Error::new(Kind::Usage, why.to_string()))?;
    }
    let path = std::path::absolute(&args.output).map_err(|error| Error::io(args.output.display(), &error))?;
    if path.exists() {
        return Err(Error::new(Kind::Usage, format!("{} exists already", path.display())).next("choose another name"));
    }
    let bytes = args
        .who
        .logged_in(global, |module, selector, login| Upkeep::of(module)?.backup(selector, login, &path, &args.recipients))?;
    if global.json {
        return output::json(&json!({ "path": path, "bytes": bytes }));
    }
    output::line(&format!("{} has {bytes} bytes, which {} can open", path.display(), args.recipients.join(", ")))?;
    output::line("it holds the token as it is now; its PINs open it as they open the token")
}

/// `hsm token restore`.
pub(super) fn restore(global: &Global, args: &Restore) -> Result<()> {
    let sealed = Input::read_all(Some(&args.file), BACKUP)?;
    let identity = Input::read_secret(Some(&args.identity), IDENTITY)?;
    let text = std::str::from_utf8(identity.expose())
        .map_err(|_| Error::new(Kind::Malformed, format!("{} is no identity file", args.identity.display())))?;
    let copy = envelope::open_with(text, &sealed)
        .map_err(|why| Error::authentication(format!("{} does not open", args.file.display())).why(why.to_string()))?;
    let serial = placed(&copy, |path| Upkeep::of(&global.module()?)?.restore(path))?;
    if global.json {
        return output::json(&json!({ "serial": serial }));
    }
    output::line(&format!("the token {serial} is back, as it was when the backup was made"))?;
    output::line("counters are as they were then, too: wrong PINs, one-time passwords, uses left; see hsm-sim/UPKEEP.md")
}

/// Hands over the path of a file that only we read, and that goes afterwards. It is a token file: sealed, as it always is on a disk.
fn placed<T>(copy: &[u8], work: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let trouble = |error: std::io::Error| Error::io("a temporary file", &error);
    let folder = tempfile::tempdir().map_err(trouble)?;
    let path = folder.path().join("token.db");
    let mut file = std::fs::File::create_new(&path).map_err(trouble)?;
    file.write_all(copy).map_err(trouble)?;
    drop(file);
    work(&path)
}

/// `hsm token repair`.
pub(super) fn repair(global: &Global, args: &Repair) -> Result<()> {
    let repaired = Upkeep::of(&global.module()?)?.repair(&args.serial)?;
    if global.json {
        let row =
            |table: &hsm_client::hsm::upkeep::Table| json!({ "table": table.table, "rows": table.rows, "whole": table.whole });
        return output::json(&json!({ "kept": repaired.kept, "tables": repaired.tables.iter().map(row).collect::<Vec<_>>() }));
    }
    for table in &repaired.tables {
        let state = if table.whole { "all of them" } else { "some could not be read" };
        output::line(&format!("{}: {} rows, {state}", table.table, table.rows))?;
    }
    output::line(&format!("the file of before is kept: {}", repaired.kept.display()))?;
    output::line("next: hsm token check")
}
