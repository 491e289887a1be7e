//! Clocks are wrong, or jump: no lease ends before its time, whatever a node believes.

use std::time::{Duration, SystemTime};

use pinning_keys_lifecycle::{Clock as _, KeyState};

use crate::convergence::work;
use crate::operations::Operation;
use crate::provider::Provider;
use crate::safety::{self, Sky};
use crate::schedule;
use crate::stage::Stage;
use crate::tap::Tap;
use crate::world::World;

#[derive(Clone, Copy, Debug)]
struct Wrong {
    provider: Provider,
    operation: Operation,
    /// How far the clock is off, in seconds.
    off: i64,
    /// Whether it jumps while the node runs, or is wrong from its start.
    jumps: bool,
}

#[test]
fn wrong_clock_ends_no_lease_too_early() {
    const HOUR: i64 = 60 * 60;
    let mut all = Vec::new();
    for provider in Provider::ALL {
        for operation in [Operation::RunDue, Operation::IssueAndConfirm, Operation::Renew] {
            for off in [2 * HOUR, 26 * HOUR, 40 * 24 * HOUR, -2 * HOUR, -40 * 24 * HOUR] {
                let wrong = |jumps| Wrong { provider, operation, off, jumps };
                all.extend([false, true].map(wrong));
            }
        }
    }
    schedule::run_all("wrong clocks", &all, 60, wrong);
}

async fn wrong(wrong: Wrong) {
    let Stage { world, held } = Stage::of(&[wrong.operation], wrong.provider).await;
    let right = world.node().await;
    let clock = world.other_clock(world.clock.now());
    if !wrong.jumps {
        clock.set(shifted(&world, wrong.off));
    }
    let start = world.start_on(world.store.clone(), clock.clone(), Tap::new()).await;
    let node = start.expect("a node starts");
    if wrong.jumps {
        work(&world, &node).await;
        world.advance(Duration::from_mins(1));
        clock.set(shifted(&world, wrong.off));
    }
    let mut task = wrong.operation.start(&world, &node, &held);
    world.run(&node.tap, &mut task).await;
    // The key of the stage has an hour and more to live.
    for _ in 0..5 {
        for worker in [&node, &right] {
            work(&world, worker).await;
            world.advance(Duration::from_mins(5));
        }
    }
    safety::check(&world, Sky::Clear).await;
    let key = right.manager.get(&held).await.expect("the key is there");
    assert!(key.state() == KeyState::Live, "the clock of a node has ended a lease: {key:#?}");
}

fn shifted(world: &World, off: i64) -> SystemTime {
    let (now, by) = (world.clock.now(), Duration::from_secs(off.unsigned_abs()));
    if off < 0 { now - by } else { now + by }
}
