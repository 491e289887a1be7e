//! What a process knows of itself, and how it is bound to a core.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

/// Where a process runs: servers and clients get a core each, where there are two.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Core {
    Client,
    Server,
}

impl Core {
    /// Its number: the first for clients and the last for servers, of those that are allowed.
    pub(crate) fn number(self) -> Result<usize> {
        let allowed = sched_getaffinity(None).context("the cores cannot be listed")?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        let chosen = match self {
            Self::Client => cores.next(),
            Self::Server => cores.next_back(),
        };
        chosen.context("there is no core to run on")
    }
}

/// Binds this process to its core.
pub(crate) fn pin_to(core: Core) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(core.number()?);
    sched_setaffinity(None, &set).context("the process cannot be bound to a core")
}

/// The processor time that this process has taken, in the kernel too.
pub(crate) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or_default(), nanos.unwrap_or_default())
}

/// The most memory that this process has had resident so far, in KiB.
pub(crate) fn peak_memory_kib() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("this needs Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let figure = line.and_then(|line| line.split_whitespace().next());
    Ok(figure.context("the kernel tells no peak memory")?.parse()?)
}
