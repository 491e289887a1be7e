//! Scripted clients, and short ways to say common things.

#[cfg(feature = "reqwest")]
pub(crate) mod inner;
#[cfg(feature = "reqwest")]
pub(crate) mod server;
#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
pub(crate) mod tls_server;

use std::sync::Arc;

use http::Method;
use pinning_keys_core::{Error, KeyName, Operation};
use pinning_keys_http::credentials::{AccountCredential, CredentialSource};
use pinning_keys_http::{Answer, ApiClient, ApiClientBuilder, BaseUrl, Call};
use pinning_keys_testkit::script::answer_with;

pub(crate) use pinning_keys_testkit::script::{Script, Step};

pub(crate) const ALL: [Operation; 4] =
    [Operation::Issue, Operation::List, Operation::Revoke, Operation::Verify];

pub(crate) fn status(status: u16) -> Step {
    answer(status, &[], "")
}

pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Step {
    answer_with(status, headers, body.to_owned())
}

pub(crate) fn token() -> Arc<dyn CredentialSource> {
    Arc::new(AccountCredential::bearer("account-token").unwrap())
}

pub(crate) fn builder() -> ApiClientBuilder {
    builder_with(token())
}

pub(crate) fn builder_with(source: Arc<dyn CredentialSource>) -> ApiClientBuilder {
    let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
    ApiClient::builder("example", base_url, source)
}

pub(crate) fn client(script: &Arc<Script>) -> ApiClient {
    builder().transport(script.clone()).build().unwrap()
}

pub(crate) fn client_with(
    source: impl CredentialSource + 'static,
    script: &Arc<Script>,
) -> ApiClient {
    builder_with(Arc::new(source)).transport(script.clone()).build().unwrap()
}

/// The answer to a call of this operation.
pub(crate) async fn answer_of(step: Step, operation: Operation) -> Answer {
    client(&Script::repeating([step])).call(call(operation)).await.unwrap()
}

/// The error of a call of this operation.
pub(crate) async fn error_of(step: Step, operation: Operation) -> Error {
    client(&Script::repeating([step])).call(call(operation)).await.unwrap_err()
}

/// The credential that each request was sent with.
pub(crate) fn authorizations(script: &Script) -> Vec<String> {
    let text = |r: &http::Request<_>| r.headers()["authorization"].to_str().unwrap().to_owned();
    script.requests().iter().map(text).collect()
}

/// A call of this operation, as an adapter would make it.
pub(crate) fn call(operation: Operation) -> Call {
    match operation {
        Operation::Issue => Call::new(operation, Method::POST, "/v1/keys")
            .json("{}")
            .for_key(&KeyName::new("user-42").unwrap()),
        Operation::Revoke => Call::new(operation, Method::DELETE, "/v1/keys").segment("some-key"),
        _ => Call::new(operation, Method::GET, "/v1/keys"),
    }
}
