use std::fmt;
use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use pinning_keys_core::{Effect, Error, ErrorKind};

use crate::pause::Pause;
use crate::work::{Call, Ended, Work};
use crate::{Progress, Rest, StopReason, Unstarted, runtime};

/// The default number of calls in flight. More gain little under the providers' rate limits, and
/// a stop has to wait for them.
const CONCURRENCY: NonZeroUsize = NonZeroUsize::new(16).unwrap();

/// The default patience.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// How often an item is retried after it could not be sent or after a revocation failed for a
/// transient reason. The adapter has made several attempts each time.
const REPEATS: u32 = 3;

/// Many calls of one kind, whose results are read as they arrive:
/// [`IssueMany`](crate::IssueMany) and [`RevokeMany`](crate::RevokeMany).
///
/// A batch is a [`Stream`] of items with their results, in the order in which they finish.
/// [`next`](Self::next) reads it without another crate. All work happens while the batch is read,
/// in the task that reads it. This needs a tokio runtime with time enabled; without a runtime, the
/// first item fails with [`ErrorKind::Configuration`].
///
/// * At most [`with_concurrency`](Self::with_concurrency) calls are in flight, and an item is
///   taken from its source only when its call starts. This bounds the memory of a batch, except
///   that [`revoke_many`](crate::revoke_many) may have to read all items first.
/// * While nobody reads, calls in flight make no progress. A reader that pauses for longer than
///   the issuer's deadline can turn a create that succeeded into one of unknown effect, so move
///   slow work to another task.
/// * After a refusal with 429, the **whole** batch waits for as long as the provider asks, and
///   then tries the same item again. If the provider names no time, the batch waits for 1 s, and
///   twice as long each time up to 60 s, plus a random part of up to the same length.
/// * An item that definitely was not sent is retried three times, with the same waits.
/// * A create of unknown effect is never retried: its error is its result. If as many results in
///   a row as there can be calls in flight have an unknown effect, the batch waits in the same
///   way before it starts more, because those would end in doubt too.
/// * After a failure that [affects all keys](ErrorKind::affects_all_keys), such as an account that
///   is full or a credential that is refused, the batch stops by itself: the error is the result of
///   the item that was tried, the calls in flight finish, and the other items are not started. It
///   does the same after 16 results in a row that were [refused](ErrorKind::Refused) for an unknown
///   reason.
///
/// The batch itself holds the calls in flight. A future or an adapter that borrows it, such as
/// `(&mut batch).take(10)`, can therefore be dropped without losing anything.
///
/// ```
/// use pinning_keys_bulk::Batch;
///
/// async fn count_failures<T: Clone, R>(mut batch: Batch<T, R>) -> usize {
///     while batch.next().await.is_some() {}
///     batch.progress().failed()
/// }
/// ```
#[must_use = "nothing is sent until the batch is read"]
pub struct Batch<T, R> {
    work: Box<dyn Work<T, R>>,
    items: Unstarted<T>,
    calls: FuturesUnordered<Call<T, R>>,
    concurrency: NonZeroUsize,
    pause: Pause,
    progress: Progress,
    /// The number of results in a row whose effect is unknown.
    unknown_in_a_row: usize,
    /// The number of results in a row that are failures that may be about all items.
    failures_in_a_row: usize,
    stopped: Option<StopReason>,
}

impl<T: Clone, R> Batch<T, R> {
    pub(crate) fn new(
        work: impl Work<T, R> + 'static,
        items: impl Iterator<Item = T> + Send + 'static,
    ) -> Self {
        let progress = Progress::default();
        Self {
            work: Box::new(work),
            items: Unstarted::new(Box::new(items)),
            calls: FuturesUnordered::new(),
            concurrency: CONCURRENCY,
            pause: Pause::new(PATIENCE, progress.clone()),
            progress,
            unknown_in_a_row: 0,
            failures_in_a_row: 0,
            stopped: None,
        }
    }

    /// Sets the highest number of calls in flight (default: 16).
    ///
    /// Under a rate limit, the limit in requests per second times the seconds that a request
    /// takes is enough.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    ///
    /// use pinning_keys_bulk::{IssueMany, issue_many};
    /// use pinning_keys_core::{KeyIssuer, KeyRequest};
    ///
    /// const FOUR: NonZeroUsize = NonZeroUsize::new(4).unwrap();
    ///
    /// fn slowly(issuer: impl KeyIssuer + 'static, requests: Vec<KeyRequest>) -> IssueMany {
    ///     issue_many(issuer, requests).with_concurrency(FOUR)
    /// }
    /// ```
    pub fn with_concurrency(mut self, calls: NonZeroUsize) -> Self {
        self.concurrency = calls;
        self
    }

    /// Sets how long the batch goes on while nothing gets through (default: 10 min), counted
    /// from the first refusal or failure after the last call that got through.
    ///
    /// If a wait would exceed this time, the error of the item that failed becomes its result,
    /// and the batch stops by itself. [`stop_reason`](Self::stop_reason) reports that, and
    /// [`into_rest`](Self::into_rest) returns the items that were not started.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_bulk::{IssueMany, issue_many};
    /// use pinning_keys_core::{KeyIssuer, KeyRequest};
    ///
    /// fn patiently(issuer: impl KeyIssuer + 'static, requests: Vec<KeyRequest>) -> IssueMany {
    ///     issue_many(issuer, requests).with_patience(Duration::from_secs(60 * 60))
    /// }
    /// ```
    pub fn with_patience(mut self, time: Duration) -> Self {
        self.pause.set_patience(time);
        self
    }

    /// A view of the batch's progress, which stays current.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Starts no further calls. The stream ends when the calls in flight have finished.
    pub fn stop(&mut self) {
        self.stopped.get_or_insert(StopReason::Requested);
    }

    /// Whether the batch has stopped: it starts no further calls, although items may be left.
    pub fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// Why the batch has stopped, if it has. A [`Failure`](StopReason::Failure) takes precedence
    /// over the other reasons.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.stopped
    }

    /// Abandons the batch and returns the items that have no result yet.
    ///
    /// If a stopped batch was read to its end, none of them is in doubt.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use pinning_keys_bulk::issue_many;
    /// use pinning_keys_core::{KeyIssuer, KeyIssuerExt, KeyName, KeyRequest, ScopeRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let request = |_| KeyRequest::new(KeyName::unique("guest")?, ScopeRequest::reader());
    /// let requests = (0..10).map(request).collect::<Result<Vec<_>, _>>()?;
    /// let mut keys = issue_many(Arc::clone(&issuer), requests);
    /// let first = keys.next().await;
    ///
    /// let rest = keys.into_rest();
    /// for request in rest.in_doubt() {
    ///     let _ = issuer.reconcile(request.name()).await?; // revokes the key if it was made
    /// }
    /// let mut keys = issue_many(issuer, rest.into_unstarted());
    /// while let Some((request, result)) = keys.next().await {
    ///     println!("{} may {}", request.name(), result?.granted());
    /// }
    /// # assert!(first.is_some() && emulator.keys_live() <= 10);
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_rest(self) -> Rest<T> {
        let items = self.calls.into_iter().map(Call::into_item);
        Rest::new(self.items, items.map(Arc::unwrap_or_clone).collect())
    }

    /// The next item that finished and its result; `None` at the end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the calls in flight stay in the batch.
    pub async fn next(&mut self) -> Option<(T, Result<R, Error>)> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Starts calls up to the concurrency. Pending while an item that could start has to wait.
    /// Fails if no item can succeed.
    fn start(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while !self.is_stopped() && self.calls.len() < self.concurrency.get() {
            runtime::require()?;
            ready!(self.work.poll_ready(&mut self.items, &mut self.pause, cx))?;
            ready!(self.pause.poll(cx));
            let Some((item, tries)) = self.items.pop() else { break };
            self.calls.push(Call::new(item, tries, &*self.work));
            self.progress.started();
        }
        Poll::Ready(Ok(()))
    }

    /// Stops the batch with this error as the result of the next item, if there is one.
    fn fail_next(&mut self, error: Error) -> Option<(T, Result<R, Error>)> {
        let (item, _) = self.items.pop()?;
        self.stopped = Some(StopReason::Failure(error.kind()));
        self.progress.finished(false);
        Some((Arc::unwrap_or_clone(item), Err(error)))
    }

    /// The result of a call, unless its item is retried.
    fn settle(&mut self, ended: Ended<T, R>) -> Option<(T, Result<R, Error>)> {
        let Ended { item, tries, result } = ended;
        self.progress.ended();
        if let Err(error) = &result {
            // A refusal for now does not count as a failed try: only patience limits those.
            let tries = tries + u32::from(error.kind() != ErrorKind::RateLimited);
            if tries <= REPEATS && self.work.may_repeat(error) && self.has_patience(error) {
                self.progress.put_back();
                self.items.put_back(item, tries);
                return None;
            }
        }
        self.stop_after(&result);
        self.learn_from(&result);
        self.progress.finished(result.is_ok());
        Some((Arc::unwrap_or_clone(item), result))
    }

    /// Stops the batch after a failure that the other items would meet too.
    fn stop_after(&mut self, result: &Result<R, Error>) {
        let kind = result.as_ref().err().map(Error::kind);
        let limit = kind.and_then(|kind| self.work.failures_to_stop(kind));
        self.failures_in_a_row = limit.map_or(0, |_| self.failures_in_a_row + 1);
        if limit.is_some_and(|limit| self.failures_in_a_row >= limit) {
            self.stopped = kind.map(StopReason::Failure);
        }
    }

    /// Makes the batch wait when the provider only fails, because further calls would end in
    /// doubt too.
    fn learn_from(&mut self, result: &Result<R, Error>) {
        match result {
            Err(error) if error.effect() == Effect::Unknown => {
                self.unknown_in_a_row += 1;
                if self.unknown_in_a_row >= self.concurrency.get() {
                    self.has_patience(error);
                }
            }
            result if got_through(result) => {
                self.unknown_in_a_row = 0;
                self.pause.got_through();
            }
            _ => {}
        }
    }

    /// Begins a wait after a transient failure, or stops the batch if its patience is exceeded.
    /// A batch that has stopped does not wait: its items go back to the caller.
    fn has_patience(&mut self, error: &Error) -> bool {
        if self.is_stopped() {
            return true;
        }
        if !self.pause.begin(error) {
            self.stopped = Some(StopReason::OutOfPatience);
        }
        !self.is_stopped()
    }
}

/// Whether a result shows that the provider is letting requests through.
fn got_through<R>(result: &Result<R, Error>) -> bool {
    result.as_ref().map_or_else(
        |error| error.effect() == Effect::Rejected && error.kind() != ErrorKind::RateLimited,
        |_| true,
    )
}

impl<T: Clone, R> Stream for Batch<T, R> {
    type Item = (T, Result<R, Error>);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let starting = self.start(cx);
            let waits = starting.is_pending();
            if let Poll::Ready(Err(error)) = starting {
                if let Some(result) = self.fail_next(error) {
                    return Poll::Ready(Some(result));
                }
            }
            match self.calls.poll_next_unpin(cx) {
                Poll::Ready(Some(ended)) => {
                    if let Some(result) = self.settle(ended) {
                        return Poll::Ready(Some(result));
                    }
                }
                Poll::Ready(None) if !waits => return Poll::Ready(None),
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (_, most) = self.items.size_hint();
        (0, most.and_then(|most| most.checked_add(self.calls.len())))
    }
}

/// Shows neither items nor results, because results hold secrets.
impl<T, R> fmt::Debug for Batch<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("progress", &self.progress)
            .field("concurrency", &self.concurrency)
            .field("stopped", &self.stopped)
            .finish_non_exhaustive()
    }
}
