use std::time::SystemTime;

/// The account that a credential names, as [`KeyIssuer::account`](crate::KeyIssuer::account)
/// reads it.
///
/// **It is a claim.** The credential's signature is not verified. It contains no secret and no
/// e-mail address.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// use pinning_keys_core::{Account, KeyIssuer};
///
/// let account = issuer.account().await?;
/// let id = account.as_ref().map(Account::id); // store it, to recognize the account later
/// # assert_eq!(id.map(str::len), Some(36));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    id: String,
    credential_expiry: Option<SystemTime>,
}

impl Account {
    /// The account with this id, as the provider writes it: a user id or a subject, but never a
    /// secret or an e-mail address. For adapters.
    ///
    /// ```
    /// use pinning_keys_core::Account;
    ///
    /// assert_eq!(Account::new("user-1").id(), "user-1");
    /// ```
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), credential_expiry: None }
    }

    /// Sets the time from which the provider refuses the credential that named the account.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use pinning_keys_core::Account;
    ///
    /// let account = Account::new("user-1").with_credential_expiry(Some(SystemTime::UNIX_EPOCH));
    /// assert_eq!(account.credential_expiry(), Some(SystemTime::UNIX_EPOCH));
    /// ```
    #[must_use]
    pub fn with_credential_expiry(mut self, expiry: Option<SystemTime>) -> Self {
        self.credential_expiry = expiry;
        self
    }

    /// The provider's id of the account. Two credentials with the same id belong to the same
    /// account.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The time from which the provider refuses the credential that named the account, if the
    /// credential says so. Its source may renew it before.
    pub fn credential_expiry(&self) -> Option<SystemTime> {
        self.credential_expiry
    }
}
