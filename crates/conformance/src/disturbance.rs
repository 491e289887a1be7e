use std::fmt;
use std::time::Duration;

use pinning_keys_core::Operation;

/// A text that stands in answers which cannot be read, in place of the secret that could be
/// there. No error may repeat it.
pub const CANARY: &str = "canary-7f3e91d0";

/// Disturbs the requests of an adapter on their way, without the adapter's knowing.
///
/// It offers what the test server behind it can do, and no more: cases about other disturbances are
/// skipped.
///
/// ```
/// use std::sync::Mutex;
///
/// use pinning_keys_conformance::{Disturbance, FaultSwitch, NotAvailable};
/// use pinning_keys_core::Operation;
///
/// /// Shared with a test server, which looks at it for each request.
/// #[derive(Default)]
/// struct Switch(Mutex<Option<(Operation, Disturbance)>>);
///
/// impl FaultSwitch for Switch {
///     fn offers(&self, _: Operation, disturbance: Disturbance) -> bool {
///         matches!(disturbance, Disturbance::LoseAnswer | Disturbance::ErrorAfter(_))
///     }
///
///     fn disturb(&self, of: Operation, by: Disturbance) -> Result<(), NotAvailable> {
///         if !self.offers(of, by) {
///             return Err(NotAvailable);
///         }
///         *self.0.lock().unwrap() = Some((of, by));
///         Ok(())
///     }
///
///     fn clear(&self) {
///         *self.0.lock().unwrap() = None;
///     }
/// }
/// ```
pub trait FaultSwitch: Send + Sync {
    /// Whether this disturbance can be made for requests of this operation.
    fn offers(&self, operation: Operation, disturbance: Disturbance) -> bool;

    /// Disturbs the next request of this operation, and none after it.
    ///
    /// A request of another operation, as where a key is looked for in a list before it is
    /// revoked, passes undisturbed.
    ///
    /// # Errors
    ///
    /// [`NotAvailable`] where the disturbance is not [offered](Self::offers).
    fn disturb(&self, operation: Operation, disturbance: Disturbance) -> Result<(), NotAvailable>;

    /// Takes back what was not used up.
    fn clear(&self);

    /// How many bytes of an [endless](Disturbance::Endless) answer were taken so far, where that
    /// is measured.
    fn endless_bytes_taken(&self) -> Option<u64> {
        None
    }

    /// How many requests have arrived at the places that
    /// [`RedirectElsewhere`](Disturbance::RedirectElsewhere) points to.
    fn strayed(&self) -> u64 {
        0
    }
}

/// One thing that goes wrong on the way to a provider or back.
///
/// "Carried out" means that the provider did what was asked before things went wrong; "not
/// carried out" that it never saw the request. An adapter mostly cannot tell the two apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Disturbance {
    /// No connection is made. Not carried out, and the adapter can know it.
    RefuseConnection,
    /// The connection breaks before the provider has read the request. Not carried out.
    CutBeforeRead,
    /// The connection breaks after the request was carried out, without an answer.
    LoseAnswer,
    /// Carried out, and no answer ever comes.
    Hang,
    /// Not carried out; an answer of this status, with a body as of a proxy's.
    ErrorBefore(u16),
    /// Carried out; an answer of this status, with a body as of a proxy's.
    ErrorAfter(u16),
    /// Not carried out; status 429, and to wait for so long.
    RateLimit(Duration),
    /// Carried out; the connection breaks in the middle of the true answer.
    Truncated,
    /// Carried out; an answer of success with an empty body.
    Empty,
    /// Not carried out; an answer of this status that is an HTML page. The page holds
    /// [`CANARY`].
    Html(u16),
    /// Carried out; an answer of success that is an HTML page. The page holds [`CANARY`].
    HtmlAfter,
    /// Carried out; an answer of success in JSON with other members than the true one, one of
    /// which is [`CANARY`].
    WrongShape,
    /// Carried out; an answer of success with bytes that are no text.
    NotUtf8,
    /// Carried out; an answer of success whose body does not end.
    Endless,
    /// Not carried out; status 400, in the provider's own form, with a message that repeats the
    /// credential and the body that were sent.
    Echo,
    /// Not carried out; status 307, to a place that is not the provider's.
    RedirectElsewhere,
    /// A page of the list has fewer rows than the page size, and further ones follow it.
    ShortPage,
    /// A page of the list that is not the first begins with the last row of the page before.
    RepeatedRow,
    /// A page of the list lacks its rows, as where the list lags behind.
    StalePage,
    /// A page of the list claims a total that is by one too high.
    WrongTotal,
    /// A page of the list has one row more, of a key whose grants and fields nobody knows.
    UnknownGrant,
    /// A page of the list has one row more that is no key at all.
    UnreadableRow,
}

/// The name by which a report tells a disturbance.
impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::RefuseConnection => "a refused connection",
            Self::CutBeforeRead => "a connection that breaks before the request is read",
            Self::LoseAnswer => "a lost answer",
            Self::Hang => "an answer that never comes",
            Self::ErrorBefore(status) => return write!(f, "status {status}, nothing being done"),
            Self::ErrorAfter(status) => return write!(f, "status {status}, all being done"),
            Self::RateLimit(_) => "a limit of requests",
            Self::Truncated => "an answer that breaks off",
            Self::Empty => "an empty answer",
            Self::Html(status) => return write!(f, "an HTML page with status {status}"),
            Self::HtmlAfter => "an HTML page of success",
            Self::WrongShape => "an answer of another shape",
            Self::NotUtf8 => "an answer that is no text",
            Self::Endless => "an endless answer",
            Self::Echo => "a refusal that repeats the request",
            Self::RedirectElsewhere => "a redirect to another place",
            Self::ShortPage => "a short page",
            Self::RepeatedRow => "a row that comes twice",
            Self::StalePage => "a page without its rows",
            Self::WrongTotal => "a wrong total",
            Self::UnknownGrant => "a row with unknown grants",
            Self::UnreadableRow => "a row that is no key",
        };
        f.write_str(name)
    }
}

/// A disturbance that a fault switch cannot make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAvailable;

impl fmt::Display for NotAvailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fault switch cannot make this disturbance")
    }
}

impl std::error::Error for NotAvailable {}
