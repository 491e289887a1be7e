use std::collections::HashMap;

/// The changes of a list, for pages that show an earlier state. Items are appended or changed in
/// place, and never removed.
pub(crate) struct History<T> {
    changes: Vec<Change<T>>,
}

struct Change<T> {
    place: usize,
    /// The item before the change; `None` if the item was added.
    before: Option<T>,
}

impl<T> History<T> {
    pub(crate) fn new() -> Self {
        Self { changes: Vec::new() }
    }

    /// Records that an item is added at this place.
    pub(crate) fn added(&mut self, place: usize) {
        self.changes.push(Change { place, before: None });
    }

    /// Records that an item is changed from `before`.
    pub(crate) fn changed(&mut self, place: usize, before: T) {
        self.changes.push(Change { place, before: Some(before) });
    }

    /// The items as they were this many changes ago.
    pub(crate) fn view<'a>(
        &'a self,
        items: &'a [T],
        changes_ago: usize,
    ) -> impl DoubleEndedIterator<Item = &'a T> {
        let unseen = self.changes.iter().rev().take(changes_ago);
        // Of several changes at one place, the oldest comes last and wins.
        let before: HashMap<usize, Option<&T>> =
            unseen.map(|change| (change.place, change.before.as_ref())).collect();
        items.iter().enumerate().filter_map(move |(place, item)| match before.get(&place) {
            Some(before) => *before,
            None => Some(item),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_undone_from_the_last() {
        let mut history = History::new();
        let view = |history: &History<u32>, items: &[u32], changes| -> Vec<u32> {
            history.view(items, changes).copied().collect()
        };
        assert_eq!(view(&history, &[1], 1), [1]);
        history.added(1);
        assert_eq!(view(&history, &[1, 2], 1), [1]);
        history.changed(0, 1);
        history.changed(0, 8);
        assert_eq!(view(&history, &[9, 2], 0), [9, 2]);
        assert_eq!(view(&history, &[9, 2], 1), [8, 2]);
        assert_eq!(view(&history, &[9, 2], 2), [1, 2]);
        assert_eq!(view(&history, &[9, 2], 3), [1]);
        assert_eq!(view(&history, &[9, 2], usize::MAX), [1]);
    }
}
