//! Declared keys: a file lists the keys that should exist, and where their secrets go.

mod compare;
mod entry;
mod existing;
mod facts;
mod file;
mod limit;
mod live;
mod parser;
mod plan;
mod problems;
mod reason;
mod rights;
mod schema;
mod source;
mod values;
mod view;
mod words;

pub(crate) use compare::Verdict;
pub(crate) use existing::Existing;
pub(crate) use plan::{Plan, Step, Undeclared};
pub(crate) use reason::Reason;
pub(crate) use schema::keys_schema;
pub(crate) use source::FileArgs;
pub(crate) use view::{Line, moment};
pub(crate) use words::in_words_of_the_file;
