//! The life of an API key after it was issued: crash-safe issuing, leases, rotation, migration.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod adoption;
mod back_off;
mod batch;
mod breaker;
mod calls;
mod clock;
mod clock_guard;
mod difference;
mod error;
mod inner;
mod key_id;
mod key_state;
mod lease;
mod life;
mod listing;
mod look;
mod managed_name;
mod manual_clock;
mod observe;
mod page_count;
mod pass;
mod progress;
mod recognition;
mod settle;
mod sight;
mod slots;
mod table;
mod text;
mod timestamp;
mod timing;
mod watch;

pub mod store;

pub use clock::{Clock, SystemClock};
pub use error::{Error, ErrorKind};
pub use key_id::{KeyId, Label};
pub use key_state::{KeyState, UnknownKeyState};
pub use lease::Lease;
pub use managed_name::Suffix;
pub use manual_clock::ManualClock;
pub use store::{MemoryStore, StoreError, StoreErrorKind};
pub use table::{Cell, Verb};
pub use timestamp::Timestamp;
