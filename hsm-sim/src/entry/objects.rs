//! Objects: PKCS#11 v3.2 §5.7.

use cryptoki_sys::*;

use super::entry;
use crate::abi::{
    output::{Fill, Put},
    template::{Query, Template},
};

entry! {
    /// §5.7.1
    C_CreateObject(session: CK_SESSION_HANDLE, template[count]: Template<'_>, object: Put<CK_OBJECT_HANDLE>) |module| {
        object.put(module.session(session)?.lock().create_object(&template.0)?);
        Ok(())
    }
}

entry! {
    /// §5.7.2
    C_CopyObject(session: CK_SESSION_HANDLE, from: CK_OBJECT_HANDLE, template[count]: Template<'_>, copy: Put<CK_OBJECT_HANDLE>) |module| {
        copy.put(module.session(session)?.lock().copy_object(from, &template.0)?);
        Ok(())
    }
}

entry! {
    /// §5.7.3
    C_DestroyObject(session: CK_SESSION_HANDLE, object: CK_OBJECT_HANDLE) |module| {
        module.session(session)?.lock().destroy_object(object)
    }
}

entry! {
    /// §5.7.4
    C_GetObjectSize(session: CK_SESSION_HANDLE, object: CK_OBJECT_HANDLE, size: Put<CK_ULONG>) |module| {
        size.put(module.session(session)?.lock().object_size(object)?);
        Ok(())
    }
}

entry! {
    /// §5.7.5
    C_GetAttributeValue(session: CK_SESSION_HANDLE, object: CK_OBJECT_HANDLE, template[count]: Query<'_>) |module| {
        let open = module.session(session)?;
        let session = open.lock();
        let object = session.object(object, template.wants(CKA_VALUE))?;
        template.answer(|kind| session.read(&object, kind))
    }
}

entry! {
    /// §5.7.6
    C_SetAttributeValue(session: CK_SESSION_HANDLE, object: CK_OBJECT_HANDLE, template[count]: Template<'_>) |module| {
        module.session(session)?.lock().set_attributes(object, &template.0)
    }
}

entry! {
    /// §5.7.7
    C_FindObjectsInit(session: CK_SESSION_HANDLE, template[count]: Template<'_>) |module| {
        module.session(session)?.lock().find_init(&template.0)
    }
}

entry! {
    /// §5.7.8
    C_FindObjects(session: CK_SESSION_HANDLE, objects[most]: Fill<CK_OBJECT_HANDLE>, count: Put<CK_ULONG>) |module| {
        let open = module.session(session)?;
        let mut session = open.lock();
        let told = objects.room();
        count.put(objects.put(session.find_next(told)?) as CK_ULONG);
        Ok(())
    }
}

entry! {
    /// §5.7.9
    C_FindObjectsFinal(session: CK_SESSION_HANDLE) |module| module.session(session)?.lock().find_final()
}
