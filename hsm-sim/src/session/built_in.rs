//! Objects that every token has: its clock and its counter (PKCS#11 v3.2 §4.3), the mechanisms it offers (§4.13), and the profiles it
//! conforms to (PKCS#11 Profiles v3.2 §3). They are read only, and made when they are looked at.
//!
//! A search finds them only when its template names their class: programs that know nothing of them shall not stumble upon them.

use std::{borrow::Cow, sync::Arc};

use cryptoki_sys::*;
use hsm_shares::time::Time;

use super::Session;
use crate::{
    error::Result,
    object::{
        Object,
        attributes::{Draft, ulong},
    },
    token::{Token, handle::Handle},
};

/// The profiles whose every clause is met, whatever a token holds. Not "Public Certificates Token": it forbids private certificates,
/// which users here may make; nor "Complete Provider".
const PROFILES: [CK_PROFILE_ID; 4] = [CKP_BASELINE_PROVIDER, CKP_EXTENDED_PROVIDER, CKP_AUTHENTICATION_TOKEN, CKP_HKDF_TLS_TOKEN];

/// An object that is built in. Its number has the kind above 32 bits, and what it tells below.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    Profile(CK_PROFILE_ID),
    Mechanism(CK_MECHANISM_TYPE),
    Clock,
    Counter,
}

impl BuiltIn {
    fn handle(self) -> CK_OBJECT_HANDLE {
        let (kind, what) = match self {
            Self::Profile(id) => (1, id),
            Self::Mechanism(kind) => (2, kind),
            Self::Clock => (3, CKH_CLOCK),
            Self::Counter => (3, CKH_MONOTONIC_COUNTER),
        };
        Handle::BuiltIn { number: kind << 32 | what }.encode()
    }

    /// The object, as it is read: the counter counts.
    pub fn object(self, token: &Token) -> Result<Arc<Object>> {
        let mut draft = self.draft();
        match self {
            Self::Clock => draft.set(CKA_VALUE, &now()),
            Self::Counter => draft.set(CKA_VALUE, &token.count()?.to_be_bytes()),
            Self::Profile(_) | Self::Mechanism(_) => {}
        }
        Object::new(draft.pack())
    }

    /// The object with a value of the right length in the place of what changes with time.
    pub fn outline(self) -> Result<Arc<Object>> {
        Object::new(self.draft().pack())
    }

    fn draft(self) -> Draft {
        let mut draft = Draft::default();
        match self {
            Self::Profile(id) => {
                draft.set_ulong(CKA_CLASS, CKO_PROFILE);
                draft.set_ulong(CKA_PROFILE_ID, id);
                [(CKA_TOKEN, true), (CKA_PRIVATE, false)].iter().for_each(|(kind, flag)| draft.set_flag(*kind, *flag));
            }
            Self::Mechanism(kind) => {
                draft.set_ulong(CKA_CLASS, CKO_MECHANISM);
                draft.set_ulong(CKA_MECHANISM_TYPE, kind);
            }
            Self::Clock => {
                draft.set_ulong(CKA_CLASS, CKO_HW_FEATURE);
                draft.set_ulong(CKA_HW_FEATURE_TYPE, CKH_CLOCK);
                draft.set(CKA_VALUE, &[b'0'; 16]);
            }
            Self::Counter => {
                draft.set_ulong(CKA_CLASS, CKO_HW_FEATURE);
                draft.set_ulong(CKA_HW_FEATURE_TYPE, CKH_MONOTONIC_COUNTER);
                draft.set(CKA_VALUE, &0_u64.to_be_bytes());
                [CKA_RESET_ON_INIT, CKA_HAS_RESET].iter().for_each(|kind| draft.set_flag(*kind, false));
            }
        }
        draft
    }
}

impl Session {
    /// All objects of a class that are built in.
    fn built_ins(&self, class: Option<CK_OBJECT_CLASS>) -> Vec<BuiltIn> {
        match class {
            Some(CKO_PROFILE) => self.profiles().map(BuiltIn::Profile).collect(),
            Some(CKO_HW_FEATURE) => vec![BuiltIn::Clock, BuiltIn::Counter],
            Some(CKO_MECHANISM) => {
                let rows = self.origin.config.mechanisms.rows(self.token().serial());
                rows.map(|row| BuiltIn::Mechanism(row.kind)).collect()
            }
            _ => vec![],
        }
    }

    /// HKDF TLS demands a mechanism, which the configuration may have taken away.
    fn profiles(&self) -> impl Iterator<Item = CK_PROFILE_ID> {
        let derives = self.row(CKM_HKDF_DATA).is_ok();
        PROFILES.into_iter().filter(move |id| *id != CKP_HKDF_TLS_TOKEN || derives)
    }

    /// The object of a handle, if it is built in.
    pub(super) fn built_in(&self, handle: CK_OBJECT_HANDLE) -> Option<BuiltIn> {
        let Handle::BuiltIn { .. } = Handle::decode(handle) else { return None };
        let classes = [CKO_PROFILE, CKO_HW_FEATURE, CKO_MECHANISM];
        classes.iter().flat_map(|class| self.built_ins(Some(*class))).find(|built_in| built_in.handle() == handle)
    }

    /// Those a search finds.
    pub(super) fn find_built_in(&self, template: &[(CK_ATTRIBUTE_TYPE, Cow<'_, [u8]>)]) -> Result<Vec<CK_OBJECT_HANDLE>> {
        let class = template.iter().find(|(kind, _)| *kind == CKA_CLASS).and_then(|(_, value)| ulong(value));
        let mut found = Vec::new();
        for built_in in self.built_ins(class) {
            if built_in.outline()?.matches(template) {
                found.push(built_in.handle());
            }
        }
        Ok(found)
    }
}

/// The time as CK_TOKEN_INFO has it (§3.2): YYYYMMDDhhmmss and two zeros, UTC.
pub fn now() -> [u8; 16] {
    let mut text = [b'0'; 16];
    let digits = Time::now().to_string();
    for (place, digit) in text.iter_mut().take(14).zip(digits.bytes().filter(u8::is_ascii_digit)) {
        *place = digit;
    }
    text
}
