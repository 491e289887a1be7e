//! Runs cases: bounded in time, with panics caught, and without secrets in the outcome.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pinning_keys_core::KeyIssuer;
use tokio::time::{Instant, timeout};

use crate::bench::Bench;
use crate::facts::Facts;
use crate::harness::{BoxError, Harness};
use crate::panics::{caught, lock};
use crate::patience::hung_after;
use crate::report::{CaseReport, Outcome};
use crate::secrets::Secrets;
use crate::selection::{Selected, select};
use crate::verdict::Stop;

/// A run of one case or more.
pub(crate) struct Run<'a> {
    pub(crate) harness: &'a dyn Harness,
    pub(crate) facts: Facts,
    /// The secrets that any case has seen: a page of a list can show the keys of earlier cases.
    secrets: Mutex<Secrets>,
    /// The kinds of calls that have hung, until one of the kind ends.
    hung: Mutex<BTreeSet<String>>,
}

impl<'a> Run<'a> {
    pub(crate) async fn begin(harness: &'a dyn Harness) -> Result<Self, BoxError> {
        let secrets = Secrets::of_account(harness);
        let issuer = first_issuer(harness).await;
        let issuer = issuer.map_err(|error| BoxError::from(secrets.redacted(&error)))?;
        let facts = Facts::new(harness, issuer.profile())?;
        Ok(Self { harness, facts, secrets: Mutex::new(secrets), hung: Mutex::default() })
    }

    pub(crate) fn select(&self) -> Vec<Selected> {
        select(self.harness, &self.facts)
    }

    /// Runs a case, unless it misses something.
    pub(crate) async fn case(&self, selected: &Selected) -> CaseReport {
        let began = Instant::now();
        let (outcome, left) = match &selected.missing {
            Some(missing) => (Outcome::Skipped(missing.clone()), Vec::new()),
            None => self.execute(selected).await,
        };
        CaseReport { case: selected.case, outcome, took: began.elapsed(), left }
    }

    async fn execute(&self, selected: &Selected) -> (Outcome, Vec<String>) {
        let limit = self.limit(selected.keys);
        let bench = Bench::new(self.harness, &self.facts, &self.hung, selected.case.id);
        let bench = match in_time(limit, bench).await {
            Ok(bench) => bench,
            Err(stop) => return (self.outcome(stop, selected), Vec::new()),
        };
        let verdict = in_time(limit, (selected.case.run)(&bench)).await;
        let cleaned = bench.clean_up(limit).await;
        lock(&self.secrets).merge(bench.into_secrets());
        let verdict = match cleaned.failure {
            Some(why) if verdict.is_ok() => Err(Stop::failed(format!("the clean-up {why}"))),
            _ => verdict,
        };
        let outcome =
            verdict.map_or_else(|stop| self.outcome(stop, selected), |()| Outcome::Passed);
        (outcome, cleaned.left)
    }

    /// The time limit of a case, in proportion to the keys that it creates.
    fn limit(&self, keys: usize) -> Duration {
        let times = u32::try_from(keys).unwrap_or(u32::MAX).saturating_add(4);
        let propagation = self.harness.propagation();
        let propagation = propagation.unwrap_or_else(|| self.facts.profile.propagation());
        let call = hung_after(self.harness, self.harness.deadline());
        call.saturating_mul(4).saturating_add(propagation * 2).saturating_mul(times)
    }

    /// A case may skip late only if it declared so: otherwise the minimum would count cases that
    /// check nothing.
    fn outcome(&self, stop: Stop, selected: &Selected) -> Outcome {
        let clean = |text: &str| lock(&self.secrets).redacted(text);
        match stop {
            Stop::Skipped(why) if selected.may_skip_late => Outcome::Skipped(clean(&why)),
            Stop::Skipped(why) => Outcome::Failed(clean(&format!("nothing was checked: {why}"))),
            Stop::Failed(why) => Outcome::Failed(clean(&why)),
        }
    }
}

/// An issuer, or the reason why there is none.
async fn first_issuer(harness: &dyn Harness) -> Result<Arc<dyn KeyIssuer>, String> {
    let limit = hung_after(harness, harness.deadline());
    let issuer = timeout(limit, caught(harness.issuer())).await;
    let issuer = issuer.map_err(|_| format!("`Harness::issuer` did not end within {limit:?}"))?;
    let issuer = issuer.map_err(|panic| format!("`Harness::issuer` {panic}"))?;
    issuer.map_err(|error| error.to_string())
}

/// Fails if the future panics or takes too long, so that the other cases still run.
async fn in_time<T>(
    limit: Duration,
    future: impl Future<Output = Result<T, Stop>>,
) -> Result<T, Stop> {
    match timeout(limit, caught(future)).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(panic)) => Err(Stop::failed(panic)),
        Err(_) => Err(Stop::failed(format!("did not end within {limit:?}"))),
    }
}
