//! Which process has a ceremony open, so that one whose process has ended need not be cancelled by hand.
//!
//! It only ever frees a ceremony too early in a case of mistaken identity, and then the process that had it hears so at its next step.

use serde::{Deserialize, Serialize};

/// A process, told apart from others that have its number at other times, after a restart, or in other containers.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    boot: String,
    namespace: String,
    pid: u32,
    started: String,
}

impl Owner {
    /// This process.
    pub fn current() -> Self {
        let pid = std::process::id();
        Self { boot: boot(), namespace: namespace(), pid, started: started(pid).unwrap_or_default() }
    }

    /// True when the process has ended for sure.
    pub fn is_gone(&self) -> bool {
        if self.boot.is_empty() || self.started.is_empty() {
            return false;
        }
        self.boot != boot() || (self.namespace == namespace() && started(self.pid).as_ref() != Some(&self.started))
    }
}

fn boot() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

fn namespace() -> String {
    std::fs::read_link("/proc/self/ns/pid").map(|link| link.display().to_string()).unwrap_or_default()
}

/// When a process started, in the kernel's ticks: field 22 of its stat line, counted behind the name, which may hold anything. None for
/// one that has ended, also while its parent has not taken notice (proc(5): states Z and X).
fn started(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, behind) = stat.rsplit_once(')')?;
    let mut fields = behind.split_whitespace();
    let state = fields.next()?;
    fields.nth(18).filter(|_| !matches!(state, "Z" | "X")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_gone_when_its_number_has_another_start_or_the_machine_another_boot() {
        let us = Owner::current();
        assert!(!us.is_gone());
        assert!(Owner { started: "1".into(), ..us.clone() }.is_gone());
        assert!(Owner { boot: "another".into(), ..us.clone() }.is_gone());
        assert!(!Owner { namespace: "elsewhere".into(), started: "1".into(), ..us }.is_gone());
    }
}
