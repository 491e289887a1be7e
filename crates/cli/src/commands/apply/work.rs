//! Carrying out the plan, key by key.

use std::collections::HashSet;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use pinning_keys_lifecycle::{
    Error, ErrorKind, KeyFilter, KeyId, KeyState, ManagedKey, RevokeOutcome, Rotation,
};

use super::fate::Fate;
use super::outcome::{AGAIN, Done};
use crate::command_line::command;
use crate::declared::{Plan, Reason, Step, Undeclared, Verdict, in_words_of_the_file, moment};
use crate::exit::Exit;
use crate::failure::{Failure, exit_of};
use crate::interrupt::Interrupt;
use crate::managed::checked_delivery::CheckedDelivery;
use crate::managed::replacing::{OldKey, end_attempts, end_old_key};
use crate::managed::{Managed, rows};
use crate::output::Output;
use crate::output::escape::escaped;
use crate::progress::Progress;

/// Carries out the plan and prints each result as it arrives. A failure does not stop the other
/// keys unless they would fail in the same way. After a request to stop, no further key is started.
pub(super) async fn run(
    plan: &Plan<'_>,
    managed: &Managed,
    interrupt: &Interrupt,
    output: &Output,
) -> Done {
    let mut work =
        Work { managed, interrupt, output, closed: HashSet::new(), planned_at: plan.made_at };
    let mut progress = Progress::of(output, "applying", plan.changes());
    let mut done = Done::default();
    for step in &plan.steps {
        let worked = done.worked();
        let working = Box::pin(work.step(step));
        let fate = progress.during(working, || (worked, String::new())).await;
        progress.above(|| done.add(step.line(), &fate, output));
    }
    for key in plan.undeclared.iter().filter(|_| plan.prunes) {
        let is_whole = done.is_whole();
        let worked = done.worked();
        let pruning = Box::pin(work.prune(key, is_whole));
        let fate = progress.during(pruning, || (worked, String::new())).await;
        progress.above(|| done.add(key.line(true), &fate, output));
    }
    done
}

struct Work<'a> {
    managed: &'a Managed,
    interrupt: &'a Interrupt,
    output: &'a Output,
    /// The accounts, by their names in the store, that take no more calls.
    closed: HashSet<String>,
    /// When the plan was made, by the store's clock.
    planned_at: SystemTime,
}

impl Work<'_> {
    async fn step(&mut self, step: &Step<'_>) -> Fate {
        let account = step.account.name.as_str();
        let (verdict, destination) = match (&step.problem, &step.verdict, &step.destination) {
            (Some(problem), ..) => return self.problem(step, problem).await,
            (None, Some(Verdict::Wait { until, .. }), _) => return Fate::Waiting(*until),
            (None, Some(verdict), Some(destination)) => (verdict, destination),
            (None, ..) => return Fate::UpToDate,
        };
        if let Some(why) = self.obstacle(account) {
            return Fate::NotStarted(why);
        }
        self.would_leave(step.declared.name.as_str());
        let delivery = CheckedDelivery::new(destination, &step.account.account, self.output);
        let changed = Box::pin(self.change(step, verdict, &delivery)).await;
        self.interrupt.would_leave([]);
        match changed {
            Ok(fate) => fate,
            Err(error) => {
                if concerns_account(&error) {
                    self.closed.insert(account.to_owned());
                }
                Fate::Failed(Rc::new(self.explained(step, error).await))
            }
        }
    }

    /// What prevents a key from being issued, such as a file that another run has written meanwhile.
    async fn problem(&self, step: &Step<'_>, problem: &Rc<Failure>) -> Fate {
        let is_overtaken = step.verdict.is_some() && self.is_overtaken(step, None).await;
        Fate::Failed(if is_overtaken { Rc::new(overtaken(problem)) } else { Rc::clone(problem) })
    }

    /// Why nothing more is started in an account.
    fn obstacle(&self, account: &str) -> Option<&'static str> {
        if self.interrupt.is_requested() {
            return Some("interrupted");
        }
        self.closed.contains(account).then_some("it would fail in the same way")
    }

    async fn change(
        &self,
        step: &Step<'_>,
        verdict: &Verdict,
        delivery: &CheckedDelivery<'_>,
    ) -> Result<Fate, Error> {
        let what = "the key is issued and delivered first";
        match verdict {
            Verdict::Rotate { id, reasons } => {
                let rotating = Box::pin(self.rotation(step, id).issue_to(delivery));
                let key = self.interrupt.settle(what, rotating).await?;
                let old = self.end_old(id, step.declared.overlap, reasons).await;
                let attempts = end_attempts(self.managed, id, &key, self.interrupt).await;
                // One that still works is reported in place of the old key.
                let mut ends = attempts.into_iter().map(|attempt| attempt.end);
                let old = ends.find(|end| !end.is_settled()).or(old);
                Ok(Fate::Rotated { key: Box::new(key), old })
            }
            Verdict::Issue { over, .. } => {
                let issuing = self.issue(step, over.as_ref(), delivery);
                let key = self.interrupt.settle(what, issuing).await?;
                Ok(Fate::Issued(Box::new(key)))
            }
            Verdict::UpToDate { .. } | Verdict::Wait { .. } => Ok(Fate::UpToDate),
        }
    }

    /// The rotation to a key that is as declared, regardless of the old one.
    fn rotation(&self, step: &Step<'_>, id: &KeyId) -> Rotation {
        let declared = step.declared;
        let rotation = self.managed.manager().rotate(id).onto(&step.account.name);
        let rotation = rotation.scope(declared.scope.clone()).max_uses(declared.max_uses);
        rotation.lease(declared.lease()).overlap(declared.overlap).allow_escalating()
    }

    async fn issue(
        &self,
        step: &Step<'_>,
        over: Option<&KeyId>,
        delivery: &CheckedDelivery<'_>,
    ) -> Result<ManagedKey, Error> {
        let manager = self.managed.manager();
        if let Some(over) = over {
            // Even if the provider cannot revoke it now, it no longer is the holder's.
            let _ = manager.revoke(over).await?;
        }
        let keys = manager.account(&step.account.name)?;
        let prepared = keys.prepare(&step.request, step.declared.lease());
        prepared.allow_escalating().issue_to(delivery).await
    }

    /// What became of a key that was replaced; `None` if it was gone already.
    async fn end_old(&self, id: &KeyId, overlap: Duration, reasons: &[Reason]) -> Option<OldKey> {
        let is_gone = reasons.iter().any(|it| matches!(it, Reason::Gone | Reason::Revoked));
        let old = Box::pin(end_old_key(self.managed, id, overlap, self.interrupt)).await;
        Some(old).filter(|old| old.is_settled() || !is_gone)
    }

    /// The failure of a key, and what to do about it.
    async fn explained(&self, step: &Step<'_>, error: Error) -> Failure {
        let is_refused = matches!(error.kind(), ErrorKind::AlreadyOpen | ErrorKind::WrongState);
        if is_refused || self.is_overtaken(step, error.key()).await {
            return overtaken(&error.into());
        }
        let made = match error.key() {
            Some(id) => self.managed.manager().get(id).await.ok(),
            None => None,
        };
        let kind = error.kind();
        let failure = Failure::from(error);
        let exit = failure.exit();
        match made.filter(|key| key.state() == KeyState::Undelivered) {
            Some(key) => unclear(&key, failure),
            None if kind == ErrorKind::InDoubt => failure.with_only_next([format!(
                "{}   settles it, and revokes the key if it exists",
                command("run --once")
            )]),
            None => in_words_of_the_file(failure).with_exit(exit),
        }
    }

    /// Whether another run has begun to issue the key since the plan was made.
    async fn is_overtaken(&self, step: &Step<'_>, own: Option<&KeyId>) -> bool {
        let filter = KeyFilter {
            holder: Some(step.declared.name.to_string()),
            states: vec![KeyState::Intended, KeyState::Undelivered, KeyState::Live],
            ..KeyFilter::default()
        };
        let is_new = |key: &ManagedKey| key.created_at() > self.planned_at && own != Some(key.id());
        rows::all(self.managed, &filter).await.is_ok_and(|keys| keys.iter().any(is_new))
    }

    /// Revokes a key that is not declared, once every declared key exists.
    async fn prune(&mut self, key: &Undeclared<'_>, is_whole: bool) -> Fate {
        let is_missing = (!is_whole).then_some("kept until every declared key exists");
        if let Some(why) = self.obstacle(&key.account.name).or(is_missing) {
            return Fate::NotStarted(why);
        }
        let revoking = self.managed.manager().revoke(&key.id);
        match self.interrupt.settle("the key is revoked first", revoking).await {
            Ok(RevokeOutcome::Revoked) => Fate::Revoked,
            Ok(scheduled) => Fate::Scheduled(escaped(&scheduled.to_string())),
            Err(error) => Fate::Failed(Rc::new(error.into())),
        }
    }

    fn would_leave(&self, name: &str) {
        let name = escaped(name);
        self.interrupt.would_leave([
            format!("key \"{name}\" may exist, and its secret may have been delivered"),
            format!("to settle it:  {}", command("run --once")),
        ]);
    }
}

/// Whether every other call to the account would fail in the same way.
fn concerns_account(error: &Error) -> bool {
    let is_refused = error.provider_error().is_some_and(|error| exit_of(error) == Exit::Refused);
    is_refused
        || matches!(
            error.kind(),
            ErrorKind::RateLimited
                | ErrorKind::AccountClosed
                | ErrorKind::WrongAccount
                | ErrorKind::Store
        )
}

/// The failure of a key that another run has changed meanwhile.
fn overtaken(why: &Failure) -> Failure {
    let what = "another run is issuing or rotating it";
    Failure::new(Exit::Later, format!("{what} ({})", why.message()))
        .with_kind("already_open")
        .with_next(AGAIN)
}

/// The failure if the secret may be in its place, but the key is not confirmed.
fn unclear(key: &ManagedKey, failure: Failure) -> Failure {
    let steps = if key.replaces().is_some() {
        [
            "both the old and the new key work, because the holder may have either".to_owned(),
            format!("to deliver another key and revoke both, {AGAIN}"),
        ]
    } else {
        [
            format!("the key is revoked at {}", moment(key.deliver_by())),
            format!("after that, {AGAIN}"),
        ]
    };
    failure.with_exit(Exit::Unknown).with_only_next(steps)
}
