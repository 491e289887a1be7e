//! A database of a server.

/// A database, and how to connect to it.
#[derive(Clone, Debug)]
pub struct Database {
    name: String,
    url: String,
}

impl Database {
    pub(super) fn new(name: String, url: String) -> Self {
        Self { name, url }
    }

    /// The URL for sqlx and for PostgreSQL's own programs, with the folder of the socket as its
    /// encoded host: `postgres://postgres@%2Ftmp%2F…:5432/test_0`.
    ///
    /// It stays the same when the server restarts.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The name, unique on its server.
    pub fn name(&self) -> &str {
        &self.name
    }
}
