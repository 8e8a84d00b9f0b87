//! Searching objects: PKCS#11 v3.2 §5.7.7 to §5.7.9. What is found is settled when the search begins.

use std::borrow::Cow;

use cryptoki_sys::*;

use super::Session;
use crate::{
    error::{Result, Rv},
    token::Rights,
};

/// A search under way.
pub struct Find {
    found: Vec<CK_OBJECT_HANDLE>,
    told: usize,
}

impl Session {
    /// C_FindObjectsInit.
    pub fn find_init(&mut self, template: &[(CK_ATTRIBUTE_TYPE, Cow<'_, [u8]>)]) -> Result<()> {
        if self.find.is_some() {
            return Rv::OperationActive.err("a search is active in the session");
        }
        let mut found = self.find_built_in(template)?;
        found.extend(self.token().find(template)?);
        if !self.has(Rights::USE) {
            found.retain(|handle| self.shows(*handle, template));
        }
        self.find = Some(Find { found, told: 0 });
        Ok(())
    }

    /// What may not be read is not found by its value either.
    fn shows(&self, handle: CK_OBJECT_HANDLE, template: &[(CK_ATTRIBUTE_TYPE, Cow<'_, [u8]>)]) -> bool {
        let Ok(object) = self.object(handle, false) else { return false };
        template.iter().all(|(kind, _)| !object.is_material(*kind)) || self.may_use(&object).is_ok()
    }

    /// C_FindObjects: the next handles, at most `most`.
    pub fn find_next(&mut self, most: usize) -> Result<&[CK_OBJECT_HANDLE]> {
        let Some(find) = &mut self.find else { return Rv::OperationNotInitialized.err("no search is active in the session") };
        let from = find.told;
        find.told = find.found.len().min(from.saturating_add(most));
        Ok(&find.found[from..find.told])
    }

    /// C_FindObjectsFinal.
    pub fn find_final(&mut self) -> Result<()> {
        match self.find.take() {
            Some(_) => Ok(()),
            None => Rv::OperationNotInitialized.err("no search is active in the session"),
        }
    }
}
