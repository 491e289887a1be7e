//! How requests reach a provider.
//!
//! With the feature `reqwest`, `ReqwestTransport` is used unless a configuration names another
//! [`Transport`], such as the emulator's or one over your own HTTP client. Each request and each
//! call emits a [`tracing` event](pinning_keys_http#events).

pub use pinning_keys_http::{
    Limits, Reach, TlsFault, Transport, TransportError, TransportErrorKind,
};
#[cfg(feature = "reqwest")]
pub use pinning_keys_http::{ReqwestTransport, ReqwestTransportBuilder};
