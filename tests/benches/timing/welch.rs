//! Welch's t-test: do two sets of times have one mean?

use std::time::Duration;

/// Nanoseconds, by class.
#[derive(Default)]
pub struct Samples([Vec<f64>; 2]);

impl Samples {
    pub fn add(&mut self, class: usize, time: Duration) {
        self.0[class].push(time.as_nanos() as f64);
    }

    pub fn count(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// Of each class, over the fastest nine tenths.
    pub fn means(&self) -> [f64; 2] {
        let limit = self.limit();
        [0, 1].map(|class| moments(self.0[class].iter().copied().filter(|time| *time <= limit)).1)
    }

    /// Below it are nine tenths of both classes together.
    fn limit(&self) -> f64 {
        let mut all = self.0.concat();
        all.sort_by(f64::total_cmp);
        all.get(all.len() * 9 / 10).copied().unwrap_or(f64::MAX)
    }
}

/// t of all times, and of the fastest nine tenths.
pub fn compare(samples: &Samples) -> [f64; 2] {
    [f64::MAX, samples.limit()].map(|limit| {
        let [first, second] = [0, 1].map(|class| moments(samples.0[class].iter().copied().filter(|time| *time <= limit)));
        (first.1 - second.1) / (first.2 / first.0 + second.2 / second.0).sqrt()
    })
}

/// Count, mean and variance (Welford).
fn moments(times: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for time in times {
        count += 1.0;
        let off = time - mean;
        mean += off / count;
        squares += off * (time - mean);
    }
    (count, mean, squares / (count - 1.0))
}

/// Which class comes next: xorshift, which nothing measured can foresee.
pub struct Coin(u64);

impl Coin {
    pub fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub fn toss(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40 & 1) as usize
    }
}
