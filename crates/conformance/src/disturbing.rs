//! Calls with a disturbed request, and the proof that it was disturbed.

use std::time::Duration;

use pinning_keys_core::Operation;
use tokio::time::Instant;

use crate::bench::Bench;
use crate::disturbance::Disturbance;
use crate::verdict::Stop;

/// The deadlines that a call which only its deadline ends is tried with. The first one keeps runs
/// short; on a busy machine it may be over before there is a request.
const DEADLINES: [Duration; 2] = [Duration::from_millis(400), Duration::from_secs(4)];

impl Bench<'_> {
    /// Makes a call with one request of this operation disturbed. A case without such a request
    /// would check nothing, so it fails.
    pub(crate) async fn disturbed<T, C: Future<Output = Result<T, Stop>>>(
        &self,
        operation: Operation,
        disturbance: Disturbance,
        call: impl Fn() -> C,
    ) -> Result<T, Stop> {
        let answer = self.disturbed_if_met(operation, disturbance, call).await?;
        answer.ok_or_else(|| {
            Stop::failed(format!(
                "{disturbance} met no request: the fault switch did nothing, or the adapter sent \
                 no {operation} request"
            ))
        })
    }

    /// The same, but `None` if no request was met.
    pub(crate) async fn disturbed_if_met<T, C: Future<Output = Result<T, Stop>>>(
        &self,
        operation: Operation,
        disturbance: Disturbance,
        call: impl Fn() -> C,
    ) -> Result<Option<T>, Stop> {
        let ordinary = self.harness().deadline();
        for deadline in DEADLINES.into_iter().filter(|deadline| *deadline < ordinary) {
            if !disturbance.lasts() || !self.hurry(deadline).await? {
                break;
            }
            let began = Instant::now();
            let answer = self.disturbed_once(operation, disturbance, call()).await;
            self.switch_back();
            let answer = answer?;
            // Only the deadline can have kept the request from being made.
            if answer.is_some() || began.elapsed() < deadline {
                return Ok(answer);
            }
        }
        self.disturbed_once(operation, disturbance, call()).await
    }

    async fn disturbed_once<T>(
        &self,
        operation: Operation,
        disturbance: Disturbance,
        call: impl Future<Output = Result<T, Stop>>,
    ) -> Result<Option<T>, Stop> {
        let faults = self.faults()?;
        let before = faults.applied();
        let switched = faults.disturb(operation, disturbance);
        switched.map_err(|error| Stop::failed(error.to_string()))?;
        self.set_disturbed(true);
        let answer = call.await;
        let met = faults.applied() > before;
        self.calm();
        // A failure goes first: it may be the reason why no request was met.
        answer.map(|answer| met.then_some(answer))
    }

    /// Stops disturbing requests.
    pub(crate) fn calm(&self) {
        self.set_disturbed(false);
        if let Some(faults) = self.harness().faults() {
            faults.clear();
        }
    }
}
