//! Declared keys: a file says which keys there should be, and where their secrets go.

mod entry;
mod file;
mod parser;
mod schema;

pub(crate) use parser::parse;
pub(crate) use schema::keys_schema;
