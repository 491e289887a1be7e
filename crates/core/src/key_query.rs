/// Which keys to list, and from where.
///
/// ```
/// use pinning_keys_core::KeyQuery;
///
/// let query = KeyQuery::new().with_name_containing("user-42").with_revoked(false);
/// assert_eq!(query.revoked(), Some(false));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyQuery {
    name_containing: Option<String>,
    revoked: Option<bool>,
    limited_use: Option<bool>,
    exhausted: Option<bool>,
    cursor: Option<Cursor>,
}

impl KeyQuery {
    /// All keys, from the first page on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only keys whose name contains this text, in whatever case.
    #[must_use]
    pub fn with_name_containing(mut self, text: impl Into<String>) -> Self {
        self.name_containing = Some(text.into());
        self
    }

    /// Only keys that are revoked (`true`), or only those that are not (`false`).
    #[must_use]
    pub fn with_revoked(mut self, revoked: bool) -> Self {
        self.revoked = Some(revoked);
        self
    }

    /// Only keys whose uses are limited (`true`), or only those whose are not (`false`).
    #[must_use]
    pub fn with_limited_use(mut self, limited: bool) -> Self {
        self.limited_use = Some(limited);
        // Only keys with a limit can be used up.
        self.exhausted = self.exhausted.filter(|_| limited);
        self
    }

    /// Only keys that are used up (`true`), or only those that are not (`false`), of the keys
    /// whose uses are limited.
    #[must_use]
    pub fn with_exhausted(mut self, exhausted: bool) -> Self {
        self.limited_use = Some(true);
        self.exhausted = Some(exhausted);
        self
    }

    /// Continues behind the page that gave this cursor.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.cursor = Some(cursor);
        self
    }

    /// The text that names must contain.
    pub fn name_containing(&self) -> Option<&str> {
        self.name_containing.as_deref()
    }

    /// Whether listed keys must be revoked, or must not be.
    pub fn revoked(&self) -> Option<bool> {
        self.revoked
    }

    /// Whether listed keys must have a limit on their uses, or must not.
    pub fn limited_use(&self) -> Option<bool> {
        self.limited_use
    }

    /// Whether listed keys must be used up, or must not be.
    pub fn exhausted(&self) -> Option<bool> {
        self.exhausted
    }

    /// Where to continue; the first page without it.
    pub fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }
}

/// Where a listing continues. What is in it is the adapter's business.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor that the adapter will understand when it comes back; for adapters.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The text that the adapter put in.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
