use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{KeyName, KeyRequest, PermissionSet, ScopeRequest, Tolerance};
use pinning_keys_sinks::Sink;

use crate::create::create;
use crate::family;
use crate::inner::Inner;
use crate::intent::Order;
use crate::issue_to::issue_to;
use crate::run_due::bounded;
use crate::store::{KeyRow, Scope, Select, Tx};
use crate::successor::{UseLimit, Wishes};
use crate::{Delivery, Error, ErrorKind, KeyId, Lease, ManagedKey};

/// A rotation that is about to start; see [`KeyManager::rotate`](crate::KeyManager::rotate).
///
/// ```
/// # use std::time::Duration;
/// use pinning_keys_lifecycle::{KeyId, KeyManager, Rotation};
///
/// fn gently(manager: &KeyManager, id: &KeyId) -> Rotation {
///     manager.rotate(id).overlap(Duration::from_hours(1))
/// }
/// ```
#[must_use = "call start()"]
pub struct Rotation {
    inner: Arc<Inner>,
    id: KeyId,
    onto: Option<String>,
    wishes: Wishes,
    /// The key as it was when the rotation was planned.
    planned: Option<KeyRow>,
}

impl Rotation {
    pub(crate) fn new(inner: Arc<Inner>, id: KeyId) -> Self {
        Self { inner, id, onto: None, wishes: Wishes::default(), planned: None }
    }

    pub(crate) fn planned(inner: Arc<Inner>, row: KeyRow, onto: String, wishes: Wishes) -> Self {
        Self { inner, id: row.id.clone(), onto: Some(onto), wishes, planned: Some(row) }
    }

    /// Sets how long the old key continues to work after the new one is confirmed (default: 0 s).
    /// Its lease may end earlier.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use pinning_keys_lifecycle::Rotation;
    ///
    /// fn gently(rotation: Rotation) -> Rotation {
    ///     rotation.overlap(Duration::from_hours(1))
    /// }
    /// ```
    pub fn overlap(mut self, time: Duration) -> Self {
        self.wishes.overlap = time;
        self
    }

    /// Issues the new key in another account, which may be at another provider: a migration. The
    /// recorded scope must be expressible there exactly; see [`without`](Self::without) and
    /// [`tolerates`](Self::tolerates).
    ///
    /// ```
    /// use pinning_keys_lifecycle::Rotation;
    ///
    /// fn migrate(rotation: Rotation) -> Rotation {
    ///     rotation.onto("w3ipfs")
    /// }
    /// ```
    pub fn onto(mut self, account: impl Into<String>) -> Self {
        self.onto = Some(account.into());
        self
    }

    /// Sets the scope of the new key (default: the scope recorded for the old key).
    ///
    /// ```
    /// # use pinning_keys_core::ScopeRequest;
    /// use pinning_keys_lifecycle::Rotation;
    ///
    /// fn narrower(rotation: Rotation) -> Rotation {
    ///     rotation.scope(ScopeRequest::reader())
    /// }
    /// ```
    pub fn scope(mut self, scope: ScopeRequest) -> Self {
        self.wishes.scope = Some(scope);
        self
    }

    /// Leaves out permissions of the old key that the new one need not have, for example because
    /// the other provider does not have them (default: none).
    ///
    /// ```
    /// # use pinning_keys_core::Permission;
    /// use pinning_keys_lifecycle::Rotation;
    ///
    /// fn narrower(rotation: Rotation) -> Rotation {
    ///     rotation.without([Permission::PinsListJobs])
    /// }
    /// ```
    pub fn without(mut self, permissions: impl Into<PermissionSet>) -> Self {
        self.wishes.without |= permissions.into();
        self
    }

    /// Accepts grants that another provider makes only together with needed ones (default: none).
    ///
    /// ```
    /// use pinning_keys_lifecycle::Rotation;
    ///
    /// fn wider(rotation: Rotation) -> Rotation {
    ///     rotation.tolerates("pinata:org:files:write")
    /// }
    /// ```
    pub fn tolerates(mut self, tolerance: impl Into<Tolerance>) -> Self {
        self.wishes.tolerates.push(tolerance.into());
        self
    }

    /// Sets how often the new key may be used, or `None` for no limit (default: the uses that the
    /// old key had left when it was last seen).
    ///
    /// ```
    /// # use std::num::NonZeroU64;
    /// use pinning_keys_lifecycle::Rotation;
    ///
    /// fn once(rotation: Rotation) -> Rotation {
    ///     rotation.max_uses(NonZeroU64::MIN)
    /// }
    /// ```
    pub fn max_uses(mut self, uses: impl Into<Option<NonZeroU64>>) -> Self {
        self.wishes.uses = UseLimit::Named(uses.into());
        self
    }

    /// Sets the lease of the new key, which begins when it is issued (default: a lease of the same
    /// length as the old key's, up to the same absolute maximum if it has one).
    ///
    /// ```
    /// # use std::time::Duration;
    /// use pinning_keys_lifecycle::{Lease, Rotation};
    ///
    /// fn shorter(rotation: Rotation) -> Rotation {
    ///     rotation.lease(Lease::of(Duration::from_hours(24)))
    /// }
    /// ```
    pub fn lease(mut self, lease: Lease) -> Self {
        self.wishes.lease = Some(lease);
        self
    }

    /// Permits a lease on an admin or escalating scope if the [`scope`](Self::scope) or the
    /// [`lease`](Self::lease) is set. What was recorded for the old key needs no permission.
    pub fn allow_escalating(mut self) -> Self {
        self.wishes.escalating = true;
        self
    }

    /// Checks the rotation, and returns the request that it would make; the name that is sent has
    /// another id. Nothing is written and nothing is sent. If the key changes after this, the
    /// rotation fails.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{Delivery, Error, Rotation};
    ///
    /// async fn with_a_look(mut rotation: Rotation) -> Result<Delivery, Error> {
    ///     println!("the new key gets {}", rotation.plan().await?.scope());
    ///     rotation.start().await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start) that do not depend on the provider.
    pub async fn plan(&mut self) -> Result<KeyRequest, Error> {
        let scope = Scope { keys: Select::Family(self.id.clone()), ..Scope::default() };
        let read = |tx: &mut Tx| Ok((tx.store.label.clone(), tx.now, tx.rows.clone()));
        let (label, now, family) = self.inner.transact(scope, read).await?;
        let old = family.iter().find(|row| row.id == self.id);
        let old = old.ok_or_else(|| family::unknown(&self.id))?;
        let account = self.inner.account(self.onto.as_deref().unwrap_or(&old.account))?;
        let terms = self.wishes.terms(old, &family, now)?;
        let request = terms.checked_request(account, &label, &old.id)?;
        self.planned = Some(old.clone());
        Ok(request)
    }

    /// Issues the new key. Nothing happens to the old one until the delivery is confirmed.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::NotFound`] for an unknown key or account.
    /// * [`ErrorKind::WrongState`] if the key is not live, was replaced, or does not show what its
    ///   successor may do.
    /// * [`ErrorKind::AlreadyOpen`] if it is being rotated.
    /// * Those of [`IssueBuilder::issue`](crate::IssueBuilder::issue).
    pub async fn start(self) -> Result<Delivery, Error> {
        let inner = Arc::clone(&self.inner);
        let (order, _) = self.order(1).await?;
        bounded(&inner).await;
        Ok(Delivery::new(Arc::clone(&inner), create(&inner, order).await?))
    }

    /// Issues the new key and delivers it to a sink, as
    /// [`AccountKeys::issue_to`](crate::AccountKeys::issue_to) does. If the sink fails, and the
    /// secret may have been delivered, the new key is kept until a later attempt is confirmed, or
    /// until its lease ends, because its holder may already use it.
    ///
    /// ```
    /// # use pinning_keys_sinks::Sink;
    /// use pinning_keys_lifecycle::{Error, ManagedKey, Rotation};
    ///
    /// async fn deliver(rotation: Rotation, sink: &dyn Sink) -> Result<ManagedKey, Error> {
    ///     rotation.issue_to(sink).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start), and [`ErrorKind::Sink`] if the sink fails.
    pub async fn issue_to(self, sink: &dyn Sink) -> Result<ManagedKey, Error> {
        let inner = Arc::clone(&self.inner);
        let (order, name) = self.order(2).await?;
        bounded(&inner).await;
        issue_to(&inner, order, &name, sink).await
    }

    /// What to create, with this many requests, and under which name.
    async fn order(self, requests: u32) -> Result<(Order, KeyName), Error> {
        let found = self.inner.store.find(std::slice::from_ref(&self.id)).await?;
        let row = found.first().ok_or_else(|| family::unknown(&self.id))?;
        let name = KeyName::new(row.name.as_str()).map_err(|error| {
            Error::new(ErrorKind::Internal, "the name in the store is not valid").with_source(error)
        })?;
        let account = self.onto.as_deref().unwrap_or(&row.account);
        let account = Arc::clone(self.inner.account(account)?);
        let Self { id, wishes, planned, .. } = self;
        let keys = Select::Family(id.clone());
        let terms = move |tx: &Tx| {
            let old = tx.row(&id).ok_or_else(|| family::unknown(&id))?;
            if planned.as_ref().is_some_and(|planned| !is_as_planned(planned, old)) {
                let message = "cannot rotate: the key has changed since the plan was made";
                return Err(Error::new(ErrorKind::WrongState, message)
                    .with_next_step("plan again")
                    .with_key(&id));
            }
            wishes.terms(old, &tx.rows, tx.now)
        };
        Ok((Order { account, keys, requests, terms: Arc::new(terms) }, name))
    }
}

/// Whether a key is still as it was when the plan was made, apart from when it was last seen.
fn is_as_planned(planned: &KeyRow, now: &KeyRow) -> bool {
    let facts = |row: &KeyRow| {
        let KeyRow { state, account, granted, lease, max_until, replaced_by, difference, .. } =
            row.clone();
        (state, account, granted, lease, max_until, replaced_by, difference)
    };
    facts(planned) == facts(now)
}
