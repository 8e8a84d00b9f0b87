//! What custodians, approvers and hosts hand in: shares, manifests, transcripts, requests.

use hsm_shares::{envelope, manifest::Manifest, share::Share, transcript, wire};
use serde_json::from_slice;

/// A share as text, a manifest, a transcript, an encrypted share.
pub fn shares(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(share) = Share::parse(text) {
        let written = share.to_text().expect("a share that was read has a text");
        let again = std::str::from_utf8(written.expose()).ok().and_then(|text| Share::parse(text).ok());
        assert!(again.is_some_and(|again| again.payload() == share.payload()), "a share reads differently the second time");
    }
    if let Ok(manifest) = Manifest::parse(text) {
        let again = Manifest::parse(manifest.text()).expect("a manifest that was read reads again");
        assert_eq!(again.digest(), manifest.digest());
    }
    let _ = transcript::Transcript::parse(text);
    let _ = envelope::check_recipient(text);
    if envelope::is_encrypted(text) {
        assert!(envelope::OneTime::new().open(text).is_err(), "a share encrypted to nobody we know was opened");
    }
}

/// The requests of the recovery interface, and the replies that a client reads.
pub fn requests(data: &[u8]) {
    if let Ok(begin) = from_slice::<wire::Begin>(data) {
        let written = serde_json::to_vec(&begin).expect("a request has a JSON form");
        assert!(from_slice::<wire::Begin>(&written).is_ok(), "a request that was read reads again");
    }
    let _ = from_slice::<wire::Contribute>(data);
    let _ = from_slice::<wire::Approve>(data);
    let _ = from_slice::<wire::Status>(data);
    let _ = from_slice::<wire::Finish>(data);
    let _ = from_slice::<wire::Cancel>(data);
    let _ = from_slice::<wire::Report>(data);
}
