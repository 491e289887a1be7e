use std::sync::Arc;

use pinning_keys_core::KeyRequest;
use pinning_keys_sinks::Sink;

use crate::inner::{Account, Inner};
use crate::{Delivery, Error, IssueBuilder, Lease, ManagedKey};

/// The keys of one account.
///
/// ```
/// use pinning_keys_lifecycle::{AccountKeys, Error, KeyManager};
///
/// fn keys(manager: &KeyManager) -> Result<AccountKeys, Error> {
///     manager.account("main")
/// }
/// ```
#[derive(Clone)]
pub struct AccountKeys {
    inner: Arc<Inner>,
    account: Arc<Account>,
}

impl AccountKeys {
    pub(crate) fn new(inner: Arc<Inner>, account: Arc<Account>) -> Self {
        Self { inner, account }
    }

    /// The account's name in the store.
    pub fn name(&self) -> &str {
        &self.account.name
    }

    /// Issues a key. Short for `prepare(request, lease).issue()`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use pinning_keys_core::KeyRequest;
    /// use pinning_keys_lifecycle::{AccountKeys, Delivery, Error, Lease};
    ///
    /// async fn day_key(keys: &AccountKeys, request: &KeyRequest) -> Result<Delivery, Error> {
    ///     keys.issue(request, Lease::of(Duration::from_hours(24))).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`IssueBuilder::issue`].
    pub async fn issue(&self, request: &KeyRequest, lease: Lease) -> Result<Delivery, Error> {
        self.prepare(request, lease).issue().await
    }

    /// Issues a key and delivers it to a sink. Short for `prepare(request, lease).issue_to(sink)`.
    ///
    /// ```
    /// # use std::error::Error;
    /// # use std::time::Duration;
    /// # use pinning_keys_core::KeyRequest;
    /// use pinning_keys_sinks::SinkSpec;
    /// use pinning_keys_lifecycle::{AccountKeys, Lease};
    ///
    /// async fn to_file(keys: &AccountKeys, request: &KeyRequest) -> Result<(), Box<dyn Error>> {
    ///     let sink = SinkSpec::parse("file:key.json")?.open()?;
    ///     keys.issue_to(request, Lease::of(Duration::from_hours(24)), &*sink).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`IssueBuilder::issue_to`].
    pub async fn issue_to(
        &self,
        request: &KeyRequest,
        lease: Lease,
        sink: &dyn Sink,
    ) -> Result<ManagedKey, Error> {
        self.prepare(request, lease).issue_to(sink).await
    }

    /// Prepares to issue a key with further options.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use pinning_keys_core::{KeyRequest, ScopeRequest};
    /// use pinning_keys_lifecycle::{AccountKeys, Delivery, Error, Lease};
    ///
    /// async fn upload_key(keys: &AccountKeys, user: &str) -> Result<Delivery, Error> {
    ///     let request = KeyRequest::new("upload", ScopeRequest::uploader()).expect("a fixed name");
    ///     let lease = Lease::of(Duration::from_secs(3600));
    ///     keys.prepare(&request, lease).holder(user).issue().await
    /// }
    /// ```
    pub fn prepare(&self, request: &KeyRequest, lease: Lease) -> IssueBuilder {
        let (inner, account) = (Arc::clone(&self.inner), Arc::clone(&self.account));
        IssueBuilder::new(inner, account, request.clone(), lease)
    }
}
