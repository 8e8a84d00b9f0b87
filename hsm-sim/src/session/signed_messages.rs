//! Messages signed and verified with one key: PKCS#11 v3.2 §5.14 and §5.16.

use cryptoki_sys::*;

use super::{Session, messages::Ticket};
use crate::{
    abi::message::Parameter,
    error::{Result, Rv},
    mechanism::{MakeSigner, MakeVerifier, Mechanism, Signer, Verifier, usable},
    object::traits::Usage,
    reply::{Reply, Room},
};

/// A process that begins each message anew; `make` makes a `T`.
pub struct Process<M, T: ?Sized> {
    make: M,
    kind: CK_MECHANISM_TYPE,
    parameter: Vec<u8>,
    ticket: Ticket,
    current: Option<Box<T>>,
}

pub type Signing = Process<MakeSigner, dyn Signer>;
pub type Verifying = Process<MakeVerifier, dyn Verifier>;

impl Signing {
    fn fresh(&self) -> Result<Box<dyn Signer>> {
        (self.make)(&Mechanism::attached(self.kind, &self.parameter), self.ticket.object.key()?)
    }
}

impl Verifying {
    fn fresh(&self) -> Result<Box<dyn Verifier>> {
        (self.make)(&Mechanism::attached(self.kind, &self.parameter), self.ticket.object.key()?)
    }
}

impl Session {
    /// C_MessageSignInit.
    pub fn message_sign_init(&mut self, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) -> Result<()> {
        let Some(mechanism) = mechanism else { return ended(self.message_sign.take()) };
        if self.message_sign.is_some() {
            return active();
        }
        let row = self.row(mechanism.kind)?;
        let make = usable(row.sign)?;
        let object = self.key(key, Rv::KeyHandleInvalid)?;
        make(&mechanism, object.key()?)?;
        self.permitted(row, &object, Usage::SIGN)?;
        if object.traits().always_authenticate {
            return Rv::UserNotLoggedIn
                .err("a key with CKA_ALWAYS_AUTHENTICATE is used once for each login, not for many messages");
        }
        let parameter = mechanism.detach(row.flat)?;
        let ticket = Ticket { handle: key, object, usage: Usage::SIGN, mechanism: row.name };
        self.message_sign = Some(Process { make, kind: mechanism.kind, parameter, ticket, current: None });
        Ok(())
    }

    /// C_SignMessage.
    pub fn sign_message(&mut self, parameter: Parameter, data: &[u8], room: Room<'_>) -> Result<Reply> {
        let signing = between(&mut self.message_sign)?;
        parameter.none()?;
        let mut signer = signing.fresh()?;
        room.fill(signer.signature_len(), |output| {
            signing.ticket.count(&self.origin.token)?;
            signer.update(data)?;
            signer.finish(output)
        })
    }

    /// C_SignMessageBegin.
    pub fn sign_message_begin(&mut self, parameter: Parameter) -> Result<()> {
        let signing = between(&mut self.message_sign)?;
        parameter.none()?;
        signing.ticket.count(&self.origin.token)?;
        signing.current = Some(signing.fresh()?);
        Ok(())
    }

    /// C_SignMessageNext: a part, and with `room` the signature.
    pub fn sign_message_next(&mut self, parameter: Parameter, part: &[u8], room: Option<Room<'_>>) -> Result<Reply> {
        let signing = within(&mut self.message_sign)?;
        parameter.none()?;
        let Some(mut signer) = signing.current.take() else { return Rv::OperationNotInitialized.err(NOT_BEGUN) };
        let Some(room) = room else {
            signer.update(part)?;
            signing.current = Some(signer);
            return Ok(Reply::Wrote(0));
        };
        let reply = room.fill(signer.signature_len(), |output| {
            signer.update(part)?;
            signer.finish(output)
        })?;
        if !reply.done() {
            signing.current = Some(signer);
        }
        Ok(reply)
    }

    /// C_MessageSignFinal.
    pub fn message_sign_final(&mut self) -> Result<()> {
        ended(self.message_sign.take())
    }

    /// C_MessageVerifyInit.
    pub fn message_verify_init(&mut self, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) -> Result<()> {
        let Some(mechanism) = mechanism else { return ended(self.message_verify.take()) };
        if self.message_verify.is_some() {
            return active();
        }
        let row = self.row(mechanism.kind)?;
        let make = usable(row.verify)?;
        let object = self.key(key, Rv::KeyHandleInvalid)?;
        make(&mechanism, object.key()?)?;
        self.permitted(row, &object, Usage::VERIFY)?;
        let parameter = mechanism.detach(row.flat)?;
        let ticket = Ticket { handle: key, object, usage: Usage::VERIFY, mechanism: row.name };
        self.message_verify = Some(Process { make, kind: mechanism.kind, parameter, ticket, current: None });
        Ok(())
    }

    /// C_VerifyMessage.
    pub fn verify_message(&mut self, parameter: Parameter, data: &[u8], signature: &[u8]) -> Result<()> {
        let verifying = between(&mut self.message_verify)?;
        parameter.none()?;
        verifying.ticket.count(&self.origin.token)?;
        let mut verifier = verifying.fresh()?;
        verifier.update(data)?;
        verifier.finish(signature)
    }

    /// C_VerifyMessageBegin.
    pub fn verify_message_begin(&mut self, parameter: Parameter) -> Result<()> {
        let verifying = between(&mut self.message_verify)?;
        parameter.none()?;
        verifying.ticket.count(&self.origin.token)?;
        verifying.current = Some(verifying.fresh()?);
        Ok(())
    }

    /// C_VerifyMessageNext: a part, and at the end the signature.
    pub fn verify_message_next(&mut self, parameter: Parameter, part: &[u8], signature: Option<&[u8]>) -> Result<()> {
        let verifying = within(&mut self.message_verify)?;
        parameter.none()?;
        let Some(mut verifier) = verifying.current.take() else { return Rv::OperationNotInitialized.err(NOT_BEGUN) };
        verifier.update(part)?;
        match signature {
            Some(signature) => verifier.finish(signature),
            None => {
                verifying.current = Some(verifier);
                Ok(())
            }
        }
    }

    /// C_MessageVerifyFinal.
    pub fn message_verify_final(&mut self) -> Result<()> {
        ended(self.message_verify.take())
    }
}

const NOT_BEGUN: &str = "no message in parts was begun";

/// The process, when no message in parts is open.
fn between<M, T: ?Sized>(process: &mut Option<Process<M, T>>) -> Result<&mut Process<M, T>> {
    match within(process)? {
        process if process.current.is_none() => Ok(process),
        _ => Rv::OperationActive.err("a message in parts is not finished"),
    }
}

fn within<M, T: ?Sized>(process: &mut Option<Process<M, T>>) -> Result<&mut Process<M, T>> {
    process.as_mut().ok_or(Rv::OperationNotInitialized.because("no message process of this kind is active"))
}

fn ended<T>(process: Option<T>) -> Result<()> {
    process.map(drop).ok_or(Rv::OperationNotInitialized.because("no message process of this kind is active"))
}

fn active<T>() -> Result<T> {
    Rv::OperationActive.err("a message process of this kind is active in the session")
}
