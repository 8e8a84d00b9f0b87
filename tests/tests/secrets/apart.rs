//! A thread for each use of a key, which then stays as it is: what the use left on the stack no later one overwrites.

use std::hint::black_box;
use std::sync::mpsc::channel;
use std::thread;

/// Enough for the deepest mechanism of an unoptimised module.
const STACK: usize = 1 << 20;

/// Runs `body` on a stack of its own and says where that is. The thread stays until the process ends.
pub fn apart(name: &str, body: impl FnOnce() + Send + 'static) {
    let (done, wait) = channel();
    let builder = thread::Builder::new().name(name.to_owned()).stack_size(STACK);
    let run = move || {
        body();
        let here = 0_u8;
        done.send(&raw const *black_box(&here) as usize).expect("somebody waits");
        loop {
            thread::park();
        }
    };
    builder.spawn(run).expect("a thread");
    let place = wait.recv().unwrap_or_else(|_| panic!("{name} failed"));
    crate::memory::say(&format!("stack {place} {name}"));
}
