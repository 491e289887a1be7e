use std::time::SystemTime;

use crate::{Credential, Error, ErrorKind, IssuerProfile, KeyRef};

/// What a credential says about itself, read from it without a request: the key that it belongs
/// to, when it expires, and what it reveals to its holder.
///
/// **All of it is a claim.** Anyone can write a token or a key pair that names somebody else's key.
/// [`KeyIssuerExt::trace`](crate::KeyIssuerExt::trace) asks the provider.
///
/// It contains no secret.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
///
/// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
/// let facts = issuer.credential_facts(key.credential())?;
/// assert_eq!(facts.key_ref(), Some(key.key_ref()));
/// assert!(facts.shows_email() && facts.shows_secret(), "Pinata's JWTs do");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CredentialFacts {
    key_ref: Option<KeyRef>,
    expiry: Option<SystemTime>,
    shows_email: bool,
    shows_secret: bool,
}

impl CredentialFacts {
    /// The facts of a credential that says nothing; for adapters.
    ///
    /// ```
    /// use pinning_keys_core::CredentialFacts;
    ///
    /// assert_eq!(CredentialFacts::new().key_ref(), None);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the key that the credential names.
    ///
    /// ```
    /// use pinning_keys_core::{CredentialFacts, KeyRef};
    ///
    /// let key_ref = KeyRef::new("pinata", "0d2a")?;
    /// let facts = CredentialFacts::new().with_key_ref(Some(key_ref.clone()));
    /// assert_eq!(facts.key_ref(), Some(&key_ref));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_key_ref(mut self, key_ref: Option<KeyRef>) -> Self {
        self.key_ref = key_ref;
        self
    }

    /// Sets the time from which the token is refused.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use pinning_keys_core::CredentialFacts;
    ///
    /// let facts = CredentialFacts::new().with_expiry(Some(SystemTime::UNIX_EPOCH));
    /// assert_eq!(facts.expiry(), Some(SystemTime::UNIX_EPOCH));
    /// ```
    #[must_use]
    pub fn with_expiry(mut self, expiry: Option<SystemTime>) -> Self {
        self.expiry = expiry;
        self
    }

    /// Sets whether the token shows the e-mail address of the account's owner.
    ///
    /// ```
    /// use pinning_keys_core::CredentialFacts;
    ///
    /// assert!(CredentialFacts::new().with_email_shown(true).shows_email());
    /// ```
    #[must_use]
    pub fn with_email_shown(mut self, shown: bool) -> Self {
        self.shows_email = shown;
        self
    }

    /// Sets whether the token shows the secret of the key pair.
    ///
    /// ```
    /// use pinning_keys_core::CredentialFacts;
    ///
    /// assert!(CredentialFacts::new().with_secret_shown(true).shows_secret());
    /// ```
    #[must_use]
    pub fn with_secret_shown(mut self, shown: bool) -> Self {
        self.shows_secret = shown;
        self
    }

    /// The key that the credential names; `None` if it names none, or none that has the form of a
    /// key.
    pub fn key_ref(&self) -> Option<&KeyRef> {
        self.key_ref.as_ref()
    }

    /// The time from which the token is refused, if it says so. The key can outlive its token.
    pub fn expiry(&self) -> Option<SystemTime> {
        self.expiry
    }

    /// Whether the token shows the e-mail address of the account's owner to its holder.
    pub fn shows_email(&self) -> bool {
        self.shows_email
    }

    /// Whether the token shows the secret of the key pair to its holder. Whoever has the token then
    /// has the pair too, even after the token has expired.
    pub fn shows_secret(&self) -> bool {
        self.shows_secret
    }

    /// The facts of a credential whose token nobody can read.
    pub(crate) fn of_pair(profile: &IssuerProfile, credential: &Credential) -> Result<Self, Error> {
        profile.check_credential(credential)?;
        let Some(api_key) = credential.api_key() else {
            let form = credential.form();
            let message = format!("a credential of this form ({form}) does not say whose it is");
            return Err(
                Error::new(ErrorKind::Unsupported, message).with_provider(profile.provider())
            );
        };
        let key_ref = KeyRef::new(profile.provider(), api_key)?;
        Ok(Self::new().with_key_ref(Some(key_ref)))
    }

    /// The key that the credential names.
    pub(crate) fn into_key_ref(self, profile: &IssuerProfile) -> Result<KeyRef, Error> {
        let step = if self.expiry.is_some() {
            "if it is a login of the account, it ends when it expires; if not, look for the key in \
             the list of keys, by its name and its dates"
        } else {
            "copy the credential whole, without the text around it; if it still names no key, look \
             for the key in the list of keys, by its name and its dates"
        };
        self.key_ref.ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "the credential does not name a key")
                .with_provider(profile.provider())
                .with_next_step(step)
        })
    }
}
