//! PEM with secrets in it: the one block that is looked for among others (RFC 7468).

use pkcs8::der::pem::{LineEnding, decode_vec, encode_string};

use super::unknown;
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

const BEGIN: &[u8] = b"-----BEGIN ";

/// True when there is a PEM block in it.
pub(super) fn is_pem(bytes: &[u8]) -> bool {
    position(bytes, BEGIN).is_some()
}

/// The first block with one of `labels`.
pub(super) fn first<'l>(bytes: &[u8], labels: &[&'l str]) -> Result<(&'l str, Secret)> {
    for label in blocks(bytes) {
        let Some(wanted) = labels.iter().find(|wanted| wanted.as_bytes() == label.name) else { continue };
        if position(label.block, b"Proc-Type:").is_some() {
            return Err(unknown()
                .why(format!("the {wanted} is encrypted in the old way of OpenSSL, with a key from one round of MD5"))
                .next("convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW"));
        }
        let (_, der) = decode_vec(label.block).map_err(|error| unknown().why(format!("the {wanted}: {error}")))?;
        return Ok((wanted, Secret::take(der)));
    }
    Err(unknown().why(format!("it holds none of {}", labels.join(", "))))
}

/// All blocks with this label.
pub(super) fn all(bytes: &[u8], wanted: &str) -> Result<Vec<Vec<u8>>> {
    let of_label = blocks(bytes).into_iter().filter(|label| label.name == wanted.as_bytes());
    let decode = |label: Block<'_>| decode_vec(label.block).map(|(_, der)| der);
    of_label
        .map(decode)
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| Error::new(Kind::Malformed, format!("the {wanted} cannot be read")).why(error.to_string()))
}

/// One block from its first line to its last.
struct Block<'b> {
    name: &'b [u8],
    block: &'b [u8],
}

fn blocks(mut bytes: &[u8]) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    while let Some(start) = position(bytes, BEGIN) {
        bytes = &bytes[start..];
        let Some(name_len) = position(&bytes[BEGIN.len()..], b"-----") else { break };
        let name = &bytes[BEGIN.len()..BEGIN.len() + name_len];
        let end = [b"-----END ", name, b"-----"].concat();
        let Some(at) = position(bytes, &end) else { break };
        let (block, rest) = bytes.split_at(at + end.len());
        found.push(Block { name, block });
        bytes = rest;
    }
    found
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// `der` as a block.
pub(super) fn write(label: &str, der: &Secret) -> Result<Secret> {
    encode_string(label, LineEnding::LF, der.expose())
        .map(|text| Secret::take(text.into_bytes()))
        .map_err(|error| Error::new(Kind::Malformed, format!("the {label} cannot be written")).why(error.to_string()))
}
