use std::fmt;
use std::sync::{Arc, OnceLock};

use http::Method;
use pinning_keys_core::{
    Account, Credential, Effect, Error, ErrorKind, Operation, ProbePlan, ProbeRequest,
};
use tokio::time::{Instant, timeout};

use crate::credentials::{AccountCredential, Ask};
use crate::exchange::Exchange;
use crate::settings::Settings;
use crate::{Answer, BaseUrl, Call, Deadline, runtime};

/// Makes [`Call`]s to one provider.
///
/// Clones are cheap and share everything. A client must be used inside a tokio runtime with time
/// enabled and, for `ReqwestTransport`, I/O. Without a runtime, calls fail with
/// [`ErrorKind::Configuration`](pinning_keys_core::ErrorKind::Configuration).
///
/// ```
/// use std::sync::Arc;
///
/// use http::Method;
/// use pinning_keys_core::{Error, Operation};
/// use pinning_keys_http::credentials::AccountCredential;
/// use pinning_keys_http::{Answer, ApiClient, BaseUrl, Call, Failure, Transport};
///
/// /// Reads the known fields of this provider's error bodies.
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
///     match answer.body().as_ref() {
///         b"Revoked" => Ok(()),
///         _ => Err(answer.unreadable("\"Revoked\"")),
///     }
/// }
///
/// fn client(transport: Arc<dyn Transport>) -> Result<ApiClient, Error> {
///     let base_url = BaseUrl::parse("https://api.example.com", &[])?;
///     let credential = AccountCredential::bearer("eyJhbGciOi")?;
///     ApiClient::builder("example", base_url, Arc::new(credential))
///         .failure_reader(read_failure)
///         .transport(transport)
///         .build()
/// }
/// ```
#[derive(Clone)]
pub struct ApiClient {
    pub(crate) settings: Arc<Settings>,
}

impl ApiClient {
    /// Returns the base URL of the provider's routes.
    pub fn base_url(&self) -> &BaseUrl {
        &self.settings.base_url
    }

    /// Returns the moment at which a call that begins now would end. Operations that take several
    /// calls share it through [`Call::until`].
    pub fn deadline_from_now(&self) -> Deadline {
        Deadline(Instant::now() + self.settings.deadline)
    }

    /// Returns the account's credential, as a call that begins now would use it.
    ///
    /// ```
    /// use pinning_keys_core::{Error, KeyRef};
    /// use pinning_keys_http::ApiClient;
    ///
    /// /// Whether the account's key pair belongs to this key.
    /// async fn is_own_key(client: &ApiClient, key: &KeyRef) -> Result<bool, Error> {
    ///     let own = client.account_credential().await?.api_key(|_token| None);
    ///     Ok(own.as_deref() == Some(key.api_key()))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the credential source, [`ErrorKind::Timeout`] if it does not answer before the
    /// deadline, [`ErrorKind::CredentialUnavailable`] for a credential of another
    /// [account](crate::ApiClientBuilder::account), and [`ErrorKind::Configuration`] without a
    /// tokio runtime.
    pub async fn account_credential(&self) -> Result<AccountCredential, Error> {
        let given = self.ask_for_credential().await;
        given.map_err(|error| {
            error.with_effect(Effect::NotSent).with_provider(self.settings.provider)
        })
    }

    /// Returns the account that the credential belongs to now, for
    /// [`KeyIssuer::account`](pinning_keys_core::KeyIssuer::account): the one that its token
    /// [shows](crate::ApiClientBuilder::account_reader), or else the one that its source
    /// [named](crate::credentials::AccountCredential::with_account_id). It asks the credential
    /// source, which may log in.
    ///
    /// ```
    /// use pinning_keys_core::{Account, Error};
    /// use pinning_keys_http::ApiClient;
    ///
    /// async fn is_at(client: &ApiClient, id: &str) -> Result<bool, Error> {
    ///     Ok(client.account().await?.as_ref().map(Account::id) == Some(id))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`account_credential`](Self::account_credential).
    pub async fn account(&self) -> Result<Option<Account>, Error> {
        let credential = self.account_credential().await?;
        Ok(self.settings.sessions.account_of(&credential))
    }

    /// Creates a client that serves only the account with this id, for
    /// [`KeyIssuer::confined_to`](pinning_keys_core::KeyIssuer::confined_to). It has the other
    /// settings of this client, and shares the transport and the credential source with its login.
    ///
    /// A credential of another account is refused before it is sent, and so is one that does not
    /// show its account. Calls [as a key holder](Call::as_holder) are not affected.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::{Error, Operation};
    /// use pinning_keys_http::{Answer, ApiClient, Call};
    ///
    /// async fn list_of(account_id: &str, client: &ApiClient) -> Result<Answer, Error> {
    ///     let call = Call::new(Operation::List, Method::GET, "/v1/keys");
    ///     client.confined_to(account_id).call(call).await
    /// }
    /// ```
    #[must_use]
    pub fn confined_to(&self, account_id: &str) -> Self {
        let mut settings = Settings::clone(&self.settings);
        settings.sessions.account = Arc::new(OnceLock::from(account_id.to_owned()));
        Self { settings: Arc::new(settings) }
    }

    async fn ask_for_credential(&self) -> Result<AccountCredential, Error> {
        runtime::current()?;
        let asking = self.settings.credentials.credential(Ask::Current);
        let credential = timeout(self.settings.deadline, asking).await.unwrap_or_else(|_| {
            let message = "the credential source did not answer before the deadline";
            Err(Error::new(ErrorKind::Timeout, message))
        })?;
        self.settings.sessions.check_account(&credential)?;
        Ok(credential)
    }

    /// Makes a call and returns the provider's answer of success (2xx), or one that the call
    /// [expects](Call::expecting).
    ///
    /// It ends within the deadline, unless the transport or the credential source blocks the thread
    /// that it runs on.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::{Error, Operation};
    /// use pinning_keys_http::{ApiClient, Call};
    ///
    /// async fn list(client: &ApiClient) -> Result<Vec<u8>, Error> {
    ///     let call = Call::new(Operation::List, Method::GET, "/v1/keys");
    ///     Ok(client.call(call).await?.body().to_vec())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// An [`Error`] with all that is known: kind, effect, status, the number of attempts and why
    /// there were no more, and what the failure reader found in the body.
    pub fn call(&self, call: Call) -> impl Future<Output = Result<Answer, Error>> + Send + use<'_> {
        // Created here, so that the future does not hold the call too.
        let mut exchange = Exchange::new(&self.settings, call);
        async move {
            let ended = exchange.run().await;
            let mut context = exchange.into_context();
            match ended {
                Ok(response) => {
                    context.succeeded();
                    Ok(Answer::new(response, context))
                }
                Err(ending) => Err(ending.into_error(context, self.settings.failure_reader)),
            }
        }
    }

    /// Sends the requests of a probe with a key's credential, and returns what became of each.
    ///
    /// Each is sent at most once, and all end at this moment. The rest is not sent after a rate
    /// limit is exceeded, or after a success of a request that is not a `GET`: it was meant to be
    /// refused, so the provider does not behave as the plan expects.
    ///
    /// ```
    /// use pinning_keys_core::{Credential, ProbePlan};
    /// use pinning_keys_http::ApiClient;
    ///
    /// async fn count(client: &ApiClient, plan: ProbePlan, key: &Credential) -> usize {
    ///     let answers = client.probe(plan, key, client.deadline_from_now()).await;
    ///     answers.into_iter().filter(|(_, answer)| answer.is_ok()).count()
    /// }
    /// ```
    pub async fn probe(
        &self,
        plan: ProbePlan,
        credential: &Credential,
        until: Deadline,
    ) -> Vec<(ProbeRequest, Result<Answer, Error>)> {
        let mut answers = Vec::with_capacity(plan.requests().len());
        for &request in plan.requests() {
            let call = Call::new(Operation::Probe, request.method().clone(), request.path());
            let mut call = call.as_holder(credential).once().until(until);
            if let Some((name, value)) = request.query() {
                call = call.query(name, value);
            }
            if let Some(body) = request.body() {
                call = call.json(body);
            }
            let answer = self.call(call).await;
            let is_over = match &answer {
                Ok(_) => request.method() != Method::GET,
                Err(error) => error.kind() == ErrorKind::RateLimited,
            };
            answers.push((request, answer));
            if is_over {
                break;
            }
        }
        answers
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
