//! Nodes that are killed at any of their calls, and at any other moment.
//!
//! Each world has one store and one node at a time, which is killed in the middle of its work. The
//! next one begins with what its predecessor has left behind.

use std::collections::BTreeMap;
use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use crate::choices::Choices;
use crate::process::{Answer, Process};
use crate::world::World;

/// How many nodes are killed in the gate.
const KILLS: usize = 300;

/// How many nodes are killed in one world.
const KILLS_A_WORLD: usize = 25;

/// The most operations of a node before it is killed.
const OPERATIONS: usize = 6;

#[test]
fn killed_nodes_lose_no_key_and_end_none_early() {
    let kills = number("LIFECYCLE_KILLS").unwrap_or(KILLS);
    let worlds = match number("LIFECYCLE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..kills.div_ceil(KILLS_A_WORLD),
    };
    let began = Instant::now();
    let met = Mutex::new(BTreeMap::new());
    let next = AtomicU64::new(worlds.start.try_into().unwrap());
    let end = worlds.end.try_into().unwrap();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, Into::into) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    for step in Story::new(seed, World::sqlite(seed)).run() {
                        *met.lock().unwrap().entry(step).or_insert(0) += 1;
                    }
                }
            });
        }
    });
    let met: BTreeMap<String, usize> = met.into_inner().unwrap();
    let kills = worlds.len() * KILLS_A_WORLD;
    let named: usize = met.values().sum();
    println!("{kills} kills in {:?}, {named} of them at these calls: {met:#?}", began.elapsed());
    if kills >= KILLS {
        for call in ["transact", "create", "list", "revoke"] {
            assert!(met.keys().any(|step| step.ends_with(call)), "no node was killed at {call}");
        }
    }
}

fn number(variable: &str) -> Option<usize> {
    Some(env::var(variable).ok()?.parse().expect("a number"))
}

/// A world in which one node after the other is killed. It is told if a check fails.
pub(crate) struct Story {
    seed: u64,
    choices: Choices,
    world: World,
    /// What the node that is running, or the last one, was asked for.
    told: Vec<String>,
}

impl Story {
    pub(crate) fn new(seed: u64, world: World) -> Self {
        Self { seed, choices: Choices::new(seed), world, told: Vec::new() }
    }

    /// Returns the calls at which nodes were killed.
    pub(crate) fn run(mut self) -> Vec<String> {
        for kill in 0..KILLS_A_WORLD {
            self.told = vec![format!("kill {kill}")];
            let mut node = self.world.start();
            // Some are killed while they clear up after others.
            let is_early = self.choices.random.one_in(3);
            if is_early {
                self.arm(&mut node);
            }
            if self.world.rest(&mut node) {
                self.world.check();
                self.work(&mut node);
            }
            node.kill();
            self.world.check();
        }
        self.told = vec!["the end".to_owned()];
        let mut node = self.world.start();
        assert!(self.world.rest(&mut node));
        self.world.leases_end(&mut node);
        self.world.check();
        std::mem::take(&mut self.world.journal().stopped)
    }

    /// Lets the node work until it is killed.
    fn work(&mut self, node: &mut Process) {
        let at_random = self.choices.random.one_in(2);
        let last = self.choices.random.below(OPERATIONS);
        if !at_random {
            self.arm(node);
        }
        for number in 0..OPERATIONS {
            if let Some(time) = self.choices.pause() {
                self.told.push(format!("{time:?} later"));
                self.world.skip(time);
            }
            let operation = self.choices.operation(&self.world.rows());
            self.told.push(operation.to_string());
            if at_random && number == last {
                let time = self.choices.moment();
                self.told.push(format!("killed after {time:?}"));
                node.send(&operation.to_string());
                thread::sleep(time);
                return;
            }
            if matches!(node.ask(&operation), Answer::Killed) {
                return;
            }
        }
    }

    fn arm(&mut self, node: &mut Process) {
        let point = self.choices.point();
        self.told.push(format!("to be killed {point}"));
        node.kill_at(point);
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("LIFECYCLE_SEED={}: {:#?}", self.seed, self.told);
        }
    }
}
