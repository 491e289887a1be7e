use std::num::NonZeroU64;
use std::time::SystemTime;

use crate::lifetime::Lifetime;
use crate::{
    Credential, Granted, KeyName, KeyRef, KeyRequest, PermissionSet, Restriction, Translation, Uses,
};

/// A key that was just issued. The provider shows its credential only this once.
///
/// Store [`key_ref`](Self::key_ref) and the credential before doing anything else: without the
/// first the key can only be found by its name, and without the second it is useless.
///
/// ```
/// use pinning_keys_core::{KeyIssuer, KeyRequest, Permission, ScopeRequest};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// let scope = ScopeRequest::uploader().tolerates("pinata:org:files:write");
/// let key = issuer.issue(&KeyRequest::new("uploads", scope)?).await?;
/// assert!(key.granted().allows(Permission::PinsAddFile));
/// assert!(key.extra().contains(Permission::PinsRemove));
///
/// let stored = (key.key_ref().to_string(), key.credential().expose().bearer());
/// assert!(stored.1.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct IssuedKey {
    key_ref: KeyRef,
    name: KeyName,
    max_uses: Option<NonZeroU64>,
    /// On the heap, because few keys expire.
    translation: Translation,
    /// Boxed, because most keys have neither, and a key is moved often.
    limits: Option<Box<Limits>>,
    credential: Credential,
}

/// What few keys have.
#[derive(Clone, Debug, Default)]
struct Limits {
    lifetime: Option<Lifetime>,
    restrictions: Vec<Restriction>,
}

impl IssuedKey {
    /// A key issued for this request by sending `translation`; for adapters.
    ///
    /// ```
    /// use pinning_keys_core::{Credential, IssuedKey, KeyRef, KeyRequest, ScopeRequest};
    /// use pinning_keys_pinata::RESOURCES;
    ///
    /// let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
    /// let translation = RESOURCES.translate(request.scope())?;
    /// let key = IssuedKey::new(
    ///     KeyRef::new("pinata", "0d2a")?,
    ///     &request,
    ///     translation,
    ///     Credential::bearer("pinata", "eyJhbGciOi")?,
    /// );
    /// assert_eq!(key.granted(), translation.granted());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    #[inline] // Its parts are large, and would be copied once more.
    pub fn new(
        key_ref: KeyRef,
        request: &KeyRequest,
        translation: Translation,
        credential: Credential,
    ) -> Self {
        let (name, max_uses) = (request.name().clone(), request.max_uses());
        let lifetime = Lifetime::requested_by(request);
        let limits =
            lifetime.map(|it| Box::new(Limits { lifetime: Some(it), ..Limits::default() }));
        Self { key_ref, name, max_uses, translation, limits, credential }
    }

    /// Adds a restriction of the key, such as the bucket that an adapter is configured for; for
    /// adapters.
    ///
    /// ```
    /// # use pinning_keys_core::{Credential, IssuedKey, KeyRef, KeyRequest, ScopeRequest};
    /// use pinning_keys_core::Restriction;
    /// # use pinning_keys_pinata::RESOURCES;
    /// # let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
    /// # let translation = RESOURCES.translate(request.scope())?;
    /// # let credential = Credential::bearer("pinata", "eyJhbGciOi")?;
    /// # let key = IssuedKey::new(KeyRef::new("pinata", "0d2a")?, &request, translation, credential);
    ///
    /// let key = key.with_restriction(Restriction::new("in bucket", "b1"));
    /// assert_eq!(key.restrictions()[0].to_string(), "in bucket b1");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_restriction(mut self, restriction: Restriction) -> Self {
        self.limits.get_or_insert_default().restrictions.push(restriction);
        self
    }

    /// Sets when the key expires, as the provider reported; for adapters. A requested expiry is
    /// never assumed to be honoured.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// # use pinning_keys_core::{Credential, IssuedKey, KeyRef, KeyRequest, ScopeRequest};
    /// # use pinning_keys_pinata::RESOURCES;
    /// # let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
    /// # let translation = RESOURCES.translate(request.scope())?;
    /// # let key_ref = KeyRef::new("pinata", "0d2a")?;
    /// # let credential = Credential::bearer("pinata", "eyJhbGciOi")?;
    /// let hour = Duration::from_secs(60 * 60);
    /// let request = request.with_expiry(24 * hour);
    /// let key = IssuedKey::new(key_ref, &request, translation, credential);
    /// assert_eq!(key.expires_at(), None);
    ///
    /// let key = key.with_expires_at(Some(SystemTime::now() + hour));
    /// assert!(key.is_expiry_shortened());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: Option<SystemTime>) -> Self {
        if expires_at.is_some() || self.lifetime().is_some() {
            let limits = self.limits.get_or_insert_default();
            limits.lifetime.get_or_insert_default().reported = expires_at;
        }
        self
    }

    /// The reference with which to revoke the key. It is not a secret.
    pub fn key_ref(&self) -> &KeyRef {
        &self.key_ref
    }

    /// The key's name.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// How often the key may be used, as requested; `None` if no limit was requested.
    pub fn max_uses(&self) -> Option<NonZeroU64> {
        self.max_uses
    }

    /// When the key was to expire, as requested; `None` if no expiry was requested. For
    /// [`Expiry::after`](crate::Expiry::after), it is counted from the provider's answer, by the
    /// clock of this machine.
    pub fn requested_expiry(&self) -> Option<SystemTime> {
        self.lifetime()?.requested
    }

    /// When the key expires, as the provider reported when it issued the key; `None` if it did not
    /// say. Then only the key's [record](crate::KeyRecord::expires_at) may show it.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.lifetime()?.reported
    }

    /// Whether the provider reported that the key expires earlier than requested, or that it
    /// expires although no expiry was requested.
    ///
    /// Clocks differ, so a minute less does not count, or half of the requested time if that is
    /// shorter than a minute.
    pub fn is_expiry_shortened(&self) -> bool {
        self.lifetime().is_some_and(|it| it.is_earlier(it.reported, it.requested))
    }

    pub(crate) fn lifetime(&self) -> Option<&Lifetime> {
        self.limits.as_ref()?.lifetime.as_ref()
    }

    /// Whether a limit on the key's uses was requested. The methods that
    /// [wait for a key](crate::Patient::wait_until_live) need to know.
    pub fn use_limit(&self) -> Uses {
        if self.max_uses.is_some() { Uses::MayBeLimited } else { Uses::Unlimited }
    }

    /// The grants that were sent.
    pub(crate) fn translation(&self) -> &Translation {
        &self.translation
    }

    /// What the key is confined to; empty if it is not.
    pub fn restrictions(&self) -> &[Restriction] {
        self.limits.as_ref().map_or(&[], |limits| &limits.restrictions)
    }

    /// What the key may do, as requested. The response to a create does not say what the provider
    /// recorded; [`KeyIssuerExt::check`](crate::KeyIssuerExt::check) compares the two.
    pub fn granted(&self) -> Granted {
        self.translation.granted()
    }

    /// What was preferred and not granted.
    pub fn missing(&self) -> PermissionSet {
        self.translation.missing()
    }

    /// What was granted beyond what was needed and preferred.
    pub fn extra(&self) -> PermissionSet {
        self.translation.extra()
    }

    /// The secret part, for the key's holder.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The reference, the name and the secret part: what an app stores.
    ///
    /// ```
    /// # use pinning_keys_core::{IssuedKey, KeyIssuer, KeyRequest, ScopeRequest};
    /// fn store(key: IssuedKey) {
    ///     let (key_ref, name, credential) = key.into_parts();
    ///     // … in one transaction, before the key is handed out …
    /// }
    /// ```
    #[must_use]
    pub fn into_parts(self) -> (KeyRef, KeyName, Credential) {
        (self.key_ref, self.name, self.credential)
    }

    /// The secret part, for the key's holder, without a copy.
    #[must_use]
    pub fn into_credential(self) -> Credential {
        self.credential
    }
}
