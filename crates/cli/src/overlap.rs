//! The flag that sets how long an old key works after the new one is delivered.

use std::time::Duration;

use crate::durations;
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct OverlapArgs {
    /// How long an old key works after the new one is delivered, such as 1h (default: not at all)
    #[arg(long, value_name = "TIME", help_heading = "Lease")]
    overlap: Option<String>,
}

impl OverlapArgs {
    pub(crate) fn read(&self) -> Result<Duration, Failure> {
        let Some(text) = &self.overlap else { return Ok(Duration::ZERO) };
        durations::parse(text).ok_or_else(|| {
            Failure::usage("--overlap is not a length of time")
                .with_next("for example:  --overlap 30min, --overlap 1h, --overlap 7d")
        })
    }
}
