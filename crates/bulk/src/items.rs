use std::collections::VecDeque;
use std::fmt;
use std::iter::Fuse;
use std::sync::Arc;

/// The items of a batch that have no result yet, returned by
/// [`Batch::into_rest`](crate::Batch::into_rest).
///
/// ```
/// use pinning_keys_bulk::{IssueMany, Unstarted};
/// use pinning_keys_core::{Error, KeyIssuer, KeyIssuerExt, KeyRequest};
///
/// async fn settle(
///     batch: IssueMany,
///     issuer: &dyn KeyIssuer,
/// ) -> Result<Unstarted<KeyRequest>, Error> {
///     let rest = batch.into_rest();
///     for request in rest.in_doubt() {
///         let _ = issuer.reconcile(request.name()).await?; // revokes the key if it was made
///     }
///     Ok(rest.into_unstarted())
/// }
/// ```
#[derive(Debug)]
#[must_use = "calls that are in doubt may have taken effect"]
pub struct Rest<T> {
    unstarted: Unstarted<T>,
    in_doubt: Vec<T>,
}

impl<T> Rest<T> {
    pub(crate) fn new(unstarted: Unstarted<T>, in_doubt: Vec<T>) -> Self {
        Self { unstarted, in_doubt }
    }

    /// The items whose calls were in flight and whose effect is therefore unknown.
    ///
    /// Before you ask for such a key again, settle it by its name
    /// ([`reconcile`](pinning_keys_core::KeyIssuerExt::reconcile)). A key that was to be revoked
    /// is simply revoked again.
    pub fn in_doubt(&self) -> &[T] {
        &self.in_doubt
    }

    /// The items that definitely had no effect: they were never sent, or the provider refused
    /// them for now. A new batch takes them as they are.
    pub fn into_unstarted(self) -> Unstarted<T> {
        self.unstarted
    }
}

/// The items of a batch that had no effect, in the order in which the batch would have started
/// them, returned by [`Rest::into_unstarted`]. It is an iterator, which still reads the batch's
/// source lazily.
///
/// ```
/// use pinning_keys_bulk::Unstarted;
/// use pinning_keys_core::KeyRequest;
///
/// fn names(unstarted: Unstarted<KeyRequest>) -> Vec<String> {
///     unstarted.map(|request| request.name().to_string()).collect()
/// }
/// ```
pub struct Unstarted<T> {
    /// The items that were refused for now, each with the number of failed tries.
    again: VecDeque<(Arc<T>, u32)>,
    source: Fuse<Box<dyn Iterator<Item = T> + Send>>,
}

impl<T> Unstarted<T> {
    pub(crate) fn new(source: Box<dyn Iterator<Item = T> + Send>) -> Self {
        Self { again: VecDeque::new(), source: source.fuse() }
    }

    /// The next item and the number of its failed tries.
    pub(crate) fn pop(&mut self) -> Option<(Arc<T>, u32)> {
        self.again.pop_front().or_else(|| Some((Arc::new(self.source.next()?), 0)))
    }

    pub(crate) fn put_back(&mut self, item: Arc<T>, tries: u32) {
        self.again.push_back((item, tries));
    }
}

impl<T: Send + 'static> Unstarted<T> {
    /// Reads the whole source, so that all items can be looked at before the first is started.
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
