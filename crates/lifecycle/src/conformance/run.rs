use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Builder;

use super::bench::Bench;
use super::case::{Case, Stop};
use super::harness::Harness;
use super::report::Outcome;

/// How long a case may take. A store that waits for itself must not hang the run.
const LIMIT: Duration = Duration::from_mins(2);

/// Runs one case in a separate task, so that a panic is an outcome.
pub(super) async fn run(case: &'static Case, bench: Arc<Bench>) -> Outcome {
    let ended = tokio::spawn(tokio::time::timeout(LIMIT, (case.run)(bench))).await;
    match ended {
        Ok(Ok(Ok(()))) => Outcome::Passed,
        Ok(Ok(Err(Stop::Failed(why)))) => Outcome::Failed(why),
        Ok(Ok(Err(Stop::Skipped(why)))) => Outcome::Skipped(why),
        Ok(Err(_)) => Outcome::Failed(format!("did not end within {LIMIT:?}")),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// Runs the case of this name, for the tests of [`store_tests!`](crate::store_tests), unless there
/// is no harness.
///
/// # Panics
///
/// If the case fails.
#[doc(hidden)]
pub fn check<H, M>(cases: &'static [Case], name: &str, make: impl FnOnce() -> M)
where
    H: Harness + 'static,
    M: Future<Output = Option<H>>,
{
    let case = cases.iter().find(|case| case.name == name).expect("the macro names cases");
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let outcome = runtime.expect("a runtime starts").block_on(async {
        match make().await {
            Some(harness) => run(case, Arc::new(Bench { harness: Arc::new(harness) })).await,
            None => Outcome::Skipped("the database is not available here"),
        }
    });
    match outcome {
        Outcome::Passed => {}
        Outcome::Skipped(why) => println!("skipped: {why}"),
        Outcome::Failed(why) => panic!("{} is broken: {why}", case.law),
    }
}
