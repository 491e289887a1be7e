use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use pinning_keys_core::IssuerProfile;
use tokio::time::{Instant, timeout};

use crate::bench::Bench;
use crate::case::{Case, Size, Stop, Verdict};
use crate::report::{CaseReport, Outcome, Report};
use crate::{BoxError, CASES, Harness};

/// How many keys a page has where nobody says.
const USUAL_PAGE: usize = 10;

/// Runs every case that the harness allows, one after the other.
///
/// Cases make keys under the harness's label alone, and revoke them. What an interrupted run may
/// leave behind is found by that label.
///
/// # Errors
///
/// What the harness says where it cannot make an issuer. That a case fails is no error here: ask
/// [`Report::is_ok`].
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
    let issuer = harness.issuer().await?;
    let profile = issuer.profile();
    let mut report = Report::new(harness, profile);
    for selected in select(harness, profile) {
        let case = run_selected(harness, profile, selected).await;
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
    let issuer = harness.issuer().await?;
    let mut selection = select(harness, issuer.profile()).into_iter();
    match selection.find(|selected| selected.case.id() == id) {
        Some(selected) => Ok(run_selected(harness, issuer.profile(), selected).await),
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
/// What the harness says where it cannot make an issuer.
pub async fn announce(harness: &dyn Harness) -> Result<String, BoxError> {
    let issuer = harness.issuer().await?;
    let profile = issuer.profile();
    let selection = select(harness, profile);
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
        profile.table(),
        harness.label(),
    ))
}

/// A case, and whether it can run.
pub(crate) struct Selected {
    pub(crate) case: &'static Case,
    keys: usize,
    /// What it lacks, where it cannot.
    pub(crate) lack: Option<String>,
}

/// Which cases can run. It depends on the harness and the profile alone, so that each case, run
/// as a test of its own, comes to the same as in a run of all.
pub(crate) fn select(harness: &dyn Harness, profile: &IssuerProfile) -> Vec<Selected> {
    let size = Size { profile: profile.clone(), page: page_size(harness, profile) };
    let mut left = harness.max_keys();
    CASES
        .iter()
        .map(|case| {
            let keys = (case.keys)(&size);
            let lack = case.lacking(harness, &size).or_else(|| {
                let lack = || format!("it makes {keys} keys, and {left} are left of those allowed");
                (keys > left).then(lack)
            });
            if lack.is_none() {
                left -= keys;
            }
            Selected { case, keys, lack }
        })
        .collect()
}

/// How many keys stand on a page of a listing.
pub(crate) fn page_size(harness: &dyn Harness, profile: &IssuerProfile) -> usize {
    harness.page_size().or_else(|| profile.page_size()).unwrap_or(USUAL_PAGE)
}

async fn run_selected(
    harness: &dyn Harness,
    profile: &IssuerProfile,
    selected: Selected,
) -> CaseReport {
    let Selected { case, keys, lack } = selected;
    let began = Instant::now();
    let (outcome, left) = match lack {
        Some(lack) => (Outcome::Skipped(lack), Vec::new()),
        None => run_case(harness, case, limit(harness, profile, keys)).await,
    };
    CaseReport { case, outcome, took: began.elapsed(), left }
}

/// How long a case may take: so many calls, and so many waits for a change to take effect.
fn limit(harness: &dyn Harness, profile: &IssuerProfile, keys: usize) -> Duration {
    let times = u32::try_from(keys).unwrap_or(u32::MAX).saturating_add(4);
    let propagation = harness.propagation().unwrap_or_else(|| profile.propagation());
    (harness.deadline() * 4).saturating_add(propagation * 2).saturating_mul(times)
}

async fn run_case(
    harness: &dyn Harness,
    case: &'static Case,
    limit: Duration,
) -> (Outcome, Vec<String>) {
    let bench = match Bench::new(harness, case).await {
        Ok(bench) => bench,
        Err(stop) => return (outcome(Err(stop), &str::to_owned), Vec::new()),
    };
    let verdict = match timeout(limit, caught((case.run)(&bench))).await {
        Ok(verdict) => verdict,
        Err(_) => Err(Stop::failed(format!("it has not ended after {limit:?}"))),
    };
    let left = bench.sweep().await;
    (outcome(verdict, &|text| bench.redacted(text)), left)
}

fn outcome(verdict: Verdict, clean: &dyn Fn(&str) -> String) -> Outcome {
    match verdict {
        Ok(()) => Outcome::Passed,
        Err(Stop::Failed(why)) => Outcome::Failed(clean(&why)),
        Err(Stop::Skipped(why)) => Outcome::Skipped(clean(&why)),
    }
}

/// A case that panics has failed, and the others still run.
async fn caught(case: impl Future<Output = Verdict>) -> Verdict {
    let mut case = pin!(case);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| case.as_mut().poll(cx))) {
        Ok(poll) => poll,
        Err(panic) => Poll::Ready(Err(Stop::failed(format!("it panicked: {}", text(&*panic))))),
    })
    .await
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a text")
}
