//! What whoever is logged in may do: table 5 of §5.6 (access to objects by state), and the rights of named users.

use cryptoki_sys::*;

use super::{Session, objects::Given};
use crate::{
    error::{Result, Rv},
    object::{
        Object,
        attributes::{Draft, Lookup, Reading},
        traits::is_secret,
    },
    token::{Rights, Role},
};

impl Session {
    /// Refuses what the state of the session does not let it write.
    fn may_write(&self, token: bool, private: bool) -> Result<()> {
        if token && !self.origin.read_write {
            return Rv::SessionReadOnly.err("token objects are written in a read/write session");
        }
        match self.token().role() {
            Some(Role::User) => Ok(()),
            _ if private => Rv::UserNotLoggedIn.err("private objects are the user's"),
            None if token => Rv::UserNotLoggedIn.err("token objects are written after a login: nothing could vouch for them"),
            _ => Ok(()),
        }
    }

    /// Refuses an object that may not be made.
    pub(super) fn may_make(&self, draft: &Draft) -> Result<()> {
        let token = draft.flag(CKA_TOKEN);
        self.may_write(token, draft.flag(CKA_PRIVATE))?;
        match !token || self.has(Rights::CREATE) {
            true => Ok(()),
            false => Rv::UserNotLoggedIn.err("the user has no right to create token objects"),
        }
    }

    /// Refuses a key that may not be generated: who may rotate makes a successor of a key that is there.
    pub(super) fn may_generate(&self, draft: &Draft) -> Result<()> {
        if draft.flag(CKA_TOKEN) && !self.has(Rights::CREATE) && self.has(Rights::ROTATE) && self.succeeds(draft)? {
            return self.may_write(true, draft.flag(CKA_PRIVATE));
        }
        self.may_make(draft)
    }

    /// True when there are keys of this class, type and label, and none of them is better protected.
    fn succeeds(&self, draft: &Draft) -> Result<bool> {
        if draft.bytes(CKA_LABEL).is_empty() {
            return Ok(false);
        }
        let same = [CKA_TOKEN, CKA_CLASS, CKA_KEY_TYPE, CKA_LABEL].map(|kind| (kind, draft.bytes(kind)));
        let found = self.token().find(&same)?;
        let before = found.into_iter().map(|handle| self.token().object(handle)).collect::<Result<Vec<_>>>()?;
        Ok(!before.is_empty() && !before.iter().any(|before| is_weaker(draft, before)))
    }

    /// Refuses an object that may not be changed or destroyed.
    pub(super) fn may_touch(&self, object: &Object, right: Rights) -> Result<()> {
        let token = object.traits().token;
        self.may_write(token, object.traits().private)?;
        match !token || self.has(right) {
            true => Ok(()),
            false => Rv::ActionProhibited.err(format!("the user has no right to {}", right.names().join(" and "))),
        }
    }

    /// Refuses a change that would make the object another one: who may only rotate renames nothing, or any key could pass for the
    /// successor of any other.
    pub(super) fn may_rename(&self, object: &Object, given: Given<'_, '_>) -> Result<()> {
        let renames = given.iter().any(|(kind, _)| *kind == CKA_LABEL);
        match !object.traits().token || !renames || self.has(Rights::CREATE) {
            true => Ok(()),
            false => Rv::ActionProhibited.err("the user has no right to create, and so none to rename"),
        }
    }

    /// Refuses a key that may not be worked with.
    pub(super) fn may_use(&self, object: &Object) -> Result<()> {
        let traits = object.traits();
        match !(traits.private || traits.token && is_secret(traits.class)) || self.has(Rights::USE) {
            true => Ok(()),
            false => Rv::KeyFunctionNotPermitted.err("the user has no right to use keys"),
        }
    }

    /// An attribute as C_GetAttributeValue may show it. Who has no right to use a key does not learn its value either.
    pub fn read<'o>(&self, object: &'o Object, kind: CK_ATTRIBUTE_TYPE) -> Reading<'o> {
        if object.is_material(kind) && self.may_use(object).is_err() {
            return Reading::Sensitive;
        }
        object.read(kind)
    }

    pub(super) fn has(&self, right: Rights) -> bool {
        self.token().rights().contains(right)
    }
}

/// True when a new key would be less protected than one that is there.
fn is_weaker(draft: &Draft, before: &Object) -> bool {
    let before = before.traits();
    let shown = before.private && !draft.flag(CKA_PRIVATE) || before.sensitive && !draft.flag(CKA_SENSITIVE);
    let leaves = !before.extractable && draft.flag(CKA_EXTRACTABLE);
    shown || leaves || before.wrap_with_trusted && !draft.flag(CKA_WRAP_WITH_TRUSTED)
}
