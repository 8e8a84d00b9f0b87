//! Rows and the lists of their revisions: written in one step, but read one after the other, while others write.

use std::sync::Arc;

use super::{Token, revisions::Revisions, seal::Vault};
use crate::{
    error::{Result, Rv},
    store::{ObjectId, Row},
};

/// Readings of what others change all the time.
const TRIES: usize = 1000;

impl Token {
    /// The row that was read of an object, or a newer one, with the list that tells its revision; `None` when the object is gone. The list
    /// may be one of before. The object is damaged when the two do not go together though nobody changed them in between: then an older
    /// row was put back.
    pub(super) fn current(
        &self,
        id: ObjectId,
        mut row: Row,
        vault: &Vault,
        lists: &mut [Option<Arc<Revisions>>; 2],
    ) -> Result<Option<(Row, Arc<Revisions>)>> {
        let mut seen = None;
        for _ in 0..TRIES {
            let known = &mut lists[usize::from(row.private)];
            let list = match known.take() {
                Some(list) => list,
                None => Arc::new(Revisions::read(&*self.store, vault, row.private)?),
            };
            let (stands, must) = (row.revision, list.of(id));
            if stands == must {
                return Ok(Some((row, known.insert(list).clone())));
            }
            if seen == Some((stands, must)) {
                return Rv::ObjectDamaged.err("an older row of the object was put back");
            }
            seen = Some((stands, must));
            match self.store.object(id)? {
                Some(now) => row = now,
                None => return Ok(None),
            }
        }
        Rv::FunctionFailed.err("the object is being changed by others all the time")
    }
}
