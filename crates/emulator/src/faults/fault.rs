use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::wire;

/// What goes wrong with a request; a [`FaultRule`](super::FaultRule) says with which.
///
/// *The commit* is the moment at which a request takes effect: what happens before it leaves
/// everything as it was, and after it a key is made or revoked, whatever the client is told.
///
/// Each fault has a form in JSON, for the control route of the program; the README has them
/// all in a table.
///
/// ```
/// use http::StatusCode;
/// use pinning_keys_emulator::{Fault, Stage};
///
/// let fault = Fault::status(StatusCode::BAD_GATEWAY, Stage::AfterCommit);
/// let json = r#"{"status":{"code":502,"stage":"after_commit"}}"#;
/// assert_eq!(serde_json::from_str::<Fault>(json)?, fault);
/// assert_eq!(serde_json::to_string(&fault)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// The answer is late. Delays of several rules add up, and another fault may come on top.
    ///
    /// Time is Tokio's, so that in memory a paused clock jumps over it. A client that gives up
    /// during a delay before the commit leaves without effect.
    Latency {
        /// How late; in JSON `millis`.
        #[serde(rename = "millis", with = "wire::millis")]
        delay: Duration,
        /// Whether the request takes effect before or after the delay.
        #[serde(default)]
        stage: Stage,
    },
    /// This status, with a page of HTML as proxies send it where it is an error.
    Status {
        /// The status. HTTP knows no last answer below 200; it would be taken as 500.
        #[serde(with = "wire::status")]
        code: StatusCode,
        /// The header `Retry-After`.
        #[serde(default, skip_serializing_if = "RetryAfter::is_absent")]
        retry_after: RetryAfter,
        /// Whether the request takes effect all the same.
        #[serde(default)]
        stage: Stage,
    },
    /// No connection comes about, and nothing is sent.
    ///
    /// In memory only: over TCP a request is not known before there is a connection, which is
    /// then cut instead, as by [`Cut::BeforeRead`]. For a port that truly refuses, see
    /// [`Faults::refuse_connections`](super::Faults::refuse_connections).
    RefuseConnection,
    /// The connection ends without a whole answer.
    CutConnection(Cut),
    /// The request is carried out and answered with its true status, but with another body.
    Body(BodyFault),
    /// The request is sent elsewhere instead of being carried out.
    ///
    /// A path of this server that a redirect has pointed to from then on serves what the
    /// original path does, until the plan is cleared, so that who follows gets there.
    Redirect {
        /// The status: 301, 302, 303, 307 or 308. JSON with another one is refused.
        #[serde(with = "wire::redirect_status")]
        code: StatusCode,
        /// Where to.
        to: RedirectTo,
    },
    /// A page of a list of keys that is not as it should be. On other routes nothing happens,
    /// though it counts as a hit.
    List(ListFault),
    /// The key that the request makes works only after a while. On routes that make no key
    /// nothing happens, though it counts as a hit.
    ///
    /// How long is counted in requests and not in time, so that runs repeat. For all keys,
    /// there is a switch among the assumptions about each provider, `new_key_refusals`; the
    /// greater number holds.
    LateKey {
        /// How many requests that show the key are answered like those of an unknown one.
        requests: u32,
    },
    /// The key that the request revokes goes on working for a while. On routes that revoke no
    /// key nothing happens, though it counts as a hit.
    ///
    /// Only other requests see the key work; lists and [`keys`](crate::Pinata::keys) have it as
    /// revoked. For all keys, there is the switch `honour_revoked`; the greater number holds.
    LingeringKey {
        /// How many requests that show the key are let through.
        requests: u32,
    },
}

impl Fault {
    /// This status, without `Retry-After`.
    pub fn status(code: StatusCode, stage: Stage) -> Self {
        Self::Status { code, retry_after: RetryAfter::Absent, stage }
    }

    /// 429, before the commit.
    ///
    /// ```
    /// use pinning_keys_emulator::{Fault, RetryAfter};
    ///
    /// let fault = Fault::too_many_requests(RetryAfter::Seconds(2));
    /// # let _ = fault;
    /// ```
    pub fn too_many_requests(retry_after: RetryAfter) -> Self {
        Self::Status {
            code: StatusCode::TOO_MANY_REQUESTS,
            retry_after,
            stage: Stage::BeforeCommit,
        }
    }
}

/// On which side of the moment at which a request takes effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// The request is not carried out, or not yet.
    #[default]
    BeforeCommit,
    /// The request was carried out.
    AfterCommit,
}

/// The header `Retry-After`.
///
/// ```
/// use pinning_keys_emulator::{Fault, RetryAfter};
///
/// for retry_after in [
///     RetryAfter::Seconds(2),
///     RetryAfter::DateIn(2),
///     RetryAfter::Text("soon".to_owned()),
///     RetryAfter::Absent,
/// ] {
///     let limited = Fault::too_many_requests(retry_after);
///     # let _ = limited;
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RetryAfter {
    /// There is none.
    #[default]
    Absent,
    /// So many seconds, as a number.
    Seconds(u64),
    /// A date so many seconds from now by the system's clock; below zero, in the past.
    DateIn(i64),
    /// This text, sensible or not. One that cannot be in a header is left out.
    Text(String),
}

impl RetryAfter {
    fn is_absent(&self) -> bool {
        *self == Self::Absent
    }
}

/// When a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cut {
    /// Before the request is taken in: it has no effect, which the client cannot know.
    BeforeRead,
    /// After the request was carried out, and before a byte of the answer.
    AfterCommit,
    /// After the request was carried out, the head of the answer, and half of its body.
    MidBody,
}

/// What stands in place of the body of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BodyFault {
    /// The first half of the true body, as if that were all.
    Truncated,
    /// The true body, and then blanks without end. So that nothing runs for ever, the connection
    /// breaks after [`ENDLESS_BYTES`](Self::ENDLESS_BYTES), and earlier if the emulator ends.
    Endless,
    /// The true body, and then blanks without end, a byte at a time, with
    /// [`DRIP_PAUSE`](Self::DRIP_PAUSE) between one and the next. Something always comes soon,
    /// and the whole never does: only who limits the time of a whole call gets away.
    ///
    /// Time is Tokio's, so that in memory a paused clock jumps over it.
    Drip,
    /// Nothing.
    Empty,
    /// A page of HTML, which says that it is one.
    Html,
    /// JSON in which nothing is where it is looked for.
    WrongShape,
    /// The true body with a byte in its middle that is not UTF-8.
    NotUtf8,
    /// This text.
    Text(String),
}

impl BodyFault {
    /// After how many bytes an [endless](Self::Endless) body breaks off: 128 MiB, which is more
    /// than a client should read, and less than a machine's memory.
    pub const ENDLESS_BYTES: u64 = 128 * 1024 * 1024;

    /// How long a [dripping](Self::Drip) body takes for each byte: 50 ms.
    pub const DRIP_PAUSE: Duration = Duration::from_millis(50);
}

/// Where a redirect points.
///
/// ```
/// use http::StatusCode;
/// use pinning_keys_emulator::{Fault, RedirectTo};
///
/// let to = RedirectTo::Host("http://other.invalid".to_owned());
/// let fault = Fault::Redirect { code: StatusCode::TEMPORARY_REDIRECT, to };
/// let json = r#"{"redirect":{"code":307,"to":{"host":"http://other.invalid"}}}"#;
/// assert_eq!(serde_json::to_string(&fault)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RedirectTo {
    /// To the same path with a slash at its end, or without the one that it has.
    Slash,
    /// To this path of the same server, as in `/v4/keys`. No query is added to it.
    Path(#[serde(deserialize_with = "wire::path::deserialize")] String),
    /// To the same path and query at this scheme and host, as in `http://other.invalid`.
    Host(#[serde(deserialize_with = "wire::host::deserialize")] String),
    /// Nowhere: there is no `Location`.
    Nowhere,
}

/// What is wrong with a page of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ListFault {
    /// It is as it was before the last key was made or revoked.
    Stale,
    /// The last row of the page before comes again, and all rows move on by one, as if a key
    /// had been made meanwhile; on the first page, the first row comes twice. Who wants the
    /// listing to be whole lets the pages that follow have the fault too.
    Duplicated,
    /// Its rows come in another order, which follows from the seed.
    Shuffled,
    /// A row in its middle is left out, and what the answer counts stays.
    MissingRow,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::de::DeserializeOwned;

    use super::*;

    /// All faults, with an example of what each can be given.
    fn every() -> Vec<Fault> {
        let text = str::to_owned;
        let late = |stage| Fault::Latency { delay: Duration::from_millis(200), stage };
        let unavailable = |stage| Fault::status(StatusCode::SERVICE_UNAVAILABLE, stage);
        let redirect = |to| Fault::Redirect { code: StatusCode::TEMPORARY_REDIRECT, to };
        let retry_after =
            [RetryAfter::Seconds(2), RetryAfter::DateIn(2), RetryAfter::Text(text("soon"))];
        let bodies = [
            BodyFault::Truncated,
            BodyFault::Endless,
            BodyFault::Drip,
            BodyFault::Empty,
            BodyFault::Html,
            BodyFault::WrongShape,
            BodyFault::NotUtf8,
            BodyFault::Text(text("anything")),
        ];
        let places = [
            RedirectTo::Slash,
            RedirectTo::Path(text("/v4/keys")),
            RedirectTo::Host(text("http://other.invalid")),
            RedirectTo::Nowhere,
        ];
        let lists =
            [ListFault::Stale, ListFault::Duplicated, ListFault::Shuffled, ListFault::MissingRow];
        let stages = [Stage::BeforeCommit, Stage::AfterCommit];
        let mut every: Vec<Fault> = stages.map(late).into();
        every.extend(stages.map(unavailable));
        every.extend(retry_after.map(Fault::too_many_requests));
        every.push(Fault::RefuseConnection);
        every.extend([Cut::BeforeRead, Cut::AfterCommit, Cut::MidBody].map(Fault::CutConnection));
        every.extend(bodies.map(Fault::Body));
        every.extend(places.map(redirect));
        every.extend(lists.map(Fault::List));
        every.push(Fault::LateKey { requests: 2 });
        every.push(Fault::LingeringKey { requests: 2 });
        every
    }

    /// The names of all variants, which the refusal of another one tells.
    fn names<T: DeserializeOwned>() -> BTreeSet<String> {
        let Err(error) = serde_json::from_str::<T>("\"?\"") else { panic!("`?` is a variant") };
        let error = error.to_string();
        let (_, expected) = error.split_once("expected").unwrap();
        expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_readme_lists_every_fault_in_json() {
        let readme = include_str!("../../README.md");
        let (_, section) = readme.split_once("\n## Faults\n").unwrap();
        let section = section.split("\n## ").next().unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
        let listed: Vec<&str> = rows.map(|row| row.split_once("` | ").unwrap().0).collect();
        let json = |fault| serde_json::to_string(&fault).unwrap();
        assert_eq!(listed, every().into_iter().map(json).collect::<Vec<_>>());
    }

    #[test]
    fn every_means_every() {
        let every = serde_json::to_string(&every()).unwrap();
        let mut names: BTreeSet<String> = [
            names::<Fault>(),
            names::<Stage>(),
            names::<RetryAfter>(),
            names::<Cut>(),
            names::<BodyFault>(),
            names::<RedirectTo>(),
            names::<ListFault>(),
        ]
        .into_iter()
        .flatten()
        .collect();
        // Told by saying nothing.
        assert!(names.remove("absent"));
        assert!(names.len() > 25, "{names:?}");
        for name in names {
            assert!(every.contains(&format!("\"{name}\"")), "{name} has no example");
        }
    }

    #[test]
    fn json_reads_back() {
        for fault in every() {
            let json = serde_json::to_string(&fault).unwrap();
            assert_eq!(serde_json::from_str::<Fault>(&json).unwrap(), fault, "{json}");
        }
        let short = r#"{"status":{"code":429,"retry_after":"absent"}}"#;
        let fault = Fault::too_many_requests(RetryAfter::Absent);
        assert_eq!(serde_json::from_str::<Fault>(short).unwrap(), fault);
    }
}
