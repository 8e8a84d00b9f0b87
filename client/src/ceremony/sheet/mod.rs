//! The sheet a custodian takes home: their share, what it belongs to, and what to do with it; as a page of HTML and as a PDF.
//!
//! Both are whole in themselves: no script, no network, no font but the reader's own. They hold a share in the clear, unless it is
//! encrypted to its custodian; their bytes are erased when dropped, the working memory of the libraries that draw is not.

pub mod html;
pub mod pdf;
mod qr;

use hsm_shares::{
    manifest::Manifest,
    notary, share, text,
    wire::{Handed, SecretText},
};
use zeroize::Zeroizing;

use crate::error::Result;
use crate::hsm::template::LABEL;
use qr::Code;

/// What is on a sheet.
pub struct Sheet {
    /// Of a rehearsal: it restores nothing.
    rehearsal: bool,
    custodian: String,
    /// "share 2 of 5, any 3 restore".
    place: String,
    /// Encrypted to the custodian's own key.
    encrypted: bool,
    body: Body,
    facts: Vec<(&'static str, String)>,
    steps: Vec<String>,
    manifest: String,
    code: Option<Code>,
}

/// The share, as lines to print. Erased when dropped.
struct Body(Zeroizing<String>);

impl Sheet {
    /// The sheet of a share that was handed out in the ceremony of this id.
    ///
    /// # Errors
    /// [`crate::Kind::Malformed`] for a manifest that is none.
    pub fn new(manifest: &str, handed: &Handed, ceremony: &str) -> Result<Self> {
        let manifest = Manifest::parse(manifest)?;
        let quorum = manifest.core.policy.quorum();
        Ok(Self {
            rehearsal: manifest.core.rehearsal,
            custodian: handed.custodian.clone(),
            place: format!("share {} of {}, any {} restore", handed.index, quorum.total(), quorum.threshold()),
            encrypted: handed.encrypted,
            body: Body(lines(&handed.share, handed.encrypted)),
            facts: facts(&manifest, ceremony),
            steps: steps(&manifest, handed.encrypted),
            code: code(&handed.share, handed.encrypted),
            manifest: manifest.text().to_owned(),
        })
    }

    fn title(&self) -> String {
        format!("Recovery share of {}", self.custodian)
    }

    fn body_title(&self) -> &'static str {
        if self.encrypted { "The share, encrypted to its custodian" } else { "The share" }
    }
}

/// The share in groups of four, so many to a line; an encrypted one as it is.
fn lines(share: &SecretText, encrypted: bool) -> Zeroizing<String> {
    if encrypted {
        return Zeroizing::new(share.expose().trim().to_owned());
    }
    let grouped = share::grouped(share.expose());
    let mut lines = Zeroizing::new(String::with_capacity(grouped.len()));
    for (at, group) in grouped.split(' ').enumerate() {
        if at > 0 {
            lines.push(if at % GROUPS == 0 { '\n' } else { ' ' });
        }
        lines.push_str(group);
    }
    lines
}

/// In capitals a code is smaller, and a share's case does not count.
fn code(share: &SecretText, encrypted: bool) -> Option<Code> {
    if encrypted {
        return Code::of(share.expose().trim().as_bytes());
    }
    let capitals = Zeroizing::new(share.expose().to_ascii_uppercase());
    Code::of(capitals.as_bytes())
}

fn facts(manifest: &Manifest, ceremony: &str) -> Vec<(&'static str, String)> {
    let core = &manifest.core;
    let label = core.key.attributes.iter().find(|(kind, _)| *kind == LABEL);
    let label = label.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).unwrap_or_default();
    let mut facts = vec![
        ("Key", format!("{label} {}", text::hex(&core.key.id)).trim().to_owned()),
        ("Token", core.token.clone()),
        ("Set", format!("{}, dealing {}", text::hex(&core.set.0), core.epoch)),
        ("Dealt", core.dealt.to_string()),
        ("Ceremony", ceremony.to_owned()),
        ("Signed by", notary::fingerprint(manifest.signer())),
    ];
    facts.extend(core.policy.expires().map(|day| ("To be refreshed by", day.to_owned())));
    facts
}

fn steps(manifest: &Manifest, encrypted: bool) -> Vec<String> {
    let quorum = manifest.core.policy.quorum();
    let open = encrypted.then(|| "Save the text as a file, and open it with your own key: age -d -i KEYFILE FILE".to_owned());
    if manifest.core.rehearsal {
        return [
            "This is an exercise: the share restores nothing and opens nothing.".to_owned(),
            "Type it in when asked, as you would a real one, and throw it away afterwards.".to_owned(),
        ]
        .into_iter()
        .chain(open)
        .collect();
    }
    [
        format!("Whoever holds any {} of the {} shares holds the key. Show yours to nobody.", quorum.threshold(), quorum.total()),
        "Keep this sheet where only you can reach it, apart from the other shares.".into(),
        "Enter it only at the hidden prompt of a ceremony: hsm recovery verify, refresh or restore.".into(),
        "Capitals, blanks, hyphens and line ends do not matter.".into(),
        "Check it whenever you like: hsm recovery check-share --manifest FILE".into(),
        format!("After the loss of the token, {} shares and the manifest are all that is needed.", quorum.threshold()),
    ]
    .into_iter()
    .chain(open)
    .collect()
}

/// Groups of four to a line.
const GROUPS: usize = 8;
/// The lines to be signed.
const SIGNATURES: [&str; 2] = ["Received by (date, signature)", "Witnessed by (date, signature)"];

#[cfg(test)]
mod tests;
