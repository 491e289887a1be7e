//! How cases are run: bounded in time, with panics caught, and without secrets in what is told.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pinning_keys_core::KeyIssuer;
use tokio::time::{Instant, timeout};

use crate::bench::Bench;
use crate::case::Stop;
use crate::panics::caught;
use crate::patience::end_of;
use crate::report::{CaseReport, Outcome};
use crate::secrets::Secrets;
use crate::selection::{Selected, Terms, select};
use crate::{BoxError, Harness};

/// A run of some cases or all.
pub(crate) struct Run<'a> {
    pub(crate) harness: &'a dyn Harness,
    pub(crate) terms: Terms,
    /// What was seen in any case so far: a page of a list can show the keys of earlier ones.
    secrets: Mutex<Secrets>,
    /// The kinds of calls of which one has not ended, and none has since.
    pub(crate) hangs: Mutex<BTreeSet<String>>,
}

impl<'a> Run<'a> {
    pub(crate) async fn begin(harness: &'a dyn Harness) -> Result<Self, BoxError> {
        let secrets = Secrets::of_account(harness);
        let issuer = first_issuer(harness).await;
        let issuer = issuer.map_err(|error| BoxError::from(secrets.redacted(&error)))?;
        let terms = Terms::new(harness, issuer.profile())?;
        Ok(Self { harness, terms, secrets: Mutex::new(secrets), hangs: Mutex::default() })
    }

    /// Which cases can run.
    pub(crate) fn select(&self) -> Vec<Selected> {
        select(self.harness, &self.terms)
    }

    /// Runs a case, unless it lacks something.
    pub(crate) async fn case(&self, selected: &Selected) -> CaseReport {
        let began = Instant::now();
        let (outcome, left) = match &selected.lack {
            Some(lack) => (Outcome::Skipped(lack.clone()), Vec::new()),
            None => self.executed(selected).await,
        };
        CaseReport { case: selected.case, outcome, took: began.elapsed(), left }
    }

    async fn executed(&self, selected: &Selected) -> (Outcome, Vec<String>) {
        let limit = self.limit(selected.keys);
        let bench = match in_time(limit, Bench::new(self, selected.case)).await {
            Ok(bench) => bench,
            Err(stop) => return (self.told(stop, selected), Vec::new()),
        };
        let verdict = in_time(limit, (selected.case.run)(&bench)).await;
        let cleaned = bench.clean_up(limit).await;
        self.secrets().merge(bench.into_secrets());
        let verdict = match cleaned.broken_off {
            Some(why) if verdict.is_ok() => Err(Stop::failed(format!("the clean-up: {why}"))),
            _ => verdict,
        };
        let outcome = verdict.map_or_else(|stop| self.told(stop, selected), |()| Outcome::Passed);
        (outcome, cleaned.left)
    }

    /// How long a case may take: so many calls, and so many waits for a change to take effect.
    fn limit(&self, keys: usize) -> Duration {
        let times = u32::try_from(keys).unwrap_or(u32::MAX).saturating_add(4);
        let told = self.harness.propagation();
        let propagation = told.unwrap_or_else(|| self.terms.profile.propagation());
        let call = end_of(self.harness, self.harness.deadline());
        call.saturating_mul(4).saturating_add(propagation * 2).saturating_mul(times)
    }

    /// What can be known before a run must be, or its minimum would count what shows nothing.
    fn told(&self, stop: Stop, selected: &Selected) -> Outcome {
        let clean = |text: &str| self.secrets().redacted(text);
        match stop {
            Stop::Skipped(why) if selected.may_skip_late => Outcome::Skipped(clean(&why)),
            Stop::Skipped(why) => Outcome::Failed(clean(&format!("it has shown nothing: {why}"))),
            Stop::Failed(why) => Outcome::Failed(clean(&why)),
        }
    }

    fn secrets(&self) -> MutexGuard<'_, Secrets> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An issuer, or why there is none.
async fn first_issuer(harness: &dyn Harness) -> Result<Arc<dyn KeyIssuer>, String> {
    let end = end_of(harness, harness.deadline());
    let made = timeout(end, caught(harness.issuer())).await;
    let made = made.map_err(|_| format!("the harness has made no issuer in {end:?}"))?;
    let made = made.map_err(|panic| format!("the harness makes no issuer: {panic}"))?;
    made.map_err(|error| error.to_string())
}

/// What panics or takes too long has failed, and the other cases still run.
async fn in_time<T>(
    limit: Duration,
    future: impl Future<Output = Result<T, Stop>>,
) -> Result<T, Stop> {
    match timeout(limit, caught(future)).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(panic)) => Err(Stop::failed(panic)),
        Err(_) => Err(Stop::failed(format!("it has not ended after {limit:?}"))),
    }
}
