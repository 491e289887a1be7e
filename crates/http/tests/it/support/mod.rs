//! Scripted clients, and short ways to say common things.

#[cfg(feature = "reqwest")]
pub(crate) mod server;
#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
pub(crate) mod tls_server;

use std::sync::Arc;

use http::Method;
use pinning_keys_core::{KeyName, Operation};
use pinning_keys_http::credentials::{AccountCredential, CredentialSource};
use pinning_keys_http::{ApiClient, ApiClientBuilder, BaseUrl, Call};
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
    let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
    ApiClient::builder("example", base_url, token())
}

pub(crate) fn client(transport: &Arc<Script>) -> ApiClient {
    builder().transport(transport.clone()).build().unwrap()
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
