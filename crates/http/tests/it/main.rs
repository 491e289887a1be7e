//! The plumbing as adapters see it: through the public API, against a scripted transport with
//! the time paused, and against a scripted server on loopback.

mod accounts;
mod addresses;
mod answers;
mod attempts;
mod cached;
mod credentials;
mod deadline;
#[cfg(feature = "reqwest")]
mod logging;
mod offset_paging;
mod redirects;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
mod runtime;
mod secrets;
mod sessions;
mod setting_texts;
mod settings;
mod support;
#[cfg(feature = "reqwest")]
mod surroundings;
#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
mod tls;
mod token_paging;
mod trace;
