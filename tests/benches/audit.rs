//! What the audit log costs on the signing path: every level beside `off`, on the same keys, in turns.
//!
//!     cargo bench -p hsm-tests --bench audit
//!
//! Microseconds of a whole Init and operation, one thread: the median over the turns, and what it is above `off`.

use hsm_tests::*;
use std::os::unix::process::parent_id;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Turns of every level.
const TURNS: usize = 15;
/// How long each operation is repeated in a turn.
const TIME: Duration = Duration::from_millis(100);
const LEVELS: [&str; 3] = ["off", "changes", "uses"];

fn main() {
    // `cargo test --benches` runs this too: it shall compile and do nothing.
    if std::env::args().any(|argument| argument == "--bench" || argument == "--exact") {
        isolated(measure);
        // The child process comes by here too, and has nobody's figures.
        let table = table(std::process::id());
        print!("{}", std::fs::read_to_string(&table).unwrap_or_default());
        let _ = std::fs::remove_file(table);
    }
}

/// Where the child process of `parent` leaves the figures.
fn table(parent: u32) -> PathBuf {
    std::env::temp_dir().join(format!("hsm-audit-{parent}"))
}

type Operation<'s> = (&'static str, Box<dyn Fn() + 's>);

fn measure(home: &Home) {
    let mut token = home.token();
    make_keys(token.user());
    let plain = std::fs::read_to_string(home.configuration()).expect("the configuration");
    let mut times: Vec<[Vec<f64>; LEVELS.len()]> = vec![];
    for _ in 0..TURNS {
        for (level, name) in LEVELS.iter().enumerate() {
            home.write("module.conf", format!("{plain}audit = {name:?}\n").as_bytes());
            token.restart();
            for (at, (_, operation)) in operations(token.user()).iter().enumerate() {
                times.resize_with(times.len().max(at + 1), Default::default);
                times[at][level].push(microseconds(operation));
            }
            token.module.close_all(token.slot).expect("C_CloseAllSessions");
        }
    }
    let session = token.user();
    let names: Vec<_> = operations(session).iter().map(|(name, _)| *name).collect();
    let mut lines = format!("{:<28} {:>10} {:>18} {:>18}\n", "microseconds", LEVELS[0], LEVELS[1], LEVELS[2]);
    for (name, times) in names.iter().zip(times) {
        let [off, changes, uses] = times.map(median);
        let above = |time: f64| format!("{time:.3} ({:+.1} %)", 100.0 * (time / off - 1.0));
        lines += &format!("{name:<28} {off:>10.3} {:>18} {:>18}\n", above(changes), above(uses));
    }
    std::fs::write(table(parent_id()), lines).expect("a file for the figures");
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn microseconds(operation: &dyn Fn()) -> f64 {
    operation();
    let (begun, mut done) = (Instant::now(), 0_u32);
    while begun.elapsed() < TIME {
        (0..16).for_each(|_| operation());
        done += 16;
    }
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(done)
}

fn make_keys(session: Session<'_>) {
    let aes = Template::key(CKO_SECRET_KEY, CKK_AES).bool(CKA_TOKEN, true).bytes(CKA_VALUE, &[7; 32]);
    session.create(&aes).expect("a key");
    for (mechanism, public) in [
        (CKM_RSA_PKCS_KEY_PAIR_GEN, Template::new().ulong(CKA_MODULUS_BITS, 2048)),
        (CKM_EC_KEY_PAIR_GEN, Template::new().bytes(CKA_EC_PARAMS, oid::P256)),
        (CKM_EC_EDWARDS_KEY_PAIR_GEN, Template::new().bytes(CKA_EC_PARAMS, oid::ED25519)),
    ] {
        let private = Template::new().bool(CKA_TOKEN, true).bool(CKA_SIGN, true);
        session.generate_pair(&Mechanism::bare(mechanism), &public.bool(CKA_VERIFY, true), &private).expect("a pair");
    }
    session.close().expect("C_CloseSession");
}

fn operations(session: Session<'_>) -> Vec<Operation<'_>> {
    let find = |class, kind| {
        let found = session.find(&Template::key(class, kind)).expect("C_FindObjects");
        *found.first().expect("the key")
    };
    let sign = move |name, kind, mechanism: Mechanism, data: &'static [u8]| -> Operation<'_> {
        let key = find(CKO_PRIVATE_KEY, kind);
        (name, Box::new(move || drop(session.sign(&mechanism, key, data).expect("C_Sign"))))
    };
    let aes = find(CKO_SECRET_KEY, CKK_AES);
    let gcm = Mechanism::gcm(&[3; 12], b"", 128);
    vec![
        sign("RSA-2048 signature", CKK_RSA, Mechanism::bare(CKM_SHA256_RSA_PKCS), b"data"),
        sign("P-256 signature", CKK_EC, Mechanism::bare(CKM_ECDSA), &[1; 32]),
        sign("Ed25519 signature", CKK_EC_EDWARDS, Mechanism::bare(CKM_EDDSA), b"data"),
        ("AES-256-GCM of 16 bytes", Box::new(move || drop(session.encrypt(&gcm, aes, &[0; 16]).expect("C_Encrypt")))),
    ]
}
