//! The key APIs of Pinata and of W3IPFS on loopback or in memory, for the tests of an app.
//!
//! An app that issues API keys wants tests that issue keys, use them where they may be used
//! and where they may not, revoke them, and count what was made, without an account and
//! without a network. The emulator is a real HTTP server for this, started in one line:
//!
//! ```
//! use pinning_keys_emulator::Emulator;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let emulator = Emulator::start().await?;
//! let pinata = emulator.pinata();
//!
//! // Hand these to the app under test in place of the real address and credential.
//! assert!(pinata.base_url().starts_with("http://127.0.0.1:"));
//! assert!(pinata.jwt().starts_with("eyJ"));
//!
//! // The other provider is on the same port, under `/api`.
//! assert!(emulator.w3ipfs().base_url().ends_with("/api"));
//!
//! // … run the app …, then look at what was made rather than at what was answered.
//! assert_eq!(emulator.keys_made(), 0);
//! # Ok(())
//! # }
//! ```
//!
//! It enforces scopes, revocation and use counts on a small data plane, so that every
//! permission with a known route can be tried: a key that may only list files is refused an
//! upload, at Pinata with the error body that the real service was seen to send.
//!
//! Without a socket, [`Emulator::transport`] answers requests in memory. As a program
//! (`cargo run -p pinning-keys-emulator`) it serves any client in any language.
//!
//! # What goes wrong
//!
//! A client is only as good as what it does when things go wrong. [`Emulator::faults`] makes
//! them: answers that are late, lost, broken or sent elsewhere, connections that are refused
//! or cut, before a key is made or after it, lists that lie, keys that work late or too long,
//! for the requests that a [`FaultRule`] names.
//!
//! # What is fact and what is not
//!
//! Where documents, clients and recorded answers are silent, the emulator has to take an
//! assumption. Each is a switch of [`PinataAssumptions`] or [`W3ipfsAssumptions`], and the
//! README lists them all. Everything repeats from a seed: keys, identifiers, and the time that
//! is written into answers, which is a clock of the emulator's own.

mod admission;
mod answer;
mod body;
mod builder;
mod cid;
mod clock;
mod counters;
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
