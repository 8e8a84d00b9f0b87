//! Key generation: PKCS#11 v3.2 §5.18.1 and §5.18.2.

use cryptoki_sys::*;

use super::{Session, objects::Given};
use crate::{
    error::Result,
    mechanism::{Mechanism, usable},
    object::{
        attributes::Lookup,
        build::{self, Origin, Sort},
    },
};

impl Session {
    /// C_GenerateKey.
    pub fn generate_key(&mut self, mechanism: &Mechanism<'_>, given: Given<'_, '_>) -> Result<CK_OBJECT_HANDLE> {
        let row = self.row(mechanism.kind)?;
        let (key_type, generate) = usable(row.generate)?;
        mechanism.none()?;
        let sort = Sort::made(given, CKO_SECRET_KEY, key_type)?;
        let mut draft = build::draft(&sort, Origin::Generate, given, self.is_so())?;
        self.may_write(draft.flag(CKA_TOKEN), draft.flag(CKA_PRIVATE))?;
        let value = generate(&draft)?;
        draft.set(CKA_VALUE, &value);
        build::history(&mut draft, Some(mechanism.kind));
        let object = self.assemble(draft)?;
        self.large_enough(row, object.key()?)?;
        self.add(vec![object]).map(|handles| handles[0])
    }

    /// C_GenerateKeyPair: handles of the public and the private key. Both become durable together.
    pub fn generate_key_pair(
        &mut self,
        mechanism: &Mechanism<'_>,
        public: Given<'_, '_>,
        private: Given<'_, '_>,
    ) -> Result<(CK_OBJECT_HANDLE, CK_OBJECT_HANDLE)> {
        let row = self.row(mechanism.kind)?;
        let (key_type, generate) = usable(row.generate_pair)?;
        mechanism.none()?;
        let mut drafts = Vec::with_capacity(2);
        for (given, class) in [(public, CKO_PUBLIC_KEY), (private, CKO_PRIVATE_KEY)] {
            let sort = Sort::made(given, class, key_type)?;
            let draft = build::draft(&sort, Origin::Generate, given, self.is_so())?;
            self.may_write(draft.flag(CKA_TOKEN), draft.flag(CKA_PRIVATE))?;
            drafts.push(draft);
        }
        let keys = generate(&drafts[0])?;
        self.large_enough(row, &keys.0)?;
        let mut objects = Vec::with_capacity(2);
        for (mut draft, key) in drafts.into_iter().zip([keys.0, keys.1]) {
            build::history(&mut draft, Some(mechanism.kind));
            objects.push(self.assemble_key(draft, key)?);
        }
        self.add(objects).map(|handles| (handles[0], handles[1]))
    }
}
