//! The random requests of people to random nodes.

use std::time::Duration;

use pinning_keys_lifecycle::KeyState;
use pinning_keys_lifecycle::store::KeyRow;

use crate::operations::{ACCOUNTS, Operation};
use crate::random::Random;
use crate::tap::{Edge, Point};

const HOLDERS: [&str; 4] = ["first", "second", "third", "fourth"];

/// Most operations make fewer calls than that, and so some nodes survive the first ones.
const CALLS: usize = 24;

/// An operation takes about this long, so that a kill at random meets it anywhere.
const MOMENT: Duration = Duration::from_millis(40);

/// Time passes between operations, at most this much at once.
const LONGEST_PAUSE: Duration = Duration::from_mins(90);

pub(crate) struct Choices {
    pub(crate) random: Random,
    /// Each sink gets its own file.
    files: usize,
}

impl Choices {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), files: 0 }
    }

    /// An operation on one of these rows, or one that makes another. The states decide whether it is
    /// allowed: a refusal is as good as a success.
    pub(crate) fn operation(&mut self, rows: &[KeyRow]) -> Operation {
        let live: Vec<_> = rows.iter().filter(|row| row.state == KeyState::Live).collect();
        let account = ACCOUNTS[self.random.below(ACCOUNTS.len())];
        let holder = HOLDERS[self.random.below(HOLDERS.len())].to_owned();
        let Some(key) = self.random.choose(&live).map(|row| row.id.clone()) else {
            return Operation::Issue { account, holder };
        };
        match self.random.below(24) {
            0..=4 => Operation::Issue { account, holder },
            5 => Operation::Deliver { account, holder },
            6..=9 => Operation::IssueTo { account, holder, file: self.file() },
            10..=11 => Operation::Renew(key),
            12..=15 => Operation::Rotate(key, account),
            16..=17 => Operation::RotateTo(key, self.file()),
            18..=19 => Operation::Revoke(key),
            20 => Operation::Forget(key),
            21 => Operation::Run,
            _ => Operation::RunDue,
        }
    }

    pub(crate) fn point(&mut self) -> Point {
        let edge = if self.random.one_in(2) { Edge::Before } else { Edge::After };
        Point { call: self.random.below(CALLS), edge }
    }

    /// How long a node works before it is killed.
    pub(crate) fn moment(&mut self) -> Duration {
        self.random.time(MOMENT)
    }

    /// How much time passes before the next operation, if any.
    pub(crate) fn pause(&mut self) -> Option<Duration> {
        self.random.one_in(5).then(|| self.random.time(LONGEST_PAUSE))
    }

    fn file(&mut self) -> String {
        self.files += 1;
        format!("{}.json", self.files)
    }
}
