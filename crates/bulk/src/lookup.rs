use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow::{self, Break, Continue};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pinning_keys_core::{
    Discrepancies, Effect, Error, ErrorKind, KeyIssuer, KeyPage, KeyQuery, KeyRecord, KeyRef,
    Operation,
};

use crate::pause::Pause;

/// How often a page is requested again after a transient failure.
const REPEATS: u32 = 3;

type Page = Pin<Box<dyn Future<Output = Result<KeyPage, Error>> + Send>>;

/// One pass over the list of keys, to find the ids of all keys that lack one.
pub(crate) struct Lookup {
    issuer: Arc<dyn KeyIssuer>,
    wanted: HashSet<String>,
    query: KeyQuery,
    page: Option<Page>,
    tries: u32,
    doubts: Discrepancies,
    found: HashMap<String, Arc<KeyRef>>,
}

/// The ids that the list has.
pub(crate) struct Ids {
    found: HashMap<String, Arc<KeyRef>>,
    /// Whether a key that was not found definitely does not exist.
    is_sure: bool,
}

impl Ids {
    /// The reference to revoke the key by; `None` if the key does not exist.
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

    /// Reads the list until it ends or all keys are found. If the list cannot be read, each key is
    /// left to the issuer, unless the failure affects all keys.
    pub(crate) fn poll(
        &mut self,
        pause: &mut Pause,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Ids, Error>> {
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
                Err(error) if error.kind().affects_all_keys() => {
                    return Poll::Ready(Err(while_looking(error)));
                }
                Err(_) => false,
            };
            return Poll::Ready(Ok(self.end(is_sure)));
        }
        Poll::Ready(Ok(self.end(true)))
    }

    /// Collects the ids of a page. Breaks at the last page, with whether the list is reliable.
    fn take(&mut self, page: &KeyPage) -> ControlFlow<bool> {
        self.doubts.merge(page.discrepancies());
        for key in page.records().iter().map(KeyRecord::key_ref) {
            if self.wanted.remove(key.api_key()) {
                self.found.insert(key.api_key().to_owned(), Arc::new(key.clone()));
            }
        }
        match page.next() {
            // A page that names itself as the next one would be requested forever.
            Some(next) if self.query.cursor() == Some(next) => Break(false),
            Some(next) => {
                self.query = KeyQuery::new().with_cursor(next.clone());
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

/// The failure to revoke a key because the list cannot be read, which has changed nothing.
fn while_looking(error: Error) -> Error {
    let effect = error.effect().min(Effect::Rejected);
    error.with_operation(Operation::Revoke).with_effect(effect)
}

fn ask(issuer: &Arc<dyn KeyIssuer>, query: KeyQuery) -> Page {
    let issuer = Arc::clone(issuer);
    Box::pin(async move { issuer.list(&query).await })
}
