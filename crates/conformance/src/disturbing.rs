//! Calls with a request disturbed, and the proof that it was.

use std::time::Duration;

use pinning_keys_core::Operation;
use tokio::time::Instant;

use crate::Disturbance;
use crate::bench::Bench;
use crate::case::Stop;

/// The deadlines for a call that nothing else may end, one after the other: the first is short,
/// so that a run need not wait, and on a busy machine can be over before there is a request.
const DEADLINES: [Duration; 2] = [Duration::from_millis(400), Duration::from_secs(4)];

impl Bench<'_> {
    /// Makes a call with one request of this operation disturbed. Without such a request the case
    /// would show nothing, and so has failed.
    pub(crate) async fn disturbed<T, C: Future<Output = Result<T, Stop>>>(
        &self,
        operation: Operation,
        disturbance: Disturbance,
        call: impl Fn() -> C,
    ) -> Result<T, Stop> {
        let answer = self.disturbed_if_met(operation, disturbance, call).await?;
        answer.ok_or_else(|| {
            Stop::failed(format!(
                "{disturbance} met no request: the fault switch did nothing, or none was made to \
                 {operation}"
            ))
        })
    }

    /// The same; `None` where no request was met.
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
            self.take_time();
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
        // What went wrong is told first: it can be the reason why nothing was met.
        answer.map(|answer| met.then_some(answer))
    }

    /// Lets requests pass again that were to be disturbed.
    pub(crate) fn calm(&self) {
        self.set_disturbed(false);
        if let Some(faults) = self.harness().faults() {
            faults.clear();
        }
    }
}
