//! `hsm token user`: who may do what beside the standard user, and `hsm token set-pin`.

use clap::{Args, Subcommand};
use hsm_client::Result;
use hsm_client::hsm::login;
use hsm_client::hsm::users::{Right, User, Users};
use serde_json::json;

use super::connect::Global;
use super::output;
use super::pin::PinSource;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add a user with a PIN and rights of their own, as the standard user
    Add(Add),
    /// List the users with names
    List,
    /// Remove a user, or all of them
    Remove(Remove),
    /// Give a user these rights and no others
    Rights(Rights),
    /// Give a user a new PIN, and unlock them
    Pin(Pin),
}

#[derive(Args)]
pub(super) struct Who {
    /// The user's name
    name: String,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct Remove {
    /// The user's name
    name: Option<String>,
    /// All users with names, also where their list was damaged
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
pub(super) struct Rights {
    #[command(flatten)]
    who: Who,
    /// What the user may do: create, use, rotate, destroy; may be repeated
    #[arg(long = "right", value_name = "RIGHT", value_parser = parse)]
    rights: Vec<Right>,
}

#[derive(Args)]
pub(super) struct Add {
    #[command(flatten)]
    rights: Rights,
    #[command(flatten)]
    pin: NewPin,
}

#[derive(Args)]
pub(super) struct Pin {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    pin: NewPin,
}

#[derive(Args)]
pub(super) struct NewPin {
    /// Where the new PIN is: file:PATH, fd:N, env:NAME or prompt
    #[arg(long, value_name = "SOURCE")]
    new_pin_source: Option<String>,
}

impl NewPin {
    fn read(&self, prompt: &str) -> Result<hsm_client::secret::Secret> {
        let source = self.new_pin_source.as_deref().map_or(Ok(PinSource::Prompt), PinSource::parse)?;
        source.read_new(prompt)
    }
}

fn parse(text: &str) -> std::result::Result<Right, String> {
    text.parse().map_err(|error: hsm_client::Error| error.to_string())
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    let users = open(global)?;
    match command {
        Command::Add(Add { rights, pin }) => {
            let name = &rights.who.name;
            users.add(name, &pin.read(&format!("New PIN of \"{name}\": "))?, &rights.rights)?;
            report(global, name, &format!("added, with {}", named(&rights.rights)))
        }
        Command::List => list(global, &users.list()?),
        Command::Remove(Remove { name: Some(name), .. }) => {
            users.remove(name)?;
            report(global, name, "removed")
        }
        Command::Remove(Remove { name: None, .. }) => {
            users.remove_all()?;
            if global.json { output::json(&json!({ "users": [] })) } else { output::line("all users with names were removed") }
        }
        Command::Rights(rights) => {
            users.set_rights(&rights.who.name, &rights.rights)?;
            report(global, &rights.who.name, &format!("has {} from the next login on", named(&rights.rights)))
        }
        Command::Pin(Pin { who, pin }) => {
            users.set_pin(&who.name, &pin.read(&format!("New PIN of \"{}\": ", who.name))?)?;
            report(global, &who.name, "has a new PIN")
        }
    }
}

/// `hsm token set-pin`: one's own.
pub(super) fn set_pin(global: &Global, new: &NewPin) -> Result<()> {
    let (module, selector) = (global.module()?, global.selector()?);
    let label = module.token(&selector)?.identity.label;
    let old = global.user_pin_source()?.read(&format!("PIN of token \"{label}\": "))?;
    let fresh = new.read("New PIN: ")?;
    login::set_pin(&module, &selector, global.user.as_deref(), &old, &fresh)?;
    if global.json { output::json(&json!({ "changed": true })) } else { output::line("the PIN was changed") }
}

fn open(global: &Global) -> Result<Users> {
    let (module, selector) = (global.module()?, global.selector()?);
    let label = module.token(&selector)?.identity.label;
    global.standard_user("users are managed by the standard user")?;
    Users::open(&module, &selector, &global.user_pin_source()?.read(&format!("PIN of token \"{label}\": "))?)
}

fn list(global: &Global, users: &[User]) -> Result<()> {
    if global.json {
        let rows = users.iter().map(|user| {
            let rights: Vec<_> = user.rights.iter().map(Right::to_string).collect();
            json!({ "name": user.name, "rights": rights, "tries_left": user.tries_left })
        });
        return output::json(&json!({ "users": rows.collect::<Vec<_>>() }));
    }
    let row = |user: &User| {
        let state = if user.tries_left == 0 { "locked".to_owned() } else { format!("{} tries left", user.tries_left) };
        [user.name.clone(), named(&user.rights), state]
    };
    output::table(["NAME", "RIGHTS", "PIN"], &users.iter().map(row).collect::<Vec<_>>())
}

fn report(global: &Global, name: &str, done: &str) -> Result<()> {
    if global.json { output::json(&json!({ "name": name })) } else { output::line(&format!("user \"{name}\" {done}")) }
}

fn named(rights: &[Right]) -> String {
    let names: Vec<_> = rights.iter().map(Right::to_string).collect();
    if names.is_empty() { "no rights".to_owned() } else { names.join(", ") }
}
