//! Disturbances of HTTP requests between an adapter and its transport.

mod answers;
mod exchange;
mod json_pages;
mod page_editor;
mod record;
mod refused_account;
mod switch;
mod transport;

pub use json_pages::{JsonPages, ShortPages};
pub use page_editor::PageEditor;
pub use transport::DisturbedTransport;
