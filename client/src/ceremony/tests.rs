//! Ceremonies on the host, with a token in memory.

use std::sync::Arc;

use hsm_shares::{
    manifest::Manifest,
    notary::Notary,
    policy::{Approval, Approver, Custodian, Policy},
    text,
    transcript::Transcript,
    wire::{Begin, Cancel, Contribute, Dealt, Finish, Kind as Purpose, SecretText, Status},
};
use zeroize::Zeroizing;

use super::Recovery;
use super::host::Host;
use crate::error::Kind;
use crate::hsm::Hsm;
use crate::hsm::fake::FakeHsm;
use crate::hsm::import::Import;

fn begin(kind: Purpose) -> Begin {
    Begin { kind, key: None, policy: None, manifest: None, user_pin: None, timeout: None }
}

fn policy() -> Option<Policy> {
    let custodians = ["alice", "bob", "carol"].map(|name| Custodian { name: name.into(), recipient: None });
    Some(Policy::new(2, custodians.to_vec(), Approval::default(), None).unwrap())
}

fn hand_in(host: &mut Host, dealt: &Dealt, at: usize) -> hsm_shares::wire::Report {
    let share = SecretText::new(Zeroizing::new(dealt.shares[at].share.expose().to_owned()));
    host.contribute(&Contribute { custodian: None, share }).unwrap()
}

fn dealt(host: &mut Host) -> Dealt {
    let dealt = host.begin(&Begin { policy: policy(), ..begin(Purpose::Deal) }).unwrap().dealt.unwrap();
    for at in 0..3 {
        assert_eq!(host.finish(&Finish::default()).err().unwrap().kind(), Kind::Conflict, "done before share {at}");
        assert!(hand_in(host, &dealt, at).verdict.unwrap().accepted);
    }
    dealt
}

#[test]
fn dealt_lost_and_restored_into_another_token() {
    let first = Arc::new(FakeHsm::default());
    let mut host = Host::new(Some(first.clone() as Arc<dyn Import>), "main");
    let dealt = dealt(&mut host);
    assert!(first.meks().unwrap().is_empty(), "the key is in the token before everybody confirmed");
    let report = host.finish(&Finish::default()).unwrap();
    assert_eq!((report.state.as_str(), report.manifest.as_ref()), ("done", Some(&dealt.manifest)));
    let transcript = Transcript::parse(&report.transcript.unwrap()).unwrap();
    assert!(transcript.events.iter().any(|(_, what)| what.contains("key imported into token f00d by C_CreateObject")));
    let id = first.meks().unwrap()[0].id.clone();
    let wrapped = first.generate_wrapped(&id, crate::hsm::WrapMechanism::AesKw, b"").unwrap();
    let key = first.unwrap(&id, &wrapped, b"").unwrap();

    // The same label, or the same key, is not brought in twice.
    assert_eq!(host.begin(&Begin { policy: policy(), ..begin(Purpose::Deal) }).err().unwrap().kind(), Kind::Conflict);
    let again = Begin { manifest: Some(dealt.manifest.clone()), ..begin(Purpose::Restore) };
    assert_eq!(host.begin(&again).err().unwrap().kind(), Kind::Conflict);

    let second = Arc::new(FakeHsm::default());
    let mut host = Host::new(Some(second.clone() as Arc<dyn Import>), "ignored");
    host.begin(&again).unwrap();
    hand_in(&mut host, &dealt, 2);
    hand_in(&mut host, &dealt, 0);
    host.finish(&Finish::default()).unwrap();
    assert_eq!(second.meks().unwrap()[0].label, "main");
    assert!(second.unwrap(&id, &wrapped, b"").unwrap() == key);
}

#[test]
fn verified_and_refreshed_without_a_token() {
    let mut host = Host::new(Some(Arc::new(FakeHsm::default()) as Arc<dyn Import>), "main");
    let old = dealt(&mut host);
    host.finish(&Finish::default()).unwrap();
    let mut host = Host::new(None, "");
    let with_manifest = |kind| Begin { manifest: Some(old.manifest.clone()), ..begin(kind) };
    host.begin(&with_manifest(Purpose::Verify)).unwrap();
    hand_in(&mut host, &old, 0);
    let twice = hand_in(&mut host, &old, 0).verdict.unwrap();
    assert_eq!((twice.accepted, twice.reason.as_deref()), (false, Some("duplicate")));
    hand_in(&mut host, &old, 1);
    assert_eq!(host.finish(&Finish::default()).unwrap().state, "done");

    host.begin(&with_manifest(Purpose::Refresh)).unwrap();
    hand_in(&mut host, &old, 0);
    let new = hand_in(&mut host, &old, 2).dealt.expect("a quorum deals anew");
    assert_eq!(hand_in(&mut host, &old, 1).verdict.unwrap().reason.as_deref(), Some("retired-epoch"));
    for at in 0..3 {
        assert!(hand_in(&mut host, &new, at).verdict.unwrap().accepted);
    }
    let manifest = Manifest::parse(&host.finish(&Finish::default()).unwrap().manifest.unwrap()).unwrap();
    assert_eq!(manifest.core.epoch, 2);
}

/// A refresh on this machine asked nobody when it named approvers for the first time: a set could be guarded by keys nobody had.
#[test]
fn the_first_approvers_prove_that_they_can() {
    let mut host = Host::new(Some(Arc::new(FakeHsm::default()) as Arc<dyn Import>), "main");
    let old = dealt(&mut host);
    host.finish(&Finish::default()).unwrap();
    let key = text::hex(&Notary::fresh().unwrap().public_key());
    let approval = Approval { needed: 1, approvers: vec![Approver { name: "dora".into(), key }] };
    let policy = Policy::new(2, policy().unwrap().custodians().to_vec(), approval, None).unwrap();
    let request = Begin { manifest: Some(old.manifest), policy: Some(policy), ..begin(Purpose::Refresh) };
    assert_eq!(host.begin(&request).unwrap().state, "approving");
}

#[test]
fn what_the_host_cannot_do_is_refused() {
    let mut host = Host::new(None, "");
    for kind in [Purpose::ResetPin, Purpose::Destroy, Purpose::Verify, Purpose::Restore, Purpose::Refresh, Purpose::Rehearse] {
        assert_eq!(host.begin(&begin(kind)).err().unwrap().kind(), Kind::Usage, "{kind:?}");
    }
    assert_eq!(host.begin(&Begin { policy: policy(), ..begin(Purpose::Deal) }).err().unwrap().kind(), Kind::Usage);
    assert_eq!(host.cancel(&Cancel::default()).err().unwrap().kind(), Kind::NotFound);
    assert_eq!(host.status(&Status::default()).unwrap().state, "idle");
    host.begin(&Begin { policy: policy(), ..begin(Purpose::Rehearse) }).unwrap();
    let other = Begin { policy: policy(), ..begin(Purpose::Rehearse) };
    assert_eq!(host.begin(&other).err().unwrap().kind(), Kind::Conflict);
    assert_eq!(host.status(&Status::default()).unwrap().state, "collecting");
    assert_eq!(host.cancel(&Cancel::default()).unwrap().state, "cancelled");
}
