//! The attempts of one call.

use std::mem;
use std::ops::ControlFlow;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use pinning_keys_core::{Credential, Effect, Error, ErrorKind, Operation};
use tokio::time::{Instant, sleep, timeout_at};

use crate::context::Context;
use crate::credentials::Ask;
use crate::ending::Ending;
use crate::outcome::Outcome;
use crate::redirect::{self, Redirect};
use crate::settings::Settings;
use crate::trace::Attempt;
use crate::waiting::{self, BackOff};
use crate::{Call, Limits, TransportError, runtime};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NOTHING: HeaderValue = HeaderValue::from_static("0");
const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("pinning-keys/", env!("CARGO_PKG_VERSION")));

/// How a call ended: with an answer of success or in another way.
pub(crate) type Ended = Result<Response<Bytes>, Ending>;

/// One call in flight.
pub(crate) struct Exchange<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) call: Call,
    pub(crate) context: Context,
    pub(crate) deadline: Instant,
    back_off: BackOff,
    /// The number of retries left.
    repeats_left: u32,
    pub(crate) followed: bool,
    /// The body with the facts of the session, if the call needs any.
    pub(crate) filled: Option<Box<Bytes>>,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(settings: &'a Settings, mut call: Call) -> Self {
        let started = Instant::now();
        let deadline = call.deadline.unwrap_or(started + settings.deadline);
        let (key_name, holder, is_once) = (call.key_name.take(), call.holder.take(), call.once);
        let context = Context::new(settings.provider, call.operation, key_name, holder, started);
        Self {
            settings,
            call,
            context,
            deadline,
            back_off: BackOff::default(),
            repeats_left: if is_once { 0 } else { settings.max_attempts - 1 },
            followed: false,
            filled: None,
        }
    }

    #[inline]
    pub(crate) fn into_context(self) -> Context {
        self.context
    }

    /// Makes the call. The deadline covers all of it, because neither the transport nor the
    /// credential source is ours.
    pub(crate) async fn run(&mut self) -> Ended {
        if let Err(error) = runtime::current() {
            return Err(Ending::Local(error));
        }
        let deadline = self.deadline;
        match timeout_at(deadline, self.attempts()).await {
            Ok(ending) => ending,
            Err(_) => Err(Ending::Late),
        }
    }

    async fn attempts(&mut self) -> Ended {
        let mut uri = match self.call.address.uri(&self.settings.base_url) {
            Ok(uri) => uri,
            Err(error) => return Err(Ending::Local(error)),
        };
        if self.context.holder.is_none() {
            match self.settings.credentials.credential(Ask::Current).await {
                Ok(credential) => {
                    if let Err(error) = self.adopt(credential, &mut uri) {
                        return Err(Ending::Local(error));
                    }
                }
                Err(error) => return Err(Ending::Local(error.with_effect(Effect::NotSent))),
            }
        } else if self.call.facts.is_some() {
            let message = "a request of a key holder cannot have facts of the account's session";
            return Err(Ending::Local(Error::new(ErrorKind::InvalidInput, message)));
        }
        loop {
            let Some(limits) = self.limits() else {
                return Err(Ending::Late);
            };
            let began = Instant::now();
            let result = match self.send(&uri, limits, began).await {
                Ok(response) if self.is_success(&response) => return Ok(response),
                result => result,
            };
            // Boxed, so that the future of a successful call stays small.
            match Box::pin(self.after(result, uri, began.elapsed())).await {
                ControlFlow::Continue(next) => uri = next,
                ControlFlow::Break(ending) => return ending,
            }
        }
    }

    /// The address of the next attempt, if there is one, after an attempt without success that
    /// took this long.
    async fn after(
        &mut self,
        result: Result<Response<Bytes>, TransportError>,
        uri: Uri,
        took: Duration,
    ) -> ControlFlow<Ended, Uri> {
        let response = match result {
            Ok(response) => response,
            Err(error) => return self.after_break(error, took).await.map_continue(|()| uri),
        };
        if self.refuses_account(&response) {
            self.after_refused_account(response, uri).await
        } else if response.status().is_redirection() {
            self.follow(&uri, response)
        } else {
            self.after_refusal(response, None).await.map_continue(|()| uri)
        }
    }

    /// Prepares another attempt, if there is one, after an attempt without a whole answer that took
    /// this long.
    async fn after_break(&mut self, error: TransportError, took: Duration) -> ControlFlow<Ended> {
        let is_expected = error.reach().status().is_some_and(|it| self.call.expected == Some(it));
        let outcome = match Outcome::from(&error) {
            // Its meaning is in its body, as with a success.
            Outcome::BrokenAnswer(_) if is_expected => Outcome::BrokenAnswer(StatusCode::OK),
            outcome => outcome,
        };
        match self.pause(outcome, None, took).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(stopped) => ControlFlow::Break(Err(Ending::Broken { error, is_expected, stopped })),
        }
    }

    fn is_success(&self, response: &Response<Bytes>) -> bool {
        self.is_expected(response.status()) && !self.refuses_account(response)
    }

    /// Whether the answer refuses the account's credential.
    fn refuses_account(&self, response: &Response<Bytes>) -> bool {
        self.context.account.is_some() && (self.settings.refuses_credential)(response)
    }

    pub(crate) fn is_expected(&self, status: StatusCode) -> bool {
        status.is_success() || self.call.expected == Some(status)
    }

    /// The limits of one attempt.
    ///
    /// If there can be another, an attempt gets half of the remaining time, so that a server that
    /// never answers does not use all of it. A create gets all of it: there is no other attempt,
    /// and cutting it short would leave its outcome unknown.
    fn limits(&self) -> Option<Limits> {
        let left = self.left();
        let repeats = self.call.operation.is_repeatable() && self.repeats_left > 0;
        let timeout = if repeats { left / 2 } else { left };
        (!left.is_zero()).then(|| Limits::new(timeout, self.call.max_body_bytes))
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    async fn send(
        &mut self,
        uri: &Uri,
        limits: Limits,
        began: Instant,
    ) -> Result<Response<Bytes>, TransportError> {
        let request = self.request(uri.clone());
        self.context.count += 1;
        // While the request is in flight, the deadline can end the call here. Its effect is then
        // unknown.
        let before = mem::replace(&mut self.context.effect, Effect::Unknown);
        let Context { provider, operation, count, .. } = self.context;
        let attempt = Attempt::begin(provider, operation, count, began);
        let result = self.settings.transport.send(request, limits).await;
        self.context.effect = before;
        let status = match &result {
            Ok(response) => Some(response.status()),
            Err(error) => error.reach().status(),
        };
        if let Some(attempt) = attempt {
            attempt.end(status, self.left_behind(&result));
        }
        self.context.attempted(status);
        if let Err(error) = &result {
            self.note(Outcome::from(error));
        }
        result
    }

    /// The effect of an attempt, unless it was a success.
    fn left_behind(&self, result: &Result<Response<Bytes>, TransportError>) -> Option<Effect> {
        match result {
            Ok(response) if self.refuses_account(response) => Some(Effect::Rejected),
            Ok(response) if self.is_expected(response.status()) => None,
            Ok(response) => Some(Outcome::Answer(response.status()).effect(self.call.operation)),
            Err(error) => Some(Outcome::from(error).effect(self.call.operation)),
        }
    }

    fn request(&self, uri: Uri) -> Request<Bytes> {
        let body = self.filled.as_deref().or(self.call.json.as_ref());
        let mut request = Request::new(body.cloned().unwrap_or_default());
        *request.method_mut() = self.call.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers();
        request
    }

    fn headers(&self) -> HeaderMap {
        let mut headers =
            self.context.holder.as_deref().map(Credential::headers).unwrap_or_default();
        headers.reserve(5);
        if let Some(account) = &self.context.account {
            account.add_to(&mut headers);
        }
        headers.insert(ACCEPT, JSON);
        headers.insert(USER_AGENT, AGENT);
        if self.call.json.is_some() || self.filled.is_some() {
            headers.insert(CONTENT_TYPE, JSON);
        } else if matches!(self.call.method, Method::POST | Method::PUT | Method::PATCH) {
            // Some servers require a length if the method can have a body.
            headers.insert(CONTENT_LENGTH, NOTHING);
        }
        headers
    }

    /// Remembers the effect that an attempt may have had.
    fn note(&mut self, outcome: Outcome) {
        let effect = outcome.effect(self.call.operation);
        self.context.effect = self.context.effect.max(effect);
    }

    /// The address of the next request, if the redirect is followed.
    fn follow(&mut self, from: &Uri, response: Response<Bytes>) -> ControlFlow<Ended, Uri> {
        self.note(Outcome::Answer(response.status()));
        let judged =
            redirect::judge(from, &self.call.method, response.status(), response.headers());
        let (what, host) = match judged {
            Redirect::Follow(_) if self.call.once => {
                ("in response to a request that is sent once", None)
            }
            Redirect::Follow(_) if self.followed => ("a second time", None),
            Redirect::Follow(uri) => {
                self.followed = true;
                return ControlFlow::Continue(uri);
            }
            Redirect::Refuse(what, host) => (what, host),
        };
        ControlFlow::Break(Err(Ending::Redirected { response, what, host }))
    }

    /// Prepares another attempt, if there is one, after an answer of failure. `source` is why the
    /// account's source had no other credential.
    pub(crate) async fn after_refusal(
        &mut self,
        response: Response<Bytes>,
        source: Option<Error>,
    ) -> ControlFlow<Ended> {
        let outcome = Outcome::Answer(response.status());
        let before = self.context.effect;
        self.note(outcome);
        let wait = waiting::retry_after(response.headers(), SystemTime::now());
        match self.pause(outcome, wait, Duration::ZERO).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(stopped) => {
                // The body of this answer may describe its effect better than the status.
                self.context.effect = before;
                ControlFlow::Break(Err(Ending::Refused { response, stopped, source }))
            }
        }
    }

    /// Waits for the next attempt, or returns why there is none.
    async fn pause(
        &mut self,
        outcome: Outcome,
        asked: Option<Duration>,
        last_took: Duration,
    ) -> Result<(), Option<&'static str>> {
        let operation = self.call.operation;
        if !outcome.may_repeat(operation) {
            let otherwise = outcome.may_repeat(Operation::List);
            return Err(otherwise.then_some("a create is not retried"));
        }
        if self.repeats_left == 0 {
            return Err(Some("attempt limit reached"));
        }
        let left = self.left();
        if asked.is_some_and(|asked| asked >= left) {
            return Err(Some(waiting::WAIT_EXCEEDS_DEADLINE));
        }
        let wait = self.back_off.next().saturating_add(asked.unwrap_or_default());
        // A create that could not be sent has certainly not taken effect. If the deadline cut off
        // the next attempt, that would no longer be certain, so there must be time for it to fail.
        let needed = if operation.is_repeatable() { Duration::ZERO } else { last_took };
        if wait.saturating_add(needed) >= left {
            return Err(Some("no time left for another attempt"));
        }
        self.repeats_left -= 1;
        sleep(wait).await;
        Ok(())
    }
}
