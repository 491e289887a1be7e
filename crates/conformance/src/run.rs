use crate::execution::Run;
use crate::harness::{BoxError, Harness};
use crate::report::{CaseReport, Report};
use crate::text::plural;

/// Runs every case that the harness allows, one after the other.
///
/// Cases create keys whose names begin with the harness's label, and revoke them. If a run is
/// interrupted, the label identifies the keys that it left.
///
/// ```
/// use pinning_keys_conformance::{BoxError, Harness, run};
///
/// async fn check(harness: &dyn Harness) -> Result<(), BoxError> {
///     let report = run(harness).await?;
///     assert!(report.is_ok(), "{report}");
///     Ok(())
/// }
/// ```
///
/// # Errors
///
/// If the harness has no issuer, or if its label leaves no room in the names of keys. A failed case
/// is not an error: see [`Report::is_ok`].
pub async fn run(harness: &dyn Harness) -> Result<Report, BoxError> {
    run_with(harness, |_| {}).await
}

/// Like [`run`], but also calls `ended` with the result of each case as soon as the case ends.
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
/// Those of [`run`].
pub async fn run_with(
    harness: &dyn Harness,
    mut ended: impl FnMut(&CaseReport) + Send,
) -> Result<Report, BoxError> {
    let run = Run::begin(harness).await?;
    let mut report = Report::new(harness, &run.facts.profile);
    for selected in run.select() {
        let case = run.case(&selected).await;
        ended(&case);
        report.cases.push(case);
    }
    Ok(report)
}

/// Runs the case with this id alone, as it would run among all.
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
/// Those of [`run`], and an unknown id.
pub async fn run_one(harness: &dyn Harness, id: &str) -> Result<CaseReport, BoxError> {
    let run = Run::begin(harness).await?;
    match run.select().iter().find(|selected| selected.case.id() == id) {
        Some(selected) => Ok(run.case(selected).await),
        None => Err(format!("unknown case {id:?}").into()),
    }
}

/// Describes what a run with this harness would create, without creating anything.
///
/// ```
/// use pinning_keys_conformance::{BoxError, Harness, announce};
///
/// async fn ask(harness: &dyn Harness) -> Result<(), BoxError> {
///     // 41 of 115 cases would run at pinata (resources). They create at most 102 keys, …
///     println!("{}", announce(harness).await?);
///     Ok(())
/// }
/// ```
///
/// # Errors
///
/// Those of [`run`].
pub async fn announce(harness: &dyn Harness) -> Result<String, BoxError> {
    let run = Run::begin(harness).await?;
    let selection = run.select();
    let running: Vec<_> = selection.iter().filter(|selected| selected.missing.is_none()).collect();
    let keys: usize = running.iter().map(|selected| selected.keys).sum();
    let admin = match (run.facts.may_make_admin(), run.facts.may_escalate) {
        (true, _) => "they may include admin keys and keys that can create keys",
        (false, true) => "they may include keys that can create keys",
        (false, false) => "none of them is an admin key or can create keys",
    };
    Ok(format!(
        "{} of {} cases would run at {}. They create at most {}, whose names begin with {:?}, and \
         revoke them; {admin}. No other key is touched.",
        running.len(),
        selection.len(),
        run.facts.profile.table(),
        plural(keys as u64, "key"),
        harness.label(),
    ))
}
