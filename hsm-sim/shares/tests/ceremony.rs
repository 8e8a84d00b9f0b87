//! Whole ceremonies, without any token.

use hsm_shares::{
    ceremony::{Ceremony, Opening, Task, Work},
    manifest::{Key, Manifest},
    notary::Notary,
    policy::{Approval, Custodian, Policy},
    secret::Secret,
    share::SetId,
    time::Time,
    transcript::Transcript,
    wire::Dealt,
};

const NOW: Time = Time(1_800_000_000);
const TOKEN: &str = "00000000deadbeef";

fn policy(threshold: usize, total: usize) -> Policy {
    let custodian = |n| Custodian { name: format!("custodian {n}"), recipient: None };
    Policy::new(threshold, (1..=total).map(custodian).collect(), Approval::default(), None).unwrap()
}

fn opening(task: Task) -> Opening {
    Opening { task, token: TOKEN.into(), approval: Approval::default(), others: vec![], timeout: None }
}

fn deal(secret: &[u8], policy: Policy, notary: &Notary) -> (Ceremony, Dealt) {
    let task = Task::Deal {
        token: TOKEN.into(),
        key: Key { id: vec![7; 16], len: secret.len(), attributes: vec![(3, b"main".to_vec())] },
        secret: Secret::copy(secret),
        set: SetId::fresh(TOKEN).unwrap(),
        policy,
    };
    let (ceremony, dealt) = Ceremony::open(opening(task), notary, NOW).unwrap();
    (ceremony, dealt.expect("nothing has to be approved"))
}

#[test]
fn every_quorum_of_three_of_five_restores_the_key() {
    let notary = Notary::fresh().unwrap();
    let secret: Vec<u8> = (0..32).collect();
    let (mut dealing, dealt) = deal(&secret, policy(3, 5), &notary);
    for handed in &dealt.shares {
        assert!(dealing.work(NOW).is_err(), "ready before every share was entered");
        let (verdict, _) = dealing.contribute(Some(&handed.custodian), handed.share.expose(), &notary, NOW).unwrap();
        assert!(verdict.accepted, "{verdict:?}");
    }
    assert!(matches!(dealing.work(NOW), Ok(Work::Activate(manifest)) if manifest.text() == dealt.manifest));
    let transcript = Transcript::parse(&dealing.transcript("done", &notary)).unwrap();
    assert_eq!(transcript.signer, notary.public_key());

    for mask in 0u8..32 {
        let manifest = Manifest::parse(&dealt.manifest).unwrap();
        let (mut restoring, _) = Ceremony::open(opening(Task::Restore(manifest)), &notary, NOW).unwrap();
        for handed in dealt.shares.iter().filter(|handed| mask >> (handed.index - 1) & 1 == 1) {
            // Beyond the quorum no share is awaited any more.
            let _ = restoring.contribute(None, handed.share.expose(), &notary, NOW);
        }
        match restoring.work(NOW) {
            Ok(Work::Restore(_, restored)) => assert!(mask.count_ones() >= 3 && restored.expose() == secret),
            _ => assert!(mask.count_ones() < 3, "shares {mask:05b} did not restore"),
        }
    }
}
