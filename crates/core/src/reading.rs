use crate::KeyScope;

/// What an existing key may do, read from its native grants.
///
/// ```
/// use pinning_keys_pinata::RESOURCES;
///
/// let reading = RESOURCES.read(["org:files:read", "org:telepathy"]);
/// assert_eq!(reading.scope().to_string(), "pins:list pins:list-jobs");
/// assert!(reading.is_lower_bound(), "nobody knows what org:telepathy opens");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    scope: KeyScope,
    unknown: Vec<String>,
}

impl Reading {
    pub(crate) fn new(scope: KeyScope, unknown: Vec<String>) -> Self {
        Self { scope, unknown }
    }

    /// The reading of a key that may do everything.
    ///
    /// ```
    /// # use pinning_keys_core::Reading;
    /// assert!(Reading::admin().scope().is_admin());
    /// ```
    #[must_use]
    pub fn admin() -> Self {
        Self { scope: KeyScope::admin(), unknown: Vec::new() }
    }

    /// What the key may do at least.
    pub fn scope(&self) -> KeyScope {
        self.scope
    }

    /// The native grants that the table does not know.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Whether the key may be able to do more than [`scope`](Self::scope) says.
    pub fn is_lower_bound(&self) -> bool {
        !self.unknown.is_empty()
    }

    /// What a key with the grants of both readings may do.
    ///
    /// ```
    /// use pinning_keys_pinata::{ENDPOINTS, RESOURCES};
    ///
    /// let both = RESOURCES.read(["org:groups:read"]).and(ENDPOINTS.read(["pinning.unpin"]));
    /// assert_eq!(both.scope().to_string(), "pins:remove groups:read");
    /// ```
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.scope = self.scope.and(other.scope);
        self.unknown.extend(other.unknown);
        self
    }

    /// Adds a native grant that could not be read, which makes this a lower bound.
    ///
    /// ```
    /// use pinning_keys_core::Reading;
    ///
    /// assert!(Reading::admin().with_unknown("superuser").is_lower_bound());
    /// ```
    #[must_use]
    pub fn with_unknown(mut self, grant: impl Into<String>) -> Self {
        self.unknown.push(grant.into());
        self
    }
}
