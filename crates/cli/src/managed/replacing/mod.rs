//! Replacing a key with a new one that is delivered.

mod attempts;
mod failed;
mod old_key;

use std::time::Duration;

use pinning_keys_lifecycle::{ManagedKey, Rotation};

pub(crate) use attempts::{Attempt, AttemptObject, end_all as end_attempts};
pub(crate) use failed::explained;
pub(crate) use old_key::{OldKey, end as end_old_key};

use super::checked_delivery::CheckedDelivery;
use super::refusal::ScopeFrom;
use super::rows::base_name;
use super::{Managed, ManagedAccount};
use crate::command_line::command;
use crate::destination::Destination;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::output::escape::escaped;

/// The keys after a rotation.
pub(crate) struct Replaced {
    pub(crate) new: ManagedKey,
    pub(crate) old: OldKey,
    /// The earlier attempts that the new key ended: their secrets may have been delivered.
    pub(crate) attempts: Vec<Attempt>,
}

impl Replaced {
    /// Whether a worker must end one of the keys.
    pub(crate) fn needs_worker(&self) -> bool {
        self.new.lease().is_some() || matches!(self.old, OldKey::Works { .. })
    }

    /// How many keys should have ended, and still work.
    pub(crate) fn unsettled(&self) -> usize {
        self.ends().filter(|end| !end.is_settled()).count()
    }

    /// How the command ends.
    pub(crate) fn exit(&self) -> Result<Exit, Failure> {
        let attempts = match self.unsettled() {
            0 => return Ok(Exit::Done),
            _ if !self.old.is_settled() => return self.old.exit(),
            1 => "an earlier attempt still works".to_owned(),
            some => format!("{some} earlier attempts still work"),
        };
        let why = self.ends().find_map(OldKey::why).unwrap_or_default();
        let message = format!("the new key is delivered, but {attempts}: {why}");
        Err(Failure::new(Exit::Later, message).with_next(old_key::to_try_again()))
    }

    fn ends(&self) -> impl Iterator<Item = &OldKey> {
        std::iter::once(&self.old).chain(self.attempts.iter().map(|attempt| &attempt.end))
    }
}

/// A rotation that delivers the new secret.
pub(crate) struct Replacement<'a> {
    pub(crate) managed: &'a Managed,
    /// The key that is replaced.
    pub(crate) key: &'a ManagedKey,
    /// The account in which the new key is issued.
    pub(crate) account: &'a ManagedAccount,
    pub(crate) destination: &'a Destination,
    pub(crate) scope: ScopeFrom,
    /// How long the old key works after the new one is delivered.
    pub(crate) overlap: Duration,
}

impl Replacement<'_> {
    /// Issues the new key, delivers it, and ends the others: earlier attempts, and the old key unless
    /// there is an overlap. If the program is asked to stop, it finishes this first.
    pub(crate) async fn run(
        &self,
        rotation: Rotation,
        interrupt: &Interrupt,
        output: &Output,
    ) -> Result<Replaced, Failure> {
        let Self { managed, key, account, destination, scope, overlap } = *self;
        interrupt.check()?;
        let name = escaped(base_name(key));
        interrupt.would_leave([
            format!("a new key for \"{name}\" may exist; the old one works"),
            format!("to settle it:  {}", command("run --once")),
        ]);
        let delivery = CheckedDelivery::new(destination, &account.account, output);
        let rotating = Box::pin(rotation.issue_to(&delivery));
        let new = interrupt.settle("the new key is issued and delivered first", rotating).await;
        interrupt.would_leave([]);
        let new = match new {
            Ok(new) => new,
            Err(error) => return Err(explained(error, managed, key, scope).await),
        };
        let old = end_old_key(managed, key.id(), overlap, interrupt).await;
        let attempts = end_attempts(managed, key.id(), &new, interrupt).await;
        Ok(Replaced { new, old, attempts })
    }
}
