//! The state machine against a tiny model of it: any calls in any order, and never an outcome before the model says so.

mod house;

use std::sync::LazyLock;

use ed25519_dalek::{Signer, SigningKey};
use house::{NOW, SECRET, Set, TOKEN, code, name, opening, payload, policy};
use hsm_shares::{
    Error,
    approval::message,
    ceremony::{Ceremony, Opening, Task},
    notary::Notary,
    policy::{Approval, Approver},
    text::hex,
    time::Time,
};
use proptest::prelude::*;

const TIMEOUT: u64 = 1000;
const TOTAL: usize = 4;
const THRESHOLD: usize = 2;

static NOTARY: LazyLock<Notary> = LazyLock::new(house::notary);
static STANDING: LazyLock<Set> = LazyLock::new(|| Set::of(&SECRET, THRESHOLD, TOTAL));

#[derive(Clone, Copy, Debug)]
enum Call {
    Approve { approver: u8, good: bool },
    Contribute { index: usize, share: Shown, named: bool },
    Work,
    Close,
    Wait(u64),
}

/// What is shown instead of the share.
#[derive(Clone, Copy, Debug)]
enum Shown {
    Good,
    Altered,
    Garbage,
}

#[derive(Clone, Copy, Debug)]
enum Begun {
    Deal,
    Restore,
    Verify,
    Refresh,
}

/// What the ceremony must be like.
struct Model {
    begun: Begun,
    now: Time,
    approvals: Vec<u8>,
    given: Vec<usize>,
    confirming: bool,
    closed: bool,
}

impl Model {
    fn expired(&self) -> bool {
        self.now >= NOW.plus(TIMEOUT)
    }

    fn needed(&self) -> usize {
        if self.confirming { TOTAL } else { THRESHOLD }
    }

    fn state(&self) -> &'static str {
        match () {
            () if self.closed => "closed",
            () if self.approvals.len() < 2 => "approving",
            () if self.given.len() < self.needed() => "collecting",
            () => "ready",
        }
    }

    /// Whether shares are looked at: a proof takes more of them than it needs.
    fn collects(&self) -> bool {
        self.state() == "collecting" || (self.state() == "ready" && matches!(self.begun, Begun::Verify))
    }

    /// Counts a share in; true when new shares are dealt with it.
    fn accept(&mut self, index: usize) -> bool {
        self.given.push(index);
        let redealt = matches!(self.begun, Begun::Refresh) && !self.confirming && self.given.len() == THRESHOLD;
        if redealt {
            self.confirming = true;
            self.given.clear();
        }
        redealt
    }
}

/// A ceremony, its model, and the shares it awaits, once there are any.
struct Pair {
    ceremony: Ceremony,
    model: Model,
    shares: Vec<String>,
}

impl Pair {
    fn new(begun: Begun) -> Self {
        let standing = STANDING.manifest.clone();
        let task = match begun {
            Begun::Deal => house::dealing(&SECRET, TOKEN, policy(THRESHOLD, TOTAL)),
            Begun::Restore => Task::Restore(standing),
            Begun::Verify => Task::Verify(standing),
            Begun::Refresh => Task::Refresh { standing, token: TOKEN.into(), policy: policy(THRESHOLD, TOTAL) },
        };
        let approver = |seed: u8| Approver { name: seed.to_string(), key: hex(key(seed).verifying_key().as_bytes()) };
        let approval = Approval { needed: 2, approvers: vec![approver(1), approver(2), approver(3)] };
        let opening = Opening { approval, timeout: Some(TIMEOUT), ..opening(task) };
        let ceremony = Ceremony::open(opening, &NOTARY, NOW).unwrap().0;
        let confirming = matches!(begun, Begun::Deal);
        let model = Model { begun, now: NOW, approvals: vec![], given: vec![], confirming, closed: false };
        Self { ceremony, model, shares: STANDING.shares.clone() }
    }

    fn approve(&mut self, approver: u8, good: bool) {
        let signer = if good { approver } else { 9 };
        let signature = hex(&key(signer).sign(message(self.ceremony.id()).as_bytes()).to_bytes());
        let result = self.ceremony.approve(&approver.to_string(), &signature, &NOTARY, self.model.now);
        match result {
            Err(Error::Expired) => assert!(self.model.expired()),
            Err(Error::Stage(_)) => assert!(!self.model.expired() && self.model.state() != "approving"),
            Err(Error::Malformed(_)) => assert!(self.model.approvals.contains(&approver)),
            Err(why) => assert!(!good && matches!(why, Error::Mismatch(_))),
            Ok(dealt) => {
                assert!(good && self.model.state() == "approving" && !self.model.approvals.contains(&approver));
                self.model.approvals.push(approver);
                let deals = matches!(self.model.begun, Begun::Deal) && self.model.approvals.len() == 2;
                assert_eq!(dealt.is_some(), deals);
                dealt.into_iter().for_each(|dealt| self.shares = Set::dealt(&dealt).shares);
            }
        }
    }

    fn contribute(&mut self, index: usize, share: Shown, named: bool) {
        let good = &self.shares[index - 1];
        let text = match share {
            Shown::Good => good.clone(),
            Shown::Altered => payload::forged(good, |bytes| bytes[50] ^= 4),
            Shown::Garbage => "hsmshare1qqqq".into(),
        };
        let named = named.then(|| name(index));
        let (verdict, dealt) = match self.ceremony.contribute(named.as_deref(), &text, &NOTARY, self.model.now) {
            Err(Error::Expired) => return assert!(self.model.expired()),
            Err(why) => {
                assert!(matches!(why, Error::Stage(_)) && !self.model.expired() && !self.model.collects());
                return;
            }
            Ok(answer) => answer,
        };
        assert!(!self.model.expired() && self.model.collects());
        let expected = match share {
            Shown::Altered => "tampered",
            Shown::Garbage => "mistyped",
            Shown::Good if self.model.given.contains(&index) => "duplicate",
            Shown::Good => "accepted",
        };
        assert_eq!(code(&verdict), expected);
        assert_eq!(dealt.is_some(), verdict.accepted && self.model.accept(index));
        dealt.into_iter().for_each(|dealt| self.shares = Set::dealt(&dealt).shares);
    }

    fn call(&mut self, call: Call) {
        match call {
            Call::Approve { approver, good } => self.approve(approver, good),
            Call::Contribute { index, share, named } => self.contribute(index, share, named),
            Call::Work => match self.ceremony.work(self.model.now) {
                Ok(_) => assert!(!self.model.expired() && self.model.state() == "ready"),
                Err(Error::Expired) => assert!(self.model.expired()),
                Err(why) => assert!(matches!(why, Error::Stage(_)) && self.model.state() != "ready"),
            },
            Call::Close => {
                self.ceremony.close();
                self.model.closed = true;
            }
            Call::Wait(seconds) => self.model.now = self.model.now.plus(seconds),
        }
        self.compare();
    }

    fn compare(&self) {
        assert_eq!(self.ceremony.state(), self.model.state());
        let report = self.ceremony.report();
        assert_eq!(report.approvals.given, self.model.approvals.iter().map(ToString::to_string).collect::<Vec<_>>());
        if self.model.collects() {
            assert_eq!(report.shares.needed, self.model.needed());
            assert_eq!(report.shares.given, self.model.given.iter().map(|index| name(*index)).collect::<Vec<_>>());
        }
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn call() -> impl Strategy<Value = Call> {
    let shown = prop_oneof![6 => Just(Shown::Good), 1 => Just(Shown::Altered), 1 => Just(Shown::Garbage)];
    prop_oneof![
        8 => (1u8..=3, prop::bool::weighted(0.8)).prop_map(|(approver, good)| Call::Approve { approver, good }),
        24 => (1..=TOTAL, shown, any::<bool>()).prop_map(|(index, share, named)| Call::Contribute { index, share, named }),
        6 => Just(Call::Work),
        1 => Just(Call::Close),
        2 => prop_oneof![0u64..100, Just(TIMEOUT - 1), Just(TIMEOUT), Just(u64::MAX)].prop_map(Call::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_calls_in_any_order(
        begun in prop::sample::select(vec![Begun::Deal, Begun::Restore, Begun::Verify, Begun::Refresh]),
        calls in prop::collection::vec(call(), 1..60),
    ) {
        let mut pair = Pair::new(begun);
        pair.compare();
        calls.into_iter().for_each(|call| pair.call(call));
    }
}
