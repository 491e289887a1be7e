use std::fmt;
use std::time::Duration;

use pinning_keys_core::Operation;

/// A text in unreadable answers, which could hold a secret instead. No error may repeat it.
pub const CANARY: &str = "canary-7f3e91d0";

/// The name of the key that [`Disturbance::UnknownGrant`] adds to a page, and the text in the array
/// of [`Disturbance::ArrayRow`].
pub const STRANGE_KEY: &str = "of-a-later-version-51c0a8";

/// Disturbs an adapter's requests on their way, without the adapter's knowledge.
///
/// It offers only what the test server behind it can do: cases about other disturbances are
/// skipped.
///
/// ```
/// use std::sync::Mutex;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use pinning_keys_conformance::{Disturbance, FaultSwitch, NotAvailable};
/// use pinning_keys_core::Operation;
///
/// /// Shared with a test server, which asks it about each request.
/// #[derive(Default)]
/// struct Switch {
///     next: Mutex<Option<(Operation, Disturbance)>>,
///     applied: AtomicU64,
/// }
///
/// impl Switch {
///     /// How the server should disturb this request, if at all.
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
    /// Returns whether requests of this operation can be disturbed in this way.
    fn offers(&self, operation: Operation, disturbance: Disturbance) -> bool;

    /// Disturbs the next request of this operation, and none after it.
    ///
    /// Requests of other operations pass undisturbed, such as a search for a key before it is
    /// revoked.
    ///
    /// # Errors
    ///
    /// [`NotAvailable`] if the disturbance is not [offered](Self::offers).
    fn disturb(&self, operation: Operation, disturbance: Disturbance) -> Result<(), NotAvailable>;

    /// The number of requests disturbed so far.
    ///
    /// A case whose disturbance met no request fails, since it checked nothing. Count a request
    /// before it is answered, a page only if it was changed, and an expiry only if the request was
    /// refused.
    fn applied(&self) -> u64;

    /// Cancels a disturbance that has met no request yet.
    fn clear(&self);

    /// The number of bytes read so far of [endless](Disturbance::Endless) answers, if counted.
    /// Cases about bounded memory need it (default: `None`).
    fn endless_bytes_taken(&self) -> Option<u64> {
        None
    }

    /// The number of requests that have followed
    /// [`RedirectElsewhere`](Disturbance::RedirectElsewhere) (default: 0).
    fn strayed(&self) -> u64 {
        0
    }
}

/// Something that goes wrong on the way to a provider or back.
///
/// *Carried out* means that the provider did what it was asked before things went wrong, *not
/// carried out* that it did not. An adapter usually cannot tell the two apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Disturbance {
    /// Not carried out: no connection is opened, and the adapter can know it.
    RefuseConnection,
    /// Not carried out: the connection breaks before the provider has read the request.
    CutBeforeRead,
    /// Carried out; the connection breaks before the answer.
    LoseAnswer,
    /// Carried out, and no answer ever comes.
    Hang,
    /// Not carried out; answered with this status and a body like a proxy's.
    ErrorBefore(u16),
    /// Carried out; answered with this status and a body like a proxy's.
    ErrorAfter(u16),
    /// Not carried out; answered with status 429 and this time to wait.
    RateLimit(Duration),
    /// Carried out; the connection breaks in the middle of the real answer.
    Truncated,
    /// Carried out; answered with success and an empty body.
    Empty,
    /// Not carried out; answered with this status and an HTML page that contains [`CANARY`].
    Html(u16),
    /// Carried out; answered with success and an HTML page that contains [`CANARY`].
    HtmlAfter,
    /// Carried out; answered with success and JSON whose members are not those of the real answer.
    /// One of them is [`CANARY`].
    WrongShape,
    /// Not carried out; answered in the same way, as by another service instead of the provider.
    WrongShapeBefore,
    /// Carried out; answered with success and bytes that are not UTF-8.
    NotUtf8,
    /// Carried out; answered with success and an endless body, sent as fast as possible.
    Endless,
    /// Carried out; answered with success and an endless body, sent byte by byte with short pauses.
    Drip,
    /// Not carried out; answered with status 400 in the provider's own format, and a message that
    /// repeats the credential and the body of the request.
    Echo,
    /// Not carried out; answered with a redirect (status 307) to a host that is not the provider's.
    RedirectElsewhere,
    /// A page of the list has fewer rows than the page size, although more pages follow.
    ShortPage,
    /// A page of the list, but not the first, begins with the last row of the previous page.
    RepeatedRow,
    /// A page of the list lacks its rows and its total agrees, as if the list lagged behind.
    StalePage,
    /// A page of the list has a total that is one too high.
    WrongTotal,
    /// A page of the list has an additional row: a key named [`STRANGE_KEY`] with unknown grants
    /// and fields.
    UnknownGrant,
    /// A page of the list has an additional row that is not a key.
    UnreadableRow,
    /// A page of the list has an additional row that is an array with the text [`STRANGE_KEY`].
    /// Some readers treat an array as the members of a key in their order.
    ArrayRow,
    /// Not carried out: the provider refuses the account's credential as expired, and does so from
    /// then on. Only a credential from a new login or a renewal helps.
    ///
    /// Offer it only if the issuers of the harness can renew their credential.
    ExpireAccount,
}

impl Disturbance {
    /// Whether only the deadline ends the call.
    pub(crate) fn lasts(self) -> bool {
        matches!(self, Self::Hang | Self::Drip)
    }

    /// Whether it happens to a page of the list.
    #[cfg(feature = "http")]
    pub(crate) fn is_of_a_page(self) -> bool {
        matches!(
            self,
            Self::ShortPage
                | Self::RepeatedRow
                | Self::StalePage
                | Self::WrongTotal
                | Self::UnknownGrant
                | Self::UnreadableRow
                | Self::ArrayRow
        )
    }
}

/// The disturbance's name in reports.
impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::RefuseConnection => "a refused connection",
            Self::CutBeforeRead => "a cut connection",
            Self::LoseAnswer => "a lost answer",
            Self::Hang => "an answer that never comes",
            Self::ErrorBefore(status) => return write!(f, "status {status} without effect"),
            Self::ErrorAfter(status) => return write!(f, "status {status} after the effect"),
            Self::RateLimit(_) => "a rate limit",
            Self::Truncated => "a truncated answer",
            Self::Empty => "an empty answer",
            Self::Html(status) => return write!(f, "an HTML page with status {status}"),
            Self::HtmlAfter => "an HTML page after the effect",
            Self::WrongShape => "unexpected JSON after the effect",
            Self::WrongShapeBefore => "unexpected JSON without effect",
            Self::NotUtf8 => "an answer that is not UTF-8",
            Self::Endless => "an endless answer",
            Self::Drip => "an answer sent byte by byte",
            Self::Echo => "a refusal that echoes the request",
            Self::RedirectElsewhere => "a redirect to another host",
            Self::ShortPage => "a short page",
            Self::RepeatedRow => "a repeated row",
            Self::StalePage => "a page without its rows",
            Self::WrongTotal => "a wrong total",
            Self::UnknownGrant => "a row with unknown grants",
            Self::UnreadableRow => "an unreadable row",
            Self::ArrayRow => "an array as a row",
            Self::ExpireAccount => "an expired account credential",
        };
        f.write_str(name)
    }
}

/// The error of a fault switch that does not offer a disturbance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAvailable;

impl fmt::Display for NotAvailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fault switch does not offer this disturbance")
    }
}

impl std::error::Error for NotAvailable {}
