//! Processes: their cores, time and memory, and how this program runs itself.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where a process runs: servers and clients get a core each, if there are two.
#[derive(Clone, Copy, Debug)]
pub enum Core {
    Client,
    Server,
}

impl Core {
    /// The number of the core: of the allowed ones, the first for clients, the last for servers.
    ///
    /// # Errors
    ///
    /// If the system does not list the cores.
    pub fn number(self) -> Result<usize> {
        let allowed = sched_getaffinity(None).context("the cores cannot be listed")?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        let chosen = match self {
            Self::Client => cores.next(),
            Self::Server => cores.next_back(),
        };
        chosen.context("no core is allowed")
    }
}

/// Binds this process to its core.
///
/// # Errors
///
/// If the system refuses it.
pub fn pin_to(core: Core) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(core.number()?);
    sched_setaffinity(None, &set).context("the process cannot be bound to a core")
}

/// The processor time that this process has taken, including time in the kernel.
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or_default(), nanos.unwrap_or_default())
}

/// The peak resident memory of this process so far, in KiB.
///
/// # Errors
///
/// If the system does not report it, as only Linux does.
pub fn peak_memory_kib() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("this needs Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let figure = line.and_then(|line| line.split_whitespace().next());
    Ok(figure.context("the kernel reports no peak memory")?.parse()?)
}

/// Runs this program again, with a command and its job, and returns what it measured.
///
/// # Errors
///
/// If it cannot be started, fails, or prints something else.
pub fn run_again<T: DeserializeOwned>(command: &str, job: &impl Serialize) -> Result<T> {
    run_again_in(&std::env::temp_dir(), command, job)
}

/// The same, with this folder for its temporary files.
///
/// # Errors
///
/// Those of [`run_again`].
pub fn run_again_in<T: DeserializeOwned>(
    folder: &Path,
    command: &str,
    job: &impl Serialize,
) -> Result<T> {
    let job = serde_json::to_string(job)?;
    let output = Command::new(std::env::current_exe()?)
        .args([command, &job])
        .env("TMPDIR", folder)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "{command} {job} failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Cargo, in the version that runs this program.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
