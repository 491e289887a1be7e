use std::time::Duration;

use http::StatusCode;

/// What goes wrong with a request; a [`FaultRule`](super::FaultRule) says with which.
///
/// *The commit* is the moment at which a request takes effect: a fault before it leaves everything
/// as it was, and a fault after it leaves a key created or revoked, whatever the response.
///
/// ```
/// use http::StatusCode;
/// use pinning_keys_emulator::{Emulator, Fault, FaultRule, Stage};
///
/// let emulator = Emulator::in_memory();
/// let fault = Fault::status(StatusCode::BAD_GATEWAY, Stage::AfterCommit);
/// emulator.faults().add(FaultRule::new(fault));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Delays the response. Delays of several rules add up, and another fault may happen as well.
    ///
    /// Time is Tokio's: in memory, a paused clock skips the delay. A client that gives up during a
    /// delay before the commit leaves no effect behind.
    Latency {
        /// The delay.
        delay: Duration,
        /// Whether the delay comes before or after the request takes effect.
        stage: Stage,
    },
    /// Answers this status; an error status comes with an HTML page, as proxies send it.
    Status {
        /// The status. A status below 200 cannot be a final response and becomes 500.
        code: StatusCode,
        /// The `Retry-After` header.
        retry_after: RetryAfter,
        /// Whether the request takes effect nevertheless.
        stage: Stage,
    },
    /// Refuses the connection, so that nothing is sent.
    ///
    /// In memory only: over TCP the request is not known until a connection exists, which is then
    /// cut as by [`Cut::BeforeRead`]. For a port that really refuses connections, see
    /// [`Faults::refuse_connections`](super::Faults::refuse_connections).
    RefuseConnection,
    /// Ends the connection without a complete response.
    CutConnection(Cut),
    /// Carries the request out and returns its true status with another body.
    Body(BodyFault),
    /// Ends the connection without a response and carries the request out later, when the client is
    /// long gone.
    ///
    /// The delay is counted in requests instead of time, so that runs repeat;
    /// [`Faults::carry_out_late`](super::Faults::carry_out_late) ends it early. The credential is
    /// checked when the request is carried out, so that nothing happens if it was revoked meanwhile.
    Late {
        /// How many further requests have to arrive, of any client to either provider. The request
        /// is carried out just before the last of them; if 0, as soon as the connection has ended.
        requests: u32,
    },
    /// Carries the request out twice, as if a proxy had repeated it, and returns the second
    /// response.
    ///
    /// A proxy that repeats a request has lost the first response, so the second is the only one it
    /// can pass on. A repeated create makes two keys with the same name at Pinata. Names are unique
    /// at W3IPFS, so there it makes one key and is refused with 409.
    Twice,
    /// Redirects the request instead of carrying it out.
    ///
    /// From then on, a path of this server that a redirect has pointed to serves what the original
    /// path serves, until the plan is cleared, so that a client that follows gets a response.
    Redirect {
        /// The status: 301, 302, 303, 307 or 308.
        code: StatusCode,
        /// The target.
        to: RedirectTo,
    },
    /// Distorts a page of a list of keys. Has no effect on other routes, but counts as a hit.
    List(ListFault),
    /// Lets the key that the request makes work only later. Has no effect on routes that make no
    /// key, but counts as a hit.
    ///
    /// The delay is counted in requests instead of time, so that runs repeat. The switch
    /// `new_key_refusals` of each provider's assumptions does the same for all keys; the greater
    /// number wins.
    LateKey {
        /// How many requests that present the key get the response to an unknown key.
        requests: u32,
    },
    /// Lets the key that the request revokes go on working. Has no effect on routes that revoke no
    /// key, but counts as a hit.
    ///
    /// Lists and [`keys`](crate::Pinata::keys) report the key as revoked at once. The switch
    /// `honour_revoked` does the same for all keys; the greater number wins.
    LingeringKey {
        /// How many requests that present the key are still let through.
        requests: u32,
    },
    /// Records only the beginning of the name of the key that the request makes. Has no effect on
    /// routes that make no key, but counts as a hit.
    TruncatedName {
        /// How many characters of the name are recorded.
        chars: usize,
    },
}

impl Fault {
    /// Answers this status without `Retry-After`.
    ///
    /// ```
    /// use http::StatusCode;
    /// use pinning_keys_emulator::{Fault, Stage};
    ///
    /// let fault = Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit);
    /// assert!(matches!(fault, Fault::Status { .. }));
    /// ```
    pub fn status(code: StatusCode, stage: Stage) -> Self {
        Self::Status { code, retry_after: RetryAfter::Absent, stage }
    }

    /// Answers 429 before the commit.
    ///
    /// ```
    /// use http::StatusCode;
    /// use pinning_keys_emulator::{Fault, RetryAfter};
    ///
    /// let fault = Fault::too_many_requests(RetryAfter::Seconds(2));
    /// assert!(matches!(fault, Fault::Status { code: StatusCode::TOO_MANY_REQUESTS, .. }));
    /// ```
    pub fn too_many_requests(retry_after: RetryAfter) -> Self {
        Self::Status {
            code: StatusCode::TOO_MANY_REQUESTS,
            retry_after,
            stage: Stage::BeforeCommit,
        }
    }

    /// Returns an example of every kind of fault, for a test that tries them all.
    ///
    /// ```
    /// use pinning_keys_emulator::{Cut, Fault};
    ///
    /// let all = Fault::one_of_each();
    /// assert!(all.contains(&Fault::CutConnection(Cut::AfterCommit)));
    /// ```
    pub fn one_of_each() -> Vec<Self> {
        let stages = [Stage::BeforeCommit, Stage::AfterCommit];
        let late = |stage| Self::Latency { delay: Duration::from_secs(1), stage };
        let unavailable = |stage| Self::status(StatusCode::SERVICE_UNAVAILABLE, stage);
        let retry_after = [
            RetryAfter::Absent,
            RetryAfter::Seconds(2),
            RetryAfter::DateIn(2),
            RetryAfter::Text("soon".to_owned()),
        ];
        let bodies = [
            BodyFault::Truncated,
            BodyFault::Endless,
            BodyFault::Drip,
            BodyFault::Empty,
            BodyFault::Html,
            BodyFault::WrongShape,
            BodyFault::NotUtf8,
            BodyFault::Text("anything".to_owned()),
        ];
        let targets = [
            RedirectTo::Slash,
            RedirectTo::Path("/v4/keys".to_owned()),
            RedirectTo::Host("http://other.invalid".to_owned()),
            RedirectTo::Nowhere,
        ];
        let redirect = |to| Self::Redirect { code: StatusCode::TEMPORARY_REDIRECT, to };
        let lists = [
            ListFault::Stale,
            ListFault::StaleBy { changes: 2 },
            ListFault::Duplicated,
            ListFault::Shuffled,
            ListFault::MissingRow,
        ];
        let mut all = vec![Self::RefuseConnection, Self::Late { requests: 2 }, Self::Twice];
        all.extend(stages.map(late));
        all.extend(stages.map(unavailable));
        all.extend(retry_after.map(Self::too_many_requests));
        all.extend([Cut::BeforeRead, Cut::AfterCommit, Cut::MidBody].map(Self::CutConnection));
        all.extend(bodies.map(Self::Body));
        all.extend(targets.map(redirect));
        all.extend(lists.map(Self::List));
        all.extend([Self::LateKey { requests: 2 }, Self::LingeringKey { requests: 2 }]);
        all.push(Self::TruncatedName { chars: 8 });
        all
    }
}

/// Before or after the moment at which a request takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// The request has not been carried out.
    BeforeCommit,
    /// The request has been carried out.
    AfterCommit,
}

/// The `Retry-After` header of a [`Fault::Status`].
///
/// ```
/// use pinning_keys_emulator::{Fault, RetryAfter};
///
/// let in_the_past = Fault::too_many_requests(RetryAfter::DateIn(-60));
/// let senseless = Fault::too_many_requests(RetryAfter::Text("soon".to_owned()));
/// # let _ = (in_the_past, senseless);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// No header.
    Absent,
    /// A number of seconds.
    Seconds(u64),
    /// A date this many seconds from now by the system clock; in the past if negative.
    DateIn(i64),
    /// This text, meaningful or not. A text that no header can hold is left out.
    Text(String),
}

/// When a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cut {
    /// Before the request is read: it has no effect, which the client cannot know.
    BeforeRead,
    /// After the request was carried out and before the first byte of the response.
    AfterCommit,
    /// After the request was carried out, in the middle of the body of the response.
    MidBody,
}

/// A body that replaces the true body of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyFault {
    /// The first half of the true body, as if that were all.
    Truncated,
    /// The true body, then blanks without end. So that nothing runs for ever, the connection
    /// breaks after [`ENDLESS_BYTES`](Self::ENDLESS_BYTES), or when the emulator stops.
    Endless,
    /// The true body, then blanks without end, one byte every [`DRIP_PAUSE`](Self::DRIP_PAUSE).
    /// Something always arrives soon and the whole never does, so only a limit on the time of the
    /// whole call ends it.
    ///
    /// Time is Tokio's: in memory, a paused clock skips the pauses.
    Drip,
    /// Nothing.
    Empty,
    /// An HTML page, with the content type of one.
    Html,
    /// JSON of a shape that no provider returns.
    WrongShape,
    /// The true body with a byte in its middle that is not UTF-8.
    NotUtf8,
    /// This text.
    Text(String),
}

impl BodyFault {
    /// The length at which an [endless](Self::Endless) body breaks off: 128 MiB, more than a
    /// client should read and less than the memory of a machine.
    pub const ENDLESS_BYTES: u64 = 128 * 1024 * 1024;

    /// The time that a [dripping](Self::Drip) body takes for each byte: 50 ms.
    pub const DRIP_PAUSE: Duration = Duration::from_millis(50);
}

/// The target of a redirect.
///
/// ```
/// use http::StatusCode;
/// use pinning_keys_emulator::{Fault, RedirectTo};
///
/// let to = RedirectTo::Host("http://other.invalid".to_owned());
/// let fault = Fault::Redirect { code: StatusCode::TEMPORARY_REDIRECT, to };
/// # let _ = fault;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectTo {
    /// The same path with a trailing slash added, or removed if it has one.
    Slash,
    /// This path of the same server, such as `/v4/keys`. No query is added to it.
    Path(String),
    /// The same path and query at this scheme and host, such as `http://other.invalid`.
    Host(String),
    /// No target: the response has no `Location`.
    Nowhere,
}

/// How a page of keys is distorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListFault {
    /// The page shows the state before the last key was created, changed or revoked.
    Stale,
    /// The page shows the state before the last changes, each of which created, changed or revoked a
    /// key.
    StaleBy {
        /// How many changes the page does not show. If there were fewer, it shows the state before
        /// the first.
        changes: u32,
    },
    /// The page repeats the last row of the page before and shifts its own rows by one, as if a
    /// key had been created meanwhile; the first page repeats its first row. To keep the listing
    /// complete, let the following pages have the fault too.
    Duplicated,
    /// The rows come in another order, which follows from the seed.
    Shuffled,
    /// A row in the middle is missing, but still counted.
    MissingRow,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const KINDS: usize = 34;

    /// Numbers every kind of fault. A new variant breaks the build here, and its number is then
    /// missing from the examples until one is added.
    fn kind(fault: &Fault) -> usize {
        match fault {
            Fault::RefuseConnection => 0,
            Fault::LateKey { .. } => 1,
            Fault::LingeringKey { .. } => 2,
            Fault::Latency { stage: Stage::BeforeCommit, .. } => 3,
            Fault::Latency { stage: Stage::AfterCommit, .. } => 4,
            Fault::CutConnection(Cut::BeforeRead) => 5,
            Fault::CutConnection(Cut::AfterCommit) => 6,
            Fault::CutConnection(Cut::MidBody) => 7,
            Fault::Body(BodyFault::Truncated) => 8,
            Fault::Body(BodyFault::Endless) => 9,
            Fault::Body(BodyFault::Drip) => 10,
            Fault::Body(BodyFault::Empty) => 11,
            Fault::Body(BodyFault::Html) => 12,
            Fault::Body(BodyFault::WrongShape) => 13,
            Fault::Body(BodyFault::NotUtf8) => 14,
            Fault::Body(BodyFault::Text(_)) => 15,
            Fault::Redirect { to: RedirectTo::Slash, .. } => 16,
            Fault::Redirect { to: RedirectTo::Path(_), .. } => 17,
            Fault::Redirect { to: RedirectTo::Host(_), .. } => 18,
            Fault::Redirect { to: RedirectTo::Nowhere, .. } => 19,
            Fault::List(ListFault::Stale) => 20,
            Fault::List(ListFault::Duplicated) => 21,
            Fault::List(ListFault::Shuffled) => 22,
            Fault::List(ListFault::MissingRow) => 23,
            Fault::Status { stage: Stage::AfterCommit, .. } => 24,
            Fault::Status { code: StatusCode::SERVICE_UNAVAILABLE, .. } => 25,
            Fault::Status { retry_after: RetryAfter::Absent, .. } => 26,
            Fault::Status { retry_after: RetryAfter::Seconds(_), .. } => 27,
            Fault::Status { retry_after: RetryAfter::DateIn(_), .. } => 28,
            Fault::Status { retry_after: RetryAfter::Text(_), .. } => 29,
            Fault::List(ListFault::StaleBy { .. }) => 30,
            Fault::Late { .. } => 31,
            Fault::Twice => 32,
            Fault::TruncatedName { .. } => 33,
        }
    }

    #[test]
    fn one_of_each_is_one_of_each() {
        let all = Fault::one_of_each();
        let kinds: BTreeSet<usize> = all.iter().map(kind).collect();
        assert_eq!((all.len(), kinds), (KINDS, (0..KINDS).collect()));
    }

    #[test]
    fn readme_lists_every_fault() {
        let readme = include_str!("../../README.md");
        for fault in Fault::one_of_each() {
            let debug = format!("{fault:?}");
            let name = debug.split([' ', '(']).next().unwrap();
            assert!(readme.contains(&format!("| `{name}` | ")), "README.md lacks {name}");
        }
    }
}
