//! `hsm bench cache`: what keeping open data keys saves, over a day of records (REQUIREMENTS 28).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use hsm_client::context::EncryptionContext;
use hsm_client::envelope;
use hsm_client::hsm::Hsm;
use hsm_client::hsm::slow::{Delay, Slow};
use hsm_client::keyring::cache::{Cache, Limits};
use hsm_client::keyring::{Keyring, Recipe};
use hsm_client::store::MemoryStore;
use hsm_client::{Error, Kind, Result};
use serde_json::{Value, json};

use super::connect::Global;
use super::output;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Encrypt a day's records without a cache, with one per request, for five minutes, and since start-up
    Cache(CacheArgs),
}

#[derive(Args)]
pub(super) struct CacheArgs {
    /// Records of the day
    #[arg(long, default_value_t = 1_000_000)]
    records: u64,
    /// Bytes of a record
    #[arg(long, default_value_t = 1024)]
    bytes: usize,
    /// Records of one request, for the cache that lives as long
    #[arg(long, default_value_t = 1000)]
    request: u64,
    /// What half of the calls to the token take more, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 5)]
    p50: u64,
    /// What one call in a hundred takes more, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 50)]
    p99: u64,
}

/// Bytes of the longest record.
const LONGEST: usize = 64 << 20;

/// The seconds of the day over which the records come.
const DAY: u64 = 86_400;

/// A day that passes when it is told to, nanoseconds.
#[derive(Default)]
struct Day {
    /// What the clock shows.
    now: AtomicU64,
    /// What was spent on waiting for the token.
    waited: AtomicU64,
}

/// How long open keys are kept.
struct Strategy {
    name: &'static str,
    /// None for a cache that is not there.
    ttl: Option<Duration>,
    /// Records after which the cache is thrown away.
    request: u64,
}

/// What came of one.
struct Figures {
    name: &'static str,
    calls: u64,
    waited: Duration,
    worked: Duration,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    let Command::Cache(args) = command;
    if args.records == 0 || args.request == 0 || args.p50 == 0 || args.p99 < args.p50 || args.bytes > LONGEST {
        return Err(Error::new(Kind::Usage, "this cannot be measured")
            .why(format!("no number is 0, p99 is not below p50, and a record has {LONGEST} bytes at most")));
    }
    let token = global.hsm()?;
    let rows: Vec<_> = strategies(args.request).iter().map(|strategy| measure(&token, args, strategy)).collect::<Result<_>>()?;
    if global.json {
        return output::json(&json!({
            "records": args.records, "bytes": args.bytes, "p50_ms": args.p50, "p99_ms": args.p99,
            "rows": rows.iter().map(|row| row.json(args)).collect::<Vec<_>>(),
        }));
    }
    let cells: Vec<_> = rows.iter().map(|row| row.cells(args)).collect();
    output::table(["OPEN KEYS ARE KEPT", "CALLS", "WAITING FOR THEM", "A RECORD WAITS", "WORK", "RECORDS PER SECOND"], &cells)?;
    output::line(&format!(
        "{} records of {} bytes over a day; each call to the token is taken to last {} ms (p50) to {} ms (p99) longer than it did",
        args.records, args.bytes, args.p50, args.p99
    ))
}

fn strategies(request: u64) -> [Strategy; 4] {
    let endless = u64::MAX;
    [
        Strategy { name: "not at all", ttl: None, request: endless },
        Strategy { name: "for a request", ttl: Some(Duration::MAX), request },
        Strategy { name: "for five minutes", ttl: Some(Duration::from_secs(300)), request: endless },
        Strategy { name: "since start-up", ttl: Some(Duration::MAX), request: endless },
    ]
}

fn measure(token: &Arc<dyn Hsm>, args: &CacheArgs, strategy: &Strategy) -> Result<Figures> {
    let day = Arc::new(Day::default());
    let delay = Delay { p50: Duration::from_millis(args.p50), p99: Duration::from_millis(args.p99) };
    let noted = Arc::clone(&day);
    let wait = move |time: Duration| {
        noted.waited.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
    };
    let slow = Arc::new(Slow::new(Arc::clone(token), delay, wait));
    // Nothing of this stays: the data key is in a store that forgets.
    let keyring = Keyring::new(Arc::clone(&slow) as Arc<dyn Hsm>, Arc::new(MemoryStore::default()));
    keyring.create("bench", &Recipe::default())?;
    slow.calls();
    day.waited.store(0, Ordering::Relaxed);
    let begun = Instant::now();
    encrypt_all(&keyring, &day, args, strategy)?;
    let waited = Duration::from_nanos(day.waited.load(Ordering::Relaxed));
    Ok(Figures { name: strategy.name, calls: slow.calls(), waited, worked: begun.elapsed() })
}

fn encrypt_all(keyring: &Keyring, day: &Arc<Day>, args: &CacheArgs, strategy: &Strategy) -> Result<()> {
    let (record, context) = (vec![0x5a; args.bytes], EncryptionContext::empty());
    let fresh = || {
        let ttl = strategy.ttl.unwrap_or_default();
        let limits = Limits { ttl, refresh: ttl, messages: u64::MAX, bytes: u64::MAX, keys: 1 };
        let clock = Arc::clone(day);
        Cache::on_clock(keyring.clone(), limits, move || Duration::from_nanos(clock.now.load(Ordering::Relaxed)))
    };
    let mut cache = fresh();
    let mut sealed = Vec::with_capacity(args.bytes + 1024);
    for number in 0..args.records {
        if number > 0 && number % strategy.request == 0 {
            cache = fresh();
        }
        day.now
            .store((u128::from(number) * u128::from(DAY) * 1_000_000_000 / u128::from(args.records)) as u64, Ordering::Relaxed);
        sealed.clear();
        match strategy.ttl {
            None => seal(&keyring.open(&keyring.active("bench")?)?, &context, &record, &mut sealed)?,
            Some(_) => seal(&*cache.for_encryption("bench", args.bytes as u64)?, &context, &record, &mut sealed)?,
        }
    }
    Ok(())
}

fn seal(dek: &hsm_client::keyring::Dek, context: &EncryptionContext, record: &[u8], sealed: &mut Vec<u8>) -> Result<()> {
    envelope::seal(dek, context, record, sealed, |_| {}).map(|_| ())
}

impl Figures {
    /// What a record waits for the token, on average.
    fn share(&self, args: &CacheArgs) -> Duration {
        Duration::from_secs_f64(self.waited.as_secs_f64() / args.records as f64)
    }

    fn rate(&self, args: &CacheArgs) -> f64 {
        args.records as f64 / self.worked.as_secs_f64()
    }

    fn cells(&self, args: &CacheArgs) -> [String; 6] {
        [
            self.name.to_owned(),
            self.calls.to_string(),
            format!("{:.1} s", self.waited.as_secs_f64()),
            format!("{:.3} ms", self.share(args).as_secs_f64() * 1e3),
            format!("{:.1} s", self.worked.as_secs_f64()),
            format!("{:.0}", self.rate(args)),
        ]
    }

    fn json(&self, args: &CacheArgs) -> Value {
        json!({
            "kept": self.name, "calls": self.calls, "waited_seconds": self.waited.as_secs_f64(),
            "waited_per_record_ms": self.share(args).as_secs_f64() * 1e3,
            "worked_seconds": self.worked.as_secs_f64(), "records_per_second": self.rate(args),
        })
    }
}
