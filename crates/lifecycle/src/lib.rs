//! Issues API keys so that none is lost, every key ends when it should, and no key ends when it
//! should not: across crashes, lost responses, restored backups, and many nodes.
//!
//! A [`KeyManager`] records each step in a [`store`] before it takes it. [`AccountKeys::issue`]
//! returns a [`Delivery`] with the credential. Once the app has stored the secret, it confirms the
//! delivery; a key that is not confirmed is revoked at its deadline. A [`Lease`] ends because a
//! worker revokes the key: [`KeyManager::run`] as a loop, or [`KeyManager::run_due`] from any
//! scheduler. [`Verb::on`] is the specification: what each verb does to a key in each state.
//!
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! use std::time::Duration;
//! use pinning_keys_core::{KeyRequest, ScopeRequest};
//! use pinning_keys_lifecycle::{KeyManager, KeyState, Lease, SqliteStore};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = pinning_keys_emulator::Emulator::in_memory();
//! # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
//! #     .with_transport(emulator.transport())
//! #     .build()?;
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("keys.db");
//! let store = SqliteStore::open(file).await?;
//! let manager = KeyManager::builder(store).account("main", issuer).build().await?;
//! let keys = manager.account("main")?;
//!
//! let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
//! let delivery = keys.issue(&request, Lease::of(Duration::from_hours(24))).await?;
//! // Store delivery.credential().expose() here.
//! let key = delivery.confirm().await?;
//! assert_eq!(key.state(), KeyState::Live);
//! # Ok(())
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod account_keys;
mod account_options;
mod adoption;
mod answer;
mod attempt;
mod audit_trail;
mod back_off;
mod batch;
mod breaker;
mod builder;
mod calls;
mod claim;
mod clock;
mod clock_guard;
mod confirm;
#[cfg(feature = "postgres")]
mod confirm_in;
#[cfg(feature = "sqlite")]
mod confirm_sql;
mod create;
mod delivery;
mod difference;
mod effort;
mod ends;
mod error;
mod family;
mod first_row;
mod gap;
mod inner;
mod intent;
mod issue;
mod issue_to;
mod key_id;
mod key_state;
mod lease;
mod life;
mod list;
mod listing;
mod look;
mod managed_key;
mod managed_name;
mod manager;
mod manual_clock;
mod migration;
mod moment;
mod observe;
mod outcome;
mod page_count;
mod pass;
mod pause;
mod progress;
mod pruning;
mod recognition;
mod record;
mod request_form;
mod resumption;
mod revoke;
mod rotate;
mod run;
mod run_due;
mod settle;
mod sight;
mod slots;
mod status;
mod strays;
mod successor;
mod table;
mod text;
mod tick;
mod timestamp;
mod timing;
mod warning;
mod watch;

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod store;

pub use account_keys::AccountKeys;
pub use account_options::AccountOptions;
pub use builder::KeyManagerBuilder;
pub use clock::{Clock, SystemClock};
#[cfg(feature = "sqlite")]
pub use confirm_sql::ConfirmSql;
pub use delivery::Delivery;
pub use error::{Error, ErrorKind};
pub use issue::IssueBuilder;
pub use key_id::{KeyId, Label};
pub use key_state::{KeyState, UnknownKeyState};
pub use lease::Lease;
pub use managed_key::ManagedKey;
pub use managed_name::Suffix;
pub use manager::KeyManager;
pub use manual_clock::ManualClock;
pub use migration::{Migrated, MigrationPlan, MigrationStep};
pub use revoke::RevokeOutcome;
pub use rotate::Rotation;
pub use status::{AccountStatus, Status};
pub use store::{
    AuditFilter, AuditRow, KeyFilter, KeyPosition, MemoryStore, StoreError, StoreErrorKind,
};
#[cfg(feature = "postgres")]
pub use store::{PostgresOptions, PostgresStore};
#[cfg(feature = "sqlite")]
pub use store::{SqliteOptions, SqliteStore};
pub use strays::{StrayDone, StrayPlan};
pub use table::{Cell, Verb};
pub use tick::Tick;
pub use timestamp::Timestamp;
pub use warning::Warning;

/// Compiles the examples of the README.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
mod readme {}
