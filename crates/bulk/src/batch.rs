use std::fmt;
use std::future::poll_fn;
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
use crate::{Progress, Rest, Unstarted};

/// How many calls are under way at a time where nothing is said. More bring little under the
/// providers' limits, and a stop has to wait for them.
const CONCURRENCY: usize = 16;

/// How long refusals in a row are borne where nothing is said.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// How often an item is tried again that could not be sent, or a revocation that failed in
/// passing. The adapters have tried several times by then.
const REPEATS: u32 = 3;

/// Many calls of one kind, of which the results are read as they come:
/// [`IssueMany`](crate::IssueMany) and [`RevokeMany`](crate::RevokeMany).
///
/// It is a [`Stream`] of each item with its result, in the order in which they finish, and
/// [`next`](Self::next) reads it without further crates. All work is done while it is read, in
/// the task that reads it, inside a tokio runtime with time enabled:
///
/// * No more than [`with_concurrency`](Self::with_concurrency) calls are under way, and items
///   are taken from their source only when their turn comes, so that memory is bounded by that;
///   but see [`revoke_many`](crate::revoke_many), which may have to take all.
/// * What is not read does not go on either. A reader that takes longer than the issuer's
///   deadline between two reads can so turn a create that succeeded into one of which nobody
///   knows: let another task do slow work.
/// * A refusal for too many requests (429) has the **whole** batch wait for as long as the
///   provider asks, or else for a second, and twice as long each time up to a minute, each with
///   up to as much again at random. Then the same item is tried again.
/// * What certainly was not sent is tried again three times, with such waits.
/// * A create whose effect is unknown is never repeated: it is a result like any other error.
///   Where as many in a row end so as can be under way, the batch waits like this before it
///   starts others, which would end in doubt as well.
///
/// The batch itself holds what is under way, so that a future or an adapter that borrows it,
/// such as `(&mut batch).take(10)`, may be dropped, and the batch read on.
#[must_use = "nothing is sent until the batch is read"]
pub struct Batch<T, R> {
    work: Box<dyn Work<T, R>>,
    items: Unstarted<T>,
    calls: FuturesUnordered<Call<T, R>>,
    concurrency: usize,
    pause: Pause,
    progress: Progress,
    /// How many results in a row tell of an unknown effect.
    unknown_in_a_row: usize,
    stopped: bool,
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
            stopped: false,
        }
    }

    /// At most so many calls under way at a time (default: 16; 0 is taken as 1).
    ///
    /// Where a rate limit decides on the pace, that many requests a second times the seconds
    /// that one takes are enough.
    pub fn with_concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls.max(1);
        self
    }

    /// How long to bear that nothing gets through (default: 10 minutes), counted from the first
    /// refusal or failure since the last call that got through.
    ///
    /// Where a wait would go beyond that, the item that failed has its error for a result, and
    /// the batch [stops](Self::stop) by itself: [`is_stopped`](Self::is_stopped) tells, and
    /// [`into_rest`](Self::into_rest) has what was not tried.
    pub fn with_patience(mut self, time: Duration) -> Self {
        self.pause.set_patience(time);
        self
    }

    /// A view of how far the batch has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Starts nothing new from here on: the stream ends once what is under way has finished.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// Whether the batch was stopped, by [`stop`](Self::stop) or by its own lack of patience.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Gives the batch up, and hands back everything that has no result yet.
    ///
    /// After the end of a stopped batch nothing of it is in doubt.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use pinning_keys_bulk::issue_many;
    /// use pinning_keys_core::{KeyIssuer, KeyIssuerExt, KeyName, KeyRequest, ScopeRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::builder().in_memory();
    /// # let issuer = pinning_keys_pinata::PinataConfig::new()
    /// #     .with_base_url(emulator.pinata().base_url())
    /// #     .with_jwt(emulator.pinata().jwt())
    /// #     .with_transport(Arc::new(emulator.transport()))
    /// #     .build()?;
    /// # let issuer: Arc<dyn KeyIssuer> = Arc::new(issuer);
    /// let request = |_| KeyRequest::new(KeyName::unique("guest")?, ScopeRequest::reader());
    /// let requests = (0..10).map(request).collect::<Result<Vec<_>, _>>()?;
    /// let mut keys = issue_many(Arc::clone(&issuer), requests);
    /// let first = keys.next().await;
    ///
    /// let rest = keys.into_rest();
    /// for request in rest.in_doubt {
    ///     let _ = issuer.reconcile(request.name().as_str()).await?; // if it was made, it is revoked
    /// }
    /// let mut keys = issue_many(issuer, rest.unstarted);
    /// while let Some((request, result)) = keys.next().await {
    ///     println!("{} may {}", request.name(), result?.granted());
    /// }
    /// # assert!(first.is_some() && emulator.keys_live() <= 10);
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_rest(self) -> Rest<T> {
        let items = self.calls.into_iter().map(Call::into_item);
        let in_doubt = items.map(Arc::unwrap_or_clone).collect();
        Rest { unstarted: self.items, in_doubt }
    }
}

impl<T: Clone, R> Batch<T, R> {
    /// The next result, and the item that it is of; `None` at the end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what is under way stays in the batch.
    pub async fn next(&mut self) -> Option<(T, Result<R, Error>)> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Starts calls while there is room. Pending where something that could start has to wait.
    fn start(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while !self.stopped && self.calls.len() < self.concurrency {
            ready!(self.work.poll_ready(&mut self.items, &mut self.pause, cx));
            ready!(self.pause.poll(cx));
            let Some((item, tries)) = self.items.pop() else { break };
            self.calls.push(Call::new(item, tries, &*self.work));
            self.progress.started();
        }
        Poll::Ready(())
    }

    /// The result of a call, unless its item is to be tried again.
    fn settle(&mut self, ended: Ended<T, R>) -> Option<(T, Result<R, Error>)> {
        let Ended { item, tries, result } = ended;
        self.progress.ended();
        if let Err(error) = &result {
            // Being refused for now is no failed try, and may go on for as long as patience lasts.
            let tries = tries + u32::from(error.kind() != ErrorKind::RateLimited);
            if tries <= REPEATS && self.work.may_repeat(error) && self.has_patience(error) {
                self.progress.put_back();
                self.items.put_back(item, tries);
                return None;
            }
        }
        self.learn_from(&result);
        self.progress.finished(result.is_ok());
        Some((Arc::unwrap_or_clone(item), result))
    }

    /// Waits where the provider only fails: whatever is started then ends in doubt as well.
    fn learn_from(&mut self, result: &Result<R, Error>) {
        match result {
            Err(error) if error.effect() == Effect::Unknown => {
                self.unknown_in_a_row += 1;
                if self.unknown_in_a_row >= self.concurrency {
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

    /// Waits after a failure that passes, or stops. A batch that is stopping need not wait, and
    /// hands the item back.
    fn has_patience(&mut self, error: &Error) -> bool {
        if self.stopped {
            return true;
        }
        self.stopped = !self.pause.begin(error);
        !self.stopped
    }
}

/// Whether a result shows that the provider lets requests through at present.
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
            match self.calls.poll_next_unpin(cx) {
                Poll::Ready(Some(ended)) => {
                    if let Some(result) = self.settle(ended) {
                        return Poll::Ready(Some(result));
                    }
                }
                Poll::Ready(None) if starting.is_ready() => return Poll::Ready(None),
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (_, most) = self.items.size_hint();
        (0, most.and_then(|most| most.checked_add(self.calls.len())))
    }
}

/// Says nothing of items and results, of which the latter hold secrets.
impl<T, R> fmt::Debug for Batch<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("progress", &self.progress)
            .field("concurrency", &self.concurrency)
            .field("stopped", &self.stopped)
            .finish_non_exhaustive()
    }
}
