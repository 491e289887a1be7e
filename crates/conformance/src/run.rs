use crate::execution::Run;
use crate::report::{CaseReport, Report};
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
    let run = Run::begin(harness).await?;
    let mut report = Report::new(harness, &run.terms.profile);
    for selected in run.select() {
        let case = run.case(&selected).await;
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
    let run = Run::begin(harness).await?;
    match run.select().iter().find(|selected| selected.case.id() == id) {
        Some(selected) => Ok(run.case(selected).await),
        None => Err(format!("there is no case {id:?}").into()),
    }
}

/// Says what a run with this harness would make, before it makes anything.
///
/// ```
/// use pinning_keys_conformance::{BoxError, Harness, announce};
///
/// async fn ask(harness: &dyn Harness) -> Result<(), BoxError> {
///     // 41 of 115 cases would run at pinata (resources). They make 102 keys at most, …
///     println!("{}", announce(harness).await?);
///     Ok(())
/// }
/// ```
///
/// # Errors
///
/// As [`run`].
pub async fn announce(harness: &dyn Harness) -> Result<String, BoxError> {
    let run = Run::begin(harness).await?;
    let selection = run.select();
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
        run.terms.profile.table(),
        harness.label(),
    ))
}
