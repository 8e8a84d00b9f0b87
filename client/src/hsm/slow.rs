//! A token that is far away: every call takes some time more, as one to a key service does (REQUIREMENTS 27).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::around::Around;
use super::{Hsm, TokenIdentity};
use crate::error::Result;

/// How long calls take: a log-normal distribution, by its median and its 99th percentile.
#[derive(Debug, Clone, Copy)]
pub struct Delay {
    /// Half of the calls take less.
    pub p50: Duration,
    /// One in a hundred takes more.
    pub p99: Duration,
}

impl Delay {
    /// What a call to a key service costs: 5 ms, and 50 ms now and then.
    pub const SERVICE: Self = Self { p50: Duration::from_millis(5), p99: Duration::from_millis(50) };

    /// The delay of the `number`th call: always the same for the same number.
    pub fn of(self, number: u64) -> Duration {
        // Box and Muller's way from two even numbers to a normal one; 2.326 is the 99th percentile of that.
        let (a, b) = (even(number.wrapping_mul(2)), even(number.wrapping_mul(2).wrapping_add(1)));
        let normal = (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos();
        let spread = (self.p99.as_secs_f64() / self.p50.as_secs_f64()).ln() / 2.326;
        Duration::from_secs_f64(self.p50.as_secs_f64() * (spread * normal).exp())
    }
}

/// A number above 0 and up to 1 that looks like chance (the finalizer of SplitMix64).
fn even(number: u64) -> f64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (((z ^ (z >> 31)) >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

/// The token, its calls counted, and each delayed by `wait`.
pub struct Slow<W> {
    hsm: Arc<dyn Hsm>,
    delay: Delay,
    wait: W,
    calls: AtomicU64,
}

impl<W: Fn(Duration) + Send + Sync> Slow<W> {
    /// `hsm` with every call delayed. `wait` spends the time it is given: by sleeping, or by writing it down.
    pub fn new(hsm: Arc<dyn Hsm>, delay: Delay, wait: W) -> Self {
        Self { hsm, delay, wait, calls: AtomicU64::new(0) }
    }

    /// Calls since this was last asked.
    pub fn calls(&self) -> u64 {
        self.calls.swap(0, Ordering::Relaxed)
    }

    fn delayed(&self) -> &dyn Hsm {
        (self.wait)(self.delay.of(self.calls.fetch_add(1, Ordering::Relaxed)));
        self.hsm.as_ref()
    }
}

impl<W: Fn(Duration) + Send + Sync> Around for Slow<W> {
    fn behind(&self) -> &TokenIdentity {
        self.hsm.identity()
    }

    fn stands(&self) -> bool {
        self.hsm.is_alive()
    }

    fn again<T>(&self, job: impl Fn(&dyn Hsm) -> Result<T>) -> Result<T> {
        job(self.delayed())
    }

    fn once<T>(&self, job: impl FnOnce(&dyn Hsm) -> Result<T>) -> Result<T> {
        job(self.delayed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirement_27_half_and_one_in_a_hundred() {
        let mut delays: Vec<_> = (0..100_000).map(|number| Delay::SERVICE.of(number)).collect();
        delays.sort();
        let near = |found: Duration, wanted: Duration| (0.97..1.03).contains(&(found.as_secs_f64() / wanted.as_secs_f64()));
        assert!(near(delays[50_000], Delay::SERVICE.p50), "{:?}", delays[50_000]);
        assert!(near(delays[99_000], Delay::SERVICE.p99), "{:?}", delays[99_000]);
    }
}
