use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;

use crate::{
    Discrepancies, Effect, Error, ErrorKind, KeyIssuer, KeyPage, KeyQuery, KeyRecord, Operation,
};

type PageFuture<'a> = Pin<Box<dyn Future<Output = Result<KeyPage, Error>> + Send + 'a>>;

/// The keys of a listing over all its pages; see [`KeyIssuerExt::keys`].
///
/// After an error the stream ends. Once it has ended, [`discrepancies`](Self::discrepancies)
/// tells whether there were signs that the listing missed something.
///
/// [`KeyIssuerExt::keys`]: crate::KeyIssuerExt::keys
pub struct KeyStream<'a, I: KeyIssuer + ?Sized> {
    issuer: &'a I,
    query: KeyQuery,
    state: State<'a>,
    rows: vec::IntoIter<KeyRecord>,
    discrepancies: Discrepancies,
}

enum State<'a> {
    /// The page at the query's cursor is to be asked for.
    Idle,
    Asking(PageFuture<'a>),
    /// The last page said that the listing continues at that page itself.
    Stuck,
    Done,
}

impl<'a, I: KeyIssuer + ?Sized> KeyStream<'a, I> {
    pub(crate) fn new(issuer: &'a I, query: KeyQuery) -> Self {
        Self {
            issuer,
            query,
            state: State::Idle,
            rows: Vec::new().into_iter(),
            discrepancies: Discrepancies::default(),
        }
    }

    /// Signs, in the pages read so far, that the listing may be incomplete.
    pub fn discrepancies(&self) -> Discrepancies {
        self.discrepancies
    }

    fn ask(&self) -> PageFuture<'a> {
        let (issuer, query) = (self.issuer, self.query.clone());
        Box::pin(async move { issuer.list(&query).await })
    }

    /// The listing ends before its end: whoever looks for a key must not take it for absent.
    fn stuck(&self) -> Error {
        Error::new(ErrorKind::UnreadableAnswer, "the listing does not advance beyond a page")
            .with_effect(Effect::Unknown)
            .with_provider(self.issuer.profile().provider())
            .with_operation(Operation::List)
    }

    fn take(&mut self, page: KeyPage) {
        self.discrepancies.merge(page.discrepancies());
        self.state = match page.next() {
            None => State::Done,
            // It would be asked for ever.
            Some(next) if self.query.cursor() == Some(next) => State::Stuck,
            Some(next) => {
                self.query = std::mem::take(&mut self.query).after(next.clone());
                State::Idle
            }
        };
        self.rows = page.into_records().into_iter();
    }
}

impl<I: KeyIssuer + ?Sized> Stream for KeyStream<'_, I> {
    type Item = Result<KeyRecord, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(record) = self.rows.next() {
                return Poll::Ready(Some(Ok(record)));
            }
            match &mut self.state {
                State::Idle => self.state = State::Asking(self.ask()),
                State::Asking(page) => match ready!(page.as_mut().poll(cx)) {
                    Ok(page) => self.take(page),
                    Err(error) => {
                        self.state = State::Done;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                State::Stuck => {
                    self.state = State::Done;
                    return Poll::Ready(Some(Err(self.stuck())));
                }
                State::Done => return Poll::Ready(None),
            }
        }
    }
}

impl<I: KeyIssuer + ?Sized> fmt::Debug for KeyStream<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyStream")
            .field("query", &self.query)
            .field("discrepancies", &self.discrepancies)
            .finish_non_exhaustive()
    }
}
