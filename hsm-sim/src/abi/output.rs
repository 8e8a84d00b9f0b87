//! What goes back to the caller.

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::{Arg, input::In};
use crate::{
    error::{Error, Result, Rv},
    reply::{Reply, Room},
};

/// Characters of the reason for a failure: it may quote what was given, and a document has room for so many of them.
const MOST_WHY: usize = 1000;

/// A buffer and the pointer to its length: the convention of PKCS#11 v3.2 §5.2.
pub struct Out {
    buffer: *mut CK_BYTE,
    len: *mut CK_ULONG,
}

impl Arg for Out {
    type Raw = *mut CK_BYTE;
    type Len = *mut CK_ULONG;

    unsafe fn from_c(buffer: *mut CK_BYTE, len: *mut CK_ULONG) -> Result<Self> {
        if len.is_null() || !len.is_aligned() {
            return Rv::ArgumentsBad.err("NULL length of output");
        }
        Ok(Self { buffer, len })
    }
}

/// Output that is only wanted when a length pointer is given (C_SignMessageNext).
impl Arg for Option<Out> {
    type Raw = *mut CK_BYTE;
    type Len = *mut CK_ULONG;

    unsafe fn from_c(buffer: *mut CK_BYTE, len: *mut CK_ULONG) -> Result<Self> {
        if len.is_null() {
            return Ok(None);
        }
        // SAFETY: the caller's pointers, as `Arg::from_c` demands.
        unsafe { Out::from_c(buffer, len) }.map(Some)
    }
}

impl Out {
    /// Answers with what `make` produces.
    pub fn answer(self, make: impl FnOnce(Room<'_>) -> Result<Reply>) -> Result<()> {
        let reply = make(self.room())?;
        self.tell(reply)
    }

    /// Answers with what `make` produces from `input`, which may be the same memory as the buffer (§5.2): then `make` gets a copy.
    pub fn answer_from(self, input: In<'_>, make: impl FnOnce(&[u8], Room<'_>) -> Result<Reply>) -> Result<()> {
        let reply = if self.overlaps(input.0) {
            let copy = Zeroizing::new(input.0.to_vec());
            make(&copy, self.room())?
        } else {
            make(input.0, self.room())?
        };
        self.tell(reply)
    }

    /// Answers with a document of at most `most` bytes, which is also the length told to whoever asks for it; `make` runs only when so many
    /// would fit. Where it fails, the document says why: `{"error": "..."}`.
    pub fn document(self, input: In<'_>, most: usize, make: impl FnOnce(&[u8]) -> Result<Zeroizing<Vec<u8>>>) -> Result<()> {
        let mut failed = Ok(());
        let told = self.answer_from(input, |request, room| {
            room.fill(most, |buffer| {
                let document = make(request).or_else(|error| {
                    let why: String = error.why.chars().take(MOST_WHY).collect();
                    let text = format!("{{\"error\":{}}}", serde_json::Value::from(why));
                    failed = Err(error);
                    Ok::<_, Error>(Zeroizing::new(text.into_bytes()))
                })?;
                let fits = buffer.get_mut(..document.len());
                fits.ok_or(Rv::FunctionFailed.because("the reply outgrew its bound"))?.copy_from_slice(&document);
                Ok(document.len())
            })
        });
        told.and(failed)
    }

    fn capacity(&self) -> usize {
        // SAFETY: checked for NULL and alignment in `from_c`; the caller's to read and write during the call.
        let len = unsafe { *self.len };
        usize::try_from(len).unwrap_or(usize::MAX).min(isize::MAX as usize)
    }

    fn overlaps(&self, input: &[u8]) -> bool {
        let (buffer, input) = (self.buffer.addr()..self.buffer.addr().saturating_add(self.capacity()), input.as_ptr_range());
        !self.buffer.is_null() && buffer.start < input.end.addr() && input.start.addr() < buffer.end
    }

    fn room(&self) -> Room<'_> {
        if self.buffer.is_null() {
            return Room::Query;
        }
        // SAFETY: not NULL; the caller says so many bytes are writable; inputs that share them were copied before.
        Room::Buffer(unsafe { std::slice::from_raw_parts_mut(self.buffer, self.capacity()) })
    }

    fn tell(self, reply: Reply) -> Result<()> {
        let (Reply::Length(n) | Reply::Short(n) | Reply::Wrote(n)) = reply;
        // SAFETY: checked for NULL and alignment in `from_c`; the caller's to read and write during the call.
        unsafe { *self.len = n as CK_ULONG };
        match reply {
            Reply::Short(_) => Rv::BufferTooSmall.err("the output buffer is too small"),
            Reply::Length(_) | Reply::Wrote(_) => Ok(()),
        }
    }
}

/// A list of fixed-size items and the pointer to their count: slots, mechanisms, interfaces.
pub struct List<T> {
    items: *mut T,
    count: *mut CK_ULONG,
}

impl<T: Copy> Arg for List<T> {
    type Raw = *mut T;
    type Len = *mut CK_ULONG;

    unsafe fn from_c(items: *mut T, count: *mut CK_ULONG) -> Result<Self> {
        if count.is_null() || !count.is_aligned() || !items.is_aligned() {
            return Rv::ArgumentsBad.err("NULL count of a list");
        }
        Ok(Self { items, count })
    }
}

impl<T: Copy> List<T> {
    /// True when the caller only asks for the count.
    pub fn is_query(&self) -> bool {
        self.items.is_null()
    }

    /// Gives all of `from`, or the count, or refuses for lack of place with the count.
    pub fn put(self, from: &[T]) -> Result<()> {
        // SAFETY: checked for NULL and alignment in `from_c`; the caller's to read and write during the call.
        let capacity = unsafe { std::mem::replace(&mut *self.count, from.len() as CK_ULONG) };
        if self.is_query() {
            return Ok(());
        }
        if capacity < from.len() as CK_ULONG {
            return Rv::BufferTooSmall.err("the list is too short");
        }
        // SAFETY: not NULL, aligned, and writable for `capacity` items by the caller's word, of which `from.len()` are used.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), self.items, from.len()) };
        Ok(())
    }
}

/// A list the caller made room for, filled as far as it goes (C_FindObjects).
pub struct Fill<T> {
    items: *mut T,
    room: CK_ULONG,
}

impl<T: Copy> Arg for Fill<T> {
    type Raw = *mut T;
    type Len = CK_ULONG;

    unsafe fn from_c(items: *mut T, room: CK_ULONG) -> Result<Self> {
        if (items.is_null() && room != 0) || !items.is_aligned() {
            return Rv::ArgumentsBad.err("NULL list");
        }
        Ok(Self { items, room })
    }
}

impl<T: Copy> Fill<T> {
    /// How many items fit.
    pub fn room(&self) -> usize {
        usize::try_from(self.room).unwrap_or(usize::MAX)
    }

    /// Gives `from`, as far as it fits; returns how many.
    pub fn put(self, from: &[T]) -> usize {
        let n = from.len().min(self.room());
        if n > 0 {
            // SAFETY: not NULL since `n` > 0, aligned, writable for `room` items by the caller's word.
            unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), self.items, n) };
        }
        n
    }
}

/// A single result: a handle, a structure, a list pointer.
#[derive(Clone, Copy)]
pub struct Put<T>(*mut T);

impl<T> Arg for Put<T> {
    type Raw = *mut T;
    type Len = ();

    unsafe fn from_c(raw: *mut T, _: ()) -> Result<Self> {
        if raw.is_null() || !raw.is_aligned() {
            return Rv::ArgumentsBad.err("NULL result pointer");
        }
        Ok(Self(raw))
    }
}

/// A result that a caller may not want: NULL is an answer.
impl<T> Arg for Option<Put<T>> {
    type Raw = *mut T;
    type Len = ();

    unsafe fn from_c(raw: *mut T, _: ()) -> Result<Self> {
        if raw.is_null() {
            return Ok(None);
        }
        // SAFETY: the caller's pointer, as `Arg::from_c` demands.
        unsafe { Put::from_c(raw, ()) }.map(Some)
    }
}

impl<T> Put<T> {
    /// Gives the result.
    pub fn put(self, value: T) {
        // SAFETY: not NULL and aligned by `from_c`; the caller's to write during the call. What was there has no destructor (C data).
        unsafe { self.0.write(value) };
    }
}

/// Random bytes: a buffer whose whole length is to be filled.
pub struct OutBytes<'a>(pub &'a mut [u8]);

impl Arg for OutBytes<'_> {
    type Raw = *mut CK_BYTE;
    type Len = CK_ULONG;

    unsafe fn from_c(raw: *mut CK_BYTE, len: CK_ULONG) -> Result<Self> {
        let len = usize::try_from(len).ok().filter(|len| isize::try_from(*len).is_ok());
        match len {
            Some(0) => Ok(Self(&mut [])),
            // SAFETY: not NULL, writable for `len` bytes by the caller's word, `len` fits isize.
            Some(len) if !raw.is_null() => Ok(Self(unsafe { std::slice::from_raw_parts_mut(raw, len) })),
            _ => Rv::ArgumentsBad.err("NULL or impossible length of output"),
        }
    }
}
