use std::collections::VecDeque;
use std::fmt;
use std::iter::Fuse;
use std::sync::Arc;

/// What a batch has no result of yet; from [`Batch::into_rest`](crate::Batch::into_rest).
#[derive(Debug)]
#[must_use = "what is in doubt may have been carried out"]
#[non_exhaustive]
pub struct Rest<T> {
    /// What is known not to have been carried out: never sent, or refused for now. It can be
    /// handed to a new batch as it is.
    pub unstarted: Unstarted<T>,
    /// What was under way, and now nobody knows. A key that was to be issued is settled by its
    /// name ([`reconcile`](pinning_keys_core::KeyIssuerExt::reconcile)) before it is asked for
    /// again; a key that was to be revoked is revoked again, which is harmless.
    pub in_doubt: Vec<T>,
}

/// The items of a batch that were not carried out, in the order in which they would have been;
/// of [`Rest`]. What was not yet taken from the batch's source is still taken lazily.
pub struct Unstarted<T> {
    /// What was refused for now, with how often it was tried.
    again: VecDeque<(Arc<T>, u32)>,
    source: Fuse<Box<dyn Iterator<Item = T> + Send>>,
}

impl<T> Unstarted<T> {
    pub(crate) fn new(source: Box<dyn Iterator<Item = T> + Send>) -> Self {
        Self { again: VecDeque::new(), source: source.fuse() }
    }

    /// The next item, with how often it was tried already.
    pub(crate) fn pop(&mut self) -> Option<(Arc<T>, u32)> {
        self.again.pop_front().or_else(|| Some((Arc::new(self.source.next()?), 0)))
    }

    pub(crate) fn put_back(&mut self, item: Arc<T>, tries: u32) {
        self.again.push_back((item, tries));
    }
}

impl<T: Send + 'static> Unstarted<T> {
    /// Takes all items from their source, to be looked at before the first is carried out.
    pub(crate) fn gather(&mut self) -> Vec<Arc<T>> {
        let gathered: Vec<_> = self.source.by_ref().map(Arc::new).collect();
        self.again.extend(gathered.iter().map(|item| (Arc::clone(item), 0)));
        gathered
    }
}

impl<T: Clone> Iterator for Unstarted<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.pop().map(|(item, _)| Arc::unwrap_or_clone(item))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.source.size_hint();
        let again = self.again.len();
        (least.saturating_add(again), most.and_then(|most| most.checked_add(again)))
    }
}

impl<T> fmt::Debug for Unstarted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unstarted")
            .field("refused", &self.again.len())
            .field("untouched", &self.source.size_hint())
            .finish_non_exhaustive()
    }
}
