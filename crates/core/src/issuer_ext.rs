use async_trait::async_trait;

use crate::{
    Credential, Discrepancies, Error, ErrorKind, HolderRoute, IssuedKey, KeyIssuer, KeyListing,
    KeyQuery, KeyRecord, KeyRef, KeyStream, Operation, Permission, ProbeConsent, ProbeReport,
    Recorded, Revocation, TracedKey,
};

/// Conveniences for every [`KeyIssuer`]; import the trait to use them.
///
/// ```
/// use pinning_keys_core::{Error, KeyIssuer, KeyIssuerExt, KeyQuery};
///
/// async fn names(issuer: &dyn KeyIssuer) -> Result<Vec<String>, Error> {
///     let listing = issuer.keys(KeyQuery::new()).into_listing().await?;
///     Ok(listing.into_iter().map(|record| record.name().to_owned()).collect())
/// }
/// ```
#[async_trait]
pub trait KeyIssuerExt: KeyIssuer {
    /// The keys that a query selects, over all pages. Each page is requested when the stream
    /// reaches it, and only one is held in memory.
    ///
    /// **Collect the keys first if you revoke them.** Revoking while the listing is read moves
    /// rows: the listing follows them, which takes more requests, and may have to report that it
    /// lost one. [`into_listing`](KeyStream::into_listing) collects, as does `revoke_listed` of the
    /// `bulk` crate, which then revokes several keys at a time:
    ///
    /// ```
    /// use pinning_keys_core::{Error, KeyIssuer, KeyIssuerExt, KeyQuery};
    ///
    /// async fn revoke_exhausted(issuer: &dyn KeyIssuer) -> Result<(), Error> {
    ///     let query = KeyQuery::new().with_exhausted(true).with_revoked(false);
    ///     for record in issuer.keys(query).into_listing().await? {
    ///         // A provider may ignore a filter, and a record may not show what it is about.
    ///         let limit = record.uses().zip(record.max_uses());
    ///         if limit.is_some_and(|(uses, max)| uses >= max.get()) {
    ///             println!("{}: {}", record.name(), issuer.revoke(record.key_ref()).await?);
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// A listing of more pages than the provider's rate limit allows in a minute fails with
    /// [`RateLimited`](crate::ErrorKind::RateLimited) unless the issuer may wait: allow a longer
    /// deadline (`with_deadline`, `deadline_seconds`), or wrap the issuer in
    /// [`Patient`](crate::Patient) or in `Throttled` of the `bulk` crate.
    /// [`resume`](KeyStream::resume) continues a stream that failed.
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuerExt, KeyQuery};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let mut keys = issuer.keys(KeyQuery::new());
    /// while let Some(record) = keys.next().await {
    ///     println!("{}", record?.name());
    /// }
    /// assert!(keys.discrepancies().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    fn keys(&self, query: KeyQuery) -> KeyStream<'_, Self> {
        KeyStream::new(self, query)
    }

    /// [Probes](KeyIssuer::probe) a key whose uses are unlimited, so that none can be spent.
    ///
    /// Looks up the key's limit in the account's list, unless the provider has no such limits. The key
    /// is the one that the credential [names](KeyIssuer::credential_facts).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// use pinning_keys_core::{
    ///     KeyIssuer, KeyIssuerExt, KeyRequest, Permission, ProbeVerdict, ScopeRequest,
    /// };
    ///
    /// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// let report = issuer.probe_unlimited(key.credential()).await?;
    /// assert_eq!(report.verdict(Permission::PinsList), ProbeVerdict::Yes);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`KeyIssuer::list`] and [`KeyIssuer::probe`], and [`ErrorKind::InvalidInput`] if the list
    /// does not show that the key's uses are unlimited. No request was then sent with the key.
    async fn probe_unlimited(&self, credential: &Credential) -> Result<ProbeReport, Error> {
        if self.profile().supports_max_uses() && !is_listed_as_unlimited(self, credential).await? {
            let message = "the list of keys does not show that the key's uses are unlimited";
            return Err(Error::new(ErrorKind::InvalidInput, message)
                .with_provider(self.profile().provider())
                .with_operation(Operation::Probe)
                .with_next_step("call probe with ProbeConsent::to_spend_uses()"));
        }
        self.probe(credential, ProbeConsent::to_spend_uses()).await
    }

    /// The main route on which the holder of a key uses this permission, at this issuer's own
    /// address. `None` if the table's keys cannot do this, or if no source names a route for it.
    ///
    /// The form of the provider's answer is not part of the route, and differs between providers.
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuerExt, Permission};
    ///
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let list = issuer.holder_route(Permission::PinsList).expect("the table can list");
    /// assert_eq!(list.url(), format!("{}/v3/files/{{network}}", emulator.pinata().base_url()));
    /// assert!(issuer.holder_route(Permission::NftsList).is_none());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    fn holder_route(&self, permission: Permission) -> Option<HolderRoute> {
        self.profile().holder_routes(permission).next()
    }

    /// Returns the keys of exactly this name, including revoked ones if the provider lists them.
    ///
    /// If the provider has no filter by name
    /// ([`filters`](crate::IssuerProfile::filters)), this reads the whole list. With many keys
    /// that takes an issuer that may wait, as for [`keys`](Self::keys).
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuer, KeyIssuerExt, KeyRequest, ScopeRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// issuer.issue(&KeyRequest::new("user 1", ScopeRequest::reader())?).await?;
    /// issuer.issue(&KeyRequest::new("user 10", ScopeRequest::reader())?).await?;
    /// assert_eq!(issuer.find("user 1").await?.records().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`KeyIssuer::list`].
    async fn find(&self, name: &str) -> Result<KeyListing, Error> {
        let mut query = KeyQuery::new();
        if self.profile().filters().name() {
            query = query.with_name_containing(name);
        }
        let mut keys = self.keys(query);
        let mut records = Vec::new();
        while let Some(record) = keys.next().await {
            records.extend(Some(record?).filter(|record| record.name() == name));
        }
        Ok(KeyListing::new(records, keys.discrepancies()))
    }

    /// Compares what the provider recorded about a key with what was issued: the scope, the limit
    /// on uses, the name, and whether it is revoked.
    ///
    /// The response to a create does not say these, so [`granted`](IssuedKey::granted) is what was
    /// requested. Only a listing shows if the provider recorded something else, such as an admin
    /// key, or a key without the limit.
    ///
    /// The key is found by its reference, among the keys of its name if the provider has a filter
    /// by name. If none of those is the key, this reads the list until the key is there, because it
    /// may have been recorded under another name. With many keys that takes an issuer that may
    /// wait, as for [`keys`](Self::keys).
    ///
    /// A list may lag: if it does not show a new key, check again after the propagation time of the
    /// issuer's profile.
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuer, KeyIssuerExt, KeyRequest, ScopeRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// let recorded = issuer.check(&key).await?;
    /// if recorded.is_wider() {
    ///     println!("{recorded}: {}", issuer.revoke(key.key_ref()).await?);
    /// }
    /// assert!(recorded.is_as_issued(), "{recorded}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`KeyIssuer::list`], and [`ErrorKind::InvalidInput`] if the key belongs to another
    /// provider. Checking again is harmless.
    async fn check(&self, key: &IssuedKey) -> Result<Recorded, Error> {
        let (profile, owner) = (self.profile(), key.key_ref().provider());
        if owner != profile.provider() {
            let message = format!("the key belongs to {owner}, not to this provider");
            return Err(Error::new(ErrorKind::InvalidInput, message)
                .with_provider(profile.provider())
                .with_operation(Operation::List)
                .with_next_step("check it with an issuer of that provider"));
        }
        let named = KeyQuery::new().with_name_containing(key.name().as_str());
        let queries = [Some(named).filter(|_| profile.filters().name()), Some(KeyQuery::new())];
        let mut discrepancies = Discrepancies::default();
        for query in queries.into_iter().flatten() {
            let mut keys = self.keys(query);
            if let Some(record) = keys.find(key.key_ref()).await? {
                return Ok(Recorded::compare(key, record));
            }
            discrepancies = keys.discrepancies();
        }
        Ok(Recorded::NotShown { discrepancies })
    }

    /// Settles a create whose effect is unknown: finds the key by its exact name and revokes it.
    ///
    /// The name can be any that a listing shows, even one that [`KeyName`](crate::KeyName)
    /// refuses.
    ///
    /// A create issues at most one key. If several live keys have the name, some of them come from
    /// elsewhere, so none is revoked and all are reported. Give each key its own name
    /// ([`KeyName::unique`](crate::KeyName::unique)), or an older key of the same name is mistaken
    /// for the lost one.
    ///
    /// This reads as much of the list as [`find`](Self::find), so with many keys it may take an
    /// issuer that waits.
    ///
    /// ```
    /// use pinning_keys_core::{
    ///     Effect, KeyIssuer, KeyIssuerExt, KeyName, KeyRequest, Reconciliation, ScopeRequest,
    /// };
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let name = KeyName::unique("user-42")?;
    /// let request = KeyRequest::new(name.clone(), ScopeRequest::reader())?;
    /// match issuer.issue(&request).await {
    ///     Ok(key) => println!("{} may {}", key.name(), key.granted()),
    ///     Err(error) if error.effect() == Effect::Unknown => {
    ///         match issuer.reconcile(&name).await? {
    ///             Reconciliation::Settled { .. } => println!("it was issued, and is now revoked"),
    ///             Reconciliation::NothingFound { .. } => println!("not issued, or not listed yet"),
    ///             unclear => println!("check the account: {unclear:?}"),
    ///         }
    ///     }
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`KeyIssuer::list`] and [`KeyIssuer::revoke`]. Reconciling again is harmless.
    async fn reconcile<N>(&self, name: &N) -> Result<Reconciliation, Error>
    where
        N: AsRef<str> + Sync + ?Sized,
    {
        let found = self.find(name.as_ref()).await?;
        let discrepancies = found.discrepancies();
        let mut live: Vec<_> =
            found.into_iter().filter(|record| record.is_revoked() != Some(true)).collect();
        match (live.pop(), live.is_empty()) {
            (None, _) => Ok(Reconciliation::NothingFound { discrepancies }),
            (Some(record), true) => {
                let key_ref = record.key_ref().clone();
                let revocation = self.revoke(&key_ref).await?;
                Ok(Reconciliation::Settled { key_ref, revocation, discrepancies })
            }
            (Some(record), false) => {
                live.push(record);
                Ok(Reconciliation::Ambiguous { records: live, discrepancies })
            }
        }
    }

    /// The key that a credential names: a key pair names its key, and a token may.
    ///
    /// It is read from the credential without a request, so it is a **claim** that anyone can
    /// forge: do not revoke by it. [`trace`](Self::trace) asks the provider.
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuer, KeyIssuerExt, KeyRequest, ScopeRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// assert_eq!(issuer.key_of(key.credential())?, *key.key_ref());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`KeyIssuer::credential_facts`], and
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the credential names no key.
    fn key_of(&self, credential: &Credential) -> Result<KeyRef, Error> {
        self.credential_facts(credential)?.into_key_ref(self.profile())
    }

    /// Finds the key that a leaked credential belongs to, so that it can be looked at and
    /// [revoked](TracedKey::revoke).
    ///
    /// A credential only claims to belong to a key, so this verifies it and looks the key up in the
    /// account's list. It changes nothing. If the uses of the key are limited, the verification may
    /// count as one. A credential with a token and a key pair is verified by its pair, which
    /// outlives the token. The token is not: if it does not belong to the key, it may still work.
    ///
    /// The list is read until the key is found, so with many keys this takes an issuer that may
    /// wait, as for [`keys`](Self::keys).
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
    /// # let token = key.credential().expose().bearer().unwrap().to_owned();
    /// use pinning_keys_core::{Credential, KeyIssuerExt};
    ///
    /// let leaked = Credential::bearer("pinata", token)?;
    /// let key = issuer.trace(&leaked).await?;
    /// println!("{} may {}", key.record().name(), key.record().scope());
    /// println!("it is {}", key.revoke().await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`key_of`](Self::key_of), [`KeyIssuer::verify`], [`KeyIssuer::list`] and
    /// [`KeyIssuer::is_own_key`], and if the account does not list the key:
    ///
    /// * [`ErrorKind::InvalidInput`] if the issuer itself works with the key,
    /// * [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) otherwise: the credential belongs to
    ///   another account, or the key is deleted.
    async fn trace<'a>(&'a self, credential: &Credential) -> Result<TracedKey<'a, Self>, Error> {
        TracedKey::find(self, credential).await
    }
}

impl<T: KeyIssuer + ?Sized> KeyIssuerExt for T {}

async fn is_listed_as_unlimited<I: KeyIssuer + ?Sized>(
    issuer: &I,
    credential: &Credential,
) -> Result<bool, Error> {
    let facts = match issuer.credential_facts(credential) {
        // A token that cannot be read names no key.
        Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(false),
        facts => facts?,
    };
    // A forged token can name any key, but the probe then ends with the verification.
    let Some(key) = facts.key_ref() else { return Ok(false) };
    let record = issuer.keys(KeyQuery::new()).find(key).await?;
    Ok(record.is_some_and(|record| record.is_unlimited()))
}

/// The outcome of settling a create whose effect was unknown; see [`KeyIssuerExt::reconcile`].
///
/// ```
/// use pinning_keys_core::Reconciliation;
///
/// fn is_certain(outcome: &Reconciliation) -> bool {
///     matches!(outcome, Reconciliation::Settled { discrepancies, .. } if discrepancies.is_empty())
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "an ambiguous outcome leaves a key whose secret nobody has"]
#[non_exhaustive]
pub enum Reconciliation {
    /// No live key has the name. Listings may lag: try again after the propagation time of the
    /// issuer's profile, or if there are discrepancies. If nothing is found then either, the key
    /// was not issued as far as a listing can show. Issue it again under a new name, so that the
    /// old one can be reconciled once more later.
    #[non_exhaustive]
    NothingFound {
        /// Signs that the listing may have missed the key.
        discrepancies: Discrepancies,
    },
    /// One live key had the name, and the provider was asked to revoke it.
    #[non_exhaustive]
    Settled {
        /// The key.
        key_ref: KeyRef,
        /// What the provider said.
        revocation: Revocation,
        /// Signs that the listing may have missed another key of the name.
        discrepancies: Discrepancies,
    },
    /// Several live keys have the name, and none was touched. The lost one is the one to which the
    /// application has no [`KeyRef`], created at the time of the call and never used. Revoke it by
    /// its record.
    #[non_exhaustive]
    Ambiguous {
        /// The keys.
        records: Vec<KeyRecord>,
        /// Signs that the listing may have missed another one.
        discrepancies: Discrepancies,
    },
}
