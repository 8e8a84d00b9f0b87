//! C structures whose fields are words and pointers, for parameters that point to more of their kind.

use crate::template::Template;
use cryptoki_sys::*;
use std::sync::Arc;

/// A structure under construction; it owns what it points to. A CK_BBOOL between words takes a word.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    words: Vec<usize>,
    owned: Vec<Arc<Vec<u8>>>,
    inner: Vec<Arc<Layout>>,
}

impl Layout {
    pub fn new() -> Self {
        Self::default()
    }

    /// Handles, numbers, and pointers to what the test owns.
    pub fn word(mut self, word: impl Into<Word>) -> Self {
        self.words.push(word.into().0);
        self
    }

    /// A pointer to bytes, NULL if there are none, and their length.
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.address(bytes).word(bytes.len())
    }

    /// A pointer to bytes, NULL if there are none.
    pub fn address(mut self, bytes: &[u8]) -> Self {
        let kept = Arc::new(bytes.to_vec());
        self.words.push(if bytes.is_empty() { 0 } else { kept.as_ptr() as usize });
        self.owned.push(kept);
        self
    }

    /// A pointer to another structure, or an array of them; NULL for an empty one.
    pub fn pointer(mut self, inner: Layout) -> Self {
        let kept = Arc::new(inner);
        self.words.push(if kept.words.is_empty() { 0 } else { kept.words.as_ptr() as usize });
        self.inner.push(kept);
        self
    }

    /// A pointer to a flat template, and the count of its attributes.
    pub fn template(self, template: &Template) -> Self {
        let attributes = template.flat();
        let count = attributes.len();
        let array = attributes.iter().fold(Layout::new(), |t, (kind, value)| t.word(*kind).bytes(value));
        self.pointer(array).word(count)
    }

    /// Another structure behind this one.
    pub fn then(mut self, other: Layout) -> Self {
        self.words.extend(&other.words);
        self.inner.push(Arc::new(other));
        self
    }

    /// The structure's own words.
    pub fn size(&self) -> usize {
        size_of_val(self.words.as_slice())
    }

    pub(crate) fn place(&self) -> CK_VOID_PTR {
        self.words.as_ptr().cast_mut().cast()
    }
}

/// A word of a structure.
pub struct Word(usize);

impl From<usize> for Word {
    fn from(word: usize) -> Self {
        Self(word)
    }
}

impl From<CK_ULONG> for Word {
    fn from(word: CK_ULONG) -> Self {
        Self(word as usize)
    }
}

impl From<bool> for Word {
    fn from(flag: bool) -> Self {
        Self(flag.into())
    }
}

impl From<crate::object::Object> for Word {
    fn from(object: crate::object::Object) -> Self {
        Self(object.0 as usize)
    }
}

/// A place that the module writes to.
impl<T, const N: usize> From<&mut [T; N]> for Word {
    fn from(place: &mut [T; N]) -> Self {
        Self(place.as_mut_ptr() as usize)
    }
}
