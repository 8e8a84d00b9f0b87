//! The vectors of FORMAT.md: lines `name = value` under a heading.

use crate::context::EncryptionContext;
use crate::keyring::Dek;
use crate::secret::Secret;

/// One vector.
pub(crate) struct Vector(&'static str);

impl Vector {
    /// Those whose heading starts with `heading`.
    pub(crate) fn all(heading: &str) -> Vec<Self> {
        let document = include_str!("../../FORMAT.md");
        let sections = document.split("\n### ").skip(1);
        sections.filter(|section| section.starts_with(heading)).map(Self).collect()
    }

    /// All that stands there.
    pub(crate) fn whole(&self) -> &'static str {
        self.0
    }

    /// The value of `name`, if it is there.
    pub(crate) fn find(&self, name: &str) -> Option<&'static str> {
        self.0.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" =")).map(str::trim)
    }

    pub(crate) fn text(&self, name: &str) -> &'static str {
        self.find(name).unwrap_or_else(|| panic!("the vector has no {name}"))
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        base16ct::lower::decode_vec(self.text(name)).unwrap()
    }

    pub(crate) fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap()
    }

    pub(crate) fn number(&self, name: &str) -> u32 {
        self.text(name).parse().unwrap()
    }

    pub(crate) fn dek(&self) -> Dek {
        Dek {
            key_id: self.text("key id").parse().unwrap(),
            version: self.number("key version"),
            key: Secret::take(self.bytes("data key")),
        }
    }

    pub(crate) fn context(&self) -> EncryptionContext {
        EncryptionContext::parse(self.text("context").split_whitespace()).unwrap()
    }
}
