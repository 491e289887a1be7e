//! A real HTTP client, for plain http to this machine.

use std::sync::Arc;

use reqwest::{Client, ClientBuilder};
use rustls::{ClientConfig, RootCertStore};

pub(crate) fn client() -> Client {
    builder().build().unwrap()
}

/// The TLS settings are ready and trust nobody: where other crates of the workspace turn TLS on,
/// `reqwest` would panic without cryptography and fail without CA certificates, needed or not.
pub(crate) fn builder() -> ClientBuilder {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    // Proxies of the environment are not for loopback.
    Client::builder().no_proxy().tls_backend_preconfigured(tls)
}
