use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::KeyIssuer;
use tokio::time::{Instant, timeout};

use crate::bench::Bench;
use crate::case::Stop;
use crate::panics::caught;
use crate::patience::end_of;
use crate::report::{CaseReport, Outcome, Report};
use crate::secrets::Secrets;
use crate::selection::{Selected, Terms, select};
use crate::{BoxError, Harness};

/// Runs every case that the harness allows, one after the other.
///
/// Cases make keys under the harness's label alone, and revoke them. What an interrupted run may
/// leave behind is found by that label.
///
/// # Errors
///
/// What the harness says where it cannot make an issuer, and where its label leaves no room in
/// the names of keys. That a case fails is no error here: ask [`Report::is_ok`].
pub async fn run(harness: &dyn Harness) -> Result<Report, BoxError> {
    run_with(harness, |_| {}).await
}

/// Like [`run`], and hands over the report of each case as soon as it has ended.
///
/// ```
/// use pinning_keys_conformance::{BoxError, CASES, Harness, Report, run_with};
///
/// async fn with_progress(harness: &dyn Harness) -> Result<Report, BoxError> {
///     let mut ended = 0;
///     run_with(harness, |case| {
///         ended += 1;
///         eprintln!("{ended} of {}: {}", CASES.len(), case.case().id());
///     })
///     .await
/// }
/// ```
///
/// # Errors
///
/// As [`run`].
pub async fn run_with(
    harness: &dyn Harness,
    mut ended: impl FnMut(&CaseReport) + Send,
) -> Result<Report, BoxError> {
    let terms = terms(harness).await?;
    let mut report = Report::new(harness, &terms.profile);
    for selected in select(harness, &terms) {
        let case = run_selected(harness, &terms, &selected).await;
        ended(&case);
        report.cases.push(case);
    }
    Ok(report)
}

/// Runs the case of this id alone, as it would run among all.
///
/// ```
/// use pinning_keys_conformance::{BoxError, Harness, Outcome, run_one};
///
/// async fn keeps_keys_unique(harness: &dyn Harness) -> Result<bool, BoxError> {
///     let report = run_one(harness, "issue-02-one-create-after-a-lost-answer").await?;
///     Ok(*report.outcome() == Outcome::Passed)
/// }
/// ```
///
/// # Errors
///
/// As [`run`], and for an id that no case has.
pub async fn run_one(harness: &dyn Harness, id: &str) -> Result<CaseReport, BoxError> {
    let terms = terms(harness).await?;
    let mut selection = select(harness, &terms).into_iter();
    match selection.find(|selected| selected.case.id() == id) {
        Some(selected) => Ok(run_selected(harness, &terms, &selected).await),
        None => Err(format!("there is no case {id:?}").into()),
    }
}

/// Says what a run with this harness would make, before it makes anything.
///
/// ```
/// use pinning_keys_conformance::{BoxError, Harness, announce};
///
/// async fn ask(harness: &dyn Harness) -> Result<(), BoxError> {
///     // 41 of 107 cases would run at pinata (resources). They make 102 keys at most, …
///     println!("{}", announce(harness).await?);
///     Ok(())
/// }
/// ```
///
/// # Errors
///
/// As [`run`].
pub async fn announce(harness: &dyn Harness) -> Result<String, BoxError> {
    let terms = terms(harness).await?;
    let selection = select(harness, &terms);
    let running: Vec<_> = selection.iter().filter(|selected| selected.lack.is_none()).collect();
    let keys: usize = running.iter().map(|selected| selected.keys).sum();
    let admin = if harness.may_make_admin_keys() {
        "admin keys and keys that make others may be among them"
    } else {
        "none of them is admin or makes others"
    };
    Ok(format!(
        "{} of {} cases would run at {}. They make {keys} keys at most, each with a name that \
         begins with {:?}, and revoke them; {admin}. No other key is touched.",
        running.len(),
        selection.len(),
        terms.profile.table(),
        harness.label(),
    ))
}

/// What is known before a run.
pub(crate) async fn terms(harness: &dyn Harness) -> Result<Terms, BoxError> {
    let issuer = first_issuer(harness)
        .await
        .map_err(|error| BoxError::from(Secrets::of_account(harness).redacted(&error)))?;
    Terms::new(harness, issuer.profile())
}

/// An issuer, or why there is none.
async fn first_issuer(harness: &dyn Harness) -> Result<Arc<dyn KeyIssuer>, String> {
    let end = end_of(harness, harness.deadline());
    let made = timeout(end, caught(harness.issuer())).await;
    let made = made.map_err(|_| format!("the harness has made no issuer in {end:?}"))?;
    let made = made.map_err(|panic| format!("the harness makes no issuer: {panic}"))?;
    made.map_err(|error| error.to_string())
}

/// Runs a case, unless it lacks something.
pub(crate) async fn run_selected(
    harness: &dyn Harness,
    terms: &Terms,
    selected: &Selected,
) -> CaseReport {
    let began = Instant::now();
    let (outcome, left) = match &selected.lack {
        Some(lack) => (Outcome::Skipped(lack.clone()), Vec::new()),
        None => run_case(harness, terms, selected).await,
    };
    CaseReport { case: selected.case, outcome, took: began.elapsed(), left }
}

/// How long a case may take: so many calls, and so many waits for a change to take effect.
fn limit(harness: &dyn Harness, terms: &Terms, keys: usize) -> Duration {
    let times = u32::try_from(keys).unwrap_or(u32::MAX).saturating_add(4);
    let propagation = harness.propagation().unwrap_or_else(|| terms.profile.propagation());
    let call = end_of(harness, harness.deadline());
    call.saturating_mul(4).saturating_add(propagation * 2).saturating_mul(times)
}

async fn run_case(
    harness: &dyn Harness,
    terms: &Terms,
    selected: &Selected,
) -> (Outcome, Vec<String>) {
    let limit = limit(harness, terms, selected.keys);
    let bench = match in_time(limit, Bench::new(harness, terms, selected.case)).await {
        Ok(bench) => bench,
        Err(stop) => {
            let secrets = Secrets::of_account(harness);
            return (outcome(stop, selected, |text| secrets.redacted(text)), Vec::new());
        }
    };
    let verdict = in_time(limit, (selected.case.run)(&bench)).await;
    let cleaned = bench.clean_up(limit).await;
    let verdict = match cleaned.broken_off {
        Some(why) if verdict.is_ok() => Err(Stop::failed(format!("the clean-up: {why}"))),
        _ => verdict,
    };
    let clean = |text: &str| bench.redacted(text);
    (verdict.map_or_else(|stop| outcome(stop, selected, clean), |()| Outcome::Passed), cleaned.left)
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

/// What can be known before a run must be, or its minimum would count what shows nothing.
fn outcome(stop: Stop, selected: &Selected, clean: impl Fn(&str) -> String) -> Outcome {
    match stop {
        Stop::Skipped(why) if selected.may_skip_late => Outcome::Skipped(clean(&why)),
        Stop::Skipped(why) => Outcome::Failed(clean(&format!("it has shown nothing: {why}"))),
        Stop::Failed(why) => Outcome::Failed(clean(&why)),
    }
}
