//! What a node can be asked to do.

use std::fmt::Debug;
use std::time::Duration;

use pinning_keys_lifecycle::{Clock as _, Delivery, Error, KeyId, Lease, Timestamp};
use tokio::task::JoinHandle;

use crate::tapped::{Manner, TappedSink};
use crate::world::{ACCOUNTS, Node, World, request};

/// The length of each lease.
pub(crate) const LEASE: Duration = Duration::from_hours(2);
/// The maximum of the leases that can be renewed.
pub(crate) const MAX: Duration = Duration::from_hours(3 * 24);
/// How long a replaced key continues to work.
pub(crate) const OVERLAP: Duration = Duration::from_mins(20);
/// How many rows a worker may take at a time.
pub(crate) const LIMIT: usize = 100;

/// An operation of a node. Those on an existing key are on the one that the stage holds; those that
/// issue a key do so for one holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    IssueAndConfirm,
    Issue,
    IssueTo(Manner),
    Renew,
    RotateAndConfirm,
    Rotate,
    RotateTo(Manner),
    RotateOnto,
    Revoke,
    Forget,
    RunDue,
    Restart,
}

impl Operation {
    pub(crate) const ALL: [Self; 17] = [
        Self::IssueAndConfirm,
        Self::Issue,
        Self::IssueTo(Manner::Works),
        Self::IssueTo(Manner::Refuses),
        Self::IssueTo(Manner::Doubts),
        Self::IssueTo(Manner::Hangs),
        Self::Renew,
        Self::RotateAndConfirm,
        Self::Rotate,
        Self::RotateTo(Manner::Works),
        Self::RotateTo(Manner::Refuses),
        Self::RotateTo(Manner::Doubts),
        Self::RotateOnto,
        Self::Revoke,
        Self::Forget,
        Self::RunDue,
        Self::Restart,
    ];

    /// Starts the operation on a node in a separate task.
    pub(crate) fn start(self, world: &World, node: &Node, held: &KeyId) -> JoinHandle<()> {
        let (node, held) = (node.clone(), held.clone());
        if self == Self::Restart {
            let (store, clock, tap) = (world.store.clone(), node.clock.clone(), node.tap.clone());
            let starts = world.clone();
            return tokio::spawn(async move {
                let started = starts.start_on(store, clock, tap).await;
                starts.journal.keep(&started.map(|_| ()));
            });
        }
        tokio::spawn(async move { node.perform(self, &held).await })
    }
}

impl Node {
    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// Does it, and keeps what it says.
    pub(crate) async fn perform(&self, operation: Operation, held: &KeyId) {
        match operation {
            Operation::IssueAndConfirm => {
                if let Some(delivery) = self.issue("fresh", renewable()).await {
                    self.confirm(&delivery, None).await;
                }
            }
            Operation::Issue => drop(self.issue("fresh", renewable()).await),
            Operation::IssueTo(manner) => {
                let keys = self.manager.account(ACCOUNTS[0]).unwrap();
                let request = request(self.provider, "fresh");
                let sink = self.sink(manner);
                let issued = keys.prepare(&request, renewable()).issue_to(&sink).await;
                if let Ok(key) = &issued {
                    self.journal.promise(key);
                }
                self.say(&issued);
            }
            Operation::Renew => {
                let renewed = self.manager.renew(held).await;
                if let Ok(key) = &renewed {
                    self.journal.promise(key);
                }
                self.say(&renewed);
            }
            Operation::RotateAndConfirm => {
                if let Some(delivery) = self.rotate(held, None).await {
                    self.confirm(&delivery, Some(held)).await;
                }
            }
            Operation::Rotate => drop(self.rotate(held, None).await),
            Operation::RotateTo(manner) => {
                // It confirms the successor at a separate moment.
                self.journal.may_be_replaced(held, self.now().saturating_add(OVERLAP));
                let sink = self.sink(manner);
                let rotation = self.manager.rotate(held).overlap(OVERLAP);
                let rotated = rotation.issue_to(&sink).await;
                if let Ok(key) = &rotated {
                    self.journal.promise(key);
                }
                self.say(&rotated);
            }
            Operation::RotateOnto => {
                if let Some(delivery) = self.rotate(held, Some(ACCOUNTS[1])).await {
                    self.confirm(&delivery, Some(held)).await;
                }
            }
            Operation::Revoke => {
                self.journal.entries().ended.insert(held.clone());
                self.say(&self.manager.revoke(held).await);
            }
            Operation::Forget => {
                self.journal.entries().forgotten.insert(held.clone());
                self.say(&self.manager.forget(held).await);
            }
            Operation::RunDue => self.run_due().await,
            Operation::Restart => unreachable!("it makes a node instead of using one"),
        }
    }

    pub(crate) async fn issue(&self, name: &str, lease: Lease) -> Option<Delivery> {
        let keys = self.manager.account(ACCOUNTS[0]).unwrap();
        let issued = keys.issue(&request(self.provider, name), lease).await;
        self.say(&issued);
        issued.ok()
    }

    pub(crate) async fn rotate(&self, held: &KeyId, onto: Option<&str>) -> Option<Delivery> {
        let rotation = self.manager.rotate(held).overlap(OVERLAP);
        let rotation = match onto {
            Some(account) => rotation.onto(account),
            None => rotation,
        };
        let started = rotation.start().await;
        self.say(&started);
        started.ok()
    }

    /// Confirms a delivery, after which what it replaces may end.
    pub(crate) async fn confirm(&self, delivery: &Delivery, replaced: Option<&KeyId>) -> bool {
        if let Some(replaced) = replaced {
            self.journal.may_be_replaced(replaced, self.now().saturating_add(OVERLAP));
        }
        let confirmed = delivery.confirm().await;
        if let Ok(key) = &confirmed {
            self.journal.promise(key);
        }
        self.say(&confirmed);
        confirmed.is_ok()
    }

    pub(crate) async fn run_due(&self) {
        self.say(&self.manager.run_due(LIMIT).await);
    }

    fn sink(&self, manner: Manner) -> TappedSink {
        TappedSink { tap: self.tap.clone(), manner }
    }

    pub(crate) fn say<T: Debug>(&self, outcome: &Result<T, Error>) {
        self.journal.keep(outcome);
    }
}

/// A lease that can be renewed.
pub(crate) fn renewable() -> Lease {
    Lease::of(LEASE).renewable_until(MAX)
}
