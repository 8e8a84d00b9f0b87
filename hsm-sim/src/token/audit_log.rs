//! The audit log as SO and standard user read it, and as the SO takes out its beginning.

use super::{Login, Token, users::Person};
use crate::{
    audit::{Event, Mark, RECORD, Reader, Verdict, told},
    error::{Result, Rv},
    store::{BEGIN, Change, Last, RecordChange, no_row},
};

impl Token {
    /// Lines of the log, as JSON; SO or user are logged in.
    pub fn read_log(&self, after: u64, most: usize) -> Result<Vec<String>> {
        self.with_log(|reader| reader.read(after, most)).map(Option::unwrap_or_default)
    }

    /// Checks the whole log; `None` when there is none.
    pub fn verify_log(&self) -> Result<Option<Verdict>> {
        self.with_log(|reader| reader.verify())
    }

    fn with_log<T>(&self, read: impl Fn(&Reader<'_>) -> Result<T>) -> Result<Option<T>> {
        let login = self.state.read().login.clone();
        let vault = match &login {
            Login::So(vault, _) | Login::User(vault, Person::Standard) => vault,
            _ => return Rv::UserNotLoggedIn.err("SO and standard user read the audit log"),
        };
        if self.store.record(RECORD)?.is_none() {
            return match self.store.lines(0, 1)?.is_empty() {
                true => Ok(None),
                false => Rv::DeviceError.err("the key of the audit log is gone: the token file was edited"),
            };
        }
        let reader = Reader { store: &*self.store, serial: &self.serial, key: &*self.audit_key(vault)? };
        loop {
            let begin = self.store.record(BEGIN)?;
            match read(&reader) {
                // Lines that were read in steps were taken out meanwhile.
                Err(_) if self.store.record(BEGIN)? != begin => continue,
                read => return read.map(Some),
            }
        }
    }

    /// Takes out the lines up to this one, which somebody keeps elsewhere: whoever names its hash has read it. The SO is logged in.
    pub fn cut_log(&self, last: Last) -> Result<()> {
        let (login, guard) = self.logged_in();
        let Login::So(vault, _) = &login else { return Rv::UserNotLoggedIn.err("the SO alone takes lines out of the audit log") };
        let event = Event::new(&login.name(), "log-cut").detail(format!("up to entry {}", last.number));
        let note = self.note(&login, vec![event])?;
        if note.is_none() {
            return Rv::ActionProhibited.err("audit is off in the configuration: nothing would tell that lines were taken out");
        }
        let before = last.number.checked_sub(1).filter(|before| i64::try_from(*before).is_ok());
        let named = before.map(|before| self.store.lines(before, 1)).transpose()?.unwrap_or_default();
        if !named.first().is_some_and(|line| line.number == last.number && line.hash == last.hash) {
            return Rv::DataInvalid.err(format!("there is no entry {} with that hash", last.number));
        }
        let expected = self.store.record(BEGIN)?.map_or(0, |record| record.revision);
        let key = self.audit_key(vault)?;
        // Lines of a key that was lost stay: nobody can have read them, and somebody may find the key.
        let begins_after = Reader { store: &*self.store, serial: &self.serial, key: &key }.begins_after()?;
        let bytes = key.mark(Mark::Begin, &self.serial, last);
        let records = &[RecordChange { name: BEGIN, expected, bytes: &bytes }];
        let mut no_row = no_row;
        let change = Change {
            guard: Some(guard),
            told: told(&note),
            records,
            cut: [begins_after.number, last.number],
            ..Change::nothing(&mut no_row)
        };
        match self.store.write(change)? {
            Some(_) => Ok(()),
            None => Rv::FunctionFailed.err("another process took lines out at the same moment"),
        }
    }
}
