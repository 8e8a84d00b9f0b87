//! Saving what a session is computing, and going on with it: PKCS#11 v3.2 §5.6.6 and §5.6.7.
//!
//! What is saved holds no key: those that were in use are given again by their handles, and must be the same ones.

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::{
    Session,
    saved::{OVERHEAD, Saved, StateKey, read, write},
};
use crate::{
    crypto::{Digest, Direction, Hash},
    error::{Result, Rv},
    mechanism::{Cipher, Mechanism, Row, Signer, Verifier, usable},
    object::{Object, traits::Usage},
    operation::Op,
    reply::{Reply, Room},
    secret::Secret,
};

/// How an operation with a key was begun, so that it can be begun again.
pub struct Start {
    kind: CK_MECHANISM_TYPE,
    parameter: Vec<u8>,
    key: CK_OBJECT_HANDLE,
}

impl Start {
    /// `None` for a parameter that points elsewhere: it does not outlive the call.
    pub fn new(row: &Row, mechanism: &Mechanism<'_>, key: CK_OBJECT_HANDLE) -> Option<Self> {
        let parameter = mechanism.detach(row.flat).ok()?;
        Some(Self { kind: mechanism.kind, parameter, key })
    }
}

/// How the session's operations with keys were begun. It means something while they are active.
#[derive(Default)]
pub struct Starts {
    pub encrypt: Option<Start>,
    pub decrypt: Option<Start>,
    pub sign: Option<Start>,
    pub verify: Option<Start>,
}

/// The kinds of operations in a state.
const ENCRYPT: u8 = 1;
const DECRYPT: u8 = 2;
const DIGEST: u8 = 3;
const SIGN: u8 = 4;
const VERIFY: u8 = 5;

/// What a saved state becomes in a session; it replaces all of it, or nothing.
#[derive(Default)]
struct Resumed {
    encrypt: Op<dyn Cipher>,
    decrypt: Op<dyn Cipher>,
    digest: Op<Digest>,
    sign: Op<dyn Signer>,
    verify: Op<dyn Verifier>,
    starts: Starts,
}

impl Session {
    /// C_GetOperationState.
    pub fn save_state(&self, room: Room<'_>) -> Result<Reply> {
        let plain = self.saved()?;
        room.fill(plain.len() + OVERHEAD, |output| self.state_key()?.seal(plain.expose(), output))
    }

    fn saved(&self) -> Result<Secret> {
        if self.does_what_stays() {
            return Rv::StateUnsaveable.err("an operation with messages, recovered data or a known signature is active");
        }
        self.keys_suffice()?;
        let mut plain = Zeroizing::new(Vec::new());
        if let Some((digest, streaming)) = self.digest.saveable() {
            let kind = Hash::ALL.iter().position(|hash| *hash == digest.hash()).unwrap_or_default() as CK_ULONG;
            let state = digest.save().ok_or(Rv::StateUnsaveable.because("the state of this hash cannot be saved"))?;
            let saved = Saved { streaming, kind, parameter: &[], fingerprint: &[], state: state.expose() };
            write(&mut plain, DIGEST, &saved);
        }
        self.save_keyed(&mut plain, ENCRYPT, &self.encrypt, &self.starts.encrypt, Cipher::save)?;
        self.save_keyed(&mut plain, DECRYPT, &self.decrypt, &self.starts.decrypt, Cipher::save)?;
        self.save_keyed(&mut plain, SIGN, &self.sign, &self.starts.sign, Signer::save)?;
        self.save_keyed(&mut plain, VERIFY, &self.verify, &self.starts.verify, Verifier::save)?;
        match plain.is_empty() {
            true => Rv::OperationNotInitialized.err("no operation is active in the session"),
            false => Ok(Secret::take(&mut plain)),
        }
    }

    fn does_what_stays(&self) -> bool {
        let messages = self.message_encrypt.is_some() || self.message_decrypt.is_some();
        let signed = self.message_sign.is_some() || self.message_verify.is_some();
        let recovers = self.sign_recover.active() || self.verify_recover.active();
        messages || signed || recovers || self.verify_signature.active()
    }

    /// C_SetOperationState takes one key for ciphers and one for signatures.
    fn keys_suffice(&self) -> Result<()> {
        let starts = &self.starts;
        let key = |active: bool, start: &Option<Start>| start.as_ref().filter(|_| active).map(|start| start.key);
        let ciphers = (key(self.encrypt.active(), &starts.encrypt), key(self.decrypt.active(), &starts.decrypt));
        let macs = (key(self.sign.active(), &starts.sign), key(self.verify.active(), &starts.verify));
        let differ = |pair| matches!(pair, (Some(one), Some(other)) if one != other);
        match differ(ciphers) || differ(macs) {
            true => Rv::StateUnsaveable.err("two operations of a kind are active with different keys"),
            false => Ok(()),
        }
    }

    fn save_keyed<T: ?Sized>(
        &self,
        plain: &mut Zeroizing<Vec<u8>>,
        which: u8,
        op: &Op<T>,
        start: &Option<Start>,
        save: fn(&T) -> Option<Secret>,
    ) -> Result<()> {
        if !op.active() {
            return Ok(());
        }
        let saved = op.saveable().and_then(|(step, streaming)| Some((save(step)?, streaming)));
        let (Some((state, streaming)), Some(start)) = (saved, start) else {
            return Rv::StateUnsaveable.err("the state of an operation of this mechanism does not leave the token");
        };
        let key = self.token().object(start.key).map_err(|_| Rv::StateUnsaveable.because("the key in use is gone"))?;
        let fingerprint = self.state_key()?.fingerprint(&key);
        let (kind, parameter) = (start.kind, &start.parameter);
        write(plain, which, &Saved { streaming, kind, parameter, fingerprint: &fingerprint, state: state.expose() });
        Ok(())
    }

    fn state_key(&self) -> Result<StateKey<'_>> {
        Ok(StateKey { key: self.token().state_key()?, token: self.token().header() })
    }

    /// C_SetOperationState: what the session was doing gives way to what was saved. Nothing changes on an error.
    pub fn resume_state(&mut self, sealed: &[u8], cipher_key: CK_OBJECT_HANDLE, mac_key: CK_OBJECT_HANDLE) -> Result<()> {
        let plain = self.state_key()?.open(sealed)?;
        let (mut resumed, mut rest) = (Resumed::default(), plain.expose());
        let (mut ciphers, mut macs) = (false, false);
        while let Some(((kind, saved), later)) = read(rest) {
            ciphers |= matches!(kind, ENCRYPT | DECRYPT);
            macs |= matches!(kind, SIGN | VERIFY);
            let key = if matches!(kind, SIGN | VERIFY) { mac_key } else { cipher_key };
            self.resume(kind, &saved, key, &mut resumed)?;
            rest = later;
        }
        if (!ciphers && cipher_key != CK_INVALID_HANDLE) || (!macs && mac_key != CK_INVALID_HANDLE) {
            return Rv::KeyNotNeeded.err("the state holds no operation with such a key");
        }
        self.cancel_all();
        (self.encrypt, self.decrypt, self.digest) = (resumed.encrypt, resumed.decrypt, resumed.digest);
        (self.sign, self.verify, self.starts) = (resumed.sign, resumed.verify, resumed.starts);
        Ok(())
    }

    fn resume(&self, kind: u8, saved: &Saved<'_>, key: CK_OBJECT_HANDLE, resumed: &mut Resumed) -> Result<()> {
        if kind == DIGEST {
            let hash = *Hash::ALL.get(saved.kind as usize).ok_or(Rv::SavedStateInvalid)?;
            let digest = Digest::resume(hash, saved.state).map_err(|_| Rv::SavedStateInvalid)?;
            resumed.digest = Op::resumed(Box::new(digest), saved.streaming);
            return Ok(());
        }
        let row = self.row(saved.kind)?;
        let object = self.same_key(key, saved.fingerprint)?;
        let mechanism = Mechanism::attached(saved.kind, saved.parameter);
        let start = Start::new(row, &mechanism, key);
        let cipher = |direction, usage| -> Result<Op<dyn Cipher>> {
            self.begin_use(row, key, &object, usage)?;
            let mut cipher = usable(row.cipher)?(&mechanism, object.key()?, direction)?;
            fits(cipher.resume(saved.state))?;
            Ok(Op::resumed(cipher, saved.streaming))
        };
        match kind {
            ENCRYPT => (resumed.encrypt, resumed.starts.encrypt) = (cipher(Direction::Encrypt, Usage::ENCRYPT)?, start),
            DECRYPT => (resumed.decrypt, resumed.starts.decrypt) = (cipher(Direction::Decrypt, Usage::DECRYPT)?, start),
            SIGN => {
                self.begin_use(row, key, &object, Usage::SIGN)?;
                let mut signer = usable(row.sign)?(&mechanism, object.key()?)?;
                fits(signer.resume(saved.state))?;
                (resumed.sign, resumed.starts.sign) = (Op::resumed(signer, saved.streaming), start);
            }
            VERIFY => {
                self.begin_use(row, key, &object, Usage::VERIFY)?;
                let mut verifier = usable(row.verify)?(&mechanism, object.key()?)?;
                fits(verifier.resume(saved.state))?;
                (resumed.verify, resumed.starts.verify) = (Op::resumed(verifier, saved.streaming), start);
            }
            _ => return Rv::SavedStateInvalid.err("no such kind of operation"),
        }
        Ok(())
    }

    /// The key of a handle, if it is the one that was in use.
    fn same_key(&self, key: CK_OBJECT_HANDLE, fingerprint: &[u8]) -> Result<std::sync::Arc<Object>> {
        if key == CK_INVALID_HANDLE {
            return Rv::KeyNeeded.err("the state was saved without its key: give the handle");
        }
        let object = self.key(key, Rv::KeyHandleInvalid)?;
        match self.state_key()?.fingerprint(&object) == fingerprint {
            true => Ok(object),
            false => Rv::KeyChanged.err("another key was in use when the state was saved"),
        }
    }
}

fn fits(resumed: bool) -> Result<()> {
    if resumed { Ok(()) } else { Rv::SavedStateInvalid.err("the state is not of such an operation") }
}
