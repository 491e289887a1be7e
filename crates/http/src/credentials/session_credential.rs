use super::account_credential::AccountCredential;
use super::session::Session;

/// What a session adds to a credential.
impl AccountCredential {
    /// Sets the base URL that the provider named for calls with this credential, as it wrote it.
    ///
    /// A client goes there only if the URL is within its
    /// [`session_domains`](crate::ApiClientBuilder::session_domains). Otherwise its calls fail
    /// before the credential is sent.
    ///
    /// ```
    /// use pinning_keys_http::credentials::AccountCredential;
    ///
    /// let credential = AccountCredential::bearer("eyJhbGciOi")?
    ///     .with_base_url("https://api005.backblazeb2.com");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_base_url(mut self, url: impl Into<String>) -> Self {
        self.session_mut().base_url = Some(url.into());
        self
    }

    /// Adds a fact that requests need, such as the id of the account, under the name by which calls
    /// ask for it ([`Call::with_fact`](crate::Call::with_fact)). It must not be a secret.
    ///
    /// ```
    /// use pinning_keys_http::credentials::AccountCredential;
    ///
    /// let credential = AccountCredential::bearer("eyJhbGciOi")?.with_fact("accountId", "a1b2c3");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_fact(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.session_mut().set_fact(name, value.into());
        self
    }

    /// Sets the account that the credential belongs to, as the provider identifies it. It counts if
    /// the token does not [show its account] itself.
    ///
    /// A client serves one account: see [`ApiClientBuilder::account`].
    ///
    /// ```
    /// use pinning_keys_http::credentials::AccountCredential;
    ///
    /// let credential = AccountCredential::bearer("eyJhbGciOi")?.with_account_id("a1b2c3");
    /// assert_eq!(credential.account_id(), Some("a1b2c3"));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// [show its account]: crate::ApiClientBuilder::account_reader
    /// [`ApiClientBuilder::account`]: crate::ApiClientBuilder::account
    #[must_use]
    pub fn with_account_id(mut self, id: impl Into<String>) -> Self {
        self.session_mut().account_id = Some(id.into());
        self
    }

    /// Returns the fact of this name, if the session has it.
    ///
    /// ```
    /// use pinning_keys_http::credentials::AccountCredential;
    ///
    /// let credential = AccountCredential::bearer("eyJhbGciOi")?.with_fact("keyId", "0d2a");
    /// assert_eq!(credential.fact("keyId"), Some("0d2a"));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.session().and_then(|session| session.fact(name))
    }

    /// Returns the account that the credential belongs to, if that is known.
    pub fn account_id(&self) -> Option<&str> {
        self.session().and_then(Session::account_id)
    }
}
