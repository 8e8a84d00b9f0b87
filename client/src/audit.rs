//! Lines of a token's audit log (`hsm-sim/AUDIT.md`): what they say, and that they are one chain. The chain can be checked without the
//! token; that nobody made another one, only the token tells, or a head that was noted elsewhere.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::id::hex;
use crate::store::journal::Head;

/// A line, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Line {
    /// From 1, one more each.
    pub number: u64,
    /// RFC 3339, UTC.
    pub time: String,
    /// `so`, `user`, `user NAME`, `nobody`, `token`.
    pub by: String,
    /// What happened, in a word.
    pub event: String,
    /// The object it was done with.
    pub subject: Option<Subject>,
    /// More, for people.
    #[serde(default)]
    pub detail: String,
    /// How often, where that is counted.
    pub times: Option<u64>,
    /// The process that did it.
    pub process: Process,
    /// SHA-256 of the line before, hexadecimal.
    before: String,
}

/// An object, as its attributes were.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Subject {
    /// CKA_UNIQUE_ID.
    pub unique_id: String,
    /// Such as `secret-key`.
    pub class: String,
    /// CKA_LABEL.
    pub label: String,
    /// CKA_ID, hexadecimal.
    pub id: String,
}

/// A process of the machine where the module ran.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// User id.
    pub uid: u32,
    /// Path of the program.
    pub program: String,
}

impl Line {
    /// The head that it goes on from, as it says.
    ///
    /// # Errors
    /// [`crate::Kind::Authentication`] when it says none.
    pub fn goes_on_from(&self) -> Result<Head> {
        let hash = base16ct::mixed::decode_vec(&self.before).ok().and_then(|hash| hash.try_into().ok());
        let hash = hash.ok_or_else(|| Error::authentication("a line of the audit log names no line before it"))?;
        Ok(Head { seq: self.number.saturating_sub(1), hash })
    }

    /// True for one that tells of a break before it, or that is the first there is because a key was lost.
    #[must_use]
    pub fn tells_of_a_break(&self, first: bool) -> bool {
        self.event == "log-broken" || first && self.event == "log-begun" && self.number > 1
    }

    /// Reads a line.
    ///
    /// # Errors
    /// [`crate::Kind::Authentication`] when it is none.
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|why| Error::authentication("a line of the audit log is none").why(why.to_string()))
    }
}

/// Checks that these lines are one chain that goes on from `after`, and that they hold `noted`, or go on from it. Answers their head.
///
/// # Errors
/// [`crate::Kind::Authentication`], naming the first line that does not follow.
pub fn chain<'t>(lines: impl IntoIterator<Item = &'t str>, after: Head, noted: Option<Head>) -> Result<Head> {
    let mut head = after;
    let mut found = noted.is_none_or(|noted| noted == after || noted == Head::START);
    for text in lines {
        let line = Line::parse(text)?;
        if line.number.checked_sub(1) != Some(head.seq) || line.before != hex(&head.hash) {
            return Err(broken(&line, head, after));
        }
        head = Head { seq: line.number, hash: Sha256::digest(text.as_bytes()).into() };
        found |= Some(head) == noted;
    }
    match noted {
        Some(noted) if !found && noted.seq < after.seq => Err(Error::authentication(format!(
            "the entry {} that was noted is no longer in the log, which begins after {}",
            noted.seq, after.seq
        ))
        .why("it was taken out, or lost with the log's key")
        .next("look for it in the archive: hsm audit verify --file ARCHIVE --head HEAD")),
        Some(noted) if !found => {
            Err(Error::authentication(format!("the audit log does not hold the entry {} that was noted", noted.seq))
                .why("its end was cut off, or all of it was written anew"))
        }
        _ => Ok(head),
    }
}

fn broken(line: &Line, head: Head, after: Head) -> Error {
    if head == Head::START && after == Head::START && line.number > 1 {
        return Error::authentication(format!("the audit log begins at entry {}", line.number))
            .why("what stood before was archived, or it is lost")
            .next("give the head of the archive that it goes on from: --after");
    }
    Error::authentication(format!("the audit log was altered at entry {}", head.seq.saturating_add(1)))
        .why("an entry was edited, removed, added or moved")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: u64) -> Vec<String> {
        let mut head = Head::START;
        let line = |number| {
            let text = format!(
                r#"{{"number":{number},"time":"2026-11-26T00:00:00Z","by":"user","event":"login","process":{{"pid":1,"uid":0,"program":"p"}},"salt":"00","before":"{}"}}"#,
                hex(&head.hash)
            );
            head = Head { seq: number, hash: Sha256::digest(text.as_bytes()).into() };
            text
        };
        (1..=count).map(line).collect()
    }

    fn check(lines: &[String], noted: Option<Head>) -> Result<Head> {
        chain(lines.iter().map(String::as_str), Head::START, noted)
    }

    #[test]
    fn a_chain_holds_and_every_change_breaks_it() {
        let good = lines(5);
        let head = check(&good, None).unwrap();
        assert_eq!(head.seq, 5);
        for (name, edit) in [
            ("cut", Box::new(|lines: &mut Vec<String>| drop(lines.remove(2))) as Box<dyn Fn(&mut Vec<String>)>),
            ("edited", Box::new(|lines| lines[2] = lines[2].replace("login", "logic"))),
            ("moved", Box::new(|lines| lines.swap(1, 2))),
            ("twice", Box::new(|lines| lines.insert(2, lines[2].clone()))),
            ("the first gone", Box::new(|lines| drop(lines.remove(0)))),
            ("no line", Box::new(|lines| lines[3] = "{}".to_owned())),
        ] {
            let mut bad = good.clone();
            edit(&mut bad);
            assert_eq!(check(&bad, None).unwrap_err().kind(), crate::Kind::Authentication, "{name}");
        }
    }

    #[test]
    fn a_noted_head_tells_of_an_end_that_was_cut_off() {
        let good = lines(5);
        let noted = check(&good[..3], None).unwrap();
        assert!(check(&good, Some(noted)).is_ok() && check(&good[..3], Some(noted)).is_ok());
        assert_eq!(check(&good[..2], Some(noted)).unwrap_err().kind(), crate::Kind::Authentication);
        assert!(check(&[], Some(Head::START)).is_ok());
    }

    /// Wrong PINs before the first login stand before it where a token of an earlier build began its log: that is no break.
    #[test]
    fn a_log_that_begins_late_tells_of_a_break_where_nothing_is_before() {
        let line = Line::parse(&lines(3)[2].replace("login", "log-begun")).unwrap();
        assert!(line.tells_of_a_break(true) && !line.tells_of_a_break(false));
        let broken = Line::parse(&lines(3)[2].replace("login", "log-broken")).unwrap();
        assert!(broken.tells_of_a_break(true) && broken.tells_of_a_break(false));
        assert!(!Line::parse(&lines(1)[0].replace("login", "log-begun")).unwrap().tells_of_a_break(true));
    }

    #[test]
    fn a_log_goes_on_from_its_archive() {
        let good = lines(5);
        let archived = check(&good[..2], None).unwrap();
        let rest = || good[2..].iter().map(String::as_str);
        assert_eq!(chain(rest(), archived, None).unwrap(), check(&good, None).unwrap());
        assert!(chain(rest(), archived, Some(archived)).is_ok());
        let earlier = check(&good[..1], None).unwrap();
        for wrong in [Head::START, earlier, Head { seq: 2, hash: [7; 32] }] {
            assert_eq!(chain(rest(), wrong, None).unwrap_err().kind(), crate::Kind::Authentication, "{wrong}");
        }
        assert_eq!(chain(rest(), archived, Some(earlier)).unwrap_err().kind(), crate::Kind::Authentication);
    }
}
