use std::fmt;
use std::time::Duration;

use pinning_keys_core::Operation;

/// A text that stands in answers which cannot be read, in place of the secret that could be
/// there. No error may repeat it.
pub const CANARY: &str = "canary-7f3e91d0";

/// The name of the key in the row that [`Disturbance::UnknownGrant`] adds to a page.
pub const STRANGE_KEY: &str = "of-a-later-version-51c0a8";

/// Disturbs the requests of an adapter on their way, without the adapter's knowing.
///
/// It offers what the test server behind it can do, and no more: cases about other disturbances are
/// skipped.
///
/// ```
/// use std::sync::Mutex;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use pinning_keys_conformance::{Disturbance, FaultSwitch, NotAvailable};
/// use pinning_keys_core::Operation;
///
/// /// Shared with a test server, which looks at it for each request.
/// #[derive(Default)]
/// struct Switch {
///     next: Mutex<Option<(Operation, Disturbance)>>,
///     applied: AtomicU64,
/// }
///
/// impl Switch {
///     /// What the server is to do with a request.
///     fn take(&self, operation: Operation) -> Option<Disturbance> {
///         let (_, by) = self.next.lock().unwrap().take_if(|(of, _)| *of == operation)?;
///         self.applied.fetch_add(1, Ordering::Relaxed);
///         Some(by)
///     }
/// }
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
///         *self.next.lock().unwrap() = Some((of, by));
///         Ok(())
///     }
///
///     fn applied(&self) -> u64 {
///         self.applied.load(Ordering::Relaxed)
///     }
///
///     fn clear(&self) {
///         *self.next.lock().unwrap() = None;
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

    /// How many requests have been disturbed so far.
    ///
    /// A case whose disturbance met no request has shown nothing, and fails. Count a request when
    /// it is met, before its answer is on the way, and a page only where it was changed.
    fn applied(&self) -> u64;

    /// Takes back what was not used up.
    fn clear(&self);

    /// How many bytes of [endless](Disturbance::Endless) answers were taken so far, where that is
    /// measured: without it nobody can tell that memory stays bounded.
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
    /// Not carried out; otherwise the same, as where another service answers in the provider's
    /// place.
    WrongShapeBefore,
    /// Carried out; an answer of success with bytes that are no text.
    NotUtf8,
    /// Carried out; an answer of success whose body does not end, and comes as fast as it can.
    Endless,
    /// Carried out; an answer of success whose body comes a byte at a time, each soon after the
    /// one before, and does not end.
    Drip,
    /// Not carried out; status 400, in the provider's own form, with a message that repeats the
    /// credential and the body that were sent.
    Echo,
    /// Not carried out; status 307, to a place that is not the provider's.
    RedirectElsewhere,
    /// A page of the list has fewer rows than the page size, and further ones follow it.
    ShortPage,
    /// A page of the list that is not the first begins with the last row of the page before.
    RepeatedRow,
    /// A page of the list lacks its rows, and its total agrees, as where the list lags behind.
    StalePage,
    /// A page of the list claims a total that is by one too high.
    WrongTotal,
    /// A page of the list has one row more, of a key whose grants and fields nobody knows. Its
    /// name is [`STRANGE_KEY`].
    UnknownGrant,
    /// A page of the list has one row more that is no key at all.
    UnreadableRow,
}

impl Disturbance {
    /// Whether nothing but the deadline may end the call.
    pub(crate) fn lasts(self) -> bool {
        matches!(self, Self::Hang | Self::Drip)
    }
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
            Self::WrongShapeBefore => "an answer of another shape, nothing being done",
            Self::NotUtf8 => "an answer that is no text",
            Self::Endless => "an endless answer",
            Self::Drip => "an answer that comes a byte at a time",
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
