//! The provider or the way to it fails at each request of each operation.

use std::time::Duration;

use http::StatusCode;
use pinning_keys_emulator::{BodyFault, Fault, FaultRule, Stage as At};

use crate::convergence::{converge, work};
use crate::operations::Operation;
use crate::provider::Provider;
use crate::safety::{self, Sky};
use crate::schedule;
use crate::stage::Stage;

#[derive(Clone, Debug)]
struct Failing {
    provider: Provider,
    operation: Operation,
    /// The request, counted from 1.
    request: u64,
    /// Whether the later ones fail too, while a worker goes on for half an hour.
    for_good: bool,
    fault: Fault,
}

#[test]
fn any_fault_at_any_request_keeps_the_promises() {
    let mut all = Vec::new();
    for provider in Provider::ALL {
        for operation in Operation::ALL {
            let requests = schedule::run(requests(provider, operation));
            for request in 1..=requests as u64 {
                for fault in faults() {
                    let failing = |for_good| {
                        let fault = fault.clone();
                        Failing { provider, operation, request, for_good, fault }
                    };
                    all.extend([false, true].map(failing));
                }
            }
        }
    }
    schedule::run_all("faults", &all, 200, failing);
}

/// How many requests the operation sends if nothing disturbs it.
async fn requests(provider: Provider, operation: Operation) -> usize {
    let Stage { world, held } = Stage::of(&[operation], provider).await;
    let node = world.node().await;
    let before = world.requests();
    let mut task = operation.start(&world, &node, &held);
    world.run(&node.tap, &mut task).await;
    world.requests() - before
}

/// One of each fault, but for the body that is only long, and what concerns the whole account: a
/// refused credential, and a front door that blocks. One request is carried out very late.
fn faults() -> Vec<Fault> {
    let mut faults = Fault::one_of_each();
    faults.retain(|fault| *fault != Fault::Body(BodyFault::Endless));
    faults.push(Fault::Late { requests: 100_000 });
    let refusals = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
    faults.extend(refusals.map(|status| Fault::status(status, At::BeforeCommit)));
    faults
}

async fn failing(failing: Failing) {
    let Stage { world, held } = Stage::of(&[failing.operation], failing.provider).await;
    let node = world.node().await;
    let rule = FaultRule::new(failing.fault.clone()).path(failing.provider.paths());
    let nth = if failing.for_good { FaultRule::from_nth } else { FaultRule::nth };
    let rule = nth(rule, failing.request);
    for wire in &world.wires {
        wire.emulator.faults().add(rule.clone());
    }
    let mut task = failing.operation.start(&world, &node, &held);
    world.run(&node.tap, &mut task).await;
    safety::check(&world, Sky::Stormy).await;
    if failing.for_good {
        for minutes in [1, 2, 4, 8, 15] {
            world.advance(Duration::from_mins(minutes));
            work(&world, &node).await;
            safety::check(&world, Sky::Stormy).await;
        }
    }
    converge(&world, &node, Sky::Stormy).await;
    safety::no_form_of_a_secret_shows(&world);
}
