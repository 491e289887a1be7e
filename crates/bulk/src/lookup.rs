use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow::{self, Break, Continue};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pinning_keys_core::{
    Discrepancies, Error, ErrorKind, KeyIssuer, KeyPage, KeyQuery, KeyRecord, KeyRef,
};

use crate::pause::Pause;

/// How often a page is asked for again that failed in passing.
const REPEATS: u32 = 3;

type Page = Pin<Box<dyn Future<Output = Result<KeyPage, Error>> + Send>>;

/// One reading of the list for all keys of which only the public part is known.
pub(crate) struct Lookup {
    issuer: Arc<dyn KeyIssuer>,
    wanted: HashSet<String>,
    query: KeyQuery,
    page: Option<Page>,
    tries: u32,
    doubts: Discrepancies,
    found: HashMap<String, Arc<KeyRef>>,
}

/// What the list told.
pub(crate) struct Ids {
    found: HashMap<String, Arc<KeyRef>>,
    /// Whether a key that was not found is not in the list.
    is_sure: bool,
}

impl Ids {
    /// The reference to revoke the key by; `None` where there is no such key.
    pub(crate) fn of(&self, key: &Arc<KeyRef>) -> Option<Arc<KeyRef>> {
        match self.found.get(key.api_key()) {
            Some(complete) => Some(Arc::clone(complete)),
            None if self.is_sure => None,
            None => Some(Arc::clone(key)),
        }
    }
}

impl Lookup {
    pub(crate) fn new(issuer: Arc<dyn KeyIssuer>, wanted: HashSet<String>) -> Self {
        Self {
            issuer,
            wanted,
            query: KeyQuery::new(),
            page: None,
            tries: 0,
            doubts: Discrepancies::default(),
            found: HashMap::new(),
        }
    }

    /// Reads the list until all keys are found or it ends. Where it cannot be read, each key is
    /// left to the issuer.
    pub(crate) fn poll(&mut self, pause: &mut Pause, cx: &mut Context<'_>) -> Poll<Ids> {
        while !self.wanted.is_empty() {
            ready!(pause.poll(cx));
            let page = self.page.get_or_insert_with(|| ask(&self.issuer, self.query.clone()));
            let result = ready!(page.as_mut().poll(cx));
            self.page = None;
            let is_sure = match result {
                Ok(page) => {
                    pause.got_through();
                    match self.take(&page) {
                        Continue(()) => continue,
                        Break(is_sure) => is_sure,
                    }
                }
                Err(error) if self.may_repeat(&error) && pause.begin(&error) => continue,
                Err(_) => false,
            };
            return Poll::Ready(self.end(is_sure));
        }
        Poll::Ready(self.end(true))
    }

    /// Notes what a page has. Where it is the last one, whether the list can be trusted.
    fn take(&mut self, page: &KeyPage) -> ControlFlow<bool> {
        self.doubts.merge(page.discrepancies());
        for key in page.records().iter().map(KeyRecord::key_ref) {
            if self.wanted.remove(key.api_key()) {
                self.found.insert(key.api_key().to_owned(), Arc::new(key.clone()));
            }
        }
        match page.next() {
            // A page that points at itself would be asked for over and over.
            Some(next) if self.query.cursor() == Some(next) => Break(false),
            Some(next) => {
                self.query = KeyQuery::new().after(next.clone());
                self.tries = 0;
                Continue(())
            }
            None => Break(self.doubts.is_empty()),
        }
    }

    fn may_repeat(&mut self, error: &Error) -> bool {
        self.tries += u32::from(error.kind() != ErrorKind::RateLimited);
        self.tries <= REPEATS && error.is_retryable()
    }

    fn end(&mut self, is_sure: bool) -> Ids {
        Ids { found: std::mem::take(&mut self.found), is_sure }
    }
}

fn ask(issuer: &Arc<dyn KeyIssuer>, query: KeyQuery) -> Page {
    let issuer = Arc::clone(issuer);
    Box::pin(async move { issuer.list(&query).await })
}
