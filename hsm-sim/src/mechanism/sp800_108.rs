//! Keys by counter, feedback and double pipeline (PKCS#11 v3.2 §6.42, SP 800-108).

use std::{borrow::Cow, sync::Arc};

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::{
    Deriving, Row,
    derivation::{Attribute, Inheritance, KeySet, prf, value},
    table::{GENERIC, row},
};
use crate::{
    abi::params::sp800_108::{Kdf, Number, Part},
    crypto::kdf::Prf,
    error::{Result, Rv},
    object::Object,
    secret::Secret,
};

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_SP800_108_COUNTER_KDF, GENERIC, derive_set: Some(|m| Set::boxed(m.sp800_108()?, Mode::Counter))),
    row!(CKM_SP800_108_FEEDBACK_KDF, GENERIC, derive_set: Some(|m| Set::boxed(m.sp800_108_feedback()?, Mode::Feedback))),
    row!(CKM_SP800_108_DOUBLE_PIPELINE_KDF, GENERIC, derive_set: Some(|m| Set::boxed(m.sp800_108()?, Mode::DoublePipeline))),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Counter,
    Feedback,
    DoublePipeline,
}

struct Set<'m> {
    params: Kdf<'m>,
    mode: Mode,
}

/// A part of the input whose bytes are known, or are not before the iteration.
enum Piece<'p> {
    Iteration,
    Counter(Number),
    Bytes(Cow<'p, [u8]>),
    Key(Arc<Object>),
}

impl<'m> Set<'m> {
    /// Refuses what tables 195 to 197 (§6.42.4 to §6.42.6) do not allow.
    fn boxed(params: Kdf<'m>, mode: Mode) -> Result<Box<dyn KeySet + 'm>> {
        let count = |of: fn(&Part<'_>) -> bool| params.input.iter().filter(|part| of(part)).count();
        let formatted = count(|part| matches!(part, Part::Iteration(Some(_))));
        let bare = count(|part| matches!(part, Part::Iteration(None)));
        let counters = count(|part| matches!(part, Part::Counter(_)));
        let lengths = count(|part| matches!(part, Part::Length { .. }));
        let right = match mode {
            Mode::Counter => (formatted, bare, counters) == (1, 0, 0),
            Mode::Feedback | Mode::DoublePipeline => (formatted, bare) == (0, 1) && counters <= 1,
        };
        if !right || lengths > 1 {
            return Rv::MechanismParamInvalid.err("SP 800-108: these data do not go with this mode");
        }
        Ok(Box::new(Self { params, mode }))
    }

    fn pieces(&self, deriving: &Deriving<'_>, lens: &[usize], segment: usize) -> Result<Vec<Piece<'_>>> {
        let piece = |part: &Part<'m>| {
            Ok(match part {
                Part::Iteration(None) => Piece::Iteration,
                Part::Iteration(Some(format)) | Part::Counter(format) => Piece::Counter(*format),
                Part::Bytes(bytes) => Piece::Bytes(Cow::Borrowed(bytes)),
                Part::Key(key) => Piece::Key((deriving.keys)(*key)?),
                Part::Length { segments, format } => {
                    let whole = |len: &usize| if *segments { len.next_multiple_of(segment) } else { *len };
                    let bits = 8 * lens.iter().map(whole).sum::<usize>() as u64;
                    let written = format.write(bits);
                    Piece::Bytes(Cow::Owned(
                        written.ok_or(Rv::MechanismParamInvalid.because("the length is too wide for its place"))?,
                    ))
                }
            })
        };
        self.params.input.iter().map(piece).collect()
    }

    /// All segments of output, one after the other.
    fn output(&self, prf: &Prf, pieces: &[Piece<'_>], count: usize) -> Result<Secret> {
        // §6.42.6: A(0) is the input without its iteration variable and counter.
        let mut a = Secret::take(&mut input(pieces, &[], None)?);
        prf.chain(count * prf.len(), self.params.iv, |last, i| {
            if self.mode == Mode::DoublePipeline {
                a = prf.of(&[a.expose()])?;
            }
            let iteration = if self.mode == Mode::DoublePipeline { a.expose() } else { last };
            Ok(prf.of(&[&input(pieces, iteration, Some(i))?])?)
        })
    }
}

impl KeySet for Set<'_> {
    fn inheritance(&self) -> Inheritance {
        Inheritance::Suggested
    }

    fn templates<'t>(&'t self, given: &[Attribute<'t>]) -> Result<Vec<Vec<Attribute<'t>>>> {
        let borrow = |attribute: &'t Attribute<'_>| (attribute.0, Cow::Borrowed(attribute.1.as_ref()));
        let further = self.params.further.iter().map(|key| key.template.0.iter().map(borrow).collect());
        Ok(std::iter::once(given.to_vec()).chain(further).collect())
    }

    /// §6.42.8: the handle of the key whose template is at fault.
    fn blame(&self, at: usize) {
        if let Some(key) = at.checked_sub(1).and_then(|at| self.params.further.get(at)) {
            key.handle.put(CK_INVALID_HANDLE);
        }
    }

    fn derive(&mut self, deriving: &Deriving<'_>, lens: &[usize]) -> Result<(Vec<Secret>, Vec<Arc<Object>>)> {
        let prf = prf(self.params.prf, deriving.base)?;
        let pieces = self.pieces(deriving, lens, prf.len())?;
        let count = lens.iter().map(|len| len.div_ceil(prf.len())).sum();
        let output = self.output(&prf, &pieces, count)?;
        // No two keys share a segment.
        let mut rest = output.expose();
        let values = lens.iter().map(|len| {
            let (segments, after) = rest.split_at(len.next_multiple_of(prf.len()));
            rest = after;
            Secret::copy(&segments[..*len])
        });
        let values = values.collect();
        let keys = pieces.into_iter().filter_map(|piece| if let Piece::Key(key) = piece { Some(key) } else { None });
        Ok((values, keys.collect()))
    }

    fn tell(self: Box<Self>, handles: &[CK_OBJECT_HANDLE]) {
        for (key, handle) in self.params.further.iter().zip(handles.iter().skip(1)) {
            key.handle.put(*handle);
        }
    }
}

/// The input of one iteration; without a count only what is the same in all.
fn input(pieces: &[Piece<'_>], iteration: &[u8], i: Option<u64>) -> Result<Zeroizing<Vec<u8>>> {
    let mut parts: Vec<Cow<'_, [u8]>> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (piece, i) {
            (Piece::Bytes(bytes), _) => parts.push(Cow::Borrowed(bytes)),
            (Piece::Key(key), _) => parts.push(Cow::Borrowed(value(key)?)),
            (Piece::Iteration, Some(_)) => parts.push(Cow::Borrowed(iteration)),
            (Piece::Counter(format), Some(i)) => {
                let written = format.write(i);
                parts.push(Cow::Owned(written.ok_or(Rv::KeySizeRange.because("more output than the counter can count"))?));
            }
            (Piece::Iteration | Piece::Counter(_), None) => {}
        }
    }
    Ok(Zeroizing::new(parts.concat()))
}
