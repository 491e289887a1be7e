use std::num::NonZeroU64;
use std::time::SystemTime;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::text::{rfc3339, shortened};
use crate::{Error, ErrorKind, KeyRef, KeyScope, PermissionTable, Reading, ScopeRequest, Uses};

/// A key as a listing shows it. It never holds a secret, even if the provider sends one.
///
/// ```
/// use std::num::NonZeroU64;
///
/// use pinning_keys_core::{KeyIssuer, KeyQuery, KeyRequest, ScopeRequest};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
/// issuer.issue(&request.with_max_uses(NonZeroU64::MIN)).await?;
/// let page = issuer.list(&KeyQuery::new()).await?;
/// let record = &page.records()[0];
/// assert_eq!(record.name(), "dashboard");
/// assert_eq!(record.scope().to_string(), "pins:list pins:list-jobs");
/// assert_eq!(record.native_grants(), ["org:files:read"]);
/// assert_eq!((record.uses(), record.max_uses()), (Some(0), NonZeroU64::new(1)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    key_ref: KeyRef,
    name: String,
    table: Option<&'static PermissionTable>,
    reading: Reading,
    native_grants: Vec<String>,
    uses: Option<u64>,
    max_uses: Option<NonZeroU64>,
    unlimited: bool,
    revoked: Option<bool>,
    created_at: Option<SystemTime>,
    expires_at: Option<SystemTime>,
}

impl KeyRecord {
    /// A key of this name, with what its grants open; for adapters.
    ///
    /// ```
    /// use pinning_keys_core::{KeyRecord, KeyRef};
    /// use pinning_keys_pinata::RESOURCES;
    ///
    /// let key_ref = KeyRef::new("pinata", "0d2a")?;
    /// let record = KeyRecord::new(key_ref, "dashboard", RESOURCES.read(["org:groups:read"]));
    /// assert_eq!(record.scope().to_string(), "groups:read");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn new(key_ref: KeyRef, name: impl Into<String>, reading: Reading) -> Self {
        Self {
            key_ref,
            name: name.into(),
            table: None,
            reading,
            native_grants: Vec::new(),
            uses: None,
            max_uses: None,
            unlimited: false,
            revoked: None,
            created_at: None,
            expires_at: None,
        }
    }

    /// Sets the native grants, and the table that they belong to.
    ///
    /// ```
    /// # use pinning_keys_core::{KeyRecord, KeyRef};
    /// # use pinning_keys_pinata::RESOURCES;
    /// # let key_ref = KeyRef::new("pinata", "0d2a")?;
    /// # let record = KeyRecord::new(key_ref, "dashboard", RESOURCES.read(["org:files:read"]));
    /// let record = record.with_native_grants(Some(&RESOURCES), vec!["org:files:read".to_owned()]);
    /// assert_eq!(record.table(), Some(&RESOURCES));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_native_grants(
        mut self,
        table: Option<&'static PermissionTable>,
        grants: Vec<String>,
    ) -> Self {
        self.table = table;
        self.native_grants = grants;
        self
    }

    /// Sets how often the key was used, and how often it may be used.
    ///
    /// ```
    /// # use pinning_keys_core::{KeyRecord, KeyRef};
    /// # use pinning_keys_pinata::RESOURCES;
    /// # let key_ref = KeyRef::new("pinata", "0d2a")?;
    /// # let record = KeyRecord::new(key_ref, "dashboard", RESOURCES.read(["org:files:read"]));
    /// let record = record.with_uses(Some(3), None);
    /// assert_eq!((record.uses(), record.max_uses()), (Some(3), None));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_uses(mut self, uses: Option<u64>, max_uses: Option<NonZeroU64>) -> Self {
        self.uses = uses;
        self.max_uses = max_uses;
        self
    }

    /// Sets whether the provider shows that the key's uses are unlimited (default: no).
    ///
    /// ```
    /// # use pinning_keys_core::{KeyRecord, KeyRef};
    /// # use pinning_keys_pinata::RESOURCES;
    /// # let key_ref = KeyRef::new("pinata", "0d2a")?;
    /// # let record = KeyRecord::new(key_ref, "dashboard", RESOURCES.read(["org:files:read"]));
    /// assert!(record.with_unlimited_uses(true).is_unlimited());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_unlimited_uses(mut self, unlimited: bool) -> Self {
        self.unlimited = unlimited;
        self
    }

    /// Sets whether the key is revoked.
    ///
    /// ```
    /// # use pinning_keys_core::{KeyRecord, KeyRef};
    /// # use pinning_keys_pinata::RESOURCES;
    /// # let key_ref = KeyRef::new("pinata", "0d2a")?;
    /// # let record = KeyRecord::new(key_ref, "dashboard", RESOURCES.read(["org:files:read"]));
    /// assert_eq!(record.with_revoked(Some(true)).is_revoked(), Some(true));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_revoked(mut self, revoked: Option<bool>) -> Self {
        self.revoked = revoked;
        self
    }

    /// Sets when the key was issued, by the provider's clock.
    ///
    /// ```
    /// # use pinning_keys_core::{KeyRecord, KeyRef};
    /// # use pinning_keys_pinata::RESOURCES;
    /// # let key_ref = KeyRef::new("pinata", "0d2a")?;
    /// # let record = KeyRecord::new(key_ref, "dashboard", RESOURCES.read(["org:files:read"]));
    /// use std::time::SystemTime;
    ///
    /// let record = record.with_created_at(Some(SystemTime::UNIX_EPOCH));
    /// assert_eq!(record.created_at(), Some(SystemTime::UNIX_EPOCH));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_created_at(mut self, created_at: Option<SystemTime>) -> Self {
        self.created_at = created_at;
        self
    }

    /// Sets when the key expires by itself, by the provider's clock.
    ///
    /// ```
    /// # use pinning_keys_core::{KeyRecord, KeyRef};
    /// # use pinning_keys_pinata::RESOURCES;
    /// # let key_ref = KeyRef::new("pinata", "0d2a")?;
    /// # let record = KeyRecord::new(key_ref, "dashboard", RESOURCES.read(["org:files:read"]));
    /// use std::time::SystemTime;
    ///
    /// let record = record.with_expires_at(Some(SystemTime::UNIX_EPOCH));
    /// assert_eq!(record.expires_at(), Some(SystemTime::UNIX_EPOCH));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: Option<SystemTime>) -> Self {
        self.expires_at = expires_at;
        self
    }

    /// The reference with which to revoke the key.
    pub fn key_ref(&self) -> &KeyRef {
        &self.key_ref
    }

    /// The key's name. It is plain text, because keys issued elsewhere can have names that
    /// [`KeyName`](crate::KeyName) refuses.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key may do at least, within its [restrictions](Reading::restrictions); see
    /// [`Reading::is_lower_bound`].
    pub fn scope(&self) -> KeyScope {
        self.reading.scope()
    }

    /// What the key may do, what it is confined to, and which of its grants could not be read. Its
    /// `Display` shows all of it.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The table that the native grants belong to; `None` for an admin key, and if the provider's
    /// answer did not say.
    pub fn table(&self) -> Option<&'static PermissionTable> {
        self.table
    }

    /// The grants, by the provider's own names on the wire.
    pub fn native_grants(&self) -> &[String] {
        &self.native_grants
    }

    /// How often the key was used, if the provider counts.
    pub fn uses(&self) -> Option<u64> {
        self.uses
    }

    /// How often the key may be used; `None` if there is no limit, or if the provider's figure
    /// could not be read.
    pub fn max_uses(&self) -> Option<NonZeroU64> {
        self.max_uses
    }

    /// Whether the provider shows that the key's uses are unlimited. A limit that is merely missing
    /// or unreadable does not show it.
    pub fn is_unlimited(&self) -> bool {
        self.unlimited
    }

    /// Whether the key's uses may be limited, as far as the provider shows. The methods that
    /// [wait for a key](crate::Patient::wait_until_dead) need to know.
    pub fn use_limit(&self) -> Uses {
        if self.unlimited { Uses::Unlimited } else { Uses::MayBeLimited }
    }

    /// Whether the key is revoked, if the provider says.
    pub fn is_revoked(&self) -> Option<bool> {
        self.revoked
    }

    /// When the key was issued, by the provider's clock; `None` if the provider did not say, or
    /// not in a form that could be read.
    pub fn created_at(&self) -> Option<SystemTime> {
        self.created_at
    }

    /// When the key expires by itself, by the provider's clock; `None` if it does not, or if the
    /// provider did not say. An expired key may still be listed.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// A request for the same scope again, such as for the successor of the key.
    ///
    /// ```
    /// # use pinning_keys_core::{KeyRecord, KeyRef, Reading};
    /// use pinning_keys_core::{KeyScope, Permission};
    /// # let key_ref = KeyRef::new("pinata", "0d2a")?;
    /// # let reading = pinning_keys_pinata::RESOURCES.read(["org:files:read"]);
    /// # let record = KeyRecord::new(key_ref, "dashboard", reading);
    /// let request = record.to_request()?;
    /// assert_eq!(KeyScope::of(request.needed()), record.scope());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the key is an admin key, can do nothing, or has grants that
    /// could not be read or are only a [part](Reading::partial) of a compound: a request would then
    /// ask for less than the key can do. The same if it is [restricted](Reading::restrictions), because the request would ask for more.
    pub fn to_request(&self) -> Result<ScopeRequest, Error> {
        let refused = |message: String| Error::new(ErrorKind::InvalidInput, message);
        let unread = match (self.reading.unknown(), self.reading.partial()) {
            ([unknown, ..], _) => Some(("an unknown grant", unknown)),
            ([], [partial, ..]) => Some(("only a part of a compound grant,", partial)),
            ([], []) => None,
        };
        if let Some((what, name)) = unread {
            return Err(refused(format!("the key has {what} {:?}", shortened(name)))
                .with_next_step("name what the new key must be able to do in needs"));
        }
        if let Some(restriction) = self.reading.restrictions().first() {
            return Err(refused(format!(
                "the key is confined ({restriction}), and no request can be"
            ))
            .with_next_step(
                "name what the new key must be able to do in needs; it will not be confined",
            ));
        }
        let native = self.reading.native();
        let floor = if native.is_empty() || self.scope().is_admin() {
            ScopeRequest::exactly(self.scope())?
        } else {
            ScopeRequest::needs(self.scope().permissions().unwrap_or_default())
        };
        Ok(native.iter().cloned().fold(floor, ScopeRequest::and_needs_native))
    }
}

/// Serializes the reference, name, table, scope, native grants, unknown and partial grants, restrictions, uses
/// and their limit, whether the key is revoked, and when it was issued and when it expires, in
/// RFC 3339.
impl Serialize for KeyRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("KeyRecord", 13)?;
        fields.serialize_field("key_ref", &self.key_ref)?;
        fields.serialize_field("name", &self.name)?;
        fields.serialize_field("table", &self.table.map(PermissionTable::name))?;
        fields.serialize_field("scope", &self.scope())?;
        fields.serialize_field("native_grants", &self.native_grants)?;
        fields.serialize_field("unknown_grants", self.reading.unknown())?;
        fields.serialize_field("partial_grants", self.reading.partial())?;
        fields.serialize_field("restrictions", self.reading.restrictions())?;
        fields.serialize_field("uses", &self.uses)?;
        fields.serialize_field("max_uses", &self.max_uses)?;
        fields.serialize_field("revoked", &self.revoked)?;
        fields.serialize_field("created_at", &self.created_at.and_then(rfc3339))?;
        fields.serialize_field("expires_at", &self.expires_at.and_then(rfc3339))?;
        fields.end()
    }
}
