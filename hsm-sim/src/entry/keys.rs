//! Key management: PKCS#11 v3.2 §5.18.

use cryptoki_sys::*;

use super::entry;
use crate::abi::{
    input::In,
    output::{Out, Put},
    params::Mechanism,
    template::Template,
};

entry! {
    /// §5.18.1
    C_GenerateKey(
        session: CK_SESSION_HANDLE,
        mechanism: Mechanism<'_>,
        template[count]: Template<'_>,
        key: Put<CK_OBJECT_HANDLE>,
    ) |module| {
        key.put(module.session(session)?.lock().generate_key(&mechanism, &template.0)?);
        Ok(())
    }
}

entry! {
    /// §5.18.2
    C_GenerateKeyPair(
        session: CK_SESSION_HANDLE,
        mechanism: Mechanism<'_>,
        public_template[public_count]: Template<'_>,
        private_template[private_count]: Template<'_>,
        public_key: Put<CK_OBJECT_HANDLE>,
        private_key: Put<CK_OBJECT_HANDLE>,
    ) |module| {
        let open = module.session(session)?;
        let (public, private) = open.lock().generate_key_pair(&mechanism, &public_template.0, &private_template.0)?;
        public_key.put(public);
        private_key.put(private);
        Ok(())
    }
}

entry! {
    /// §5.18.3
    C_WrapKey(
        session: CK_SESSION_HANDLE,
        mechanism: Mechanism<'_>,
        wrapping_key: CK_OBJECT_HANDLE,
        key: CK_OBJECT_HANDLE,
        wrapped[wrapped_len]: Out,
    ) |module| {
        let open = module.session(session)?;
        wrapped.answer(|room| open.lock().wrap_key(&mechanism, wrapping_key, key, room))
    }
}

entry! {
    /// §5.18.4
    C_UnwrapKey(
        session: CK_SESSION_HANDLE,
        mechanism: Mechanism<'_>,
        unwrapping_key: CK_OBJECT_HANDLE,
        wrapped[wrapped_len]: In<'_>,
        template[count]: Template<'_>,
        key: Put<CK_OBJECT_HANDLE>,
    ) |module| {
        let open = module.session(session)?;
        key.put(open.lock().unwrap_key(&mechanism, unwrapping_key, wrapped.0, &template.0)?);
        Ok(())
    }
}

entry! {
    /// §5.18.5
    C_DeriveKey(
        session: CK_SESSION_HANDLE,
        mechanism: Mechanism<'_>,
        base_key: CK_OBJECT_HANDLE,
        template[count]: Template<'_>,
        key: Option<Put<CK_OBJECT_HANDLE>>,
    ) |module| {
        let open = module.session(session)?;
        let made = open.lock().derive_key(&mechanism, base_key, &template.0, key.is_some())?;
        if let (Some(key), Some(made)) = (key, made) {
            key.put(made);
        }
        Ok(())
    }
}

entry! {
    /// §5.18.8
    C_EncapsulateKey(
        session: CK_SESSION_HANDLE,
        mechanism: Mechanism<'_>,
        public_key: CK_OBJECT_HANDLE,
        template[count]: Template<'_>,
        ciphertext[ciphertext_len]: Out,
        key: Put<CK_OBJECT_HANDLE>,
    ) |module| {
        let open = module.session(session)?;
        let mut made = CK_INVALID_HANDLE;
        ciphertext.answer(|room| {
            let (reply, handle) = open.lock().encapsulate_key(&mechanism, public_key, &template.0, room)?;
            made = handle;
            Ok(reply)
        })?;
        if made != CK_INVALID_HANDLE {
            key.put(made);
        }
        Ok(())
    }
}

entry! {
    /// §5.18.9
    C_DecapsulateKey(
        session: CK_SESSION_HANDLE,
        mechanism: Mechanism<'_>,
        private_key: CK_OBJECT_HANDLE,
        template[count]: Template<'_>,
        ciphertext[ciphertext_len]: In<'_>,
        key: Put<CK_OBJECT_HANDLE>,
    ) |module| {
        key.put(module.session(session)?.lock().decapsulate_key(&mechanism, private_key, &template.0, ciphertext.0)?);
        Ok(())
    }
}

entry! {
    /// §5.18.6
    C_WrapKeyAuthenticated(
        session: CK_SESSION_HANDLE,
        mechanism: Mechanism<'_>,
        wrapping_key: CK_OBJECT_HANDLE,
        key: CK_OBJECT_HANDLE,
        associated_data[associated_data_len]: In<'_>,
        wrapped[wrapped_len]: Out,
    ) |module| {
        let open = module.session(session)?;
        wrapped.answer_from(associated_data, |aad, room| {
            open.lock().wrap_key_authenticated(&mechanism, wrapping_key, key, aad, room)
        })
    }
}

entry! {
    /// §5.18.7
    C_UnwrapKeyAuthenticated(
        session: CK_SESSION_HANDLE,
        mechanism: Mechanism<'_>,
        unwrapping_key: CK_OBJECT_HANDLE,
        wrapped[wrapped_len]: In<'_>,
        template[count]: Template<'_>,
        associated_data[associated_data_len]: In<'_>,
        key: Put<CK_OBJECT_HANDLE>,
    ) |module| {
        let open = module.session(session)?;
        let (wrapped, aad) = (wrapped.0, associated_data.0);
        key.put(open.lock().unwrap_key_authenticated(&mechanism, unwrapping_key, wrapped, &template.0, aad)?);
        Ok(())
    }
}
