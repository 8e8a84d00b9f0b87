//! A token that comes and goes.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::hsm::fake::FakeHsm;
use crate::hsm::{MekKind, WrapMechanism, Wrapped};
use crate::id::ObjectId;

/// A token that can be taken away, and how often it was opened; `pin` decides whether it lets anybody in.
struct Setting {
    token: Arc<FakeHsm>,
    opened: Arc<AtomicUsize>,
    pin: Arc<Mutex<bool>>,
    hsm: Reconnecting,
}

impl Setting {
    fn new() -> Self {
        let (token, opened, pin) = (Arc::new(FakeHsm::default()), Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(true)));
        let (inside, count, good) = (Arc::clone(&token), Arc::clone(&opened), Arc::clone(&pin));
        let open = move || {
            count.fetch_add(1, Ordering::SeqCst);
            match (inside.is_alive(), *good.lock()) {
                (true, true) => Ok(Arc::clone(&inside) as Arc<dyn Hsm>),
                (true, false) => Err(Error::new(Kind::Pin, "logging in failed")),
                (false, _) => Err(Error::new(Kind::HsmUnavailable, "no such token")),
            }
        };
        let hsm = Reconnecting::new(open).unwrap();
        hsm.create_mek(&ObjectId::random().unwrap(), "main", MekKind::Aes256).unwrap();
        Self { token, opened, pin, hsm }
    }

    fn make(&self) -> Result<Wrapped> {
        let mek = self.hsm.meks()?.remove(0).id;
        self.hsm.generate_wrapped(&mek, WrapMechanism::AesGcm, b"")
    }

    fn opened(&self) -> usize {
        self.opened.swap(0, Ordering::SeqCst)
    }

    /// As if the delay were over.
    fn later(&self) {
        self.hsm.state.lock().lost.iter_mut().for_each(|lost| lost.next = Instant::now());
    }
}

#[test]
fn requirement_23_a_token_that_comes_back_is_used_again() {
    let setting = Setting::new();
    setting.make().unwrap();
    assert_eq!(setting.opened(), 1);
    setting.token.go_away();
    for _ in 0..50 {
        assert_eq!(setting.make().unwrap_err().kind(), Kind::HsmUnavailable);
    }
    assert_eq!(setting.opened(), 1, "the others did not wait and did not try");
    setting.token.come_back();
    setting.later();
    setting.make().unwrap();
    assert_eq!(setting.opened(), 1);
    setting.make().unwrap();
    assert_eq!(setting.opened(), 0);
}

#[test]
fn attempts_are_spaced_more_and_more() {
    let setting = Setting::new();
    setting.token.go_away();
    let delays: Vec<_> = (0..12)
        .map(|_| {
            setting.later();
            setting.make().unwrap_err();
            setting.hsm.state.lock().delay.unwrap()
        })
        .collect();
    assert_eq!(delays[..3], [100, 200, 400].map(Duration::from_millis));
    assert_eq!(delays[11], DELAYS.1);
}

#[test]
fn a_refused_pin_is_never_tried_again() {
    let setting = Setting::new();
    setting.token.go_away();
    setting.make().unwrap_err();
    setting.opened();
    setting.token.come_back();
    *setting.pin.lock() = false;
    for _ in 0..20 {
        setting.later();
        assert_eq!(setting.make().unwrap_err().kind(), Kind::Pin);
    }
    *setting.pin.lock() = true;
    assert_eq!(setting.make().unwrap_err().kind(), Kind::Pin);
    assert_eq!(setting.opened(), 1);
}

/// Asked whether the token is there, a caller waited for as long as another one tried to open it.
#[test]
fn nobody_waits_while_it_is_opened() {
    let token = Arc::new(FakeHsm::default());
    let (inside, first) = (Arc::clone(&token), AtomicUsize::new(0));
    let (begun, end) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    let (begun, end) = (Arc::new(begun), Arc::new(end));
    let (said, waits) = (Arc::clone(&begun), Arc::clone(&end));
    let hsm = Reconnecting::new(move || {
        if first.fetch_add(1, Ordering::SeqCst) == 0 {
            return Ok(Arc::clone(&inside) as Arc<dyn Hsm>);
        }
        said.wait();
        waits.wait();
        Err(Error::new(Kind::HsmUnavailable, "no such token"))
    })
    .unwrap();
    token.go_away();
    std::thread::scope(|scope| {
        scope.spawn(|| hsm.meks().unwrap_err());
        begun.wait();
        // Would they wait, it were for ever.
        assert!(!hsm.is_alive());
        assert_eq!(hsm.meks().unwrap_err().kind(), Kind::HsmUnavailable);
        end.wait();
    });
}

/// A token that lets in and is gone again at once was logged in to twice for each call.
#[test]
fn a_token_that_flaps_is_not_stormed() {
    let (token, times) = (Arc::new(FakeHsm::default()), Arc::new(AtomicUsize::new(0)));
    let (inside, count) = (Arc::clone(&token), Arc::clone(&times));
    let open = move || {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(Arc::clone(&inside) as Arc<dyn Hsm>)
    };
    let hsm = Reconnecting::new(open).unwrap();
    token.go_away();
    let refused = (0..100).filter(|_| hsm.meks().is_err()).count();
    assert_eq!((refused, times.load(Ordering::SeqCst)), (100, 2));
}
