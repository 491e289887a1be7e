//! `run --once`: what is due now.

use std::collections::HashSet;

use pinning_keys_lifecycle::{Error, ErrorKind, KeyState, Status};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::keys::view::moment;
use crate::managed::Managed;
use crate::managed::left::Left;
use crate::managed::passes::{Work, run_due};
use crate::output::Output;
use crate::output::escape::escaped;
use crate::output::table::Labels;

use super::repeated::cause;
use super::report::{Failed, Pass};

/// Does what is due, prints what was done and what is left, and returns the failure, if any.
pub(super) async fn run(
    managed: &Managed,
    interrupt: &Interrupt,
    output: &Output,
) -> Result<Option<Failure>, Failure> {
    let mut work = run_due(managed, interrupt, output).await?;
    let failures = failures(&mut work);
    let status = managed.manager().status().await?;
    let left = Left::of(&status, work.due_at);
    if output.is_json() {
        output.object(&Pass::new(&work, &failures, Some(&left)));
    } else {
        output.labels(&labels(&work, &left));
    }
    Ok(gravest(failures, output).or_else(|| closed(&status)))
}

/// The failure if keys must end in an account to which nothing is sent for now.
fn closed(status: &Status) -> Option<Failure> {
    let mut waiting = status.accounts().filter(|it| it.count(KeyState::Revoking) > 0);
    let (account, (until, why)) = waiting.find_map(|it| Some((it.name(), it.closed()?)))?;
    let until = moment(until.into()).unwrap_or_default();
    let account = escaped(account);
    let message = format!("nothing is sent to account {account} until {until}: {}", escaped(why));
    Some(Failure::new(Exit::Later, message).with_kind("account_closed"))
}

/// The failures, each once even if several passes met it.
fn failures(work: &mut Work) -> Vec<Failed> {
    let mut known = HashSet::new();
    let mut errors = std::mem::take(&mut work.errors);
    // Later steps meet an account that an earlier failure has closed, which says why.
    let is_closed = |error: &Error| error.kind() == ErrorKind::AccountClosed;
    let explained: HashSet<String> = errors
        .iter()
        .filter(|(_, error)| !is_closed(error))
        .map(|(name, _)| name.clone())
        .collect();
    errors.retain(|(account, error)| !is_closed(error) || !explained.contains(account));
    errors.retain(|(account, error)| known.insert((account.clone(), cause(error))));
    errors.into_iter().map(|(account, error)| Failed::of_account(account, error)).collect()
}

fn labels(work: &Work, left: &Left) -> Labels {
    let mut labels = Labels::default();
    labels.push("done", work.text());
    labels.push("left", left.text());
    labels.push("next", left.next());
    labels
}

/// The failure that decides the exit code. The others are printed.
fn gravest(mut failures: Vec<Failed>, output: &Output) -> Option<Failure> {
    let weight = |failed: &Failed| exit_of(failed.failure()).weight();
    let at = (0..failures.len()).max_by_key(|at| weight(&failures[*at]))?;
    let gravest = failures.remove(at).into_failure();
    for failed in &failures {
        failed.print(output);
    }
    let exit = exit_of(&gravest);
    Some(gravest.with_exit(exit))
}

/// The worker retries what has failed, so no outcome stays unknown.
fn exit_of(failure: &Failure) -> Exit {
    match failure.exit() {
        Exit::Refused => Exit::Refused,
        Exit::Later | Exit::Unknown => Exit::Later,
        _ => Exit::Failed,
    }
}
