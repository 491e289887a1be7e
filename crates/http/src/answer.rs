use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use pinning_keys_core::{Effect, Error, ErrorKind, Operation};

use crate::context::Context;
use crate::failure::{describe, kind_of};
use crate::{Failure, outcome, waiting};

/// The longest code and sentence of a provider that get into an error, in characters.
const CODE_CHARS: usize = 64;
const MESSAGE_CHARS: usize = 200;

/// A whole answer from a provider.
///
/// It knows the call that it answers, so that the errors it makes are complete.
pub struct Answer {
    response: Response<Bytes>,
    pub(crate) context: Context,
}

impl Answer {
    pub(crate) fn new(response: Response<Bytes>, context: Context) -> Self {
        Self { response, context }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The body. The answer to a create *is* a secret: quote nothing of it.
    pub fn body(&self) -> &Bytes {
        self.response.body()
    }

    /// What was being done.
    pub fn operation(&self) -> Operation {
        self.context.operation
    }

    /// Whether the request was authenticated by a key pair, in headers of their own, rather than
    /// by a bearer token.
    pub fn is_to_key_pair(&self) -> bool {
        match (&self.context.holder, &self.context.account) {
            (Some(holder), _) => holder.bearer_headers().is_none(),
            (None, Some(account)) => !account.is_bearer(),
            (None, None) => false,
        }
    }

    /// An error that says that this answer, of success, is not what was expected.
    ///
    /// What was done at the provider is unknown where something was to be done. `expected`
    /// continues "… where … was expected", such as `a JSON object with "JWT"`.
    pub fn unreadable(&self, expected: &'static str) -> Error {
        let shape = match self.headers().get(http::header::CONTENT_TYPE) {
            Some(kind) if kind.as_bytes().starts_with(b"text/html") => "a web page came",
            _ if self.body().is_empty() => "an empty answer came",
            _ => "something else came",
        };
        let message = format!("{shape} where {expected} was expected");
        let effect = outcome::Outcome::Answer(self.status()).effect(self.context.operation);
        self.context
            .error(ErrorKind::UnreadableAnswer, message, effect, None)
            .with_status(self.status())
            .with_next_step("check the base URL; the answer is not shown, since it may hold a key")
    }

    /// An error for an answer that a call took for one of success, and that says otherwise.
    ///
    /// Some providers answer 200 and tell the failure in the body: nothing was done then, unless
    /// the failure says something else.
    pub fn rejected(&self, failure: Failure) -> Error {
        if !self.status().is_success() {
            return self.refused(failure, None);
        }
        let kind = failure.kind.unwrap_or(ErrorKind::Refused);
        let effect = failure.effect.unwrap_or(Effect::Rejected);
        self.failed(failure, kind, effect, None)
    }

    /// The error for an answer that is not of success.
    pub(crate) fn refused(&self, failure: Failure, stopped: Option<&'static str>) -> Error {
        let kind = failure.kind.unwrap_or_else(|| kind_of(self.status()));
        let by_status = outcome::Outcome::Answer(self.status()).effect(self.context.operation);
        let effect = failure.effect.unwrap_or(by_status);
        self.failed(failure, kind, effect, stopped)
    }

    fn failed(
        &self,
        failure: Failure,
        kind: ErrorKind,
        effect: Effect,
        stopped: Option<&'static str>,
    ) -> Error {
        let cleaner = self.context.cleaner();
        let said = failure.message.map(|text| cleaner.quote(&text, MESSAGE_CHARS));
        let message = match said.filter(|said| !said.is_empty()) {
            Some(said) => format!("{}: \"{said}\"", describe(kind)),
            None => describe(kind).to_owned(),
        };
        let mut error =
            self.context.error(kind, message, effect, stopped).with_status(self.status());
        let code = failure.code.map(|text| cleaner.quote(&text, CODE_CHARS));
        if let Some(code) = code.filter(|code| !code.is_empty()) {
            error = error.with_provider_code(code);
        }
        if let Some(hint) = failure.hint {
            error = error.with_next_step(match hint {
                Cow::Borrowed(fixed) => Cow::Borrowed(fixed),
                Cow::Owned(made) => Cow::Owned(cleaner.without_secrets(&made)),
            });
        }
        match waiting::retry_after(self.headers(), SystemTime::now()) {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        }
    }
}

/// Shows nothing of headers and body.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status())
            .field("body_bytes", &self.body().len())
            .finish_non_exhaustive()
    }
}
