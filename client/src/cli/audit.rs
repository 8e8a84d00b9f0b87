//! `hsm audit`: what the token's own log says.

use clap::{Args, Subcommand};
use hsm_client::audit::{Line, chain};
use hsm_client::hsm::audit::Audit;
use hsm_client::store::journal::Head;
use hsm_client::{Error, Kind, Result};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

use super::connect::Global;
use super::files::{Input, Output, To};
use super::output;
use super::token::Officer;
use super::upkeep::{As, as_officer};

/// Longest exported log that is read, bytes.
const MOST: u64 = 4 << 30;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show who did what with the token, oldest first
    Show(Show),
    /// Check that nothing was edited, removed or moved, and print the head to be noted elsewhere
    Verify(Verify),
    /// Write the log as it is, a line of JSON each, for `hsm audit verify --file` or other tools
    Export(Export),
    /// Write the log to a file and take it out of the token, which goes on with it: for the security officer
    Archive(Archive),
}

#[derive(Args)]
pub(super) struct Show {
    /// Only the last so many
    #[arg(long, value_name = "N")]
    last: Option<usize>,
    /// Only these events, such as login, pin-wrong, key-used; may be repeated
    #[arg(long = "event", value_name = "EVENT")]
    events: Vec<String>,
    /// Only what was done with this object: its label, CKA_ID or CKA_UNIQUE_ID
    #[arg(long)]
    key: Option<String>,
    #[command(flatten)]
    who: As,
}

#[derive(Args)]
pub(super) struct Verify {
    /// A head that was noted before: the log must still hold it, or its end was cut off
    #[arg(long, value_name = "HEAD")]
    head: Option<Head>,
    /// Check an exported or archived log instead, without the token
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The head of the archive that the file goes on from
    #[arg(long, value_name = "HEAD", requires = "file")]
    after: Option<Head>,
    #[command(flatten)]
    who: As,
}

#[derive(Args)]
pub(super) struct Archive {
    /// Where to write it; it must not be there yet
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Leave the last so many in the token; they are archived the next time
    #[arg(long, value_name = "N", default_value_t = 0)]
    keep: usize,
    /// A head that was noted after a break was found: what it knows of may be archived
    #[arg(long, value_name = "HEAD")]
    head: Option<Head>,
    #[command(flatten)]
    officer: Officer,
}

#[derive(Args)]
pub(super) struct Export {
    #[command(flatten)]
    to: To,
    #[command(flatten)]
    who: As,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Show(args) => show(global, args),
        Command::Verify(args) => verify(global, args),
        Command::Export(args) => export(global, args),
        Command::Archive(args) => archive(global, args),
    }
}

fn open(global: &Global, who: &As) -> Result<Audit> {
    who.logged_in(global, Audit::open)
}

/// All lines that are there, one chain; a word where they are not all there ever were.
fn read(global: &Global, who: &As) -> Result<Vec<String>> {
    let lines = open(global, who)?.lines(0)?;
    let Some(first) = lines.first().map(|line| Line::parse(line)).transpose()? else { return Ok(lines) };
    chain(lines.iter().map(String::as_str), first.goes_on_from()?, None)?;
    if first.number > 1 && !global.quiet {
        let number = first.number;
        output::remark(&format!(
            "the log begins at entry {number}: what stood before was archived, or lost; hsm audit verify tells"
        ));
    }
    Ok(lines)
}

fn show(global: &Global, args: &Show) -> Result<()> {
    let lines = read(global, &args.who)?;
    let parsed = lines.iter().map(|line| Line::parse(line).map(|parsed| (parsed, line))).collect::<Result<Vec<_>>>()?;
    let wanted: Vec<_> = parsed.into_iter().filter(|(line, _)| args.wants(line)).collect();
    let wanted = &wanted[wanted.len() - args.last.unwrap_or(usize::MAX).min(wanted.len())..];
    if global.json {
        let lines = wanted.iter().map(|(_, text)| serde_json::from_str::<Value>(text).unwrap_or_default());
        return output::json(&json!({ "entries": lines.collect::<Vec<_>>() }));
    }
    let rows: Vec<_> = wanted.iter().map(|(line, _)| row(line)).collect();
    output::table(["ENTRY", "TIME", "BY", "EVENT", "OBJECT", "DETAIL", "PROGRAM"], &rows)
}

impl Show {
    fn wants(&self, line: &Line) -> bool {
        let of_key =
            |key: &String| line.subject.as_ref().is_some_and(|of| *key == of.label || *key == of.id || *key == of.unique_id);
        (self.events.is_empty() || self.events.contains(&line.event)) && self.key.as_ref().is_none_or(of_key)
    }
}

fn row(line: &Line) -> [String; 7] {
    let object = line.subject.as_ref().map(|of| match of.label.is_empty() {
        false => format!("{} \"{}\"", of.class, of.label),
        true => format!("{} {}", of.class, of.unique_id),
    });
    let times = line.times.map(|times| format!(" {times} times")).unwrap_or_default();
    let program = line.process.program.rsplit('/').next().unwrap_or_default();
    [
        line.number.to_string(),
        line.time.clone(),
        line.by.clone(),
        line.event.clone(),
        object.unwrap_or_default(),
        format!("{}{times}", line.detail).trim().to_owned(),
        format!("{program} ({}, uid {})", line.process.pid, line.process.uid),
    ]
}

fn verify(global: &Global, args: &Verify) -> Result<()> {
    if let Some(path) = &args.file {
        let text = String::from_utf8(Input::read_all(Some(path), MOST)?)
            .map_err(|_| Error::authentication(format!("{} is no exported audit log", path.display())))?;
        let head = chain(text.lines(), args.after.unwrap_or(Head::START), args.head)?;
        let lines = text.lines().map(Line::parse).collect::<Result<Vec<_>>>()?;
        let broken = lines.iter().enumerate().filter(|(at, line)| line.tells_of_a_break(*at == 0));
        unbroken(broken.map(|(_, line)| line.number), head, args.head)?;
        return report(global, head, "unbroken; whether they are the token's own, the token tells, or a head noted elsewhere", 0);
    }
    let audit = open(global, &args.who)?;
    let verdict = audit.verify()?;
    let head = chain(audit.lines(0)?.iter().map(String::as_str), verdict.begins_after.head()?, args.head)?;
    unbroken(verdict.broken.iter().copied(), head, args.head)?;
    report(global, head, "unbroken, and sealed by the token", head.seq.saturating_sub(verdict.vouched))
}

/// Refuses entries that tell of a break, unless they were there when the head was noted: then it is known.
fn unbroken(mut broken: impl Iterator<Item = u64>, head: Head, noted: Option<Head>) -> Result<()> {
    let known = noted.map_or(0, |noted| noted.seq);
    match broken.find(|entry| *entry > known) {
        None => Ok(()),
        Some(entry) => Err(Error::authentication(format!("entry {entry} tells of a break before it"))
            .why("the end of the audit log was cut off, its head edited in the token file, or its key lost and with it what was sealed before")
            .next(format!(
                "see it: hsm audit show --event log-broken --event log-begun; once it is known, note the head {head} and give it: --head"
            ))),
    }
}

fn report(global: &Global, head: Head, state: &str, unvouched: u64) -> Result<()> {
    if global.json {
        return output::json(
            &json!({ "verified": true, "entries": head.seq, "head": head.to_string(), "not_vouched_for": unvouched }),
        );
    }
    output::line(&format!("{} entries, {state}", head.seq))?;
    if unvouched > 0 {
        output::line(&format!("the last {unvouched} are of nobody who was logged in: the next login vouches for them"))?;
    }
    output::line(&format!("head: {head}"))?;
    output::line("next: note the head where the token's owner cannot write, and give it the next time: --head")
}

fn export(global: &Global, args: &Export) -> Result<()> {
    let mut output = args.to.begin()?;
    let lines = read(global, &args.who)?;
    for line in &lines {
        writeln!(output, "{line}").map_err(|error| Error::io(args.to.name(), &error))?;
    }
    output.commit()?;
    if args.to.output.is_some() && !global.quiet {
        output::remark(&format!("{} entries; check them: hsm audit verify --file {}", lines.len(), args.to.name()));
    }
    Ok(())
}

fn archive(global: &Global, args: &Archive) -> Result<()> {
    let mut output = Output::create(Some(&args.output), false)?;
    if matches!(output, Output::Stdout) {
        return Err(Error::new(Kind::Usage, "an archive is a file: what the token no longer has must be on a disk")
            .next("name it: -o FILE"));
    }
    let audit = as_officer(&args.officer, global, Audit::open)?;
    // What is not whole is not taken out unless that is known: nothing in the token would tell of it any more.
    let verdict = audit.verify()?;
    let after = verdict.begins_after.head()?;
    let lines = audit.lines(after.seq)?;
    let head = chain(lines.iter().map(String::as_str), after, args.head)?;
    unbroken(verdict.broken.iter().copied(), head, args.head)?;
    let taken = &lines[..lines.len().saturating_sub(args.keep)];
    let last = chain(taken.iter().map(String::as_str), after, None)?;
    if last == after {
        return Err(Error::new(Kind::Usage, "there is nothing to be archived").next("keep fewer: --keep"));
    }
    for line in taken {
        writeln!(output, "{line}").map_err(|error| Error::io(args.output.display(), &error))?;
    }
    output.commit()?;
    audit.cut(last)?;
    if global.json {
        return output::json(&json!({ "archived": taken.len(), "after": after.to_string(), "head": last.to_string() }));
    }
    output::line(&format!("{} entries are in {} and no longer in the token", taken.len(), args.output.display()))?;
    output::line(&format!("head: {last}"))?;
    let goes_on = if after == Head::START { String::new() } else { format!(" --after {after}") };
    output::line(&format!("next: hsm audit verify --file {}{goes_on}", args.output.display()))
}
