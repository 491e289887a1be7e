//! A process is held at each of its calls while another one works, and goes on later.

use std::time::Duration;

use crate::convergence::{converge, work};
use crate::crashes::count;
use crate::operations::Operation;
use crate::provider::Provider;
use crate::safety::{self, Sky};
use crate::schedule;
use crate::stage::Stage;
use crate::tap::Point;

#[derive(Clone, Copy, Debug)]
struct Pair {
    provider: Provider,
    held_up: Operation,
    point: Point,
    meanwhile: Operation,
    /// How long the first process is held.
    hold: Duration,
}

/// No time, longer than claims and deliveries may take, and longer than any deadline.
const HOLDS: [Duration; 3] = [Duration::ZERO, Duration::from_mins(15), Duration::from_hours(26)];

#[test]
fn any_two_operations_at_once_keep_the_promises() {
    let mut all = Vec::new();
    for provider in Provider::ALL {
        for held_up in Operation::ALL {
            let calls = schedule::run(count(provider, held_up));
            for point in Point::before_each(calls) {
                for meanwhile in Operation::ALL {
                    let pair = |hold| Pair { provider, held_up, point, meanwhile, hold };
                    all.extend(HOLDS.map(pair));
                }
            }
        }
    }
    schedule::run_all("pairs", &all, 500, held);
}

async fn held(pair: Pair) {
    let Stage { world, held } = Stage::of(&[pair.held_up, pair.meanwhile], pair.provider).await;
    let (one, other) = (world.node().await, world.node().await);
    one.tap.park_at(pair.point);
    let mut first = pair.held_up.start(&world, &one, &held);
    world.run(&one.tap, &mut first).await;
    world.advance(pair.hold);
    let mut second = pair.meanwhile.start(&world, &other, &held);
    world.run(&other.tap, &mut second).await;
    if !pair.hold.is_zero() {
        // Others conclude what has become of the first process.
        for _ in 0..4 {
            world.advance(Duration::from_mins(2));
            work(&world, &other).await;
        }
    }
    safety::check(&world, Sky::Clear).await;
    one.tap.reset();
    world.run(&one.tap, &mut first).await;
    safety::check(&world, Sky::Clear).await;
    converge(&world, &other, Sky::Clear).await;
}
