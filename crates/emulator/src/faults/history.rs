/// The state of a list before its last change, for stale pages. Items are appended or changed in
/// place, and never removed.
pub(crate) struct History<T> {
    last: Option<Change<T>>,
}

struct Change<T> {
    place: usize,
    /// The item before the change; `None` if the item was added.
    before: Option<T>,
}

impl<T> History<T> {
    pub(crate) fn new() -> Self {
        Self { last: None }
    }

    /// Records that an item is added at this place.
    pub(crate) fn added(&mut self, place: usize) {
        self.last = Some(Change { place, before: None });
    }

    /// Records that an item is changed from `before`.
    pub(crate) fn changed(&mut self, place: usize, before: T) {
        self.last = Some(Change { place, before: Some(before) });
    }

    /// The items before the last change, or as they are now.
    pub(crate) fn view<'a>(
        &'a self,
        items: &'a [T],
        before_last_change: bool,
    ) -> impl DoubleEndedIterator<Item = &'a T> {
        let last = self.last.as_ref().filter(|_| before_last_change);
        items.iter().enumerate().filter_map(move |(place, item)| match last {
            Some(change) if change.place == place => change.before.as_ref(),
            _ => Some(item),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_change_is_remembered() {
        let mut history = History::new();
        let stale = |history: &History<u32>, items: &[u32]| -> Vec<u32> {
            history.view(items, true).copied().collect()
        };
        assert_eq!(stale(&history, &[1]), [1]);
        history.added(1);
        assert_eq!(stale(&history, &[1, 2]), [1]);
        history.changed(0, 1);
        assert_eq!(stale(&history, &[9, 2]), [1, 2]);
        assert_eq!(history.view(&[9, 2], false).copied().collect::<Vec<_>>(), [9, 2]);
    }
}
