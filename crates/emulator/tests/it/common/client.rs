//! A real HTTP client for plain HTTP to this machine.

use std::sync::Arc;

use reqwest::{Client, ClientBuilder};
use rustls::{ClientConfig, RootCertStore};

pub(crate) fn client() -> Client {
    builder().build().unwrap()
}

/// The TLS settings are complete and trust nobody: if another crate of the workspace enables TLS,
/// `reqwest` would panic without a crypto provider and fail without CA certificates, needed or not.
pub(crate) fn builder() -> ClientBuilder {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    // The proxies of the environment are not for loopback.
    Client::builder().no_proxy().tls_backend_preconfigured(tls)
}
