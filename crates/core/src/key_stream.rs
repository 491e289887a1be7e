use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;

use crate::{
    Cursor, Discrepancies, Effect, Error, ErrorKind, KeyIssuer, KeyListing, KeyPage, KeyQuery,
    KeyRecord, KeyRef, Operation,
};

type PageFuture<'a> = Pin<Box<dyn Future<Output = Result<KeyPage, Error>> + Send + 'a>>;

/// The keys of a listing, over all its pages; see [`KeyIssuerExt::keys`].
///
/// The stream ends after an error, and [`resume`](Self::resume) continues it. When it has ended,
/// [`discrepancies`](Self::discrepancies) reports signs that the listing missed something.
///
/// ```
/// use pinning_keys_core::{Error, KeyIssuer, KeyStream};
///
/// async fn print_names(mut keys: KeyStream<'_, dyn KeyIssuer>) -> Result<(), Error> {
///     while let Some(record) = keys.next().await {
///         println!("{}", record?.name());
///     }
///     Ok(())
/// }
/// ```
///
/// [`KeyIssuerExt::keys`]: crate::KeyIssuerExt::keys
pub struct KeyStream<'a, I: KeyIssuer + ?Sized> {
    issuer: &'a I,
    /// The query of the next page.
    query: KeyQuery,
    state: State<'a>,
    rows: vec::IntoIter<KeyRecord>,
    /// The cursor of the page that the rows are on.
    rows_at: Option<Cursor>,
    discrepancies: Discrepancies,
}

enum State<'a> {
    /// The page at the query's cursor is requested next.
    Idle,
    Asking(PageFuture<'a>),
    /// The last page named itself as the next one.
    Stuck,
    /// The page at the query's cursor could not be read.
    Failed,
    Done,
}

impl<'a, I: KeyIssuer + ?Sized> KeyStream<'a, I> {
    pub(crate) fn new(issuer: &'a I, query: KeyQuery) -> Self {
        Self {
            issuer,
            query,
            state: State::Idle,
            rows: Vec::new().into_iter(),
            rows_at: None,
            discrepancies: Discrepancies::default(),
        }
    }

    /// The next key; `None` at the end of the listing, and after an error until
    /// [`resume`](Self::resume).
    ///
    /// Cancel safe: if the future is dropped, no key is lost.
    ///
    /// # Errors
    ///
    /// As [`KeyIssuer::list`].
    pub async fn next(&mut self) -> Option<Result<KeyRecord, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Reads the listing until it shows this key, whatever its id; `None` at the end. It can be
    /// called again for a later key.
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuer, KeyIssuerExt, KeyQuery, KeyRequest, ScopeRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// let record = issuer.keys(KeyQuery::new()).find(key.key_ref()).await?;
    /// assert!(record.is_some_and(|record| record.is_unlimited()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`KeyIssuer::list`].
    pub async fn find(&mut self, key: &KeyRef) -> Result<Option<KeyRecord>, Error> {
        while let Some(record) = self.next().await {
            let record = record?;
            if record.key_ref() == key {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Reads the listing to its end and returns all its keys.
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuer, KeyIssuerExt, KeyQuery, KeyRequest, ScopeRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// let listing = issuer.keys(KeyQuery::new()).into_listing().await?;
    /// assert_eq!(listing.records().len(), 1);
    /// assert!(listing.discrepancies().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`KeyIssuer::list`]; the keys read so far are dropped.
    pub async fn into_listing(mut self) -> Result<KeyListing, Error> {
        let mut records = Vec::new();
        while let Some(record) = self.next().await {
            records.push(record?);
        }
        Ok(KeyListing::new(records, self.discrepancies))
    }

    /// Continues a stream that an error ended, with the page that failed. Has no effect on a stream
    /// that has not failed.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_core::{Error, KeyIssuer, KeyIssuerExt, KeyQuery};
    ///
    /// /// Counts all keys, and waits when the rate limit is exceeded.
    /// async fn count_keys(issuer: &dyn KeyIssuer) -> Result<usize, Error> {
    ///     let mut keys = issuer.keys(KeyQuery::new());
    ///     let mut count = 0;
    ///     while let Some(record) = keys.next().await {
    ///         match record.map_err(|error| (error.retry_after(), error)) {
    ///             Ok(_) => count += 1,
    ///             Err((Some(wait), _)) => {
    ///                 tokio::time::sleep(wait.max(Duration::from_secs(1))).await;
    ///                 keys.resume();
    ///             }
    ///             Err((None, error)) => return Err(error),
    ///         }
    ///     }
    ///     Ok(count)
    /// }
    /// ```
    pub fn resume(&mut self) {
        if matches!(self.state, State::Failed) {
            self.state = State::Idle;
        }
    }

    /// The query for the keys that have not been read yet; `None` if there are none. Store its
    /// [cursor](KeyQuery::cursor) to continue the listing in another process.
    ///
    /// In the middle of a page, it selects the keys from the beginning of that page.
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuerExt, KeyQuery};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let query = KeyQuery::new().with_revoked(false);
    /// let mut keys = issuer.keys(query.clone());
    /// assert_eq!(keys.rest(), Some(query));
    /// while let Some(record) = keys.next().await {
    ///     println!("{}", record?.name());
    /// }
    /// assert_eq!(keys.rest(), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn rest(&self) -> Option<KeyQuery> {
        if !self.rows.as_slice().is_empty() {
            return Some(self.query.clone().at(self.rows_at.clone()));
        }
        match self.state {
            State::Idle | State::Asking(_) | State::Failed => Some(self.query.clone()),
            State::Stuck | State::Done => None,
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

    /// The listing is incomplete, so it does not prove that a key is absent.
    fn stuck(&self) -> Error {
        Error::new(ErrorKind::UnreadableAnswer, "the listing does not advance past one page")
            .with_effect(Effect::Rejected)
            .with_provider(self.issuer.profile().provider())
            .with_operation(Operation::List)
    }

    fn take(&mut self, page: KeyPage) {
        self.discrepancies.merge(page.discrepancies());
        self.rows_at = self.query.cursor().cloned();
        self.state = match page.next() {
            None => State::Done,
            // It would be requested forever.
            Some(next) if self.query.cursor() == Some(next) => State::Stuck,
            Some(next) => {
                self.query = std::mem::take(&mut self.query).with_cursor(next.clone());
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
                        self.state = State::Failed;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                State::Stuck => {
                    self.state = State::Done;
                    return Poll::Ready(Some(Err(self.stuck())));
                }
                State::Failed | State::Done => return Poll::Ready(None),
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
