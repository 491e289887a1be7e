//! A process dies at each of its calls, or its caller stops waiting there.

use std::time::Duration;

use crate::convergence::converge;
use crate::operations::Operation;
use crate::provider::Provider;
use crate::safety::{self, Sky};
use crate::schedule;
use crate::stage::Stage;
use crate::tap::Point;

#[derive(Clone, Copy, Debug)]
struct Crash {
    provider: Provider,
    operation: Operation,
    point: Point,
}

#[test]
fn crash_at_any_call_keeps_the_promises() {
    schedule::run_all("crashes", &every_point(), 250, async |crash| {
        let stage = killed(crash).await;
        let node = stage.world.node().await;
        converge(&stage.world, &node, Sky::Clear).await;
    });
}

#[test]
fn crash_of_the_recovery_keeps_the_promises() {
    let recovery = [Operation::RunDue, Operation::Restart];
    let twice = every_point().into_iter().flat_map(|first| {
        recovery.into_iter().flat_map(move |second| {
            Point::all(RECOVERY)
                .map(move |point| (first, Crash { operation: second, point, ..first }))
        })
    });
    schedule::run_all("crashes of the recovery", &twice.collect::<Vec<_>>(), 150, killed_twice);
}

#[test]
fn future_dropped_at_any_call_keeps_the_promises() {
    schedule::run_all("dropped futures", &every_point(), 150, dropped);
}

/// The number of calls at which the recovery crashes too.
const RECOVERY: usize = 40;

/// Each call of each operation at each provider.
fn every_point() -> Vec<Crash> {
    let mut all = Vec::new();
    for provider in Provider::ALL {
        for operation in Operation::ALL {
            let calls = schedule::run(count(provider, operation));
            all.extend(Point::all(calls).map(|point| Crash { provider, operation, point }));
        }
    }
    all
}

/// How many calls the operation makes if nothing disturbs it.
pub(crate) async fn count(provider: Provider, operation: Operation) -> usize {
    let Stage { world, held } = Stage::of(&[operation], provider).await;
    let node = world.node().await;
    node.tap.reset();
    let mut task = operation.start(&world, &node, &held);
    world.run(&node.tap, &mut task).await;
    node.tap.calls().len()
}

/// Nothing that the process does after the point has an effect.
async fn killed(crash: Crash) -> Stage {
    let stage = Stage::of(&[crash.operation], crash.provider).await;
    kill(&stage, crash).await;
    stage
}

async fn kill(Stage { world, held }: &Stage, crash: Crash) {
    let node = world.node().await;
    node.tap.crash_at(crash.point);
    let mut task = crash.operation.start(world, &node, held);
    world.run(&node.tap, &mut task).await;
    node.tap.crash();
    safety::check(world, Sky::Clear).await;
}

async fn killed_twice((first, second): (Crash, Crash)) {
    let stage = killed(first).await;
    stage.world.advance(Duration::from_mins(11));
    kill(&stage, second).await;
    let node = stage.world.node().await;
    converge(&stage.world, &node, Sky::Clear).await;
}

/// The caller drops the future of the operation at the point; the process goes on.
async fn dropped(crash: Crash) {
    let Stage { world, held } = Stage::of(&[crash.operation], crash.provider).await;
    let node = world.node().await;
    node.tap.park_at(crash.point);
    let mut task = crash.operation.start(&world, &node, &held);
    world.run(&node.tap, &mut task).await;
    task.abort();
    world.rest().await;
    node.tap.reset();
    world.rest().await;
    safety::check(&world, Sky::Clear).await;
    converge(&world, &node, Sky::Clear).await;
}
