use std::sync::Arc;

use super::bench::Bench;
use super::cases::CASES;
use super::harness::Harness;
use super::report::Report;
use super::run::run;

/// Runs every case, each on a new harness.
///
/// It needs a Tokio runtime with at least three threads, because a case keeps a decision waiting.
///
/// ```
/// # use pinning_keys_lifecycle::conformance::{BoxError, Harness, async_trait};
/// # use pinning_keys_lifecycle::store::Store;
/// # use pinning_keys_lifecycle::{ManualClock, MemoryStore};
/// # struct InMemory { clock: ManualClock, store: MemoryStore }
/// # #[async_trait]
/// # impl Harness for InMemory {
/// #     fn clock(&self) -> &ManualClock { &self.clock }
/// #     async fn open(&self) -> Result<Box<dyn Store>, BoxError> { Ok(Box::new(self.store.clone())) }
/// # }
/// use std::time::{Duration, UNIX_EPOCH};
/// use pinning_keys_lifecycle::conformance::run_all;
///
/// # #[tokio::main(flavor = "multi_thread", worker_threads = 4)]
/// # async fn main() {
/// let report = run_all(|| async {
///     let clock = ManualClock::at(UNIX_EPOCH + Duration::from_secs(1_900_000_000));
///     let store = MemoryStore::new(clock.clone()).unwrap();
///     InMemory { clock, store }
/// })
/// .await;
/// assert!(report.is_ok(), "{report}");
/// # }
/// ```
pub async fn run_all<H: Harness + 'static, M: Future<Output = H>>(make: impl Fn() -> M) -> Report {
    let mut cases = Vec::new();
    for case in CASES {
        let bench = Arc::new(Bench { harness: Arc::new(make().await) });
        cases.push((case, run(case, bench).await));
    }
    Report { cases }
}
