//! The right answer to a scope request, found by examining every set of grants.
//!
//! It shares no reasoning with the translation: it does not know that grants are nested or disjoint,
//! and uses only the table and set operations of the library.

use std::cmp::Reverse;
use std::collections::HashMap;

use pinning_keys_core::{Grant, PermissionSet, PermissionTable};

/// A set of grants, and what they open together.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) reach: PermissionSet,
    pub(crate) grants: Vec<&'static Grant>,
}

/// All answers that a table can give.
pub(crate) struct Oracle {
    answers: Vec<Answer>,
}

impl Oracle {
    /// Forms every set of the table's grants, and keeps the smallest of those that open the same.
    pub(crate) fn new(table: &'static PermissionTable) -> Self {
        let grants = table.grants();
        let mut answers: HashMap<PermissionSet, Answer> = HashMap::new();
        for bits in 0..1_u32 << grants.len() {
            let chosen: Vec<_> = grants
                .iter()
                .enumerate()
                .filter(|(i, _)| bits >> i & 1 == 1)
                .map(|(_, g)| g)
                .collect();
            let reach =
                chosen.iter().fold(PermissionSet::EMPTY, |reach, grant| reach | grant.opens());
            let answer =
                answers.entry(reach).or_insert_with(|| Answer { reach, grants: chosen.clone() });
            if chosen.len() < answer.grants.len() {
                answer.grants = chosen;
            }
        }
        Self { answers: answers.into_values().collect() }
    }

    /// The answers that open nothing beyond `ceiling`.
    pub(crate) fn within(&self, ceiling: PermissionSet) -> Vec<&Answer> {
        self.answers.iter().filter(|answer| answer.reach.is_subset(ceiling)).collect()
    }
}

/// The answer that covers most of `prefers`, then opens least beyond `needs` and `prefers`, then has
/// the fewest grants.
///
/// If two were equally good, the proof would fail, since one of them is picked by chance.
pub(crate) fn best<'a>(
    answers: &[&'a Answer],
    needs: PermissionSet,
    prefers: PermissionSet,
) -> Option<&'a Answer> {
    let wanted = needs | prefers;
    answers.iter().copied().max_by_key(|answer| {
        let covered = (prefers & answer.reach).len();
        let extra = (answer.reach - wanted).len();
        (covered, Reverse(extra), Reverse(answer.grants.len()))
    })
}
