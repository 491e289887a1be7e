//! The TLS settings of `ReqwestTransport`.

use std::sync::Arc;

use pinning_keys_core::{Error, ErrorKind};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};

use crate::trust::Trust;

/// Settings that need no set-up by the program or the system.
///
/// reqwest's own settings panic if the program has not installed a cryptography provider, and fail
/// if the system has no CA certificates.
pub(crate) fn config() -> Result<(ClientConfig, Trust), Error> {
    // Errors do not matter here: what was loaded is all there is.
    let native = rustls_native_certs::load_native_certs().certs;
    let (roots, is_native) = roots(native);
    let trust = Trust::current(is_native);
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| {
            Error::new(ErrorKind::Configuration, "TLS cannot be set up").with_source(error)
        })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // HTTP/2 is not built in, so a server must not choose it.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((config, trust))
}

/// The CAs that the system trusts, including a company's own, and `true`. If it has none, those
/// that browsers trust.
fn roots(native: Vec<rustls::pki_types::CertificateDer<'static>>) -> (RootCertStore, bool) {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(native);
    let is_native = !roots.is_empty();
    if !is_native {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    (roots, is_native)
}

#[cfg(feature = "tls-ring")]
fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

#[cfg(all(feature = "tls-aws-lc", not(feature = "tls-ring")))]
fn provider() -> CryptoProvider {
    rustls::crypto::aws_lc_rs::default_provider()
}

/// `_tls` is on alone only if somebody names it in spite of its docs.
#[cfg(not(any(feature = "tls-ring", feature = "tls-aws-lc")))]
compile_error!("turn on the feature `tls-ring` or `tls-aws-lc` instead of `_tls`");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_without_certificates_gets_bundled_ones() {
        let nonsense = rustls::pki_types::CertificateDer::from(vec![1, 2, 3]);
        for native in [Vec::new(), vec![nonsense]] {
            let (roots, is_native) = roots(native);
            assert!(roots.len() > 50 && !is_native);
        }
    }

    #[test]
    fn only_http_1_1_is_offered() {
        assert_eq!(config().unwrap().0.alpn_protocols, [b"http/1.1"]);
    }
}
