//! When faults end and time passes, everything comes to rest, with a bounded number of requests.

use std::collections::BTreeSet;
use std::time::Duration;

use pinning_keys_lifecycle::store::KeyRow;
use pinning_keys_lifecycle::{KeyId, KeyState, Suffix};

use crate::safety::{self, Sky};
use crate::world::{Node, World};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// The maximum number of requests until everything is at rest: some for each row (a search, a
/// revocation and its repetition, two looks, four later ones), and some in any case (passes over a
/// listing of one page).
const REQUESTS_A_ROW: usize = 12;
const REQUESTS: usize = 40;
/// The maximum number of further requests if neither the credential nor a live key identifies the
/// account: looks then continue for a day, ever more slowly.
const REQUESTS_IN_VAIN: usize = 300;

/// The longest that it takes: the last look at an ended key is 7 days after its end.
const LONGEST: Duration = Duration::from_hours(9 * 24);

/// Ends all faults, lets a node work and time pass, and checks that every row comes to rest, that
/// the provider has what the store says, and that leases end when they are over.
pub(crate) async fn converge(world: &World, node: &Node, sky: Sky) {
    for wire in &world.wires {
        wire.emulator.faults().clear();
    }
    comes_to_rest(world, node).await;
    safety::check(world, sky).await;
    if carry_out_late(world).await {
        comes_to_rest(world, node).await;
        safety::check(world, sky).await;
    }
    leases_end(world, node).await;
    safety::check(world, sky).await;
}

/// Carries out what the provider has held back until everybody stopped waiting for it. Returns whether
/// there was anything.
async fn carry_out_late(world: &World) -> bool {
    let mut carried_out = 0;
    for wire in &world.wires {
        carried_out += wire.emulator.faults().carry_out_late().await;
    }
    carried_out > 0
}

async fn comes_to_rest(world: &World, node: &Node) {
    let (before, began) = (world.requests(), world.now());
    loop {
        work(world, node).await;
        let rows = world.rows().await;
        if rows.iter().all(is_at_rest) && is_agreed(world, &rows) {
            break;
        }
        let passed = world.now().since(began);
        assert!(passed < LONGEST, "no rest: {:#?} alive, {rows:#?}", alive(world));
        step(world, &rows);
    }
    let sent = world.requests() - before;
    let in_vain = if world.wires[0].provider.shows_identity() { 0 } else { REQUESTS_IN_VAIN };
    let most = REQUESTS + REQUESTS_A_ROW * world.rows().await.len() + in_vain;
    assert!(sent <= most, "{sent} requests were sent, and {most} are enough");
}

/// Lets the worker run once.
pub(crate) async fn work(world: &World, node: &Node) {
    let worker = node.clone();
    let mut task = tokio::spawn(async move { worker.run_due().await });
    let done = world.run(&node.tap, &mut task).await;
    assert!(done.is_some(), "the worker hangs in {:?}", node.tap.calls().last());
}

/// Lets time pass until something is due, but at least as long as schedulers wait.
fn step(world: &World, rows: &[KeyRow]) {
    let now = world.now();
    let due = |row: &KeyRow| row.due_at.map(|at| at.max(row.claimed_until.unwrap_or(at)));
    let unrest = rows.iter().filter(|row| !is_at_rest(row)).filter_map(due).min();
    let next = unrest.or_else(|| rows.iter().filter_map(due).filter(|at| *at > now).min());
    let wait = next.map_or(HOUR, |next| next.since(now)).clamp(MINUTE, 6 * HOUR);
    world.advance(wait);
}

fn is_at_rest(row: &KeyRow) -> bool {
    !matches!(
        row.state,
        KeyState::Intended | KeyState::InDoubt | KeyState::Undelivered | KeyState::Revoking
    )
}

/// The store's keys that work.
fn alive(world: &World) -> BTreeSet<KeyId> {
    let keys = world.wires.iter().flat_map(|wire| wire.provider.keys(&wire.emulator));
    let live = keys.filter(|key| key.is_live);
    live.filter_map(|key| Some(Suffix::of_name(&key.name)?.id().clone())).collect()
}

/// Whether the keys that work are those that the store calls live, and perhaps forgotten ones.
fn is_agreed(world: &World, rows: &[KeyRow]) -> bool {
    let alive = alive(world);
    let live = of_state(rows, KeyState::Live);
    let forgotten = of_state(rows, KeyState::Forgotten);
    live.is_subset(&alive) && alive.difference(&live).all(|id| forgotten.contains(id))
}

fn of_state(rows: &[KeyRow], state: KeyState) -> BTreeSet<KeyId> {
    rows.iter().filter(|row| row.state == state).map(|row| row.id.clone()).collect()
}

/// Lets all leases run out.
async fn leases_end(world: &World, node: &Node) {
    let rows = world.rows().await;
    let last = rows.iter().filter(|row| row.state == KeyState::Live);
    // After a restore, a lease may run to its maximum.
    let last =
        last.filter_map(|row| row.expires_at.max(row.max_until)).max().unwrap_or(world.now());
    while world.now() <= last.saturating_add(HOUR) {
        let due = world.rows().await.iter().filter_map(|row| row.due_at).collect::<Vec<_>>();
        let next = due.into_iter().filter(|at| *at > world.now()).min();
        let wait = next.map_or(HOUR, |next| next.since(world.now()));
        world.advance(wait.clamp(MINUTE, 20 * HOUR));
        work(world, node).await;
    }
    let rows = world.rows().await;
    let ended = |row: &KeyRow| is_at_rest(row) && row.state != KeyState::Live;
    let has_lease = rows.iter().filter(|row| row.expires_at.is_some());
    let late: Vec<_> = has_lease.filter(|row| !ended(row)).collect();
    assert!(late.is_empty(), "leases are over: {late:#?}");
    let forgotten = of_state(&rows, KeyState::Forgotten);
    assert!(alive(world).is_subset(&forgotten), "leases are over, and keys work: {rows:#?}");
}
