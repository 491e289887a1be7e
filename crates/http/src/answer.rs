use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use pinning_keys_core::{CredentialForm, Effect, Error, ErrorKind, Operation};

use crate::context::Context;
use crate::credentials::AccountCredential;
use crate::outcome::Outcome;
use crate::{Failure, SentSecret, waiting};

/// The longest code and message of a provider that an error quotes, in characters.
const CODE_CHARS: usize = 64;
const MESSAGE_CHARS: usize = 200;

/// For a list that stops because the provider asks to wait longer than a call may take. The error
/// also has the time.
const LONG_LIST_STEP: &str = "continue the listing after that time; to list more keys than the \
                              rate limit lets through, wrap the issuer in Patient or \
                              bulk::Throttled, or allow a longer deadline (deadline_seconds)";

/// A whole answer from a provider.
///
/// It knows the call that it answers, so that the errors it creates are complete.
///
/// ```
/// use http::StatusCode;
/// use pinning_keys_core::{Error, Revocation};
/// use pinning_keys_http::{Answer, Failure};
///
/// /// Reads the answer to a call that expects 404.
/// fn read_revocation(answer: &Answer) -> Result<Revocation, Error> {
///     match (answer.status(), answer.body().as_ref()) {
///         (StatusCode::NOT_FOUND, b"no such key") => Ok(Revocation::AlreadyGone),
///         (StatusCode::NOT_FOUND, _) => Err(answer.rejected(Failure::new())),
///         (_, b"revoked") => Ok(Revocation::Revoked),
///         _ => Err(answer.unreadable("the word \"revoked\"")),
///     }
/// }
/// ```
pub struct Answer {
    response: Response<Bytes>,
    context: Context,
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

    /// The time at which the provider answered, according to the header `Date`; `None` if it is
    /// absent or unreadable.
    ///
    /// An adapter passes it to the page that it makes of the answer.
    ///
    /// ```
    /// use pinning_keys_core::KeyPage;
    /// use pinning_keys_http::Answer;
    ///
    /// fn without_keys(answer: &Answer) -> KeyPage {
    ///     KeyPage::new(Vec::new(), None).with_date(answer.date())
    /// }
    /// ```
    pub fn date(&self) -> Option<SystemTime> {
        let text = self.headers().get(http::header::DATE)?.to_str().ok()?;
        httpdate::parse_http_date(text).ok()
    }

    /// The body. The answer to a create *is* a secret: quote nothing of it.
    pub fn body(&self) -> &Bytes {
        self.response.body()
    }

    /// The operation that the call is part of.
    pub fn operation(&self) -> Operation {
        self.context.operation
    }

    /// Whether the request was authenticated by the two headers of a key pair.
    pub fn is_to_key_pair(&self) -> bool {
        let form = match (&self.context.holder, &self.context.account) {
            (Some(holder), _) => Some(holder.form()),
            (None, account) => account.as_ref().map(AccountCredential::form),
        };
        form == Some(CredentialForm::KeyPair)
    }

    /// The shapes of the secrets that authenticated the request: of the bearer token or the value
    /// of a header, of the key and the secret of a pair, or of the user and the password of Basic,
    /// in this order.
    ///
    /// Each call examines the secrets again, so call it only for a refusal.
    ///
    /// ```
    /// use http::StatusCode;
    /// use pinning_keys_http::{Answer, Failure, SentSecret};
    ///
    /// fn read_failure(answer: &Answer) -> Failure {
    ///     match (answer.status(), &answer.sent_secrets()[..]) {
    ///         (StatusCode::UNAUTHORIZED, [SentSecret::Hex { digits: 20 }]) => {
    ///             Failure::new().with_next_step("set the JWT: this looks like an API key")
    ///         }
    ///         _ => Failure::new(),
    ///     }
    /// }
    /// ```
    pub fn sent_secrets(&self) -> Vec<SentSecret> {
        self.context.secrets_sent().into_iter().map(SentSecret::of).collect()
    }

    /// The error for an answer of success that is not what was expected.
    ///
    /// If the operation changes something, its effect at the provider is unknown. `expected`
    /// continues "expected …".
    ///
    /// ```
    /// use pinning_keys_core::Error;
    /// use pinning_keys_http::Answer;
    ///
    /// fn read_jwt(answer: &Answer) -> Result<&str, Error> {
    ///     std::str::from_utf8(answer.body()).map_err(|_| answer.unreadable("a JWT"))
    /// }
    /// ```
    pub fn unreadable(&self, expected: &'static str) -> Error {
        let shape = match self.headers().get(http::header::CONTENT_TYPE) {
            Some(kind) if kind.as_bytes().starts_with(b"text/html") => "a web page",
            _ if self.body().is_empty() => "an empty answer",
            _ => "something else",
        };
        let message = format!("expected {expected}, but received {shape}");
        let effect = Outcome::Answer(self.status()).effect(self.context.operation);
        self.context
            .error(ErrorKind::UnreadableAnswer, message, effect, None)
            .with_status(self.status())
            .with_next_step(
                "check the base URL; the answer is not shown, because it may contain a key",
            )
    }

    /// The error for an answer that a call treated as a success but that reports a failure.
    ///
    /// Some providers answer 200 and report the failure in the body. Its effect is then
    /// [`Effect::Rejected`], unless the failure says otherwise.
    ///
    /// ```
    /// use pinning_keys_core::Error;
    /// use pinning_keys_http::{Answer, Failure};
    ///
    /// fn check(answer: &Answer) -> Result<(), Error> {
    ///     match answer.body().strip_prefix(b"error: ") {
    ///         Some(code) => {
    ///             let code = String::from_utf8_lossy(code);
    ///             Err(answer.rejected(Failure::new().with_code(code)))
    ///         }
    ///         None => Ok(()),
    ///     }
    /// }
    /// ```
    pub fn rejected(&self, failure: Failure) -> Error {
        if !self.status().is_success() {
            return self.refused(failure, None);
        }
        let kind = failure.kind.unwrap_or(ErrorKind::Refused);
        let effect = failure.effect.unwrap_or(Effect::Rejected);
        self.failed(failure, kind, effect, None)
    }

    /// The error for an answer of failure.
    pub(crate) fn refused(&self, failure: Failure, stopped: Option<&'static str>) -> Error {
        let kind = failure.kind_at(self.status());
        let by_status = Outcome::Answer(self.status()).effect(self.context.operation);
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
        let description = failure.describe(kind);
        let said = failure.message.map(|text| cleaner.quote(&text, MESSAGE_CHARS));
        let message = match said.filter(|said| !said.is_empty()) {
            Some(said) => format!("{description}: \"{said}\""),
            None => description.to_owned(),
        };
        let mut error =
            self.context.error(kind, message, effect, stopped).with_status(self.status());
        let code = failure.code.map(|text| cleaner.quote(&text, CODE_CHARS));
        if let Some(code) = code.filter(|code| !code.is_empty()) {
            error = error.with_provider_code(code);
        }
        let lists = kind == ErrorKind::RateLimited && self.operation() == Operation::List;
        if lists && stopped == Some(waiting::WAIT_EXCEEDS_DEADLINE) {
            error = error.with_next_step(LONG_LIST_STEP);
        }
        if let Some(step) = failure.next_step {
            error = error.with_next_step(match step {
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

/// Shows nothing of headers and body, which may contain a secret.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status())
            .field("body_bytes", &self.body().len())
            .finish_non_exhaustive()
    }
}
