//! A session: its rights, and one operation of each kind (PKCS#11 v3.2 §5.6).

pub mod built_in;
mod cipher;
mod dates;
mod derive;
mod digest;
mod dual;
mod find;
mod generate;
mod inherit;
mod messages;
mod objects;
mod one_time;
mod public_half;
mod recover;
mod rights;
mod saved;
mod sign;
mod signed_messages;
mod state;
mod verify_signature;
mod wrap;

use std::sync::Arc;

use cryptoki_sys::*;

use crate::{
    config::Config,
    crypto::Digest,
    error::{Error, Result, Rv},
    mechanism::{Cipher, Row, Signer, Verifier},
    object::{Object, key::Key, traits::Usage},
    operation::Op,
    token::{Role, Token},
};
use find::Find;
use messages::Messages;
use signed_messages::{Signing, Verifying};
use state::Starts;
use verify_signature::Known;

/// What a session is made of; fixed while it lives.
pub struct Origin {
    pub handle: CK_SESSION_HANDLE,
    pub slot: CK_SLOT_ID,
    pub read_write: bool,
    pub token: Arc<Token>,
    pub config: Arc<Config>,
}

/// A session.
pub struct Session {
    origin: Origin,
    find: Option<Find>,
    encrypt: Op<dyn Cipher>,
    decrypt: Op<dyn Cipher>,
    digest: Op<Digest>,
    sign: Op<dyn Signer>,
    verify: Op<dyn Verifier>,
    sign_recover: Op<dyn Signer>,
    verify_recover: Op<dyn Cipher>,
    verify_signature: Op<Known>,
    message_encrypt: Option<Messages>,
    message_decrypt: Option<Messages>,
    message_sign: Option<Signing>,
    message_verify: Option<Verifying>,
    starts: Starts,
    /// The token's logins when the session was last at work.
    logins: u64,
}

impl Session {
    /// A session without operations.
    pub fn new(origin: Origin) -> Self {
        Self {
            logins: origin.token.logins(),
            origin,
            find: None,
            encrypt: Op::default(),
            decrypt: Op::default(),
            digest: Op::default(),
            sign: Op::default(),
            verify: Op::default(),
            sign_recover: Op::default(),
            verify_recover: Op::default(),
            verify_signature: Op::default(),
            message_encrypt: None,
            message_decrypt: None,
            message_sign: None,
            message_verify: None,
            starts: Starts::default(),
        }
    }

    /// What the session is made of.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// CK_SESSION_INFO.
    pub fn info(&self) -> CK_SESSION_INFO {
        let write = if self.origin.read_write { CKF_RW_SESSION } else { 0 };
        let state = match (self.token().role(), self.origin.read_write) {
            (None, false) => CKS_RO_PUBLIC_SESSION,
            (None, true) => CKS_RW_PUBLIC_SESSION,
            (Some(Role::User), false) => CKS_RO_USER_FUNCTIONS,
            (Some(Role::User), true) => CKS_RW_USER_FUNCTIONS,
            (Some(Role::So), _) => CKS_RW_SO_FUNCTIONS,
        };
        CK_SESSION_INFO { slotID: self.origin.slot, state, flags: CKF_SERIAL_SESSION | write, ulDeviceError: 0 }
    }

    /// Cancels operations (C_SessionCancel, §5.6.5); flags of kinds that are not under way do nothing.
    pub fn cancel(&mut self, flags: CK_FLAGS) {
        let asked = |flag| flags & flag != 0;
        if asked(CKF_FIND_OBJECTS) {
            self.find = None;
        }
        if asked(CKF_ENCRYPT) {
            self.encrypt.cancel();
        }
        if asked(CKF_DECRYPT) {
            self.decrypt.cancel();
        }
        if asked(CKF_DIGEST) {
            self.digest.cancel();
        }
        if asked(CKF_SIGN) {
            self.sign.cancel();
        }
        if asked(CKF_VERIFY) {
            self.verify.cancel();
            self.verify_signature.cancel();
        }
        if asked(CKF_MESSAGE_ENCRYPT) {
            self.message_encrypt = None;
        }
        if asked(CKF_MESSAGE_DECRYPT) {
            self.message_decrypt = None;
        }
        if asked(CKF_MESSAGE_SIGN) {
            self.message_sign = None;
        }
        if asked(CKF_MESSAGE_VERIFY) {
            self.message_verify = None;
        }
        if asked(CKF_SIGN_RECOVER) {
            self.sign_recover.cancel();
        }
        if asked(CKF_VERIFY_RECOVER) {
            self.verify_recover.cancel();
        }
    }

    /// Drops every operation but a search.
    fn cancel_all(&mut self) {
        self.cancel(!CKF_FIND_OBJECTS);
    }

    /// Notices a login that ended without C_Logout: a PIN that was locked, a token made anew.
    pub fn settle(&mut self) {
        let now = self.token().logins();
        if self.logins != now && self.logins % 2 == 1 {
            self.end_login();
        }
        self.logins = now;
    }

    /// Drops what was begun before a logout: nothing goes on with a private key that its user has put away.
    pub fn end_login(&mut self) {
        self.cancel(CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY);
        self.cancel(CKF_FIND_OBJECTS | CKF_ENCRYPT | CKF_DECRYPT | CKF_SIGN | CKF_VERIFY | CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER);
    }

    /// The context-specific login for a key with CKA_ALWAYS_AUTHENTICATE (§5.6.8): it serves the operation that awaits it.
    pub fn reauthenticate(&mut self, pin: &[u8]) -> Result<()> {
        if self.token().role() != Some(Role::User) {
            return Rv::UserNotLoggedIn.err("the context-specific login repeats the user's login");
        }
        if !self.sign.awaits_login() && !self.sign_recover.awaits_login() && !self.decrypt.awaits_login() {
            return Rv::OperationNotInitialized.err("no operation awaits a context-specific login");
        }
        self.token().reauthenticate(pin)?;
        // It serves one operation.
        let _ = self.sign.authenticate() || self.sign_recover.authenticate() || self.decrypt.authenticate();
        Ok(())
    }

    /// The row of a mechanism, if the configuration lets it be used.
    fn row(&self, kind: CK_MECHANISM_TYPE) -> Result<&'static Row> {
        self.origin.config.mechanisms.offered(self.token().serial(), kind)
    }

    /// Refuses unless the key may be used so, and is as large as the configuration demands.
    fn permitted(&self, row: &Row, object: &Object, usage: Usage) -> Result<()> {
        object.permits(usage, row.kind)?;
        if self.origin.config.enforce_dates {
            dates::allow(object, usage)?;
        }
        self.may_use(object)?;
        self.large_enough(row, object.key()?)
    }

    /// The same, and the key is about to be used: that is counted and told.
    fn begin_use(&self, row: &Row, handle: CK_OBJECT_HANDLE, object: &Arc<Object>, usage: Usage) -> Result<()> {
        self.permitted(row, object, usage)?;
        self.token().use_key(handle, object, usage, row.name)
    }

    fn large_enough(&self, row: &Row, key: &Key) -> Result<()> {
        self.long_enough(row, if row.bytes { key.size() / 8 } else { key.size() })
    }

    /// The same of a size in the mechanism's unit.
    fn long_enough(&self, row: &Row, size: CK_ULONG) -> Result<()> {
        let least = self.origin.config.mechanisms.least(self.token().serial(), row);
        match least.is_some_and(|least| size < least) {
            false => Ok(()),
            true => Rv::KeySizeRange.err("the key is smaller than the configuration allows for this mechanism"),
        }
    }

    fn token(&self) -> &Token {
        &self.origin.token
    }

    fn is_so(&self) -> bool {
        self.token().role() == Some(Role::So)
    }

    /// The object of a handle that names a key; `invalid` is the name the function has for a bad one.
    fn key(&self, handle: CK_OBJECT_HANDLE, invalid: Rv) -> Result<Arc<Object>> {
        let renamed = |error: Error| if error.rv == Rv::ObjectHandleInvalid { invalid.because(error.why) } else { error };
        let object = self.token().object(handle).map_err(renamed)?;
        match object.traits().key_type {
            Some(_) if object.traits().class != CKO_DOMAIN_PARAMETERS => Ok(object),
            _ => invalid.err("the object is not a key"),
        }
    }
}
