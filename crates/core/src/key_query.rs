use crate::KeyRecord;

/// Selects which keys to list, and where to continue.
///
/// Providers support different filters. [`IssuerProfile::filters`](crate::IssuerProfile::filters)
/// lists them, and any other is refused.
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
    /// Selects all keys, from the first page.
    ///
    /// ```
    /// # use pinning_keys_core::KeyQuery;
    /// let query = KeyQuery::new();
    /// assert!(query.name_containing().is_none() && query.cursor().is_none());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Selects keys whose name contains this text, ignoring case.
    ///
    /// ```
    /// # use pinning_keys_core::KeyQuery;
    /// let query = KeyQuery::new().with_name_containing("user-42");
    /// assert_eq!(query.name_containing(), Some("user-42"));
    /// ```
    #[must_use]
    pub fn with_name_containing(mut self, text: impl Into<String>) -> Self {
        self.name_containing = Some(text.into());
        self
    }

    /// Selects keys that are revoked (`true`) or not revoked (`false`) (default: both).
    ///
    /// ```
    /// # use pinning_keys_core::KeyQuery;
    /// assert_eq!(KeyQuery::new().with_revoked(false).revoked(), Some(false));
    /// ```
    #[must_use]
    pub fn with_revoked(mut self, revoked: bool) -> Self {
        self.revoked = Some(revoked);
        self
    }

    /// Selects keys whose uses are limited (`true`) or unlimited (`false`) (default: both).
    ///
    /// ```
    /// # use pinning_keys_core::KeyQuery;
    /// assert_eq!(KeyQuery::new().with_limited_use(true).limited_use(), Some(true));
    /// ```
    #[must_use]
    pub fn with_limited_use(mut self, limited: bool) -> Self {
        self.limited_use = Some(limited);
        // Only keys with a limit can have no uses left.
        self.exhausted = self.exhausted.filter(|_| limited);
        self
    }

    /// Selects, among the keys whose uses are limited, those with no uses left (`true`) or some
    /// left (`false`).
    ///
    /// ```
    /// # use pinning_keys_core::KeyQuery;
    /// let query = KeyQuery::new().with_exhausted(true);
    /// assert_eq!((query.limited_use(), query.exhausted()), (Some(true), Some(true)));
    /// ```
    #[must_use]
    pub fn with_exhausted(mut self, exhausted: bool) -> Self {
        self.limited_use = Some(true);
        self.exhausted = Some(exhausted);
        self
    }

    /// Continues after the page that returned this cursor.
    ///
    /// ```
    /// # use pinning_keys_core::{Cursor, KeyQuery};
    /// let query = KeyQuery::new().with_cursor(Cursor::new("page-2"));
    /// assert_eq!(query.cursor().unwrap().as_str(), "page-2");
    /// ```
    #[must_use]
    pub fn with_cursor(mut self, cursor: Cursor) -> Self {
        self.cursor = Some(cursor);
        self
    }

    /// The same keys from this cursor on, or from the first page.
    pub(crate) fn at(mut self, cursor: Option<Cursor>) -> Self {
        self.cursor = cursor;
        self
    }

    /// The text that names must contain, if any.
    pub fn name_containing(&self) -> Option<&str> {
        self.name_containing.as_deref()
    }

    /// Whether keys must be revoked (`true`) or must not be (`false`).
    pub fn revoked(&self) -> Option<bool> {
        self.revoked
    }

    /// Whether keys must have a limit on their uses (`true`) or must not (`false`).
    pub fn limited_use(&self) -> Option<bool> {
        self.limited_use
    }

    /// Whether keys must have no uses left (`true`) or some (`false`).
    pub fn exhausted(&self) -> Option<bool> {
        self.exhausted
    }

    /// Whether the filters by revocation and uses select this record, as far as it shows; for
    /// adapters. A provider that ignores a filter sends others as well, which a program could then
    /// revoke. What the record does not show contradicts nothing.
    ///
    /// ```
    /// # use pinning_keys_core::{KeyQuery, KeyRecord, KeyRef, Reading};
    /// # let key_ref = KeyRef::new("pinata", "0d2a")?;
    /// let record = KeyRecord::new(key_ref, "dashboard", Reading::admin());
    /// let exhausted = KeyQuery::new().with_exhausted(true);
    /// assert!(exhausted.admits(&record));
    /// assert!(!exhausted.admits(&record.with_unlimited_uses(true)));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn admits(&self, record: &KeyRecord) -> bool {
        let is_limited = match record.max_uses() {
            Some(_) => Some(true),
            None => record.is_unlimited().then_some(false),
        };
        let is_exhausted =
            record.uses().zip(record.max_uses()).map(|(uses, max)| uses >= max.get());
        let selects = |wanted: Option<bool>, shown: Option<bool>| {
            wanted.zip(shown).is_none_or(|(wanted, shown)| wanted == shown)
        };
        selects(self.revoked, record.is_revoked())
            && selects(self.limited_use, is_limited)
            && selects(self.exhausted, is_exhausted)
    }

    /// Where to continue; `None` for the first page.
    pub fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }
}

/// Where a listing continues. Its content is up to the adapter, and contains no secret: a program
/// can store it and continue later with the same filters.
///
/// ```
/// use pinning_keys_core::{Cursor, KeyQuery};
///
/// let next = Cursor::new("page-2");
/// assert_eq!(KeyQuery::new().with_cursor(next.clone()).cursor(), Some(&next));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor with a text that the adapter interprets later; for adapters.
    ///
    /// ```
    /// # use pinning_keys_core::Cursor;
    /// assert_eq!(Cursor::new("page-2").as_str(), "page-2");
    /// ```
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The adapter's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
