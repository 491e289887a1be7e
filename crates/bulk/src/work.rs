use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pinning_keys_core::{Error, ErrorKind};

use crate::Unstarted;
use crate::pause::Pause;

pub(crate) type Answer<R> = Pin<Box<dyn Future<Output = Result<R, Error>> + Send>>;

/// The number of failures in a row after which their cause is no longer the single item.
pub(crate) const MANY: usize = 16;

/// What a batch does with each of its items.
pub(crate) trait Work<T, R>: Send {
    /// Prepares for the first item, if something has to be found out about all of them. Fails if
    /// no item can succeed.
    fn poll_ready(
        &mut self,
        _items: &mut Unstarted<T>,
        _pause: &mut Pause,
        _cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, item: Arc<T>) -> Answer<R>;

    /// Whether a call that failed in this way can be retried without harm and may then succeed.
    fn may_repeat(&self, error: &Error) -> bool;

    /// The number of such failures in a row after which the batch stops, because the other items
    /// would fail too. `None` for a kind that can be about one item.
    fn failures_to_stop(&self, kind: ErrorKind) -> Option<usize> {
        match kind {
            // The provider does not say what it refuses, or another server answers for it.
            ErrorKind::Refused => Some(MANY),
            kind => kind.affects_all_keys().then_some(1),
        }
    }
}

/// A call in flight and its item.
pub(crate) struct Call<T, R> {
    item: Arc<T>,
    tries: u32,
    answer: Answer<R>,
}

/// A call that ended.
pub(crate) struct Ended<T, R> {
    pub(crate) item: Arc<T>,
    /// The number of failed tries before this one.
    pub(crate) tries: u32,
    pub(crate) result: Result<R, Error>,
}

impl<T, R> Call<T, R> {
    pub(crate) fn new(item: Arc<T>, tries: u32, work: &dyn Work<T, R>) -> Self {
        let answer = work.call(Arc::clone(&item));
        Self { item, tries, answer }
    }

    pub(crate) fn into_item(self) -> Arc<T> {
        self.item
    }
}

impl<T, R> Future for Call<T, R> {
    type Output = Ended<T, R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(self.answer.as_mut().poll(cx));
        Poll::Ready(Ended { item: Arc::clone(&self.item), tries: self.tries, result })
    }
}
