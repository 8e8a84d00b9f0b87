//! Messages encrypted and decrypted under one key: PKCS#11 v3.2 §5.9 and §5.11.
//!
//! Encryption gives each part at once where the cipher can; decryption gives the message when its tag was checked, with the last part.

use std::sync::Arc;

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::Session;
use crate::{
    abi::message::{Message, Parameter, Shape},
    error::{Result, Rv},
    mechanism::{
        Direction, Mechanism,
        aead::{Aead, Stream},
        nonce::Nonces,
        usable,
    },
    object::{Object, traits::Usage},
    reply::{Reply, Room},
    token::Token,
};

/// A message process.
pub struct Messages {
    aead: Box<dyn Aead>,
    shape: Shape,
    direction: Direction,
    nonces: Nonces,
    current: Option<Current>,
    ticket: Ticket,
}

/// What each message uses.
#[derive(Clone)]
pub(super) struct Ticket {
    pub handle: CK_OBJECT_HANDLE,
    pub object: Arc<Object>,
    pub usage: Usage,
    pub mechanism: &'static str,
}

impl Ticket {
    /// A message is about to use the key.
    pub(super) fn count(&self, token: &Token) -> Result<()> {
        token.use_key(self.handle, &self.object, self.usage, self.mechanism)
    }
}

/// A message given in parts.
enum Current {
    Stream(Box<dyn Stream>),
    Gathered { nonce: Vec<u8>, aad: Vec<u8>, parts: Zeroizing<Vec<u8>> },
}

impl Session {
    /// C_MessageEncryptInit and C_MessageDecryptInit.
    pub fn message_init(&mut self, direction: Direction, mechanism: Option<Mechanism<'_>>, key: CK_OBJECT_HANDLE) -> Result<()> {
        let Some(mechanism) = mechanism else { return self.message_final(direction) };
        if self.messages(direction).is_some() {
            return Rv::OperationActive.err("a message process of this kind is active in the session");
        }
        let row = self.row(mechanism.kind)?;
        let make = usable(row.aead.as_ref())?;
        let object = self.key(key, Rv::KeyHandleInvalid)?;
        let aead = (make.make)(object.key()?)?;
        let usage = if direction == Direction::Encrypt { Usage::ENCRYPT } else { Usage::DECRYPT };
        self.permitted(row, &object, usage)?;
        let ticket = Ticket { handle: key, object, usage, mechanism: row.name };
        let messages = Messages { aead, shape: make.shape, direction, nonces: Nonces::default(), current: None, ticket };
        *self.messages(direction) = Some(messages);
        Ok(())
    }

    /// C_EncryptMessage and C_DecryptMessage.
    pub fn message(
        &mut self,
        direction: Direction,
        parameter: Parameter,
        aad: &[u8],
        input: &[u8],
        room: Room<'_>,
    ) -> Result<Reply> {
        let token = Arc::clone(&self.origin.token);
        let messages = self.active_messages(direction)?;
        if messages.current.is_some() {
            return Rv::OperationActive.err("a message in parts is not finished");
        }
        let message = messages.parameter(parameter, Some(input.len()))?;
        if room.takes(input.len()) {
            messages.ticket.count(&token)?;
        }
        match direction {
            Direction::Encrypt => messages.seal(&message, aad, input, room),
            Direction::Decrypt => messages.open(&message.nonce(), &message, aad, input, room),
        }
    }

    /// C_EncryptMessageBegin and C_DecryptMessageBegin.
    pub fn message_begin(&mut self, direction: Direction, parameter: Parameter, aad: &[u8]) -> Result<()> {
        let token = Arc::clone(&self.origin.token);
        let messages = self.active_messages(direction)?;
        if messages.current.is_some() {
            return Rv::OperationActive.err("a message in parts is not finished");
        }
        let message = messages.parameter(parameter, None)?;
        messages.ticket.count(&token)?;
        let nonce = match direction {
            Direction::Encrypt => messages.nonces.next(&message)?,
            Direction::Decrypt => message.nonce(),
        };
        let stream = match direction {
            Direction::Encrypt => messages.aead.stream(&nonce, aad, message.tag_len)?,
            Direction::Decrypt => None,
        };
        message.put_nonce(&nonce);
        let gathered = || Current::Gathered { nonce, aad: aad.to_vec(), parts: Zeroizing::default() };
        messages.current = Some(stream.map_or_else(gathered, Current::Stream));
        Ok(())
    }

    /// C_EncryptMessageNext and C_DecryptMessageNext.
    pub fn message_next(
        &mut self,
        direction: Direction,
        parameter: Parameter,
        part: &[u8],
        room: Room<'_>,
        flags: CK_FLAGS,
    ) -> Result<Reply> {
        let messages = self.active_messages(direction)?;
        let Some(current) = messages.current.take() else {
            return Rv::OperationNotInitialized.err("no message in parts was begun");
        };
        let last = flags & CKF_END_OF_MESSAGE != 0;
        let message = if last { Some(messages.parameter(parameter, None)?) } else { None };
        messages.step(current, message.as_ref(), part, room)
    }

    /// C_MessageEncryptFinal and C_MessageDecryptFinal.
    pub fn message_final(&mut self, direction: Direction) -> Result<()> {
        match self.messages(direction).take() {
            Some(_) => Ok(()),
            None => idle(),
        }
    }

    fn messages(&mut self, direction: Direction) -> &mut Option<Messages> {
        match direction {
            Direction::Encrypt => &mut self.message_encrypt,
            Direction::Decrypt => &mut self.message_decrypt,
        }
    }

    fn active_messages(&mut self, direction: Direction) -> Result<&mut Messages> {
        self.messages(direction).as_mut().ok_or(Rv::OperationNotInitialized.because("no message process of this kind is active"))
    }
}

impl Messages {
    /// The caller's parameter; `len` is that of a whole message, which some of them repeat.
    fn parameter(&self, parameter: Parameter, len: Option<usize>) -> Result<Message> {
        let message = parameter.read(self.shape)?;
        self.aead.check(message.nonce().len(), message.tag_len)?;
        match (message.data_len, len) {
            (Some(said), Some(len)) if said != len => Rv::MechanismParamInvalid.err("ulDataLen is not the length of the message"),
            _ => Ok(message),
        }
    }

    fn seal(&mut self, message: &Message, aad: &[u8], plain: &[u8], room: Room<'_>) -> Result<Reply> {
        let mut made = None;
        let reply = room.fill(plain.len(), |output| {
            let (nonce, mut tag) = (self.nonces.next(message)?, vec![0; message.tag_len]);
            self.aead.seal(&nonce, aad, plain, output, &mut tag)?;
            made = Some((nonce, tag));
            Ok(plain.len())
        })?;
        // Only now, when nothing borrows the caller's memory any more.
        if let Some((nonce, tag)) = made {
            message.put_nonce(&nonce);
            message.put_tag(&tag);
        }
        Ok(reply)
    }

    fn open(&self, nonce: &[u8], message: &Message, aad: &[u8], sealed: &[u8], room: Room<'_>) -> Result<Reply> {
        let tag = message.tag();
        room.fill(sealed.len(), |output| {
            self.aead.open(nonce, aad, sealed, &tag, output)?;
            Ok(sealed.len())
        })
    }

    /// One part; with the caller's parameter when it is the last. A length answer leaves the message as it was.
    fn step(&mut self, current: Current, last: Option<&Message>, part: &[u8], room: Room<'_>) -> Result<Reply> {
        match current {
            Current::Stream(mut stream) => {
                let reply = room.fill(part.len(), |output| stream.update(part, output).map(|()| part.len()))?;
                match last.filter(|_| reply.done()) {
                    None => self.current = Some(Current::Stream(stream)),
                    Some(message) => {
                        let mut tag = vec![0; message.tag_len];
                        stream.finish(&mut tag)?;
                        message.put_tag(&tag);
                    }
                }
                Ok(reply)
            }
            Current::Gathered { nonce, aad, mut parts } => {
                let Some(message) = last else {
                    let reply = room.fill(0, |_| Ok(0))?;
                    if reply.done() {
                        crate::mechanism::append(&mut parts, part);
                    }
                    self.current = Some(Current::Gathered { nonce, aad, parts });
                    return Ok(reply);
                };
                let mut whole = Zeroizing::new(Vec::with_capacity(parts.len() + part.len()));
                whole.extend_from_slice(&parts);
                whole.extend_from_slice(part);
                let reply = self.finish(&nonce, message, &aad, &whole, room)?;
                if !reply.done() {
                    self.current = Some(Current::Gathered { nonce, aad, parts });
                }
                Ok(reply)
            }
        }
    }

    fn finish(&self, nonce: &[u8], message: &Message, aad: &[u8], whole: &[u8], room: Room<'_>) -> Result<Reply> {
        if self.direction == Direction::Decrypt {
            return self.open(nonce, message, aad, whole, room);
        }
        let mut tag = vec![0; message.tag_len];
        let reply = room.fill(whole.len(), |output| self.aead.seal(nonce, aad, whole, output, &mut tag).map(|()| whole.len()))?;
        if reply.done() {
            message.put_tag(&tag);
        }
        Ok(reply)
    }
}

fn idle() -> Result<()> {
    Rv::OperationNotInitialized.err("no message process of this kind is active")
}
