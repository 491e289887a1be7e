//! Whether a worker ends leases.

use std::time::{Duration, SystemTime};

use super::Managed;
use crate::command_line::command;
use crate::failure::Failure;
use crate::output::Output;

/// If no worker has run for this long, none is expected to end a lease.
const SILENCE: Duration = Duration::from_secs(24 * 60 * 60);

impl Managed {
    /// Warns if no worker runs, because only a worker ends leases.
    pub(crate) async fn warn_without_worker(&self, output: &Output) -> Result<(), Failure> {
        let seen = self.manager().status().await?.worker_seen_at().map(SystemTime::from);
        let is_recent = |at: SystemTime| at.elapsed().is_ok_and(|passed| passed <= SILENCE);
        if !seen.is_some_and(is_recent) {
            let run = command("run --once");
            output
                .warn(format_args!("the lease ends only if a worker runs; once a minute:  {run}"));
        }
        Ok(())
    }
}
