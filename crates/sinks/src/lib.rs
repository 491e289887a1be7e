#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

mod command_run;
mod command_sink;
mod delivery;
mod env_sink;
mod env_text;
mod environment;
mod error;
mod field;
mod file_sink;
mod forms;
mod github_sink;
mod github_text;
mod mask;
mod process_group;
mod program;
mod program_variables;
mod secret_file;
mod secret_forms;
mod secret_text;
mod sink;
mod spec;
mod spec_text;
mod stored_key;
mod text;

pub use delivery::Delivery;
pub use environment::{Environment, is_account_variable};
pub use error::{DeliveryEffect, SinkError};
pub use field::Field;
pub use file_sink::check_folder;
pub use forms::{Forms, Incoming};
pub use program::{ProgramFault, find_program};
pub use program_variables::is_program_variable;
pub use sink::Sink;
pub use spec::SinkSpec;
pub use stored_key::StoredKey;
