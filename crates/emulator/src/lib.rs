//! The key APIs of Pinata and W3IPFS on loopback or in memory, for the tests of an app.
//!
//! An app that issues API keys needs tests that issue keys, use them where they should work and
//! where they should not, revoke them, and count the keys created, without an account or a network.
//! The emulator is a real HTTP server for this, started in one line:
//!
//! ```
//! use pinning_keys_emulator::Emulator;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let emulator = Emulator::start().await?;
//! let pinata = emulator.pinata();
//!
//! // Give these to the app under test instead of the real address and credential.
//! assert!(pinata.base_url().starts_with("http://127.0.0.1:"));
//! assert!(pinata.jwt().starts_with("eyJ"));
//!
//! // Or as the environment variables that `pinning-keys` reads.
//! let (name, provider) = &pinata.vars()[0];
//! assert_eq!((*name, provider.as_str()), ("PINNING_KEYS_PROVIDER", "pinata"));
//!
//! // The other provider is on the same port, under `/api`.
//! assert!(emulator.w3ipfs().base_url().ends_with("/api"));
//!
//! // … run the app …, then check the keys created, not the responses.
//! assert_eq!(emulator.keys_made(), 0);
//! # Ok(())
//! # }
//! ```
//!
//! It enforces scopes, revocation and use counts on a small data plane, so that every permission
//! with a known route can be tried: a key that may only list files is refused an upload, at Pinata
//! with the error body that the real service was seen to send.
//!
//! [`Emulator::in_memory`] and [`Emulator::transport`] do without a socket. The program
//! (`cargo run -p pinning-keys-emulator`) serves any client in any language.
//!
//! # Faults
//!
//! A client is only as good as what it does when things go wrong. [`Emulator::faults`] makes them
//! go wrong for the requests that a [`FaultRule`] names: responses that are late, lost, broken or
//! redirected, connections that are refused or cut before or after a key is created, requests that
//! are carried out twice or after the client has gone, lists that lie, and keys that work late or
//! too long.
//!
//! # Facts and assumptions
//!
//! If documents, clients and recorded responses are silent, the emulator has to assume. What a
//! client of the key routes can notice is a switch of [`PinataAssumptions`] or
//! [`W3ipfsAssumptions`]; the README lists the rest. Everything repeats from a seed: keys,
//! identifiers, and the dates in responses, which come from the emulator's own clock.
//! [`Emulator::set_time`] sets that clock, for tests that need keys of a certain age. Only the header
//! `Date` follows the system clock, unless [`Emulator::set_date_header`] sets another one.

mod admission;
mod answer;
mod body;
mod builder;
mod cid;
mod clock;
mod counters;
mod date_header;
mod door;
mod emulator;
mod faults;
mod jwt;
mod payload;
mod pinata;
mod propagation;
mod query;
mod random;
mod rate_limit;
mod router;
mod routing;
mod serve;
mod server;
mod switches;
mod transport;
mod vars;
mod w3ipfs;

pub use builder::{DEFAULT_SEED, EmulatorBuilder};
pub use emulator::Emulator;
pub use faults::{
    BodyFault, Cut, Fault, FaultRule, FaultTally, Faults, ListFault, RedirectTo, RetryAfter, Stage,
};
pub use pinata::{
    ExhaustedKey, ListCount, MadeKey, MissingCredentials, Pinata, PinataAssumptions, RevokeAgain,
    RevokeUnknown,
};
pub use rate_limit::RateLimit;
pub use switches::ListOrder;
pub use transport::InMemoryTransport;
pub use w3ipfs::{
    DeleteAnswer, ListTotal, ListedScopes, ListedSecret, MissingFlag, RedirectSlash, W3ipfs,
    W3ipfsAssumptions, W3ipfsKey,
};

/// Runs the Rust blocks of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
