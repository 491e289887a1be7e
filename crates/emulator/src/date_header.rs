use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::DATE;
use http::{HeaderMap, HeaderValue};

/// The last second that an HTTP date can express, in the year 9999.
const LAST: Duration = Duration::from_secs(253_402_300_799);

type Now = dyn Fn() -> Option<SystemTime> + Send + Sync;

/// The `Date` header of all responses. Clones share one clock.
#[derive(Clone)]
pub(crate) struct DateHeader {
    now: Arc<Mutex<Arc<Now>>>,
}

impl DateHeader {
    pub(crate) fn of_the_system() -> Self {
        Self { now: Arc::new(Mutex::new(Arc::new(|| Some(SystemTime::now())))) }
    }

    pub(crate) fn set(&self, now: Arc<Now>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Writes the header, if there is to be one.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        // The lock is released before the clock is asked, which may set another one.
        let now = Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(time) = now() else { return };
        let since_1970 = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        if let Ok(date) = HeaderValue::try_from(http_date(since_1970)) {
            headers.insert(DATE, date);
        }
    }
}

/// A time in the form of HTTP; the year 9999 if it is later.
pub(crate) fn http_date(since_1970: Duration) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + since_1970.min(LAST))
}
