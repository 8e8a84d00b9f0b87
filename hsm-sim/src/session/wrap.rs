//! Wrapping and unwrapping keys: PKCS#11 v3.2 §5.18.3 and §5.18.4.

use std::borrow::Cow;

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::{Session, objects::Given};
use crate::{
    abi::message::Parameter,
    error::{Error, Result, Rv},
    mechanism::{Direction, MakeCipher, Mechanism, Row, nonce::Nonces, usable},
    object::{
        Object,
        attributes::{self, Draft, Lookup},
        build::{self, Origin, Sort},
        key, pkcs8,
        traits::Usage,
    },
    reply::{Reply, Room},
    secret::Secret,
};

impl Session {
    /// C_WrapKey.
    pub fn wrap_key(
        &self,
        mechanism: &Mechanism<'_>,
        wrapping_handle: CK_OBJECT_HANDLE,
        key: CK_OBJECT_HANDLE,
        room: Room<'_>,
    ) -> Result<Reply> {
        let row = self.row(mechanism.kind)?;
        let make = that_wraps(row)?;
        let wrapping = self.key(wrapping_handle, Rv::WrappingKeyHandleInvalid)?;
        let mut cipher = make(mechanism, wrapping.key()?, Direction::Encrypt).map_err(wrapping_trouble)?;
        self.permitted(row, &wrapping, Usage::WRAP)?;
        let key = self.key(key, Rv::KeyHandleInvalid)?;
        self.may_use(&key)?;
        may_wrap(&wrapping, &key)?;
        let plain = material(&key, row)?;
        let mut wrap = |room: Room<'_>| cipher.single(plain.expose(), room).map_err(wrapping_trouble);
        let (Reply::Length(need) | Reply::Short(need) | Reply::Wrote(need)) = wrap(Room::Query)?;
        room.fill(need, |output| {
            self.about_to_wrap(row, (wrapping_handle, &wrapping), &key)?;
            match wrap(Room::Buffer(output))? {
                Reply::Wrote(len) => Ok(len),
                _ => Rv::FunctionFailed.err("the wrapped key is longer than was said"),
            }
        })
    }

    /// C_UnwrapKey.
    pub fn unwrap_key(
        &mut self,
        mechanism: &Mechanism<'_>,
        unwrapping_handle: CK_OBJECT_HANDLE,
        wrapped: &[u8],
        given: Given<'_, '_>,
    ) -> Result<CK_OBJECT_HANDLE> {
        let row = self.row(mechanism.kind)?;
        let make = that_wraps(row)?;
        let unwrapping = self.key(unwrapping_handle, Rv::UnwrappingKeyHandleInvalid)?;
        let mut cipher = make(mechanism, unwrapping.key()?, Direction::Decrypt).map_err(unwrapping_trouble)?;
        self.permitted(row, &unwrapping, Usage::UNWRAP)?;
        let most = wrapped.len();
        self.unwrapped(row, &unwrapping, given, most, |unwrapped| {
            self.token().use_key(unwrapping_handle, &unwrapping, Usage::UNWRAP, row.name)?;
            match cipher.single(wrapped, Room::Buffer(unwrapped))? {
                Reply::Wrote(len) => Ok(len),
                _ => Rv::WrappedKeyInvalid.err("the key is longer than its wrapping"),
            }
        })
    }
}

impl Session {
    /// C_WrapKeyAuthenticated: nonce and tag go into the mechanism's parameter.
    pub fn wrap_key_authenticated(
        &self,
        mechanism: &Mechanism<'_>,
        wrapping_handle: CK_OBJECT_HANDLE,
        key: CK_OBJECT_HANDLE,
        aad: &[u8],
        room: Room<'_>,
    ) -> Result<Reply> {
        let row = self.row(mechanism.kind)?;
        let make = usable(row.aead.as_ref())?;
        let wrapping = self.key(wrapping_handle, Rv::WrappingKeyHandleInvalid)?;
        let aead = (make.make)(wrapping.key()?).map_err(wrapping_trouble)?;
        self.permitted(row, &wrapping, Usage::WRAP)?;
        let key = self.key(key, Rv::KeyHandleInvalid)?;
        self.may_use(&key)?;
        may_wrap(&wrapping, &key)?;
        let message = Parameter::of(mechanism).read(make.shape)?;
        aead.check(message.nonce().len(), message.tag_len)?;
        let plain = material(&key, row)?;
        let mut made = None;
        let reply = room.fill(plain.len(), |output| {
            self.about_to_wrap(row, (wrapping_handle, &wrapping), &key)?;
            let (nonce, mut tag) = (Nonces::default().next(&message)?, vec![0; message.tag_len]);
            aead.seal(&nonce, aad, plain.expose(), output, &mut tag)?;
            made = Some((nonce, tag));
            Ok(plain.len())
        })?;
        if let Some((nonce, tag)) = made {
            message.put_nonce(&nonce);
            message.put_tag(&tag);
        }
        Ok(reply)
    }

    /// C_UnwrapKeyAuthenticated.
    pub fn unwrap_key_authenticated(
        &mut self,
        mechanism: &Mechanism<'_>,
        unwrapping_handle: CK_OBJECT_HANDLE,
        wrapped: &[u8],
        given: Given<'_, '_>,
        aad: &[u8],
    ) -> Result<CK_OBJECT_HANDLE> {
        let row = self.row(mechanism.kind)?;
        let make = usable(row.aead.as_ref())?;
        let unwrapping = self.key(unwrapping_handle, Rv::UnwrappingKeyHandleInvalid)?;
        let aead = (make.make)(unwrapping.key()?).map_err(unwrapping_trouble)?;
        self.permitted(row, &unwrapping, Usage::UNWRAP)?;
        let message = Parameter::of(mechanism).read(make.shape)?;
        aead.check(message.nonce().len(), message.tag_len)?;
        let unwrap = |unwrapped: &mut [u8]| {
            self.token().use_key(unwrapping_handle, &unwrapping, Usage::UNWRAP, row.name)?;
            aead.open(&message.nonce(), aad, wrapped, &message.tag(), unwrapped)?;
            Ok(wrapped.len())
        };
        self.unwrapped(row, &unwrapping, given, wrapped.len(), unwrap)
    }

    /// Counts and tells what is done now; a length answer is none.
    fn about_to_wrap(&self, row: &Row, wrapping: (CK_OBJECT_HANDLE, &Object), key: &Object) -> Result<()> {
        self.token().use_key(wrapping.0, wrapping.1, Usage::WRAP, row.name)?;
        self.token().wraps_key(key, wrapping.1, row.name)
    }

    /// Makes the key that `unwrap` writes to its buffer of `most` bytes.
    fn unwrapped(
        &self,
        row: &Row,
        unwrapping: &Object,
        given: Given<'_, '_>,
        most: usize,
        unwrap: impl FnOnce(&mut [u8]) -> Result<usize>,
    ) -> Result<CK_OBJECT_HANDLE> {
        if unwrapping.traits().always_authenticate {
            // There is no moment between the call and its effect at which the context-specific login could be made.
            return Rv::UserNotLoggedIn.err("a key with CKA_ALWAYS_AUTHENTICATE cannot be authenticated for unwrapping");
        }
        let prescribed = unwrapping.attributes().bytes(CKA_UNWRAP_TEMPLATE);
        let given: Vec<_> = given.iter().map(|(kind, value)| (*kind, Cow::as_ref(value))).collect();
        let given = build::impose(&given, prescribed)?;
        let sort = Sort::named(&given)?;
        let mut draft = build::draft(&sort, Origin::Unwrap, &given, self.is_so())?;
        self.may_make(&draft)?;
        let mut unwrapped = Zeroizing::new(vec![0; most]);
        let len = unwrap(&mut unwrapped).map_err(unwrapping_trouble)?;
        match (sort.class, sort.key_type) {
            (CKO_SECRET_KEY, key_type) => {
                let value = value(&unwrapped[..len], &draft, row)?;
                if key_type.is_some_and(|key_type| !key::is_length(key_type, value.len())) {
                    return Rv::WrappedKeyLenRange.err("no key of this type has that length");
                }
                draft.set(CKA_VALUE, value);
            }
            (CKO_PRIVATE_KEY, Some(key_type)) => pkcs8::decode(&unwrapped[..len], key_type, &mut draft)?,
            _ => return Rv::TemplateInconsistent.err("only secret and private keys are unwrapped"),
        }
        build::history(&mut draft, None);
        let object = self.assemble(draft).map_err(unwrapping_trouble)?;
        self.add(vec![object]).map(|handles| handles[0])
    }
}

/// What wraps and unwraps by the mechanism.
fn that_wraps(row: &Row) -> Result<MakeCipher> {
    let cipher = row.wrap_cipher.or(row.cipher).filter(|_| row.wraps);
    row.key_wrap.or(cipher).ok_or(Rv::MechanismInvalid.because("the mechanism does not wrap keys"))
}

/// CKA_EXTRACTABLE, CKA_WRAP_WITH_TRUSTED and CKA_WRAP_TEMPLATE.
fn may_wrap(wrapping: &Object, key: &Object) -> Result<()> {
    if !matches!(key.traits().class, CKO_SECRET_KEY | CKO_PRIVATE_KEY) {
        return Rv::KeyNotWrappable.err("only secret and private keys are wrapped");
    }
    if !key.traits().extractable {
        return Rv::KeyUnextractable.err("CKA_EXTRACTABLE is false");
    }
    if key.traits().wrap_with_trusted && !wrapping.traits().trusted {
        return Rv::KeyNotWrappable.err("CKA_WRAP_WITH_TRUSTED is true and the wrapping key is not trusted");
    }
    let demanded: Vec<_> = attributes::entries(wrapping.attributes().bytes(CKA_WRAP_TEMPLATE)).collect();
    if !key.matches(&demanded) {
        return Rv::KeyHandleInvalid.err("the key is not as the wrapping key's CKA_WRAP_TEMPLATE demands");
    }
    Ok(())
}

/// What is wrapped: a secret key's value, a private key as PKCS #8; filled with zeros to whole blocks where the mechanism demands it
/// (§6.10.4, §6.11.4), for CKM_AES_KEY_WRAP at least two of them (§6.16.3).
fn material(key: &Object, row: &Row) -> Result<Secret> {
    let bytes = match key.traits().class {
        CKO_SECRET_KEY => Secret::copy(key.attributes().bytes(CKA_VALUE)),
        _ => pkcs8::encode(key.key()?)?,
    };
    if row.fills == 0 {
        return Ok(bytes);
    }
    let least = if row.kind == CKM_AES_KEY_WRAP { 2 * row.fills } else { row.fills };
    let filled = bytes.len().next_multiple_of(row.fills).max(least);
    Secret::filled(filled, |output| {
        output[..bytes.len()].copy_from_slice(bytes.expose());
        Ok(())
    })
}

/// What was unwrapped, without the zeros that it was filled with: CKA_VALUE_LEN tells how many bytes are the key's.
fn value<'v>(unwrapped: &'v [u8], draft: &Draft, row: &Row) -> Result<&'v [u8]> {
    let len = draft.ulong(CKA_VALUE_LEN).map_or(unwrapped.len(), |len| usize::try_from(len).unwrap_or(usize::MAX));
    let fits = match unwrapped.split_at_checked(len) {
        Some((_, rest)) if row.fills > 0 => rest.iter().all(|byte| *byte == 0),
        Some((_, rest)) => rest.is_empty(),
        None => false,
    };
    if fits { Ok(&unwrapped[..len]) } else { Rv::WrappedKeyLenRange.err("CKA_VALUE_LEN is not the length of the key") }
}

fn wrapping_trouble(error: Error) -> Error {
    let rv = match error.rv {
        Rv::KeyTypeInconsistent => Rv::WrappingKeyTypeInconsistent,
        Rv::DataLenRange => Rv::KeySizeRange,
        rv => rv,
    };
    rv.because(error.why)
}

fn unwrapping_trouble(error: Error) -> Error {
    let rv = match error.rv {
        Rv::KeyTypeInconsistent => Rv::UnwrappingKeyTypeInconsistent,
        Rv::EncryptedDataInvalid | Rv::AeadDecryptFailed | Rv::AttributeValueInvalid => Rv::WrappedKeyInvalid,
        Rv::EncryptedDataLenRange => Rv::WrappedKeyLenRange,
        rv => rv,
    };
    rv.because(error.why)
}
