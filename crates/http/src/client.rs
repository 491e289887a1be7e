use std::fmt;
use std::sync::Arc;

use pinning_keys_core::Error;
use tokio::time::Instant;

use crate::exchange::Exchange;
use crate::settings::Settings;
use crate::{Answer, BaseUrl, Call, Deadline};

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

impl ApiClient {
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
