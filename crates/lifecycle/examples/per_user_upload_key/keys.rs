//! One upload key for each user, with a lease.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys::{
    Error, ErrorKind, KeyIssuer, KeyRequest, KeyScope, Permission, PermissionSet, Plan,
    ScopeRequest,
};
use pinning_keys_lifecycle::store::Store;
use pinning_keys_lifecycle::{
    Delivery, KeyFilter, KeyManager, KeyState, Lease, ManagedKey, RevokeOutcome,
};
use tokio::sync::RwLock;

use crate::refusal::{Refusal, until};

/// How long a key works unless its user logs out or requests another.
const LEASE: Lease = Lease::of(Duration::from_hours(1));

/// The uses of a key, if the provider can limit them. A refused request may count as one.
const MAX_USES: NonZeroU64 = NonZeroU64::new(20).expect("20 is not zero");

/// What a user's key can do.
const UPLOADING: KeyScope = KeyScope::of(PermissionSet::of(&[Permission::PinsAddFile]));

/// The states of a key that its user may have, or may still get.
const OPEN: [KeyState; 4] =
    [KeyState::Intended, KeyState::Undelivered, KeyState::Live, KeyState::Revoking];

/// The upload keys of all users: the user is the holder of the key.
pub(crate) struct UploadKeys {
    pub(crate) manager: KeyManager,
    max_uses: Option<NonZeroU64>,
    /// Whether keys are issued. Each issue holds it, so that closing waits for those in flight.
    is_open: RwLock<bool>,
}

impl UploadKeys {
    /// Upload keys from this issuer, recorded in this store.
    ///
    /// # Errors
    ///
    /// If its keys cannot upload, or can do more than that.
    pub(crate) async fn new(
        store: impl Store + 'static,
        issuer: Arc<dyn KeyIssuer>,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        check(&issuer.plan(&KeyRequest::new("user", ScopeRequest::uploader())?)?)?;
        let max_uses = issuer.profile().supports_max_uses().then_some(MAX_USES);
        let manager = KeyManager::builder(store).account("main", issuer).build().await?;
        Ok(Self { manager, max_uses, is_open: RwLock::new(true) })
    }

    /// Revokes the user's key, if there is one, and issues another.
    ///
    /// If the client disconnects meanwhile, nobody gets the secret, and the lifecycle revokes the
    /// key.
    pub(crate) async fn renew(&self, user: &str) -> Result<(Delivery, Option<u64>), Refusal> {
        let is_open = self.is_open.read().await;
        if !*is_open {
            return Err(Refusal::passing("the service is stopping", None));
        }
        self.close_for(user).await?;

        let mut request = KeyRequest::new(format!("user-{user}"), ScopeRequest::uploader())?;
        if let Some(uses) = self.max_uses {
            request = request.with_max_uses(uses);
        }
        let keys = self.manager.account("main")?;
        let delivery = keys.prepare(&request, LEASE).holder(user).issue().await?;
        if delivery.credential().api_key().is_none() {
            // It is not confirmed, and so it is revoked.
            return Err(Refusal::lasting("the provider returned no key pair"));
        }
        // Whoever loses the answer asks again, which revokes this key.
        delivery.confirm().await?;
        Ok((delivery, self.max_uses.map(u64::from)))
    }

    /// Revokes the user's key, if there is one.
    pub(crate) async fn close_for(&self, user: &str) -> Result<(), Refusal> {
        for key in self.open(Some(user.to_owned())).await? {
            self.close(&key).await?;
        }
        Ok(())
    }

    /// Issues no more keys, revokes those of all users, and returns what failed.
    pub(crate) async fn close_all(&self) -> Result<Vec<Refusal>, Refusal> {
        *self.is_open.write().await = false;
        let mut failed = Vec::new();
        for key in self.open(None).await? {
            failed.extend(self.close(&key).await.err());
        }
        Ok(failed)
    }

    async fn close(&self, key: &ManagedKey) -> Result<(), Refusal> {
        let RevokeOutcome::Scheduled { why, retry_at } = self.manager.revoke(key.id()).await?
        else {
            return Ok(());
        };
        // Nobody gets the secret of a key in doubt.
        if self.manager.get(key.id()).await?.state() == KeyState::InDoubt {
            return Ok(());
        }
        let why = format!("the key of {} may still work: {why}", key.holder());
        Err(Refusal::passing(why, retry_at.and_then(until)))
    }

    async fn open(&self, holder: Option<String>) -> Result<Vec<ManagedKey>, Refusal> {
        let filter = KeyFilter { states: OPEN.to_vec(), holder, ..KeyFilter::default() };
        Ok(self.manager.list(&filter, None, usize::MAX).await?)
    }
}

/// Refuses a plan for a key that could do more than upload files.
pub(crate) fn check(plan: &Plan) -> Result<(), Error> {
    let granted = plan.translation().granted();
    if granted == UPLOADING {
        return Ok(());
    }
    let message = format!("a user's key must be limited to {UPLOADING}, not {granted}");
    Err(Error::new(ErrorKind::Inexpressible, message))
}
