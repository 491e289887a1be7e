use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    Account, Credential, CredentialFacts, Error, IssuedKey, IssuerProfile, KeyPage, KeyQuery,
    KeyRef, KeyRequest, Operation, Plan, ProbeConsent, ProbeReport, Revocation, Verification,
};

/// Issues, lists, revokes and verifies the API keys of one account at one provider.
///
/// Every method keeps the numbered clauses in its documentation, whatever the provider. The
/// crate `pinning-keys-conformance` has test cases for each clause and runs them on any adapter.
/// All methods keep these:
///
/// * **all-01** A call ends within the issuer's deadline.
/// * **all-02** A call needs bounded memory, whatever the server sends.
/// * **all-03** No secret appears in an error, in `Debug` output or in a log.
/// * **all-04** Credentials reach only the provider: no redirect takes them elsewhere, plain http
///   carries them only to this machine and to hosts that were allowed, and neither plain http nor
///   requests to this machine use a proxy.
/// * **all-05** If the account's credential expires and can be renewed, the next call succeeds at
///   the latest, and a create still takes effect at most once.
///
/// [`KeyIssuerExt`](crate::KeyIssuerExt) has conveniences built on these methods.
///
/// ```
/// use pinning_keys_core::{KeyIssuer, KeyRequest, Revocation, ScopeRequest, Verification};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
/// let key = issuer.issue(&request).await?;
/// assert_eq!(issuer.verify(key.credential()).await?, Verification::Live);
///
/// assert_eq!(issuer.revoke(key.key_ref()).await?, Revocation::Revoked);
/// assert_ne!(issuer.verify(key.credential()).await?, Verification::Live);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait KeyIssuer: Send + Sync {
    /// What this issuer supports.
    ///
    /// * **profile-01** It never changes during the issuer's life.
    /// * **profile-02** Everything it declares works, and everything else is refused before any
    ///   request.
    fn profile(&self) -> &IssuerProfile;

    /// Returns what [`issue`](Self::issue) would grant and send. Does no I/O.
    ///
    /// * **plan-01** It fails if and only if `issue` fails before its request.
    /// * **plan-02** Its body is the body that `issue` sends, apart from its
    ///   [placeholders](Plan::with_placeholder).
    /// * **plan-03** It sends nothing itself.
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let plan = issuer.plan(&KeyRequest::new("dashboard", ScopeRequest::reader())?)?;
    /// assert_eq!(plan.translation().granted().to_string(), "pins:list pins:list-jobs");
    /// assert!(plan.body().contains("org:files:read"));
    /// assert_eq!(emulator.requests(), 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inexpressible`], [`ErrorKind::Unsupported`] or
    /// [`ErrorKind::InvalidInput`], as the profile requires.
    ///
    /// [`ErrorKind::Inexpressible`]: crate::ErrorKind::Inexpressible
    /// [`ErrorKind::Unsupported`]: crate::ErrorKind::Unsupported
    /// [`ErrorKind::InvalidInput`]: crate::ErrorKind::InvalidInput
    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error>;

    /// Issues a key.
    ///
    /// * **issue-01** A request that cannot be expressed or is not supported fails before any
    ///   request.
    /// * **issue-02** At most one create takes effect: the request is sent again only if the
    ///   provider, or the network, has reported that nothing was done.
    /// * **issue-03** The returned credential authenticates within the propagation time.
    /// * **issue-04** It can do what `granted` says, and nothing else that is modelled. It also
    ///   has each native grant that was named.
    /// * **issue-05** A create whose outcome is uncertain fails with [`Effect::Unknown`] and
    ///   carries the key's name.
    /// * **issue-06** `granted` includes everything that was needed, and nothing beyond what was
    ///   needed, preferred or tolerated; `missing` and `extra` are the difference.
    /// * **issue-07** The [headers](Credential::headers) of the returned credential authenticate its
    ///   holder.
    /// * **issue-08** An expiry is honoured, or refused before any request. If the provider shortens
    ///   it, the issued key says so.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: if the future is dropped after its request was sent, the key may exist.
    /// Treat that as an unknown effect, and settle it by the requested name.
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// println!("{} may {}", key.name(), key.granted());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`plan`](Self::plan), and those of the provider and the network.
    /// [`Effect::NotSent`] and [`Effect::Rejected`] mean that no key was issued.
    ///
    /// [`Effect::Unknown`]: crate::Effect::Unknown
    /// [`Effect::NotSent`]: crate::Effect::NotSent
    /// [`Effect::Rejected`]: crate::Effect::Rejected
    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error>;

    /// Lists one page of the account's keys.
    ///
    /// * **list-01** No row that the server sent is lost, whatever page size it chose.
    /// * **list-02** Rows that move to the next page, because keys are issued meanwhile, are
    ///   dropped there, and counted.
    /// * **list-03** A total that disagrees or changes is reported.
    /// * **list-04** It returns no secret, even if the provider sends one.
    /// * **list-05** Unknown scopes and fields are kept or reported, never fatal.
    /// * **list-06** A filter that is not supported is refused before any request.
    /// * **list-07** A key that is there throughout is listed, or there are discrepancies, even if
    ///   others are revoked between two pages.
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuer, KeyQuery};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let page = issuer.list(&KeyQuery::new().with_revoked(false)).await?;
    /// for record in page.records() {
    ///     println!("{} may {}", record.name(), record.scope());
    /// }
    /// if let Some(next) = page.next() {
    ///     let page = issuer.list(&KeyQuery::new().with_revoked(false).with_cursor(next.clone())).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for a filter that is not
    /// supported, and the errors of the provider and the network. Listing again is harmless.
    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error>;

    /// Revokes a key for good.
    ///
    /// * **revoke-01** After [`Revocation::Revoked`] the key's credential stops working within
    ///   the propagation time.
    /// * **revoke-02** [`Revocation::AlreadyGone`] means that the provider itself said so;
    ///   [`Revocation::NotFound`] means only that the key was not found. Both speak of the issuer's
    ///   own account: a provider may answer the same for a key of another account, which then looks
    ///   revoked but still works. Revoke each key with an issuer of the account that issued it.
    /// * **revoke-03** Whatever the key's text, it revokes this key or none.
    /// * **revoke-04** A reference to another provider's key is refused before any request.
    /// * **revoke-05** A reference that contains a secret of the
    ///   [form in the profile](IssuerProfile::secret_shape) is refused before any request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// # use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
    /// # let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// # let stored = key.key_ref().to_string();
    /// use pinning_keys_core::Revocation;
    ///
    /// match issuer.revoke(&stored.parse()?).await? {
    ///     Revocation::Revoked | Revocation::AlreadyGone => println!("the key is gone"),
    ///     unclear => println!("the key may still work: {unclear}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of the provider and the network. Revoking again is harmless.
    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error>;

    /// Asks the provider whether a credential works.
    ///
    /// It proves **authenticity, not authority**: a live key may still not be allowed to do
    /// what its holder wants. It may count as one use of a key whose uses are limited.
    ///
    /// * **verify-01** Live, unrecognized, revoked and exhausted are told apart as far as the
    ///   provider does.
    /// * **verify-02** An answer that says nothing about the credential is an error.
    /// * **verify-03** A credential of another provider is refused before any request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// use pinning_keys_core::{Credential, KeyIssuer, Verification};
    ///
    /// let pasted = Credential::bearer("pinata", "eyJhbGciOi")?;
    /// assert_eq!(issuer.verify(&pasted).await?, Verification::Unrecognized);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of the network, and any answer that says nothing about the credential.
    async fn verify(&self, credential: &Credential) -> Result<Verification, Error>;

    /// Tries out what a credential may do, without changing anything at the provider.
    ///
    /// It verifies the credential, and then sends the requests of the profile's
    /// [`probe_plan`](IssuerProfile::probe_plan). A permission is answered yes or no only if a source
    /// shows what the answer means, and is unknown otherwise.
    ///
    /// * **probe-01** It sends the requests of the plan, each at most once, and changes nothing.
    /// * **probe-02** Yes and no are true.
    /// * **probe-03** If the credential is not live, nothing is sent after the verification.
    /// * **probe-04** A credential of another provider is refused before any request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let vars = emulator.pinata().vars().into_iter();
    /// # let vars = vars.chain([("PINNING_KEYS_TABLE", "endpoints".to_owned())]);
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(vars)?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// use pinning_keys_core::{KeyIssuer, KeyRequest, ProbeConsent, ProbeVerdict, ScopeRequest};
    /// use pinning_keys_core::Permission::{PinsAddFile, PinsRemove};
    ///
    /// let key = issuer.issue(&KeyRequest::new("upload", ScopeRequest::uploader())?).await?;
    /// let report = issuer.probe(key.credential(), ProbeConsent::to_spend_uses()).await?;
    /// assert_eq!(report.verdict(PinsAddFile), ProbeVerdict::Yes);
    /// assert_eq!(report.verdict(PinsRemove), ProbeVerdict::No);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`verify`](Self::verify), and
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the profile has no plan. What
    /// goes wrong later is part of the report.
    async fn probe(
        &self,
        credential: &Credential,
        consent: ProbeConsent,
    ) -> Result<ProbeReport, Error> {
        let (_, _) = (credential, consent);
        Err(self.profile().unsupported("probing keys").with_operation(Operation::Probe))
    }

    /// Reads what a credential says about itself: which key it belongs to, when it expires, and
    /// what it reveals to its holder.
    ///
    /// It is a **claim** that anyone can forge: [`KeyIssuerExt::trace`] asks the provider. By
    /// default, a credential with a key pair names the key of the pair, and a token names none.
    ///
    /// * **facts-01** It sends nothing.
    /// * **facts-02** If it names a key for the credential of an issued key, it names that key.
    /// * **facts-03** A credential of another provider is refused.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// # use pinning_keys_core::{KeyRequest, ScopeRequest};
    /// # let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// # let pasted = key.credential();
    /// use pinning_keys_core::KeyIssuer;
    ///
    /// let facts = issuer.credential_facts(pasted)?;
    /// if facts.shows_secret() {
    ///     println!("whoever has the token has the key pair of {:?} too", facts.key_ref());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the credential belongs to another provider or its parts name
    /// different keys, and [`ErrorKind::Unsupported`] for a token that the issuer cannot read.
    ///
    /// [`ErrorKind::InvalidInput`]: crate::ErrorKind::InvalidInput
    /// [`ErrorKind::Unsupported`]: crate::ErrorKind::Unsupported
    /// [`KeyIssuerExt::trace`]: crate::KeyIssuerExt::trace
    fn credential_facts(&self, credential: &Credential) -> Result<CredentialFacts, Error> {
        CredentialFacts::of_pair(self.profile(), credential)
    }

    /// Whether the issuer's own credential belongs to this key; `None`, the default, if the
    /// credential does not show it.
    ///
    /// It asks the source of the account's credential, but not the provider.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// # use pinning_keys_core::{KeyRequest, ScopeRequest};
    /// use pinning_keys_core::KeyIssuer;
    ///
    /// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// assert_eq!(issuer.is_own_key(key.key_ref()).await?, Some(false));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the credential source.
    async fn is_own_key(&self, key: &KeyRef) -> Result<Option<bool>, Error> {
        let _ = key;
        Ok(None)
    }

    /// Returns the account that the issuer's own credential belongs to now; `None`, the default,
    /// if the credential does not show it.
    ///
    /// It asks the source of the account's credential, but not the provider, so the answer is a
    /// **claim** of the credential. The source may return another account's credential at the
    /// next call: see [`confined_to`](Self::confined_to).
    ///
    /// * **account-01** It sends nothing, unless the source has to log in.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// use pinning_keys_core::KeyIssuer;
    ///
    /// if let Some(account) = issuer.account().await? {
    ///     println!("keys are issued in the account {}", account.id());
    /// }
    /// # assert_eq!(emulator.requests(), 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the credential source. A confined issuer also fails if the credential belongs to
    /// another account.
    async fn account(&self) -> Result<Option<Account>, Error> {
        Ok(None)
    }

    /// Returns an issuer that calls the provider only with credentials of the account with this
    /// [id](Account::id); `None`, the default, if the issuer cannot read which account a credential
    /// belongs to.
    ///
    /// It shares the connections, the credential source and the settings of this issuer. It compares
    /// the account at each call, which costs a few microseconds.
    ///
    /// * **account-02** A call with a credential of another account, or with one that does not show
    ///   its account, fails before anything is sent with it, with
    ///   [`ErrorKind::CredentialUnavailable`](crate::ErrorKind::CredentialUnavailable).
    /// * **account-03** If [`account`](Self::account) returns the account, there is an issuer that is
    ///   confined to it and works as this one does.
    ///
    /// [`verify`](Self::verify) and [`probe`](Self::probe) use the credential that they are given,
    /// whatever its account.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// # let key = pinning_keys_core::KeyRef::new("pinata", "0d2a")?;
    /// use pinning_keys_core::{Effect, KeyIssuer};
    ///
    /// let issuer = issuer.confined_to("another-account").expect("JWTs show their account");
    /// let error = issuer.revoke(&key).await.unwrap_err();
    /// assert_eq!(error.effect(), Effect::NotSent);
    /// # assert_eq!(emulator.requests(), 0);
    /// # Ok(())
    /// # }
    /// ```
    fn confined_to(&self, account_id: &str) -> Option<Arc<dyn KeyIssuer>> {
        let _ = account_id;
        None
    }
}

/// The future of a method of [`KeyIssuer`].
type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Pointers to issuers, such as `Arc<dyn KeyIssuer>`, `Box<dyn KeyIssuer>` and `&dyn KeyIssuer`,
/// are issuers. Methods with a default body are here too, or the pointer would answer with the
/// default.
///
/// Each method returns the issuer's own future. An `async fn` would box it a second time, and the
/// budget for an issue through `Arc<dyn KeyIssuer>` has no room for that.
impl<P> KeyIssuer for P
where
    P: Deref<Target: KeyIssuer> + Send + Sync,
{
    fn profile(&self) -> &IssuerProfile {
        (**self).profile()
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        (**self).plan(request)
    }

    fn issue<'s, 'r, 'f>(&'s self, request: &'r KeyRequest) -> Pending<'f, IssuedKey>
    where
        's: 'f,
        'r: 'f,
        Self: 'f,
    {
        (**self).issue(request)
    }

    fn list<'s, 'q, 'f>(&'s self, query: &'q KeyQuery) -> Pending<'f, KeyPage>
    where
        's: 'f,
        'q: 'f,
        Self: 'f,
    {
        (**self).list(query)
    }

    fn revoke<'s, 'k, 'f>(&'s self, key: &'k KeyRef) -> Pending<'f, Revocation>
    where
        's: 'f,
        'k: 'f,
        Self: 'f,
    {
        (**self).revoke(key)
    }

    fn verify<'s, 'c, 'f>(&'s self, credential: &'c Credential) -> Pending<'f, Verification>
    where
        's: 'f,
        'c: 'f,
        Self: 'f,
    {
        (**self).verify(credential)
    }

    fn credential_facts(&self, credential: &Credential) -> Result<CredentialFacts, Error> {
        (**self).credential_facts(credential)
    }

    fn is_own_key<'s, 'k, 'f>(&'s self, key: &'k KeyRef) -> Pending<'f, Option<bool>>
    where
        's: 'f,
        'k: 'f,
        Self: 'f,
    {
        (**self).is_own_key(key)
    }

    fn account<'s, 'f>(&'s self) -> Pending<'f, Option<Account>>
    where
        's: 'f,
        Self: 'f,
    {
        (**self).account()
    }

    fn confined_to(&self, account_id: &str) -> Option<Arc<dyn KeyIssuer>> {
        (**self).confined_to(account_id)
    }

    fn probe<'s, 'c, 'f>(
        &'s self,
        credential: &'c Credential,
        consent: ProbeConsent,
    ) -> Pending<'f, ProbeReport>
    where
        's: 'f,
        'c: 'f,
        Self: 'f,
    {
        (**self).probe(credential, consent)
    }
}
