//! Requests and their outcomes.

use std::borrow::Cow;
use std::future::pending;
use std::sync::atomic::Ordering;
use std::time::Duration;

use pinning_keys_core::{Effect, Error, ErrorKind, Operation};
use tokio::time::{Instant, sleep, timeout};

use super::adapter::Adapter;
use super::line::{Broken, CHUNK};
use super::mutation::{Mutation::*, Trouble};
use super::provider::{Pace, RIGHTS, Reply, Request};

const MOST_ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_BODY: u64 = 1024 * 1024;

/// The outcome of one attempt.
pub(super) enum Attempt {
    Answer(Reply),
    NotSent,
    Lost,
    Late,
    /// A successful answer that was cut off.
    BrokenOff,
    /// An endless one.
    Endless,
}

impl Attempt {
    /// Whether the session of the account has expired.
    fn is_expired(&self) -> bool {
        let is_said = |reply: &Reply| reply.body == br#"{"error":"expired"}"#;
        matches!(self, Self::Answer(reply) if reply.status == 401 && is_said(reply))
    }

    /// What went wrong, if anything.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        Some(match self {
            Self::NotSent => Trouble::Unsent,
            Self::Lost => Trouble::Lost,
            Self::Late => Trouble::Late,
            Self::BrokenOff => Trouble::BrokenOff,
            Self::Endless => Trouble::Endless,
            Self::Answer(reply) if reply.status >= 500 => Trouble::Status(reply.status),
            Self::Answer(reply) if reply.status != 200 => return None,
            Self::Answer(reply) => match std::str::from_utf8(&reply.body) {
                Err(_) => Trouble::NotText,
                Ok("") => Trouble::Empty,
                Ok(text) if text.starts_with('<') => Trouble::Html,
                Ok(text) if text.contains("\"result\"") => Trouble::OtherShape,
                Ok(_) => return None,
            },
        })
    }
}

impl Adapter {
    /// Sends a request, and repeats it if that is harmless.
    pub(super) async fn exchange(
        &self,
        operation: Operation,
        request: &Request,
        until: Instant,
    ) -> Attempt {
        let mut renewed = None;
        let mut attempt = 1;
        loop {
            let request = renewed.as_ref().unwrap_or(request);
            let left = until.saturating_duration_since(Instant::now());
            let repeats = operation.is_repeatable() && attempt < MOST_ATTEMPTS;
            let share = if repeats { left / 2 } else { left };
            let outcome = self.attempt(operation, request, share).await;
            if outcome.is_expired() && renewed.is_none() && !self.is(NeverRenews) {
                let again = self.renewed(request);
                if self.is(RenewsTwice) {
                    self.attempt(operation, &again, share).await;
                }
                renewed = Some(again);
                continue;
            }
            if attempt == MOST_ATTEMPTS || !self.may_repeat(operation, &outcome) {
                return outcome;
            }
            if operation == Operation::Issue && self.is(Repeats(Trouble::Unsent)) {
                self.attempt(operation, request, share).await;
            }
            attempt += 1;
            sleep(PAUSE).await;
        }
    }

    /// The same, with an error for every answer that cannot be read.
    pub(super) async fn answer(
        &self,
        operation: Operation,
        request: &Request,
        until: Instant,
    ) -> Result<Reply, Error> {
        self.conclude(operation, self.exchange(operation, request, until).await)
    }

    async fn attempt(&self, operation: Operation, request: &Request, share: Duration) -> Attempt {
        if self.is(NeverEnds) && operation == Operation::Revoke {
            return pending().await;
        }
        if self.proxy && self.is(UsesProxy) {
            self.line.proxied.fetch_add(1, Ordering::Relaxed);
        }
        let reading = self.read(operation, request);
        if self.is(Waits(operation)) {
            return reading.await;
        }
        let is_slow = |reply: &Reply| reply.endless == Some(Pace::Drip);
        if self.is(BoundsPauses(operation)) {
            // Bounds the time up to the answer's head, and then each pause between two bytes.
            let Ok(head) = timeout(share, self.line.send(request)).await else {
                return Attempt::Late;
            };
            let drips = head.as_ref().is_ok_and(is_slow);
            return if drips { pending().await } else { self.read_on(operation, head).await };
        }
        timeout(share, reading).await.unwrap_or(Attempt::Late)
    }

    pub(super) async fn read(&self, operation: Operation, request: &Request) -> Attempt {
        let head = self.line.send(request).await;
        self.read_on(operation, head).await
    }

    async fn read_on(&self, operation: Operation, head: Result<Reply, Broken>) -> Attempt {
        match head {
            Ok(Reply { endless: Some(pace), .. }) => {
                let mut length = 0;
                while self.line.more(pace).await {
                    length += if pace == Pace::Full { CHUNK } else { 1 };
                    if length >= LONGEST_BODY && !self.is(ReadsOn(operation)) {
                        break;
                    }
                }
                Attempt::Endless
            }
            Ok(reply) if reply.location.is_some() && self.is(Follows(operation)) => {
                Attempt::Answer(self.line.stray())
            }
            Ok(reply) => Attempt::Answer(reply),
            Err(Broken::NotSent) => Attempt::NotSent,
            Err(Broken::MaybeSent) => Attempt::Lost,
            Err(Broken::Answered) => Attempt::BrokenOff,
        }
    }

    fn may_repeat(&self, operation: Operation, outcome: &Attempt) -> bool {
        match (operation, outcome) {
            (_, Attempt::NotSent) => true,
            (Operation::Issue, _) => false,
            (Operation::Revoke, _) if self.softens_failures() => false,
            (Operation::Verify, _) if self.is(ServerErrorIsLive) => false,
            (_, Attempt::Answer(reply)) => reply.status >= 500,
            _ => true,
        }
    }

    /// Whether a failed revoke is reported as another result.
    fn softens_failures(&self) -> bool {
        let wrong = self.wrong;
        matches!(wrong, Some(FailedRevokeIsDone | FailedRevokeIsGone | PostponedRevokeIsDone))
    }

    /// Passes on an answer that the adapter reads, and turns everything else into an error.
    pub(super) fn conclude(&self, operation: Operation, outcome: Attempt) -> Result<Reply, Error> {
        let (kind, effect) = match outcome {
            Attempt::Answer(reply) => match reply.status {
                200 | 401 | 403 | 404 => return Ok(reply),
                300..400 => (ErrorKind::Redirected, Effect::Rejected),
                429 => (ErrorKind::RateLimited, Effect::Rejected),
                400..500 if self.is(QuotesRefusal(operation)) => {
                    let body = String::from_utf8_lossy(&reply.body).into_owned();
                    return Err(failed(operation, ErrorKind::Refused, Effect::Rejected, body));
                }
                400..500 => (ErrorKind::Refused, Effect::Rejected),
                _ => (ErrorKind::Unavailable, Effect::Unknown),
            },
            Attempt::NotSent => (ErrorKind::Connection, Effect::NotSent),
            Attempt::Lost => (ErrorKind::Connection, Effect::Unknown),
            Attempt::Late if self.is(TimeoutIsNotSent) => (ErrorKind::Timeout, Effect::NotSent),
            Attempt::Late => (ErrorKind::Timeout, Effect::Unknown),
            Attempt::BrokenOff | Attempt::Endless => (ErrorKind::UnreadableAnswer, Effect::Unknown),
        };
        let effect = match effect {
            Effect::Rejected if self.is(RejectedIsUnknown) => Effect::Unknown,
            effect => effect,
        };
        Err(failed(operation, kind, effect, "the request failed"))
    }

    pub(super) fn unreadable(&self, operation: Operation, reply: &Reply) -> Error {
        let effect = match operation {
            Operation::Issue => Effect::Unknown,
            _ => Effect::Rejected,
        };
        let message = if self.is(QuotesAnswer(operation)) {
            format!("the answer is {}", String::from_utf8_lossy(&reply.body))
        } else {
            "the answer cannot be read".to_owned()
        };
        failed(operation, ErrorKind::UnreadableAnswer, effect, message)
    }
}

pub(super) fn failed(
    operation: Operation,
    kind: ErrorKind,
    effect: Effect,
    message: impl Into<Cow<'static, str>>,
) -> Error {
    Error::new(kind, message)
        .with_effect(effect)
        .with_operation(operation)
        .with_provider(RIGHTS.provider())
}
