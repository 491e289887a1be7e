/// The filters of a [`KeyQuery`](crate::KeyQuery) that a provider supports.
///
/// ```
/// use pinning_keys_core::Filters;
///
/// let filters = Filters::NONE.with_name(true);
/// assert!(filters.name());
/// assert!(!filters.revoked());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    name: bool,
    revoked: bool,
    uses: bool,
}

impl Filters {
    /// Every filter.
    pub const ALL: Self = Self { name: true, revoked: true, uses: true };

    /// No filter.
    pub const NONE: Self = Self { name: false, revoked: false, uses: false };

    /// Sets whether keys can be filtered by [`KeyQuery::with_name_containing`](crate::KeyQuery::with_name_containing).
    ///
    /// ```
    /// # use pinning_keys_core::Filters;
    /// assert!(Filters::NONE.with_name(true).name());
    /// ```
    #[must_use]
    pub const fn with_name(mut self, supported: bool) -> Self {
        self.name = supported;
        self
    }

    /// Sets whether keys can be filtered by [`KeyQuery::with_revoked`](crate::KeyQuery::with_revoked).
    ///
    /// ```
    /// # use pinning_keys_core::Filters;
    /// assert!(!Filters::ALL.with_revoked(false).revoked());
    /// ```
    #[must_use]
    pub const fn with_revoked(mut self, supported: bool) -> Self {
        self.revoked = supported;
        self
    }

    /// Sets whether keys can be filtered by [`with_limited_use`] and [`with_exhausted`].
    ///
    /// ```
    /// # use pinning_keys_core::Filters;
    /// assert!(Filters::NONE.with_uses(true).uses());
    /// ```
    ///
    /// [`with_limited_use`]: crate::KeyQuery::with_limited_use
    /// [`with_exhausted`]: crate::KeyQuery::with_exhausted
    #[must_use]
    pub const fn with_uses(mut self, supported: bool) -> Self {
        self.uses = supported;
        self
    }

    /// Whether keys can be filtered by a part of their name.
    pub const fn name(self) -> bool {
        self.name
    }

    /// Whether keys can be filtered by whether they are revoked.
    pub const fn revoked(self) -> bool {
        self.revoked
    }

    /// Whether keys can be filtered by their limit on uses.
    pub const fn uses(self) -> bool {
        self.uses
    }
}
