//! Requests, commits and times that do not depend on the machine: time is simulated, and the
//! provider is emulated in memory.

mod batch;
mod commits;
mod idle;
mod load;
mod outage;
mod pass;
mod settle;

use anyhow::Result;
use pinning_keys_bench_kit::results::Effort;
use tokio::runtime::{Builder, Runtime};

use crate::report::Report;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// How many keys end, or are settled, at once.
    pub(crate) keys: u64,
    /// The longest outage, in hours.
    pub(crate) hours: u64,
}

impl Size {
    const FULL: Self = Self { keys: 1_000, hours: 7 * 24 };
    const SMALL: Self = Self { keys: 40, hours: 1 };

    pub(crate) fn of(effort: Effort) -> Self {
        if effort.quick { Self::SMALL } else { Self::FULL }
    }
}

/// Measures everything.
pub(crate) fn run(size: Size, report: &mut Report) -> Result<()> {
    runtime(false)?.block_on(commits::run(report))?;
    runtime(true)?.block_on(simulated(size, report))
}

async fn simulated(size: Size, report: &mut Report) -> Result<()> {
    idle::run(report).await?;
    load::run(size, report).await?;
    settle::run(size, report).await?;
    batch::run(size, report).await?;
    pass::run(size, report).await?;
    outage::run(size, report).await
}

/// A runtime whose time is that of the machine, or simulated.
fn runtime(is_simulated: bool) -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().start_paused(is_simulated).build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_budgets_are_met() {
        let mut report = Report::new();
        run(Size::SMALL, &mut report).unwrap();
        let budgets = report.into_section().budgets;
        let missed: Vec<_> = budgets.iter().filter(|budget| !budget.is_met()).collect();
        assert!(missed.is_empty(), "{missed:#?}");
    }
}
