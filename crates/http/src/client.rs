use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use pinning_keys_core::{Attempts, Credential, Effect, Error, ErrorKind, KeyName, Operation};
use tokio::time::Instant;

use crate::cleaning::Cleaner;
use crate::credentials::{AccountCredential, CredentialSource};
use crate::exchange::{Ending, Exchange, answered};
use crate::failure::{describe, kind_of};
use crate::outcome::{Outcome, less_certain};
use crate::{
    Answer, ApiClientBuilder, BaseUrl, Call, Failure, Reach, Transport, TransportError,
    TransportErrorKind, redirect, trace,
};

/// Carries [`Call`]s to one provider, and does for them what all providers need alike.
///
/// Copies are cheap and share everything. It must be used inside a tokio runtime with time
/// enabled.
///
/// ```
/// use std::sync::Arc;
///
/// use http::Method;
/// use pinning_keys_core::{Error, Operation};
/// use pinning_keys_http::credentials::AccountCredential;
/// use pinning_keys_http::{Answer, ApiClient, BaseUrl, Call, Failure, Transport};
///
/// /// What this provider's error bodies tell, from their known fields only.
/// fn read_failure(answer: &Answer) -> Failure {
///     match answer.body().as_ref() {
///         b"no such key" => Failure::new().with_code("no such key"),
///         _ => Failure::new(),
///     }
/// }
///
/// async fn revoke(client: &ApiClient, key: &str) -> Result<(), Error> {
///     let call = Call::new(Operation::Revoke, Method::DELETE, "/v1/keys").segment(key);
///     let answer = client.call(call).await?;
///     if answer.body().as_ref() == b"Revoked" { Ok(()) } else { Err(answer.unreadable("\"Revoked\"")) }
/// }
///
/// fn client(transport: Arc<dyn Transport>) -> Result<ApiClient, Error> {
///     let base_url = BaseUrl::parse("https://api.example.com", &[])?;
///     let credential = AccountCredential::bearer("eyJhbGciOi")?;
///     ApiClient::builder("example", base_url, Arc::new(credential))
///         .failure_reader(read_failure)
///         .transport(transport).build()
/// }
/// ```
#[derive(Clone)]
pub struct ApiClient {
    pub(crate) settings: Arc<Settings>,
}

/// A moment that ends calls, made by [`ApiClient::deadline_from_now`].
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub(crate) Instant);

/// What an [`ApiClientBuilder`] gathered.
pub(crate) struct Settings {
    pub(crate) provider: &'static str,
    pub(crate) base_url: BaseUrl,
    pub(crate) credentials: Arc<dyn CredentialSource>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) deadline: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) bearer_only: bool,
    pub(crate) failure_reader: fn(&Answer) -> Failure,
    pub(crate) refuses_credential: fn(&Response<Bytes>) -> bool,
}

impl Settings {
    /// Refuses a credential that the provider's routes do not take, before it is sent there.
    pub(crate) fn admit(&self, credential: &AccountCredential) -> Result<(), Error> {
        if credential.is_bearer() || !self.bearer_only {
            return Ok(());
        }
        let message = "the account's credential is a key pair, and these routes take a JWT alone";
        Err(Error::new(ErrorKind::Configuration, message).with_next_step(
            "have the credential source give a JWT, or choose a route that takes pairs",
        ))
    }
}

impl ApiClient {
    /// Begins a client for the provider of this id.
    pub fn builder(
        provider: &'static str,
        base_url: BaseUrl,
        credentials: Arc<dyn CredentialSource>,
    ) -> ApiClientBuilder {
        ApiClientBuilder::new(provider, base_url, credentials)
    }

    /// Where the provider's routes lie.
    pub fn base_url(&self) -> &BaseUrl {
        &self.settings.base_url
    }

    /// The moment at which a call that began now would end, for operations that take several
    /// calls: [`Call::until`] has them share it.
    pub fn deadline_from_now(&self) -> Deadline {
        Deadline(Instant::now() + self.settings.deadline)
    }

    /// Makes a call, and brings the provider's answer of success (2xx) back, or one that the call
    /// [expects](Call::expecting).
    ///
    /// It ends within the deadline, as long as transport and credential source do not block the
    /// thread that they run on.
    ///
    /// # Errors
    ///
    /// An [`Error`] with all that is known: kind, effect, status, attempts and why there were
    /// no more, and what the adapter's failure reader found in the body.
    pub fn call(&self, call: Call) -> impl Future<Output = Result<Answer, Error>> + Send + use<'_> {
        // Made out here, the future need not hold the call besides.
        let mut exchange = Exchange::new(&self.settings, call);
        async move {
            let ending = exchange.run().await;
            self.conclude(ending, exchange.into_context())
        }
    }

    fn conclude(&self, ending: Ending, mut context: Context) -> Result<Answer, Error> {
        match ending {
            Ending::Success(response) => {
                context.ending.succeeded();
                Ok(Answer::new(response, context))
            }
            Ending::Refused { response, stopped, source } => {
                let error = self.refused(response, context, stopped);
                Err(match source {
                    Some(source) => error.with_source(source),
                    None => error,
                })
            }
            Ending::Redirected { response, what, host } => {
                let message = redirect::describe(what, host.as_deref(), &context.cleaner());
                let effect = Outcome::Answer(response.status()).effect(context.operation);
                Err(context
                    .error(ErrorKind::Redirected, message, effect, None)
                    .with_status(response.status())
                    .with_next_step("it was not followed, since it would take the credential along; check the base URL"))
            }
            Ending::Broken { error, is_expected, stopped } => {
                Err(broken(&context, error, is_expected, stopped))
            }
            Ending::Local(error) => Err(context.complete(error)),
            Ending::Late => Err(late(&context)),
        }
    }

    fn refused(
        &self,
        response: Response<Bytes>,
        context: Context,
        stopped: Option<&'static str>,
    ) -> Error {
        let answer = Answer::new(response, context);
        let failure = (self.settings.failure_reader)(&answer);
        answer.refused(failure, stopped)
    }
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient")
            .field("provider", &self.settings.provider)
            .field("base_url", &self.settings.base_url)
            .field("deadline", &self.settings.deadline)
            .field("max_attempts", &self.settings.max_attempts)
            .finish_non_exhaustive()
    }
}

/// What is known of a call while it is made, and after.
pub(crate) struct Context {
    pub(crate) provider: &'static str,
    pub(crate) operation: Operation,
    pub(crate) key_name: Option<KeyName>,
    pub(crate) holder: Option<Box<Credential>>,
    /// What the account's source gave first, and after a refusal.
    pub(crate) account: Option<AccountCredential>,
    pub(crate) refused_account: Option<AccountCredential>,
    pub(crate) started: Instant,
    /// How many requests were made.
    pub(crate) count: u32,
    /// The least certain that attempts so far have left behind.
    pub(crate) effect: Effect,
    /// What is told of it when it is over.
    pub(crate) ending: trace::Ending,
}

impl Context {
    /// An error of this call, the last attempt of which had this effect.
    pub(crate) fn error(
        &self,
        kind: ErrorKind,
        message: impl Into<Cow<'static, str>>,
        effect: Effect,
        stopped: Option<&'static str>,
    ) -> Error {
        let effect = less_certain(self.effect, effect);
        let elapsed = self.started.elapsed();
        self.complete(Error::new(kind, message).with_effect(effect))
            .with_attempts(Attempts::new(self.count, elapsed, stopped))
    }

    /// Says which call an error belongs to.
    pub(crate) fn complete(&self, error: Error) -> Error {
        self.ending.failed(error.effect());
        let error = error.with_provider(self.provider).with_operation(self.operation);
        match &self.key_name {
            Some(name) => error.with_key_name(name.clone()),
            None => error,
        }
    }

    /// Knows every secret that this call has had to do with.
    pub(crate) fn cleaner(&self) -> Cleaner {
        let accounts = self.account.iter().chain(&self.refused_account);
        let exposed = self.holder.as_deref().map(Credential::expose);
        let holders = exposed
            .into_iter()
            .flat_map(|holder| [holder.bearer(), holder.api_key(), holder.api_secret()])
            .flatten();
        Cleaner::new(accounts.flat_map(AccountCredential::secrets).chain(holders))
    }
}

/// The error for an exchange that brought no whole answer.
fn broken(
    context: &Context,
    error: TransportError,
    is_expected: bool,
    stopped: Option<&'static str>,
) -> Error {
    let effect = Outcome::from(&error).effect(context.operation);
    let answered = answered(&error);
    // A status that says what went wrong tells more than how the body broke off.
    let refused = answered.filter(|status| !status.is_success() && !is_expected);
    let kind = match (refused, error.kind()) {
        (Some(status), _) => kind_of(status),
        (_, TransportErrorKind::Timeout) => ErrorKind::Timeout,
        (_, TransportErrorKind::BodyTooLarge) => ErrorKind::UnreadableAnswer,
        _ => ErrorKind::Connection,
    };
    let message = match refused {
        Some(_) => format!("{}; {error}", describe(kind)),
        None => error.to_string(),
    };
    let unreachable = error.reach() == Reach::NotSent;
    let mut full = context.error(kind, message, effect, stopped).with_source(error);
    if let Some(status) = answered {
        full = full.with_status(status);
    }
    if unreachable {
        full = full
            .with_next_step("check the network, the base URL and, where there is one, the proxy");
    }
    full
}

/// The error for a call that the deadline cut off.
fn late(context: &Context) -> Error {
    if context.count == 0 {
        let has_credential = context.account.is_some() || context.holder.is_some();
        return context.complete(if has_credential {
            Error::new(ErrorKind::Timeout, "the calls before took all the time")
        } else {
            let message = "the account's credential did not come before the deadline";
            Error::new(ErrorKind::CredentialUnavailable, message)
        });
    }
    context.error(
        ErrorKind::Timeout,
        "no answer came before the deadline",
        context.effect,
        Some("the deadline passed"),
    )
}
