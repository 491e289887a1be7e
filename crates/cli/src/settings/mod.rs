//! The effective settings: flags, environment, files.
//!
//! Each setting has the value from the first of these that has one:
//!
//! 1. a flag,
//! 2. an environment variable,
//! 3. the file that `--config` or `PINNING_KEYS_CONFIG` names,
//! 4. the project file, which may only choose a profile and hold output settings,
//! 5. the user's file.
//!
//! An account is the exception: its credential, and the address that it is sent to, come from one
//! source ([`selection`]).

mod effective;
mod environment;
mod exposure;
mod files;
mod limits;
mod loaded;
mod names;
mod origin;
mod output;
mod overview;
mod parser;
pub(crate) mod problems;
mod report;
mod schema;
mod secret_path;
mod sections;
mod selection;
#[cfg(feature = "store")]
mod store;
#[cfg(feature = "store")]
mod store_place;
mod value;

#[cfg(feature = "store")]
pub(crate) use self::effective::Effective;
#[cfg(feature = "store")]
pub(crate) use self::files::text_of;
pub(crate) use self::loaded::{Settings, first_of};
#[cfg(feature = "store")]
pub(crate) use self::origin::shown;
pub(crate) use self::overview::{Overview, check};
pub(crate) use self::schema::json_schema;
#[cfg(feature = "store")]
pub(crate) use self::schema::json_schema_of;
#[cfg(feature = "store")]
pub(crate) use self::store::StoreChoice;
#[cfg(feature = "store")]
pub(crate) use self::store_place::StorePlace;
