//! A node that stops at any of its calls for longer than every deadline, while another one takes
//! over, and then goes on as if nothing had happened.

use std::thread;
use std::time::Duration;

use pinning_keys_lifecycle::{KeyId, KeyState};

use crate::operations::{ACCOUNTS, LEASE, Operation};
use crate::process::Process;
use crate::tap::{Edge, Point};
use crate::world::World;

/// Longer than a create may wait to be sent, a claim, and an unconfirmed delivery; shorter than a
/// lease.
const LONG: Duration = Duration::from_mins(30);

/// The calls at which it stops. Issuing into a file makes seven; the worker makes more when there are
/// keys to look at again.
const CALLS: usize = 9;

/// What the node that stops is doing to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Issue,
    IssueTo,
    Renew,
    Rotate,
    Revoke,
    /// The lease of the key is over.
    EndLease,
}

#[test]
fn a_stopped_node_does_no_harm_when_it_goes_on() {
    let works =
        [Work::Issue, Work::IssueTo, Work::Renew, Work::Rotate, Work::Revoke, Work::EndLease];
    thread::scope(|scope| {
        for (seed, work) in (1000..).zip(works) {
            scope.spawn(move || stop_everywhere(&mut World::sqlite(seed), work));
        }
    });
}

/// Stops a node on each side of each of its calls.
pub(crate) fn stop_everywhere(world: &mut World, work: Work) {
    let (mut stopping, mut other) = (world.start(), world.start());
    let mut stops = 0;
    for call in 0..CALLS {
        for edge in [Edge::Before, Edge::After] {
            let point = Point { call, edge };
            stops += usize::from(stop_once(world, &mut stopping, &mut other, work, point));
        }
    }
    assert!(stops >= 4, "{work:?} was stopped {stops} times");
    world.leases_end(&mut other);
    world.check();
}

/// Returns whether the node makes that many calls.
fn stop_once(
    world: &mut World,
    stopping: &mut Process,
    other: &mut Process,
    work: Work,
    point: Point,
) -> bool {
    let operation = prepare(world, other, work, point);
    stopping.pause_at(point);
    stopping.send(&operation.to_string());
    if !stopping.pauses() {
        return false;
    }
    let made = world.ledger.keys().len();
    let intended = world.rows().iter().any(|row| row.state == KeyState::Intended);
    let stopped = world.journal().stopped;

    world.skip(LONG);
    assert!(world.rest(other), "the other node works on");
    world.check();
    stopping.resume();
    let answer = format!("{:?}", stopping.answer_and_skip(world));
    let is_over = answer.contains("the key is revoked");
    assert!(!(is_over && answer.contains(": confirm ")), "{point}: {answer}");
    world.check();

    // Between the last look at the clock and the request, nothing can be done about it.
    if intended && stopped.last().is_some_and(|call| call != "before create") {
        let late = world.ledger.keys().len() - made;
        assert_eq!(late, 0, "{work:?}, {point}: a create was sent although its time had passed");
    }
    assert!(world.rest(other), "the other node works on");
    world.check();
    true
}

/// Makes the key, and says what is to be done to it.
fn prepare(world: &mut World, other: &mut Process, work: Work, point: Point) -> Operation {
    let (account, holder) = (ACCOUNTS[point.call % 2], format!("holder-{point}"));
    let file = format!("{holder}.json");
    let issue = Operation::Issue { account, holder: holder.clone() };
    let mut key = || -> KeyId { other.must(&issue).parse().unwrap() };
    match work {
        Work::Issue => issue,
        Work::IssueTo => Operation::IssueTo { account, holder, file },
        Work::Renew => Operation::Renew(key()),
        Work::Rotate => Operation::Rotate(key(), account),
        Work::Revoke => Operation::Revoke(key()),
        Work::EndLease => {
            key();
            world.skip(LEASE);
            Operation::RunDue
        }
    }
}
