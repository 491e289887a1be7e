//! A backup is restored, or a replica that lags behind takes over: the store has forgotten what was
//! done since, and still nobody's key ends because of it.

use std::time::Duration;

use crate::convergence::converge;
use crate::operations::{LEASE, Operation};
use crate::provider::Provider;
use crate::safety::Sky;
use crate::schedule;
use crate::stage::Stage;

#[derive(Clone, Copy, Debug)]
struct Restore {
    provider: Provider,
    /// What was done after the backup.
    lost: [Operation; 2],
    how: How,
    /// How long after the loss the first node starts.
    outage: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// Into another database.
    Elsewhere,
    /// In place, and somebody says so.
    InPlace,
    /// In place, and nobody says so, but a key that was issued since shows it.
    Unsaid,
}

/// None, until the lease in the backup is over but the renewed one is not, and longer than any.
const OUTAGES: [Duration; 3] = [Duration::ZERO, Duration::from_mins(61), LEASE.saturating_mul(20)];

#[test]
fn restored_backup_ends_no_key() {
    let lost = [
        [Operation::Renew, Operation::IssueAndConfirm],
        [Operation::IssueAndConfirm, Operation::Revoke],
        [Operation::RotateAndConfirm, Operation::RunDue],
        [Operation::RotateOnto, Operation::IssueAndConfirm],
        [Operation::Renew, Operation::Renew],
        [Operation::Renew, Operation::Forget],
        [Operation::Issue, Operation::Rotate],
    ];
    let mut all = Vec::new();
    for provider in Provider::ALL {
        for lost in lost {
            for how in [How::Elsewhere, How::InPlace] {
                let restore = |outage| Restore { provider, lost, how, outage };
                all.extend(OUTAGES.map(restore));
            }
        }
        let (lost, how) = ([Operation::Renew, Operation::IssueAndConfirm], How::Unsaid);
        all.extend(OUTAGES.map(|outage| Restore { provider, lost, how, outage }));
    }
    schedule::run_all("restored backups", &all, 225, restored);
}

async fn restored(restore: Restore) {
    let Stage { mut world, held } = Stage::of(&restore.lost, restore.provider).await;
    let backup = world.store.snapshot();
    let node = world.node().await;
    for operation in restore.lost {
        world.advance(LEASE / 4);
        let mut task = operation.start(&world, &node, &held);
        world.run(&node.tap, &mut task).await;
    }
    node.tap.crash();
    world.journal.keep_promises_of(&world.rows().await);
    world.advance(restore.outage);
    world.store = match restore.how {
        How::Elsewhere => backup.with_identity("the database after the restore"),
        How::InPlace | How::Unsaid => backup,
    };
    let node = world.node().await;
    if restore.how == How::InPlace {
        node.say(&node.manager.mark_restored().await);
    }
    converge(&world, &node, Sky::Forgetful).await;
}
