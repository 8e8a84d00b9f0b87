//! Carries a case out.

use super::cases::{Call, Case};
use hsm_tests::*;

/// What the calls so far have found.
struct State<'m> {
    module: &'m Module,
    slot: CK_SLOT_ID,
    session: Option<Session<'m>>,
    found: Vec<Object>,
    signs: Option<Mechanism>,
}

/// Every call must answer as the case says.
pub fn run(module: &Module, case: &Case) {
    let mut state = State { module, slot: 0, session: None, found: vec![], signs: None };
    for (step, call) in case.calls.iter().enumerate() {
        let outcome = state.call(call);
        assert!(outcome.is_ok(), "{}, call {}: {:?}", case.name, step + 1, outcome);
    }
}

impl<'m> State<'m> {
    fn call(&mut self, call: &Call) -> Answer {
        match call {
            Call::Initialize => self.module.initialize(),
            Call::Finalize => self.module.finalize(),
            Call::CloseAllSessions => self.module.close_all(self.slot),
            Call::GetInfo | Call::GetSlotInfo(_) | Call::GetTokenInfo(..) | Call::GetMechanismInfo(..) => self.inform(call),
            Call::GetSlotList => self.list_slots(),
            Call::GetMechanismList(kinds) => {
                let listed = self.module.mechanisms(self.slot)?;
                assert_eq!(self.module.mechanisms_into(self.slot, None).1, listed.len());
                assert!(kinds.iter().all(|kind| listed.contains(kind)), "{kinds:?} in {listed:?}");
                Ok(())
            }
            Call::OpenSession(flags) => {
                self.session = Some(self.module.open(self.slot, *flags)?);
                Ok(())
            }
            call => self.converse(call),
        }
    }

    fn list_slots(&mut self) -> Answer {
        let (rv, count) = self.module.slots_into(true, None);
        rv.answer()?;
        let slots = self.module.slots(true)?;
        assert_eq!(slots.len(), count);
        self.slot = slots[0];
        Ok(())
    }

    fn inform(&mut self, call: &Call) -> Answer {
        match call {
            Call::GetInfo => {
                let info = self.module.info()?;
                assert_eq!((info.cryptokiVersion.major, info.cryptokiVersion.minor, info.flags), (3, 2, 0));
            }
            Call::GetSlotInfo(flags) => assert_eq!(self.module.slot_info(self.slot)?.flags, *flags),
            Call::GetTokenInfo(flags, most, least) => {
                let info = self.module.token_info(self.slot)?;
                assert_eq!(info.flags & flags, *flags, "{:#x}", info.flags);
                assert_eq!((info.ulMaxPinLen, info.ulMinPinLen), (*most, *least));
            }
            Call::GetMechanismInfo(kind, flags) => {
                let info = self.module.mechanism_info(self.slot, *kind)?;
                assert_eq!(info.flags & flags, *flags, "{:#x}", info.flags);
            }
            _ => unreachable!("no question"),
        }
        Ok(())
    }

    /// The calls of a session.
    fn converse(&mut self, call: &Call) -> Answer {
        let session = self.session.expect("an open session");
        match call {
            Call::Login => session.login(CKU_USER, USER_PIN),
            Call::Logout => session.logout(),
            Call::CloseSession => session.close(),
            Call::FindObjectsInit(class, label) => {
                let template = Template::new().bool(CKA_TOKEN, true);
                let template = class.map_or(template.clone(), |class| template.ulong(CKA_CLASS, class));
                session.find_init(&label.map_or(template.clone(), |label| template.bytes(CKA_LABEL, label)))
            }
            Call::FindObjects(room) => {
                self.found = session.find_next(*room)?;
                assert_eq!(self.found.len(), *room);
                Ok(())
            }
            Call::FindObjectsFinal => session.find_final(),
            Call::GetAttributeValue(index, kind, known) => {
                let value = session.attribute(self.found[*index], *kind)?;
                assert!(known.map_or(!value.is_empty(), |known| value == known), "{value:?}");
                Ok(())
            }
            Call::SignInit(kind) => {
                let mechanism = self.signs.insert(Mechanism::bare(*kind));
                session.begin(Begin::Sign, mechanism, self.found[0])
            }
            Call::Sign(data, len) => {
                let signature = session.run(Step::Sign, data)?;
                assert_eq!(signature.len(), *len);
                let public = session.find(&Template::of(CKO_PUBLIC_KEY).bytes(CKA_LABEL, b"testrsa-pub"))?;
                session.verify(self.signs.as_ref().expect("C_SignInit"), public[0], data, &signature)
            }
            _ => unreachable!("no call of a session"),
        }
    }
}
