//! The life of an API key after it was issued: crash-safe issuing, leases, rotation, migration.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod account_keys;
mod account_options;
mod adoption;
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
