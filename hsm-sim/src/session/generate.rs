//! Key generation: PKCS#11 v3.2 §5.18.1 and §5.18.2.

use cryptoki_sys::*;

use super::{Session, derive::wanted_len, objects::Given};
use crate::{
    error::{Result, Rv},
    mechanism::{GenerateFrom, GenerateParameters, Mechanism, Row, derivation::bounded, usable},
    object::{
        Object,
        attributes::Lookup,
        build::{self, Origin, Sort},
    },
};

impl Session {
    /// C_GenerateKey.
    pub fn generate_key(&mut self, mechanism: &Mechanism<'_>, given: Given<'_, '_>) -> Result<CK_OBJECT_HANDLE> {
        let row = self.row(mechanism.kind)?;
        if let Some(from) = &row.generate_from {
            return self.generate_from(row, from, mechanism, given);
        }
        if let Some((key_type, make)) = row.generate_parameters {
            return self.generate_parameters(row, key_type, make, mechanism, given);
        }
        let (key_type, generate) = usable(row.generate)?;
        mechanism.none()?;
        let class = if key_type == CKK_HOTP { CKO_OTP_KEY } else { CKO_SECRET_KEY };
        let sort = Sort::made(given, class, key_type)?;
        let mut draft = build::draft(&sort, Origin::Generate, given, self.is_so())?;
        self.may_generate(&draft)?;
        let value = generate(&draft)?;
        draft.set(CKA_VALUE, &value);
        build::history(&mut draft, Some(mechanism.kind));
        let object = self.assemble(draft)?;
        self.large_enough(row, object.key()?)?;
        self.add(vec![object]).map(|handles| handles[0])
    }

    /// A key made of the mechanism's parameter.
    fn generate_from(
        &self,
        row: &Row,
        from: &GenerateFrom,
        mechanism: &Mechanism<'_>,
        given: Given<'_, '_>,
    ) -> Result<CK_OBJECT_HANDLE> {
        let mut given: Vec<_> = given.iter().map(|(kind, value)| (*kind, value.as_ref())).collect();
        let (class, len) = (CKO_SECRET_KEY.to_ne_bytes(), from.len.unwrap_or_default().to_ne_bytes());
        let mut contribute = |kind, value| {
            if given.iter().all(|(found, _)| *found != kind) {
                given.push((kind, value));
            }
        };
        contribute(CKA_CLASS, class.as_slice());
        if from.len.is_some() {
            contribute(CKA_VALUE_LEN, &len);
        }
        let sort = match from.key_type {
            Some(key_type) => Sort::made(&given, CKO_SECRET_KEY, key_type)?,
            None => Sort::named(&given)?,
        };
        if sort.class != CKO_SECRET_KEY {
            return Rv::TemplateInconsistent.err("only secret keys come of this");
        }
        let mut draft = build::draft(&sort, Origin::Generate, &given, self.is_so())?;
        self.may_make(&draft)?;
        let len = wanted_len(&draft).ok_or(Rv::TemplateIncomplete.because("CKA_VALUE_LEN is missing"))?;
        if from.len.is_some_and(|only| only != len) {
            return Rv::TemplateInconsistent.err("CKA_VALUE_LEN contradicts the mechanism");
        }
        draft.set(CKA_VALUE, (from.make)(mechanism, bounded(len)?)?.expose());
        build::history(&mut draft, Some(mechanism.kind));
        let object = self.assemble(draft)?;
        self.large_enough(row, object.key()?)?;
        self.add(vec![object]).map(|handles| handles[0])
    }

    /// Domain parameters (§4.11).
    fn generate_parameters(
        &self,
        row: &Row,
        key_type: CK_KEY_TYPE,
        make: GenerateParameters,
        mechanism: &Mechanism<'_>,
        given: Given<'_, '_>,
    ) -> Result<CK_OBJECT_HANDLE> {
        let sort = Sort::made(given, CKO_DOMAIN_PARAMETERS, key_type)?;
        let mut draft = build::draft(&sort, Origin::Generate, given, self.is_so())?;
        self.may_make(&draft)?;
        make(mechanism, &mut draft)?;
        self.long_enough(row, draft.ulong(CKA_PRIME_BITS).unwrap_or_default())?;
        build::history(&mut draft, Some(mechanism.kind));
        self.add(vec![Object::new(draft.pack())?]).map(|handles| handles[0])
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
            self.may_generate(&draft)?;
            drafts.push(draft);
        }
        let keys = generate(&drafts[0], &drafts[1])?;
        self.large_enough(row, &keys.0)?;
        let mut objects = Vec::with_capacity(2);
        for (mut draft, key) in drafts.into_iter().zip([keys.0, keys.1]) {
            build::history(&mut draft, Some(mechanism.kind));
            objects.push(self.assemble_key(draft, key)?);
        }
        self.add(objects).map(|handles| (handles[0], handles[1]))
    }
}
